"""Locks a run folder, so that one process at a time writes to it, and notices when the last one died."""

from __future__ import annotations

import json
import os
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Self

from medbench.errors import LockedError, StoreError

if TYPE_CHECKING:
    from pathlib import Path


class RunLock:
    """Hold a run folder while writing to it.

    The operating system frees the lock when its owner ends, however it ends. The file holds the owner's pid,
    which the owner removes at the end: a pid under a free lock means that its owner died.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / ".lock"
        self._handle = -1
        self.died: int | None = None
        """Pid of the last owner if it died while writing, else None."""

    def __enter__(self) -> Self:
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
        except OSError as error:
            raise StoreError(
                f"'{self._folder}' cannot be written: {error.strerror or error}.",
                "check the disk and the folder's rights",
            ) from None
        if not _try_lock(self._handle):
            owner = self._read()
            os.close(self._handle)
            raise LockedError(
                f"{self._folder} is being written by process {owner.get('pid', '?')}, "
                f"started {owner.get('at', '?')}.",
                "wait for it, or stop it; nothing was changed",
            )
        self.died = self._read().get("pid")
        self._write({"pid": os.getpid(), "at": datetime.now(UTC).strftime("%H:%M UTC")})
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(OSError):  # an error of the disk must not hide the one that led here
            self._write({})
        _unlock(self._handle)
        os.close(self._handle)

    def _read(self) -> dict[str, Any]:
        try:
            os.lseek(self._handle, 1, os.SEEK_SET)
            owner = json.loads(os.read(self._handle, 4096) or b"{}")
        except (OSError, ValueError):
            return {}
        return owner if isinstance(owner, dict) else {}

    def _write(self, owner: dict[str, Any]) -> None:
        # The first byte is what Windows locks; it holds nothing.
        data = b" " + (json.dumps(owner).encode() if owner else b"")
        os.lseek(self._handle, 0, os.SEEK_SET)
        os.ftruncate(self._handle, 0)
        os.write(self._handle, data)


if sys.platform == "win32":  # pragma: no cover - the tests run on POSIX
    import msvcrt

    def _try_lock(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
