"""Turns a table whose rows or columns are the sections of a report into headed text."""

from __future__ import annotations

import re
from itertools import groupby
from typing import TYPE_CHECKING, NamedTuple

from medbench.scoring.parsing.headings import kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator

_BORDERS = str.maketrans("│┃║", "|||")
_RULE = re.compile(r"[\s|:+=\-─━═┼╪╬┬┴├┤┌┐└┘╔╗╚╝╠╣╦╩]*$")
_ROW_TAG = re.compile(r"<tr\b[^<>]{0,80}>", re.IGNORECASE)
_CELL_TAG = re.compile(r"</?(?:t[dhr]|table|thead|tbody)\b[^<>]{0,80}>", re.IGNORECASE)
_SIGNS = ("|", "│", "┃", "║", "\t", "ndings,", "NDINGS,", "ndings;", "NDINGS;")
"""Parts of tables of sections, of which most answers have none."""
_COMMA = re.compile(r'"?[A-Za-z ]{3,40}"?([,;])(?=\S)')
_QUOTED = re.compile(r'\s*"(.*)"\s*$')
_LONGEST_TITLE = 60
_MOST_CELLS = 12
_MARKS = "*_` \t"


class _Section(NamedTuple):
    title: str
    text: str


def headed(text: str) -> str:
    """Return a text with the sections that stand in a table under headings; as it is without one."""
    if "<tr" in text or "<TR" in text:
        rows = _CELL_TAG.sub("|", _ROW_TAG.sub("\n", text))
        turned = _headed_lines(rows)
        return text if turned == rows else turned
    if any(sign in text for sign in _SIGNS):
        return _headed_lines(text)
    return text


def _headed_lines(text: str) -> str:
    parts: list[str] = []
    for mark, lines in _blocks(text):
        sections = (
            _sections_of([_cells(line, mark) for line in lines if not _RULE.match(line)]) if mark else []
        )
        parts += [f"{title}:\n{said}" for title, said in sections] or lines
    return "\n".join(parts)


def _blocks(text: str) -> Iterator[tuple[str, list[str]]]:
    """Yield the lines of a text in blocks, each with the mark that divides its cells; empty for no table."""
    for mark, lines in groupby(text.split("\n"), _mark_of):
        yield mark, list(lines)


def _mark_of(line: str) -> str:
    """Return what divides the cells of a line; empty if it is no row."""
    if "|" in line.translate(_BORDERS) or (line.strip() and _RULE.match(line)):
        return "|"
    if "\t" in line:
        return "\t"
    comma = _COMMA.match(line)
    return comma[1] if comma else ""


def _cells(line: str, mark: str) -> list[str]:
    """Return the cells of a line that say something, without the number of the row."""
    cells = [
        cell.strip(_MARKS)
        for cell in line.translate(_BORDERS).split(mark, 1 if mark in ",;" else _MOST_CELLS)
    ]
    cells = [quoted[1] if (quoted := _QUOTED.match(cell)) else cell for cell in cells if cell]
    return cells[1:] if cells and cells[0].rstrip(".)").isdigit() else cells


def _sections_of(rows: list[list[str]]) -> list[_Section]:
    """Return the sections that the rows of a table are, or its columns; none for any other table."""
    rows = [row for row in rows if row]
    if len(rows) == 2 and len(rows[0]) == len(rows[1]) and _are_sections(rows[0]):
        return [_Section(*column) for column in zip(*rows, strict=True)]
    named = rows if rows and _kind(rows[0]) else rows[1:]
    if len(named) > 1 and all(len(row) > 1 for row in named) and _are_sections([row[0] for row in named]):
        return [_Section(row[0], " ".join(row[1:])) for row in named]
    return []


def _are_sections(titles: list[str]) -> bool:
    kinds = [_kind([title]) for title in titles]
    return all(kinds) and not {"findings", "key_findings"}.isdisjoint(kinds)


def _kind(row: list[str]) -> str | None:
    return kind_of(row[0]) if len(row[0]) < _LONGEST_TITLE else None
