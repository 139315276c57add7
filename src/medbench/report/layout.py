"""Lay out a table in a given width: every number in one piece, every name in one piece or shortened.

A table that is too wide gives way in this order: headers and cells that wrap break between words, names in
cells that wrap lose their middle, and the last columns move into a second table below. What was shortened
is returned, so that it can stand in full below the table.
"""

from __future__ import annotations

from itertools import zip_longest
from operator import attrgetter
from typing import TYPE_CHECKING

from rich.cells import cell_len

from medbench.report.blocks import Span
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Column, Table

GAP = 2
"""Spaces between two columns."""
SHORTEST = 16
"""Width to which a name is shortened at most."""
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


def laid_out(block: Table, width: int) -> tuple[list[tuple[Span, ...]], list[str]]:
    """Return the lines of a table, each as spans, and the names that were shortened in it."""
    rows = [
        [
            Span(" " * GAP * (row.detail and n == 0) + printable(cell.text).replace("\t", " "), cell.style)
            for n, cell in enumerate(row.cells)
        ]
        for row in block.rows
    ]
    columns = [_Measured(column, [row[n].text for row in rows]) for n, column in enumerate(block.columns)]
    parts, shortened = _fitted(columns, width), dict[str, str]()
    lines: list[tuple[Span, ...]] = []
    for part in parts:
        if lines:
            lines.append(())
        header = [Span(columns[n].name, "strong") for n in part]
        for cells in (header, *([row[n] for n in part] for row in rows)):
            lines += _lines([columns[n] for n in part], cells, shortened)
    return lines, list(dict.fromkeys(shortened.values()))


class _Measured:
    """A column with the widths that it takes."""

    def __init__(self, column: Column, cells: Sequence[str]) -> None:
        self.name = " ".join(printable(column.name).split())
        self.right = column.align == "right"
        body = max((cell_len(line) for cell in cells for line in cell.split("\n")), default=0)
        self.width = max(cell_len(self.name), body)
        words = max((_longest_word(cell) for cell in cells), default=0)
        head = _longest_word(self.name)
        self.between_words = max(head, words if column.wraps else body)
        self.least = max(min(head, SHORTEST), min(words, SHORTEST) if column.wraps else body)


def _fitted(columns: list[_Measured], width: int) -> list[list[int]]:
    """Make the columns as narrow as they have to be; return the numbers of those that stand together."""
    parts = _side_by_side(columns, width)
    for part in parts:
        for limit in ("between_words", "least"):
            together = [columns[n] for n in part]
            while sum(column.width for column in together) + GAP * (len(together) - 1) > width:
                able = [column for column in together if column.width > getattr(column, limit)]
                if not able:
                    break
                # The first column has what a row is called: it is shortened last.
                first_stays = able[0] is columns[0] and len(able) > 1
                max(able[first_stays:], key=attrgetter("width")).width -= 1
    return parts


def _side_by_side(columns: list[_Measured], width: int) -> list[list[int]]:
    """Return which columns stand side by side; below each other stand only those that cannot."""
    parts = [[0]] if columns else []
    for n in range(1, len(columns)):
        taken = sum(columns[m].least + GAP for m in parts[-1])
        if taken + columns[n].least > width and len(parts[-1]) > 1:
            parts.append([0])
        parts[-1].append(n)
    return parts


def _lines(
    columns: Sequence[_Measured], cells: Sequence[Span], shortened: dict[str, str]
) -> Iterator[tuple[Span, ...]]:
    broken = [_broken(cell.text, at.width, shortened) for at, cell in zip(columns, cells, strict=True)]
    for texts in zip_longest(*broken, fillvalue=""):
        spans: list[Span] = []
        for n, (at, cell, text) in enumerate(zip(columns, cells, texts, strict=True)):
            room = " " * (at.width - cell_len(text))
            padded = room + text if at.right else text + room
            spans.append(Span(" " * GAP * (n > 0) + padded, cell.style))
        while spans and not spans[-1].text.strip():
            spans.pop()
        if spans:
            spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].style)
        yield tuple(spans)


def _broken(text: str, width: int, shortened: dict[str, str]) -> list[str]:
    """Return the text as lines, broken between words; a word that is too wide loses its middle."""
    if "\n" in text:
        return [part for line in text.split("\n") for part in _broken(line, width, shortened)]
    if cell_len(text) <= width:
        return [text]
    indent = text[: len(text) - len(text.lstrip())]
    lines: list[str] = []
    for word in text.split():
        short = _shortened(word, width - len(indent), shortened)
        if lines and cell_len(f"{lines[-1]} {short}") <= width:
            lines[-1] += f" {short}"
        else:
            lines.append(indent + short)
    return lines


def _shortened(word: str, width: int, shortened: dict[str, str]) -> str:
    """Return the word, or its beginning and end where it is too wide, no two of a table alike."""
    if cell_len(word) <= width:
        return word
    for tail in range((width - 1) // 2, width - 1):
        end = word[-tail:]
        while cell_len(end) > tail:
            end = end[1:]
        begin = word[: width - 1 - cell_len(end)]
        while cell_len(begin + end) > width - 1:
            begin = begin[:-1]
        short = begin + ELLIPSIS + end
        if shortened.get(short, word) == word:
            break
    shortened[short] = word
    return short


def _longest_word(text: str) -> int:
    return max(map(cell_len, text.split()), default=0)
