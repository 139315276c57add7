"""Write rows as CSV, JSON lines or Parquet, without losing a digit or a missing value."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from itertools import islice
from typing import TYPE_CHECKING, Final

from medbench.api.frames import Rows, frame
from medbench.errors import UsageError
from medbench.sentences import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import IO

    from medbench.api.frames import Value


_ROWS: Final = 5_000
"""Rows that stand together in a Parquet file."""


def row_lines(columns: Iterable[str], rows: Iterable[Mapping[str, Value]], form: str) -> Iterator[bytes]:
    """Yield the lines of rows, as 'csv' or as 'jsonl'; no row is held."""
    lines = (_csv_lines if form == "csv" else _json_lines)([*columns], rows)
    return (line.encode() for line in lines)


def _csv_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    """Yield a header and a line a row: texts quoted, missing values empty, numbers with every digit."""
    yield _csv_line(columns)
    for row in rows:
        yield _csv_line(row.get(name) for name in columns)


def _csv_line(values: Iterable[Value]) -> str:
    return ",".join(map(_csv_cell, values)) + "\r\n"


def _csv_cell(value: Value) -> str:
    """Return a cell: a text that a spreadsheet could run, or that begins with ', with a ' before it.

    Every text is quoted: a spreadsheet that separates cells by semicolons would find a formula behind one.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return '"' + guarded(value).replace('"', '""') + '"'
    return str(value).lower() if isinstance(value, bool) else repr(value)


def _json_lines(columns: Sequence[str], rows: Iterable[Mapping[str, Value]]) -> Iterator[str]:
    for row in rows:
        yield json.dumps({name: row.get(name) for name in columns}, ensure_ascii=False) + "\n"


def write_parquet(kinds: Mapping[str, type], rows: Iterable[Mapping[str, Value]], file: IO[bytes]) -> int:
    """Write rows as Parquet to an open file, and return their number.

    pyarrow writes a group of rows at a time; polars, where that is not installed, holds all of them.

    Raises:
        UsageError: Neither is installed.
    """
    groups = _groups(kinds, iter(rows))
    if find_spec("pyarrow"):
        return _write_groups(kinds, groups, file)
    if find_spec("polars"):
        polars = import_module("polars")
        frames = [frame(Rows(kinds, []), "polars"), *(frame(group, "polars") for group in groups)]
        whole = polars.concat(frames)
        whole.write_parquet(file)
        return int(whole.height)
    raise UsageError(
        "Parquet needs pyarrow or polars, and neither is installed.",
        "pip install pyarrow   (--csv and --jsonl need nothing)",
    )


def _groups(kinds: Mapping[str, type], rows: Iterator[Mapping[str, Value]]) -> Iterator[Rows]:
    while len(group := Rows(kinds, islice(rows, _ROWS))):
        yield group


def _write_groups(kinds: Mapping[str, type], groups: Iterable[Rows], file: IO[bytes]) -> int:
    pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in kinds.items()])
    count = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for group in groups:
            writer.write_table(pyarrow.table(group.columns, schema=schema))
            count += len(group)
    return count
