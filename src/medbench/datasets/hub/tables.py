"""Tables of a source, row by row: Parquet, CSV, JSON Lines and JSON. Pictures in them stay where they are.

No message quotes a cell: the texts may be under terms that forbid it.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from medbench.datasets.hub.repository import EXTRA
from medbench.errors import InputError, UsageError
from medbench.sentences import nearest
from medbench.unreadable import check_readable, is_of_system, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

KINDS: Final = (".parquet", ".csv", ".tsv", ".jsonl", ".json")
"""Endings of tables that are read."""
MOST_CHARACTERS: Final = 200_000
"""Most characters of one cell; a long report has 20,000."""
MOST_BYTES: Final = 8 * 1024**3
"""Most bytes of one column of one row group of a Parquet file, unpacked."""
MOST_RATIO: Final = 200
"""Most bytes that one byte of such a column may unpack to, where it is large; pictures hardly shrink."""
_LARGE: Final = 64 * 1024**2
_BATCH, _PICTURES = 256, 8
_AGAIN: Final = "get the file again from its source"


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell of a Parquet file that holds pictures, which are read when they are needed."""

    file: Path
    group: int
    """Number of the row group."""
    row: int
    """Number of the row in it."""
    column: str


def rows_of(path: Path, wanted: Iterable[str], where: str) -> Iterator[dict[str, Any]]:
    """Yield the rows of a table.

    Raises:
        UsageError: pyarrow is not installed.
        InputError: The table is broken, has a cell that is too long, or lacks a wanted column.
    """
    columns = sorted(set(wanted))
    if path.suffix.lower() == ".parquet":
        yield from _parquet(path, columns, where)
        return
    readers = {".csv": _csv, ".tsv": _csv, ".jsonl": _json_lines, ".json": _json}
    present: set[str] = set()
    for number, row in enumerate(readers[path.suffix.lower()](path, where), 1):
        _check_row(row, where, number)
        if number == 1 and path.suffix.lower() in {".csv", ".tsv"}:
            check_columns(columns, row, where)
        present.update(row)
        yield row
    if present:
        check_columns(columns, present, where)


def check_columns(wanted: Iterable[str], present: Iterable[str], where: str) -> None:
    """Check that a table has the columns that are needed.

    Raises:
        InputError: One is missing; those that are there are named.
    """
    there = sorted(present)
    for column in wanted:
        if column not in there:
            close = nearest(column, there)
            raise InputError(
                f"{where} has no column '{column}': it was moved or renamed.",
                f"--map NAME={close or 'COLUMN'}   (its columns: {', '.join(there)[:300]})",
            )


def pictures_in(cells: Sequence[Cell], where: str) -> Iterator[tuple[Cell, list[bytes]]]:
    """Yield the pictures of each cell; every row group is read once, and a few rows are in memory.

    Raises:
        InputError: A file is broken, or a cell holds no picture.
    """
    groups: dict[tuple[Path, int, str], dict[int, Cell]] = defaultdict(dict)
    for cell in cells:
        groups[cell.file, cell.group, cell.column][cell.row] = cell
    for (file, group, column), rows in groups.items():
        parquet = _opened(file, where)
        _check_size(parquet, group, column, where)
        start = 0
        with _broken(where):
            for batch in parquet.iter_batches(_PICTURES, row_groups=[group], columns=[column]):
                for row in range(start, start + len(batch)):
                    if row in rows:
                        yield rows[row], _bytes_of(batch.column(0)[row - start].as_py(), where)
                start += len(batch)
                if start > max(rows):
                    break


def _parquet(path: Path, wanted: Sequence[str], where: str) -> Iterator[dict[str, Any]]:
    kinds = {field.name: field.type for field in _opened(path, where).schema_arrow}
    check_columns(wanted, kinds, where)
    pictures = [name for name in wanted if _holds_bytes(kinds[name])]
    texts = [name for name in wanted if name not in pictures]
    plain = [name for name in texts if _is_text(kinds[name])]
    parquet = _opened(path, where, plain)
    # A long text that is repeated inside a list or a table is unpacked for each row: few rows at a time.
    batch = _BATCH if plain == texts else _PICTURES
    number = 0
    for group in range(parquet.num_row_groups):
        for name in texts:
            _check_size(parquet, group, name, where)
        count = parquet.metadata.row_group(group).num_rows
        for row, cells in enumerate(_texts(parquet, group, texts, count, batch, where)):
            number += 1
            _check_row(cells, where, number)
            yield {**cells, **{name: Cell(path, group, row, name) for name in pictures}}


