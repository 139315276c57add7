"""Write rows as CSV, JSON lines or Parquet, without losing a digit or a missing value."""

from __future__ import annotations

import json
from importlib import import_module
from importlib.util import find_spec
from typing import TYPE_CHECKING

from medbench.api.frames import frame
from medbench.errors import UsageError
from medbench.sentences import guarded

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from typing import IO

    from medbench.api.frames import Rows, Value


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


def write_parquet(rows: Rows, file: IO[bytes]) -> None:
    """Write rows as Parquet to an open file, by polars or by pyarrow.

    Raises:
        UsageError: Neither is installed.
    """
    if find_spec("polars"):
        frame(rows, "polars").write_parquet(file)
        return
    try:
        pyarrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError:
        raise UsageError(
            "Parquet needs polars or pyarrow, and neither is installed.",
            "pip install polars   (--csv and --jsonl need nothing)",
        ) from None
    types = {str: pyarrow.string(), int: pyarrow.int64(), float: pyarrow.float64(), bool: pyarrow.bool_()}
    schema = pyarrow.schema([(name, types[kind]) for name, kind in rows.kinds.items()])
    columns = {name: [row.get(name) for row in rows.values] for name in rows.kinds}
    parquet.write_table(pyarrow.table(columns, schema=schema), file)
