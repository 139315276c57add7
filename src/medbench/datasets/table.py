"""Reads tables that people make, as CSV or JSON Lines, and names the line where one is broken."""

from __future__ import annotations

import csv
import io
import json
from typing import TYPE_CHECKING, Any

from medbench.errors import InputError, UsageError
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

_QUOTED = 40
"""Characters of a broken line that a message quotes."""


def read_table(path: Path, columns: Mapping[str, str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the place of each row, as messages name it, and its cells by column; empty cells are left out.

    Args:
        path: A .csv file; any other file is read as JSON Lines.
        columns: Accepted column names in lower case, and the column that each stands for.

    Raises:
        UsageError: There is no such file.
        InputError: The file cannot be read, or a row is broken, has an unknown column or one column twice.
    """
    rows = _csv_rows if path.suffix.lower() == ".csv" else _json_rows
    for where, cells in rows(path, _content(path)):
        yield where, _by_column(cells, columns, where)


def _content(path: Path) -> str:
    try:
        # 'utf-8-sig': spreadsheets put a mark before the first column's name.
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise UsageError(f"'{path}' is not there.", "check the path") from None
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.", "check the path") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise InputError(f"'{path}', line {line} is not UTF-8.", "save the file as UTF-8") from None


def _csv_rows(path: Path, content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    reader = csv.DictReader(io.StringIO(content, newline=""), strict=True)
    try:
        for row in reader:
            where = f"'{path}', line {reader.line_num}"
            if None in row or None in row.values():
                raise InputError(
                    f"{where} does not have {len(reader.fieldnames or ())} cells, as the header has.",
                    'put a text with commas or line breaks in "quotes"',
                )
            yield where, row
    except csv.Error as error:
        where = f"'{path}', line {reader.line_num or 1}"
        raise InputError(f"{where} is broken: {error}.", "fix that line") from None


def _json_rows(path: Path, content: str) -> Iterator[tuple[str, dict[str, Any]]]:
    # Not splitlines(), which also breaks at characters that may stand in a text.
    for number, line in enumerate(content.split("\n"), 1):
        if not line.strip():
            continue
        where = f"'{path}', line {number}"
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise InputError(f"{where} is not JSON: '{line[:_QUOTED]}' ({error}).", "fix that line") from None
        if not isinstance(row, dict):
            raise InputError(
                f"{where} is not a JSON object: '{line[:_QUOTED]}'.", 'write it like {"id": "1", …}'
            )
        yield where, row


def _by_column(cells: dict[str, Any], columns: Mapping[str, str], where: str) -> dict[str, Any]:
    row: dict[str, Any] = {}
    for given, value in cells.items():
        name = columns.get(given.strip().casefold())
        if name is None:
            close = nearest(given.strip().casefold(), columns)
            hint = f"'{close}'?" if close else f"known: {', '.join(columns)}"
            if ";" in given:
                hint = "separate the columns with commas, not semicolons"
            raise InputError(f"{where}: unknown column '{given}'.", hint)
        if name in row:
            raise InputError(f"{where}: column '{name}' is given twice ('{given}').", "keep one of them")
        if value is not None and str(value).strip():
            row[name] = value
    return row
