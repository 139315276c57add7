"""Records of a file that are found by a key and stay on the disk."""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Generic, Self, TypeVar

from medbench.store.jsonl import read_at

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from pathlib import Path

    from medbench.schema.base import FileRecord

R = TypeVar("R", bound="FileRecord")
K = TypeVar("K", bound="Hashable")


class Offsets(Generic[K, R]):
    """Places of records in a file; a record is read when it is asked for."""

    def __init__(self, path: Path, kind: type[R]) -> None:
        self._path, self._kind = path, kind
        self._offsets: dict[K, int] = {}
        self._file: IO[bytes] | None = None

    def __setitem__(self, key: K, offset: int) -> None:
        self._offsets[key] = offset

    def __iter__(self) -> Iterator[K]:
        return iter(self._offsets)

    def get(self, key: K) -> R | None:
        """Read a record; None where none has the key."""
        offset = self._offsets.get(key)
        if offset is None:
            return None
        self._file = self._file or self._path.open("rb")
        return read_at(self._file, offset, self._kind)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
