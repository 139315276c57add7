"""Reads tables that people make, as CSV, Excel or JSON Lines, and names the line where one is broken."""

from __future__ import annotations

import csv
import io
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from medbench.errors import InputError, UsageError
from medbench.sentences import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

KINDS = (".csv", ".tsv", ".xlsx", ".jsonl")
"""Endings of tables that are read."""
_QUOTED = 40
"""Characters of a broken line that a message quotes."""
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_SEPARATOR_LINE = re.compile(r"sep=(.)\r?\n", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Table:
    """A table that was read."""

    rows: tuple[tuple[str, dict[str, Any]], ...]
    """Place of each row, as messages name it, and its cells by column; empty cells are left out."""
    notes: tuple[str, ...]
    """Sentences on what was read otherwise than medbench writes it."""


def read_table(
    path: Path,
    columns: Mapping[str, str],
    *,
    needed: Sequence[str] = (),
    rename: str = "rename '{given}' to '{name}',",
    others: bool = False,
) -> Table:
    """Read a table.

    Args:
        path: A file with one of the endings `KINDS`; any other is read as JSON Lines.
        columns: Accepted column names in lower case, and the column that each stands for.
        needed: Columns that a table with a header must have, be their cells empty or not.
        rename: How to say that a column goes by another name.
        others: True to pass over unknown columns, with a note, where all that are needed are there.

    Raises:
        UsageError: There is no such file.
        InputError: The file cannot be read, a row is broken or has one column twice, or there are unknown
            columns or too few.
    """
    content = _content(path)
    notes: list[str] = []
    kind = path.suffix.lower()
    if kind in {".csv", ".tsv"}:
        cells = _csv_rows(path, _decoded(path, content, notes), columns, notes)
    elif kind == ".xlsx":
        cells = _excel_rows(path, content, columns, notes)
    else:
        cells, needed = _json_rows(path, content), ()
    passed_over: dict[str, None] = {}
    in_header = kind in KINDS[:-1]
    rows = tuple(_by_column(cells, columns, needed, rename, passed_over if others else None, in_header))
    if passed_over:
        names = ", ".join(f"'{name}'" for name in passed_over)
        notes.append(f"'{path}' has other columns too, which were not read: {names}.")
    return Table(rows, tuple(notes))


def text_of(where: str, row: Mapping[str, Any], column: str) -> str | None:
    """Return the text of a cell; None where it is empty.

    Raises:
        InputError: It is a number, a list or the like.
    """
    value = row.get(column)
    if value is not None and not isinstance(value, str):
        raise InputError(f"{where}: {column} is not a text: '{value}'.", "put it in quotes")
    return value


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise UsageError(f"'{path}' is not there.", "check the path") from None
    except OSError as error:
        raise InputError(f"'{path}' cannot be read: {error.strerror or error}.", "check the path") from None


def _decoded(path: Path, content: bytes, notes: list[str]) -> str:
    """Return the text of a file that a spreadsheet wrote: UTF-8, UTF-16 or -32, or Windows-1252."""
    if wide := _wide_encoding(content):
        notes.append(f"'{path}' is not UTF-8: it was read as {wide[:6].upper()}.")
        return content.decode(wide, "replace").removeprefix("\ufeff")
    try:
        # 'utf-8-sig': spreadsheets put a mark before the first column's name.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
    try:
        text = content.decode("cp1252")
    except UnicodeDecodeError:
        raise InputError(f"'{path}', line {line} is not UTF-8.", "save the file as UTF-8") from None
    notes.append(f"'{path}', line {line} is not UTF-8: the encoding was taken for Windows-1252.")
    return text


def _wide_encoding(content: bytes) -> str | None:
    """Return the encoding of a text whose letters have several bytes each, by its mark or its zeros."""
    marks = {"utf-32": (b"\xff\xfe\0\0", b"\0\0\xfe\xff"), "utf-16": (b"\xff\xfe", b"\xfe\xff")}
    by_mark = next((name for name, mark in marks.items() if content.startswith(mark)), None)
    by_zeros = {b"\1\0\1\0": "utf-16-le", b"\0\1\0\1": "utf-16-be"}
    return by_mark or by_zeros.get(bytes(byte != 0 for byte in content[:4]))


def _csv_rows(
    path: Path, content: str, columns: Mapping[str, str], notes: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    said = _SEPARATOR_LINE.match(content)
    skipped = 0
    if said:
        delimiter, skipped = said[1], 1
        content = content[said.end() :]
        notes.append(f"'{path}' begins with 'sep={delimiter}', a line of Excel's: its columns are parted so.")
    else:
        delimiter = _delimiter(content, columns)
        if delimiter != ",":
            notes.append(f"'{path}' separates its columns by {_DELIMITERS[delimiter]} and not by commas.")
    # Of the whole module, and 131,072 characters by default: an answer that loops is longer.
    csv.field_size_limit(max(csv.field_size_limit(), len(content)))
    reader = csv.reader(io.StringIO(content, newline=""), delimiter=delimiter, strict=True)
    header: list[str] | None = None
    ended = 0
    try:
        for row in reader:
            ended = reader.line_num
            if not any(cell.strip() for cell in row):
                continue
            where = f"'{path}', line {reader.line_num + skipped}"
            if header is None:
                header = _header(row, where)
                continue
            while len(row) > len(header) and not row[-1].strip():
                row.pop()
            if len(row) != len(header):
                raise InputError(
                    f"{where} does not have {len(header)} cells, as the header has.",
                    'put a text with commas or line breaks in "quotes"',
                )
            yield where, dict(zip(header, row, strict=True))
    except csv.Error as error:
        if "unexpected end" in str(error):
            raise InputError(
                f"'{path}', line {ended + 1 + skipped} is broken: a quote that is opened there isn't closed.",
                'put a text in "quotes", and write a quote within it twice: ""',
            ) from None
        where = f"'{path}', line {(reader.line_num or 1) + skipped}"
        raise InputError(f"{where} is broken: {error}.", "fix that line") from None


def _delimiter(content: str, columns: Mapping[str, str]) -> str:
    """Return what separates the columns: whatever makes most known names of the first line, or most cells."""
    first = next((line for line in content.splitlines() if line.strip()), "")

    def known(delimiter: str) -> tuple[int, int]:
        cells = [cell.strip().strip('"').casefold() for cell in first.split(delimiter)]
        right = sum(cell in columns for cell in cells)
        return right, 0 if right else len(cells)

    return max(_DELIMITERS, key=known)


def _header(row: Sequence[str], where: str) -> list[str]:
    """Return the names of the columns; those that are empty stay apart, so that no cell is lost.

    A script that reads a sheet as plain UTF-8 and writes it again keeps its mark in the first name, quoted.
    """
    names = [name.strip("\ufeff").strip('"') if "\ufeff" in name else name for name in row]
    names = [name if name.strip() else " " * place for place, name in enumerate(names)]
    twice = next((name for name in names if name.strip() and names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{where}: column '{twice}' is given twice.", "keep one of them")
    return names


def _excel_rows(
    path: Path, content: bytes, columns: Mapping[str, str], notes: list[str]
) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise InputError(
            f"'{path}' is an .xlsx, and openpyxl, which reads it, is not installed.",
            'pip install "medbench[xlsx]", or save the sheet as CSV',
        ) from None
    with _damage_named(path):
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
        header: list[str] | None = None
        for number, row in enumerate(_sheet(path, book, columns, notes).iter_rows(values_only=True), 1):
            cells = ["" if cell is None else _as_written(cell) for cell in row]
            if not any(cell.strip() for cell in cells):
                continue
            where = f"'{path}', row {number}"
            if header is None:
                header = _header(cells, where)
            else:
                yield where, dict(zip(header, cells, strict=False))
        book.close()


@contextmanager
def _damage_named(path: Path) -> Iterator[None]:
    """Call whatever openpyxl stumbles over a file that cannot be read."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001 - of the ZIP file, its XML, or any value of it: it checks few
        words = " ".join(f"{error}".split()) or type(error).__name__
        raise InputError(f"'{path}' is not a readable .xlsx: {words}.", "save the sheet as CSV") from None


def _sheet(path: Path, book: Any, columns: Mapping[str, str], notes: list[str]) -> Any:
    """Return the sheet of a workbook that has the most known columns.

    Raises:
        InputError: Several have as many, or there is none.
    """
    known: dict[str, int] = {}
    for sheet in book.worksheets:
        rows = sheet.iter_rows(values_only=True)
        first = next((row for row in rows if any(cell is not None for cell in row)), ())
        known[sheet.title] = sum(_column(str(cell), columns) is not None for cell in first)
    if not known:
        raise InputError(f"'{path}' has no sheet.", "save the sheet as CSV")
    most = max(known.values())
    best = [title for title, count in known.items() if count == most]
    if len(best) > 1 and most:
        names = " and ".join(f"'{title}'" for title in best)
        raise InputError(f"'{path}' has several such sheets: {names}.", "save the one that is meant as CSV")
    if len(known) > 1:
        notes.append(f"'{path}' has {counted(len(known), 'sheet')}: '{best[0]}' was read.")
    return book[best[0]]


def _as_written(cell: object) -> str:
    """Return a cell as a text; spreadsheets keep the id 17 as the number 17.0."""
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)


def _json_rows(path: Path, content: bytes) -> Iterator[tuple[str, dict[str, Any]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise InputError(f"'{path}', line {line} is not UTF-8.", "save the file as UTF-8") from None
    # Not splitlines(), which also breaks at characters that may stand in a text.
    for number, line_ in enumerate(text.split("\n"), 1):
        if not line_.strip():
            continue
        where = f"'{path}', line {number}"
        try:
            row = json.loads(line_, object_pairs_hook=_object)
        except (ValueError, RecursionError) as error:
            raise InputError(
                f"{where} is not JSON: '{line_[:_QUOTED]}' ({error}).", "fix that line"
            ) from None
        if not isinstance(row, dict):
            raise InputError(
                f"{where} is not a JSON object: '{line_[:_QUOTED]}'.", 'write it like {"id": "1", …}'
            )
        yield where, row


def _object(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    if twice := [key for key in keys if keys.count(key) > 1]:
        raise ValueError(f"'{twice[0]}' is given twice")
    return dict(pairs)


def _column(given: str, columns: Mapping[str, str]) -> str | None:
    """Return the column that a name stands for: 'Key finding' for key_finding, too."""
    name = re.sub("[\u200b-\u200f\u2060\ufeff]", "", given).strip().casefold()
    return columns.get(name) or columns.get(re.sub(r"[\s-]+", "_", name))


def _by_column(  # noqa: PLR0913 - a table, and what its columns may be
    rows: Iterator[tuple[str, dict[str, Any]]],
    columns: Mapping[str, str],
    needed: Sequence[str],
    rename: str,
    passed_over: dict[str, None] | None,
    in_header: bool,  # noqa: FBT001 - of the file, no option
) -> Iterator[tuple[str, dict[str, Any]]]:
    for where, cells in rows:
        row: dict[str, Any] = {}
        strange = []
        for given, value in cells.items():
            empty = value is None or not str(value).strip()
            name = _column(given, columns)
            if name is None:
                # A column without a name and without cells is what a spreadsheet leaves behind the last.
                strange += [given] if given.strip() or not empty else []
            elif name in row:
                raise InputError(f"{where}: column '{name}' is given twice ('{given}').", "keep one of them")
            elif not empty:
                row[name] = value
        missing = [name for name in needed if name not in {_column(given, columns) for given in cells}]
        if missing:
            raise _missing_columns(missing, strange, where, rename)
        if strange and passed_over is None:
            # Columns that a header names are no fault of the line that is read first.
            raise _unknown_columns(strange, columns, where.rpartition(",")[0] if in_header else where)
        if passed_over is not None:
            passed_over.update(dict.fromkeys(strange))
        yield where, row


def _missing_columns(missing: Sequence[str], strange: Sequence[str], where: str, rename: str) -> InputError:
    """Return the error that names all columns that are missing, and those that may be meant by them."""
    names = ", ".join(f"'{name}'" for name in missing)
    words = f"column {names} is missing" if len(missing) == 1 else f"columns {names} are missing"
    others = f"; unknown: {', '.join(repr(name) for name in strange)}" if strange else ""
    if len(missing) == len(strange) == 1:
        meant = {missing[0]: strange[0]}
    else:
        plain = {name.strip().casefold(): name for name in strange}
        near = {nearest(name, missing): name for name in plain}
        meant = {name: plain[given] for name, given in near.items() if name and given.startswith(name[0])}
    hint = " ".join(rename.format(name=name, given=meant.get(name, "COLUMN")) for name in missing)
    return InputError(f"{where.rpartition(',')[0]}: {words}{others}.", hint.rstrip(","))


def _unknown_columns(given: Sequence[str], columns: Mapping[str, str], where: str) -> InputError:
    names = ", ".join(f"'{name.strip()}'" for name in given)
    close = [found for name in given if (found := nearest(name.strip().casefold(), columns))]
    known = ", ".join(dict.fromkeys(columns.values()))
    words = "unknown column" if len(given) == 1 else f"{counted(len(given), 'unknown column')}:"
    hint = f"'{close[0]}'?" if len(given) == len(close) == 1 else f"leave out or rename; known: {known}"
    return InputError(f"{where}: {words} {names}.", hint)
