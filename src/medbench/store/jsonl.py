"""Reads and writes JSON Lines that survive a crash: a record counts once its newline is on the disk."""

from __future__ import annotations

import asyncio
import glob
import hashlib
import itertools
import os
import tempfile
import threading
import time
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeVar

from medbench.errors import InputError, StoreError
from medbench.schema.base import sealed
from medbench.schema.score import InputFile
from medbench.store.chain import NOTHING_BEFORE, seal_before
from medbench.store.lock import clear_leftovers, hold_unfinished

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.base import FileRecord, Record

R = TypeVar("R", bound="FileRecord")
_BLOCK = 1 << 20
_STEP_NS = 20_000_000
"""Nanoseconds between two times that a kernel gives to files, at most: Linux takes steps of 1 to 10 ms."""
_LOOKS = itertools.count()


def read_records(path: Path, kind: type[R]) -> Iterator[R]:
    """Yield the records of a file in order; none where there is no file.

    A last line without a newline was torn by a crash and is skipped.

    Raises:
        RecordError: A line is not such a record; the error names file and line.
    """
    for _, record in read_with_offsets(path, kind):
        yield record


def read_with_offsets(path: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """Yield the records as `read_records` does, each with the position of its first byte in the file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        name, offset = str(path), 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            yield offset, kind.from_line(line, f"{name}, line {number},")
            offset += len(line)


def read_at(file: IO[bytes], offset: int, kind: type[R]) -> R:
    """Return the record of an open file whose first byte lies at that position."""
    file.seek(offset)
    return kind.from_line(file.readline(), f"{file.name}, byte {offset},")


def read_one(path: Path, kind: type[R]) -> R:
    """Return the single record of a file such as run.json.

    Raises:
        InputError: There is no such file.
        RecordError: It is not such a record.
    """
    try:
        content = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError):
        raise InputError(
            f"'{path}' is not there.", "check the folder's name; medbench show lists the runs"
        ) from None
    return kind.from_line(content, str(path))


def file_digest(path: Path) -> InputFile:
    """Return size and sha256 of a file; a missing file counts as an empty one."""
    try:
        with path.open("rb") as file:
            hasher = hashlib.file_digest(file, "sha256")
            return InputFile(bytes=file.tell(), sha256=hasher.hexdigest())
    except FileNotFoundError:
        return InputFile(bytes=0, sha256=hashlib.sha256().hexdigest())


def file_state(path: Path) -> tuple[int, ...]:
    """Return numbers that change when a file is written or replaced; none where there is no file.

    Those of a file that was written just now are never the same twice: it could be written again in the same
    step of the clock. That holds where the disk has the clock of this machine, and smaller steps.
    """
    try:
        found = path.stat()
    except FileNotFoundError:
        return ()
    state = found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    age = time.time_ns() - max(found.st_mtime_ns, found.st_ctime_ns)
    return (*state, next(_LOOKS)) if abs(age) < _STEP_NS else state


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Give a file to write, which appears whole under its name or not at all."""
    clear_leftovers(path.parent, glob.escape(path.name))
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
    except OSError as error:
        error.filename = str(path)  # nobody named the unfinished file
        raise
    hold_unfinished(handle)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
        sync_folder(path.parent)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in {None, name}:
            error.filename = str(path)  # a full disk does not say where
        raise


def write_records(path: Path, records: Iterable[FileRecord]) -> None:
    """Write a file of records, whole or not at all."""
    with atomic_file(path) as file:
        file.writelines(record.to_line() for record in records)


def write_sealed(path: Path, records: Iterable[FileRecord]) -> None:
    """Write a file of sealed records, as a `Journal` would, whole or not at all."""
    with atomic_file(path) as file:
        file.writelines(_sealed(records, NOTHING_BEFORE)[0])


def write_one(path: Path, record: Record) -> None:
    """Write a file of one sealed record, whole or not at all, indented so that people can read it."""
    with atomic_file(path) as file:
        file.write(sealed(record.model_dump_json(by_alias=True, indent=1).encode())[0])


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that new names in it survive a power cut."""
    if os.name == "nt":  # Windows cannot open a folder as a file
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _sealed(records: Iterable[FileRecord], seal: str) -> tuple[list[bytes], str]:
    """Return the sealed lines of records that follow a seal, and the last of their seals."""
    lines = []
    for record in records:
        line, seal = sealed(record.to_line(), seal)
        lines.append(line)
    return lines, seal


class Journal:
    """A file of sealed records that is only ever appended to.

    Opening it cuts a torn last line, which would otherwise end up in the middle of the file. `append` returns
    when the lines are on the disk. `commit` does so for an event loop: it writes the line at once, so that
    a kill does not undo it, and calls that wait at the same time share one sync, in a thread.

    Attributes:
        path: The file.
        cut: True if a torn last line was cut.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        is_new = not path.exists()
        try:
            self._file = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o644)
            if is_new:
                sync_folder(path.parent)
        except OSError as error:
            raise _cannot_write(path, error) from None
        self._end, self.cut = _cut_torn_tail(self._file)
        self._synced = self._end
        self._seal = seal_before(self._file, self._end)
        self._waiting: list[tuple[int, asyncio.Future[int]]] = []
        self._syncer: asyncio.Task[None] | None = None
        self._writing, self._syncing = threading.Lock(), threading.RLock()

    def append(self, *records: FileRecord) -> None:
        """Append records and wait until they are on the disk.

        Raises:
            StoreError: They could not be written; the file is as it was before.
        """
        with self._syncing:
            self._write(*records)
            self._sync()

    async def commit(self, record: FileRecord) -> int:
        """Append a record from an event loop, and return the position of its first byte.

        Raises:
            StoreError: It could not be written; the file is as it was before.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((self._write(record), done))
        if self._syncer is None:
            self._syncer = asyncio.create_task(self._sync_all())
        return await done

    async def _sync_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                error: Exception | None = None
                try:
                    await asyncio.to_thread(self._sync)
                except Exception as raised:  # noqa: BLE001 - raised by those who wait for it
                    # What was written meanwhile was cut with the rest.
                    error = raised
                    batch, self._waiting = batch + self._waiting, []
                for start, done in batch:
                    if not done.done():
                        done.set_exception(error) if error else done.set_result(start)
        finally:
            self._syncer = None

    def _write(self, *records: FileRecord) -> int:
        with self._writing:
            start = self._end
            self._check_size()
            lines, seal = _sealed(records, self._seal)
            data = b"".join(lines)
            try:
                os.lseek(self._file, start, os.SEEK_SET)
                view = memoryview(data)
                while view:
                    view = view[os.write(self._file, view) :]
            except OSError as error:
                # Part of a line may be on the disk: cut it, or the next line would be appended to it.
                self._cut(start)
                raise _cannot_write(self.path, error) from None
            self._end += len(data)
            self._seal = seal
            return start

    def _sync(self) -> None:
        with self._syncing:
            end = self._end
            try:
                self._check_name()
                os.fsync(self._file)
            except (OSError, StoreError) as error:
                with self._writing:
                    self._cut(self._synced)
                if isinstance(error, StoreError):
                    raise
                raise _cannot_write(self.path, error) from None
            self._synced = end

    def _cut(self, end: int) -> None:
        self._end = end
        with suppress(OSError):
            os.ftruncate(self._file, end)
            self._seal = seal_before(self._file, end)

    def _check_size(self) -> None:
        """Check that the open file is as long as this process left it."""
        if (size := os.fstat(self._file).st_size) != self._end:
            raise self._changed(f"has {size} bytes in place of {self._end}: something else wrote to it")

    def _check_name(self) -> None:
        """Check that the open file is still the one of that name."""
        try:
            named = self.path.stat()
        except FileNotFoundError:
            raise self._changed("was deleted or moved") from None
        if not os.path.samestat(named, os.fstat(self._file)):
            raise self._changed("was replaced by another file")

    def _changed(self, what: str) -> StoreError:
        return StoreError(
            f"'{self.path}' {what} while it was being written; nothing more is sent.",
            "put the file back as it was, then the same line again",
        )

    def close(self) -> None:
        """Close the file; all that was appended is on the disk already."""
        # A second Ctrl-C leaves a thread that still syncs. After a close the file's number may be given to
        # another file, and the thread would sync that one.
        with self._syncing, self._writing:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _cut_torn_tail(handle: int) -> tuple[int, bool]:
    """Cut what follows the last newline, and return the new size and True if something was cut."""
    size = os.lseek(handle, 0, os.SEEK_END)
    position = size
    while position:
        start = max(0, position - _BLOCK)
        os.lseek(handle, start, os.SEEK_SET)
        newline = os.read(handle, position - start).rfind(b"\n")
        if newline >= 0:
            position = start + newline + 1
            break
        position = start
    if position != size:
        os.ftruncate(handle, position)
    return position, position != size


def _cannot_write(path: Path, error: OSError) -> StoreError:
    return StoreError(
        f"'{path}' cannot be written: {error.strerror or error}.",
        "free some space or check the folder's rights, then the same line again; what is written is whole",
    )
