"""Locks a run folder, so that one process at a time writes to it, and notices when the last one died."""

from __future__ import annotations

import errno
import glob
import hashlib
import json
import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

from medbench.errors import LockedError, StoreError
from medbench.store.remote import check_on_disk

_OWNER = ".lock-owner"
"""Name of the file that stands for the lock where the file system has none."""
_NO_LOCKS = {errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP, errno.EINVAL}
_FRESH_S, _FRESH_WITHOUT_LOCKS_S = 2.0, 86_400.0
"""Seconds for which something unfinished may be that of a process which has not locked it yet, or cannot."""

_AGAIN_S = 0.02

_SAID: list[bool] = []
"""Not empty once this process has said that a file system has no locks."""


class RunLock:
    """Hold a run folder while writing to it.

    The operating system frees the lock when its owner ends, however it ends. The file holds the owner's pid,
    which the owner removes at the end: a pid under a free lock means that its owner died. Where a file system
    has no such locks, a file that only one process can make stands for the lock.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / ".lock"
        self._handle = -1
        self.died: int | None = None
        """Pid of the last owner if it died while writing, else None."""
        self.by_file = False
        """True if a file stands for the lock."""

    def __enter__(self) -> Self:
        check_on_disk(self._folder)
        try:
            self._handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644)
            self._take()
        except OSError as error:
            raise StoreError(
                f"'{self._folder}' cannot be written: {error.strerror or error}.",
                "check the disk and the folder's rights",
            ) from None
        clear_leftovers(self._folder)
        clear_leftovers(self._folder.parent, glob.escape(self._folder.name))
        return self

    def _take(self) -> None:
        locked = _try_lock(self._handle)
        if locked is None:
            self.by_file = True
            os.close(self._handle)
            self.died = _take_file(self._folder)
            return
        if not locked:
            owner = self._read()
            os.close(self._handle)
            raise _held(self._folder, owner)
        self.died = self._read().get("pid")
        self._write({"pid": os.getpid(), "at": datetime.now(UTC).strftime("%H:%M UTC")})

    def notice(self) -> str:
        """Return what is to be said of a lock that is only a file; nothing if that was said before."""
        if not self.by_file or _SAID:
            return ""
        _SAID.append(True)
        return (
            f"The file system of {self._folder} has no locks: '{_OWNER}' stands for them. "
            "It is removed at the end, and taken over where its process died on this machine."
        )

    def __exit__(self, *_: object) -> None:
        if self.by_file:
            (self._folder / _OWNER).unlink(missing_ok=True)
            return
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


def _held(
    folder: Path, owner: dict[str, Any], hint: str = "wait for it, or stop it; nothing was changed"
) -> LockedError:
    where = f" on {owner['host']}" if owner.get("host") not in {None, socket.gethostname()} else ""
    return LockedError(
        f"{folder} is being written by process {owner.get('pid', '?')}{where}, "
        f"started {owner.get('at', '?')}.",
        hint,
    )


def _take_file(folder: Path) -> int | None:
    """Make the file that stands for the lock, and return the pid of its last owner if that died.

    Raises:
        LockedError: Its owner lives, or is on another machine, where this one cannot see it. Or who took over
            from a dead one was killed just then.
    """
    path = folder / _OWNER
    me = {
        "pid": os.getpid(),
        "at": datetime.now(UTC).strftime("%H:%M UTC"),
        "host": socket.gethostname(),
        "started": process_began(os.getpid()),
    }
    died: int | None = None
    end = time.monotonic() + _FRESH_S
    while True:
        with suppress(FileExistsError), path.open("x", encoding="utf-8") as file:
            json.dump(me, file)
            return died
        try:
            found = path.read_bytes()
            owner = json.loads(found)
        except FileNotFoundError:
            continue  # removed meanwhile
        except ValueError:
            owner = {}
        if owner.get("host") != me["host"] or is_running(owner.get("pid"), owner.get("started")):
            hint = f"wait for it; if it has ended, delete '{path}' and type the same line again"
            raise _held(folder, owner, hint)
        died = owner["pid"]
        # Of several that find the owner dead, the one that makes this file may remove what it left.
        taking = path.with_name(f"{_OWNER}-{hashlib.sha256(found).hexdigest()[:16]}")
        try:
            with taking.open("x"):
                with suppress(FileNotFoundError):
                    if path.read_bytes() == found:
                        path.unlink()
                taking.unlink()
        except FileExistsError:
            if time.monotonic() > end or _is_old(taking):  # who made it was killed before it could remove it
                raise LockedError(
                    f"{folder} is being taken over from process {died}, which is gone.",
                    f"if no other medbench is at it, delete '{taking}' and type the same line again",
                ) from None
            time.sleep(_AGAIN_S)


def _is_old(path: Path) -> bool:
    """Return True for a file that nobody who made it can still be at."""
    try:
        return _age(path, path.stat().st_mtime) > _FRESH_S
    except OSError:
        return False  # removed meanwhile


def _age(path: Path, modified: float) -> float:
    """Return the seconds since a file was written, by the clock of its disk: a server's may be off."""
    with tempfile.TemporaryFile(dir=path.parent, prefix=".clock.", suffix=".partial") as file:
        return os.fstat(file.fileno()).st_mtime - modified


def hold_unfinished(handle: int) -> None:
    """Mark an open file or folder as being worked on, until it is closed; see `clear_leftovers`."""
    if sys.platform != "win32":
        _try_lock(handle)


def clear_leftovers(folder: Path, name: str = "*") -> None:
    """Remove what processes that died left half done: files and folders called .NAME.….partial.

    Args:
        folder: The folder to clear.
        name: Name of what was to be made, as a pattern.
    """
    for path in folder.glob(f".{name}.*.partial"):
        with suppress(OSError):  # another process may be at it; Windows opens no folders
            handle = os.open(path, os.O_RDONLY)
            try:
                unlocked = _try_lock(handle)
                age = _age(path, os.fstat(handle).st_mtime)
                if unlocked is False or age < (_FRESH_S if unlocked else _FRESH_WITHOUT_LOCKS_S):
                    continue
                shutil.rmtree(path) if path.is_dir() else path.unlink()
            finally:
                os.close(handle)


def is_running(pid: int | None, began: str | None) -> bool:
    """Return True if a process of this machine still runs, or may.

    Args:
        pid: Its number; None where it is unknown.
        began: What `process_began` gave for it.
    """
    if sys.platform == "win32":
        return True  # there os.kill ends the process; Windows has locks anyway
    if not isinstance(pid, int):
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True  # it is another user's
    return began == process_began(pid)


def process_began(pid: int) -> str | None:
    """Return when a process began, in clock ticks since the boot; None where the system does not say."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        return stat.rpartition(")")[2].split()[19]
    except (OSError, IndexError):
        return None


if sys.platform == "win32":  # pragma: no cover - the tests run on POSIX
    import msvcrt

    def _try_lock(handle: int) -> bool | None:
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

    def _try_lock(handle: int) -> bool | None:
        """Return True if the lock was free and is held now, None where the file system has no locks."""
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            return None if error.errno in _NO_LOCKS else False
        return True

    def _unlock(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