def _texts(  # noqa: PLR0913 - a part of a table, and how it is read
    parquet: Any, group: int, columns: Sequence[str], count: int, batch: int, where: str
) -> Iterator[dict[str, Any]]:
    """Yield the texts of a row group, one row at a time: a long value that is repeated is made once."""
    if not columns:
        yield from ({} for _ in range(count))
        return
    with _broken(where):
        for rows in parquet.iter_batches(batch, row_groups=[group], columns=list(columns)):
            for row in range(len(rows)):
                yield rows.slice(row, 1).to_pylist()[0]


def _csv(path: Path, where: str) -> Iterator[dict[str, Any]]:
    csv.field_size_limit(MOST_CHARACTERS + 1)
    delimiter = "\t" if path.suffix.lower() == ".tsv" else ","
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as file:
        try:
            for row in csv.DictReader(file, delimiter=delimiter):
                # Cells beyond the header stand under None.
                yield {name: value for name, value in row.items() if name is not None and value is not None}
        except csv.Error:
            raise InputError(f"{where} is not a CSV file, or has a cell that is too long.", _AGAIN) from None


def _json_lines(path: Path, where: str) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8-sig", errors="replace") as file:
        for number, line in enumerate(file, 1):
            if line.strip():
                yield _object(line, f"{where}, line {number},")


def _json(path: Path, where: str) -> Iterator[dict[str, Any]]:
    """Yield the objects of a list, or of a table of them by name, which becomes the column `_key`."""
    try:
        data = json.loads(path.read_bytes())
    except (ValueError, RecursionError):
        raise InputError(f"{where} is not JSON.", _AGAIN) from None
    named = ({"_key": key, **row} for key, row in data.items()) if isinstance(data, dict) else data
    if not isinstance(data, dict | list) or not all(
        isinstance(row, dict) for row in (data.values() if isinstance(data, dict) else data)
    ):
        raise InputError(f"{where} is not a list of objects.", _AGAIN)
    yield from named


def _object(line: str, where: str) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        row = None
    if not isinstance(row, dict):
        raise InputError(f"{where} is not a JSON object.", _AGAIN)
    return row


def _check_row(row: dict[str, Any], where: str, number: int) -> None:
    for name, value in row.items():
        if isinstance(value, str) and len(value) > MOST_CHARACTERS:
            raise InputError(
                f"{where}, row {number}: '{name}' has more than {MOST_CHARACTERS:,} characters.",
                "that is not a report: do not use this source, or leave the row out",
            )


def _check_size(parquet: Any, group: int, column: str, where: str) -> None:
    """Check that a column does not unpack to more than a table of texts and pictures would."""
    chunks = parquet.metadata.row_group(group)
    for index in range(chunks.num_columns):
        chunk = chunks.column(index)
        if chunk.path_in_schema.partition(".")[0] != column:
            continue
        packed, unpacked = max(1, chunk.total_compressed_size), chunk.total_uncompressed_size
        if unpacked > MOST_BYTES or (unpacked > _LARGE and unpacked / packed > MOST_RATIO):
            raise InputError(
                f"{where}: '{column}' would unpack from {packed:,} to {unpacked:,} bytes.",
                "do not use this source; tell its owner",
            )


def _bytes_of(value: object, where: str) -> list[bytes]:
    parts = value if isinstance(value, list) else [value]
    found = [part.get("bytes") if isinstance(part, dict) else part for part in parts]
    if not found or not all(isinstance(part, bytes) and part for part in found):
        raise InputError(f"{where}: a row has no picture.", "leave the row out, or tell the source's owner")
    return [part for part in found if isinstance(part, bytes)]


def _is_text(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _holds_bytes(kind: Any) -> bool:
    """Return True for bytes, for tables with `bytes`, as the hub stores pictures, and for lists of them."""
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return _holds_bytes(kind.value_type)
    if pa.types.is_struct(kind):
        return any(kind[index].name == "bytes" for index in range(kind.num_fields))
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _opened(path: Path, where: str, repeated: Sequence[str] = ()) -> Any:
    """Open a Parquet file.

    Args:
        path: The file.
        where: Its name in messages.
        repeated: Columns of texts: a value that stands in many rows is unpacked once.
    """
    try:
        import pyarrow.parquet as pq
    except ImportError:
        raise UsageError("Parquet files are read by pyarrow, which is not installed.", EXTRA) from None
    check_readable(path, where)
    with _broken(where):
        return pq.ParquetFile(path, read_dictionary=list(repeated), memory_map=True)


@contextmanager
def _broken(where: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, MemoryError) as error:
        if is_of_system(error):
            raise unreadable(error, where) from None
        raise InputError(f"{where} is not a Parquet file, or is damaged.", _AGAIN) from None
