"""JSON Lines that survive a crash: a record counts once its newline is on the disk."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
import threading
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, TYPE_CHECKING, Self, TypeVar

from medbench.errors import InputError, StoreError
from medbench.schema.score import InputFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.schema.base import FileRecord, Record

R = TypeVar("R", bound="FileRecord")
_BLOCK = 1 << 20


def read_records(path: Path, kind: type[R]) -> Iterator[R]:
    """The whole records of a file, in order; none where there is no file.

    A last line without a newline was torn by a crash and never counted: it is passed over.

    Raises:
        RecordError: A line is not such a record; the error names file and line.
    """
    for _, record in read_with_offsets(path, kind):
        yield record


def read_with_offsets(path: Path, kind: type[R]) -> Iterator[tuple[int, R]]:
    """As `read_records`, each record with the position of its first byte in the file."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return
    with file:
        offset = 0
        for number, line in enumerate(file, 1):
            if not line.endswith(b"\n"):
                return
            yield offset, kind.from_line(line, f"{path}, line {number},")
            offset += len(line)


def read_one(path: Path, kind: type[R]) -> R:
    """The single record of a file such as run.json.

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
    """Size and sha256 of a file; those of nothing where there is no file."""
    hasher = hashlib.sha256()
    size = 0
    with suppress(FileNotFoundError), path.open("rb") as file:
        while block := file.read(_BLOCK):
            hasher.update(block)
            size += len(block)
    return InputFile(bytes=size, sha256=hasher.hexdigest())


@contextmanager
def atomic_file(path: Path) -> Iterator[IO[bytes]]:
    """Write a file that appears whole under its name or not at all."""
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".partial", dir=path.parent)
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
        if isinstance(error, OSError) and error.filename is None:
            error.filename = str(path)  # a full disk does not say where
        raise


def write_records(path: Path, records: Iterable[FileRecord]) -> str:
    """Write a file of records whole or not at all, and return its sha256."""
    hasher = hashlib.sha256()
    with atomic_file(path) as file:
        for record in records:
            line = record.to_line()
            hasher.update(line)
            file.write(line)
    return hasher.hexdigest()


def write_one(path: Path, record: Record) -> None:
    """Write a file of one record, indented for people, whole or not at all."""
    with atomic_file(path) as file:
        file.write(record.model_dump_json(by_alias=True, indent=1).encode() + b"\n")


def sync_folder(folder: Path) -> None:
    """Make new names in a folder survive a power cut, where the system can."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class Journal:
    """A file of records that is only ever appended to.

    Opening it cuts a torn last line, so that a tear is never buried in the middle. `append` returns when
    the lines are on the disk. `commit` is the same for an event loop: it writes in a thread, and calls
    that wait at the same time share one sync.
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
        self._waiting: list[tuple[bytes, asyncio.Future[int]]] = []
        self._writer: asyncio.Task[None] | None = None
        self._writing = threading.Lock()

    def append(self, *records: FileRecord) -> None:
        """Append records and wait until they are on the disk.

        Raises:
            StoreError: They could not be written; the file is as it was before.
        """
        self._write(b"".join(record.to_line() for record in records))

    async def commit(self, record: FileRecord) -> int:
        """Append a record from an event loop, and return the position of its first byte.

        Raises:
            StoreError: It could not be written; the file is as it was before.
        """
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting.append((record.to_line(), done))
        if self._writer is None:
            self._writer = asyncio.create_task(self._drain())
        return await done

    async def _drain(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting, []
                start = self._end
                try:
                    await asyncio.to_thread(self._write, b"".join(line for line, _ in batch))
                except StoreError as error:
                    for _, done in batch:
                        if not done.done():
                            done.set_exception(error)
                    continue
                for line, done in batch:
                    if not done.done():
                        done.set_result(start)
                    start += len(line)
        finally:
            self._writer = None

    def _write(self, data: bytes) -> None:
        with self._writing:
            self._write_alone(data)

    def _write_alone(self, data: bytes) -> None:
        try:
            os.lseek(self._file, self._end, os.SEEK_SET)
            view = memoryview(data)
            while view:
                view = view[os.write(self._file, view) :]
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._end)
            raise _cannot_write(self.path, error) from None
        self._end += len(data)

    def close(self) -> None:
        """Close the file; what was appended is on the disk already."""
        # A second Ctrl-C leaves a thread that still writes: the number of a closed file may be given away.
        with self._writing:
            os.close(self._file)
            self._file = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _cut_torn_tail(handle: int) -> tuple[int, bool]:
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
