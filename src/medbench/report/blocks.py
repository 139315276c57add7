"""A screen as plain data: headings, paragraphs, tables and fields, in the order in which they are read.

The report files turn records into blocks; `report/terminal` draws them. A block holds words and no layout, so
that another renderer can make a page of the same screen. Its text may come from anywhere: it is never markup,
and each renderer makes it safe in its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text in one style."""

    text: str
    style: Literal["plain", "strong", "muted"] = "plain"


Inline: TypeAlias = str | Span | tuple[str | Span, ...]
"""The text of a block: plain, in one style, or in several."""


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows it."""

    text: Inline
    level: Literal[1, 2] = 2
    """1 for the screen itself, 2 for a part of it, which an empty line sets off."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Sentences. A newline in the text begins a new line."""

    text: Inline
    hang: int | None = None
    """Columns by which the continuation of a broken line stands further in than its beginning; None for below
    the label with which the line begins, or a little further in where it has none."""


@dataclass(frozen=True, slots=True)
class Verbatim:
    """Lines whose breaks and spaces matter, such as a request or a chart made of letters."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A label and a text of any length beside it, such as the history of a case."""

    label: str
    text: str
    column: int = 12
    """The column at which a terminal begins the text."""
    most_lines: int | None = None
    """Lines that a terminal shows at most; None for all."""


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty line between two blocks."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table."""

    name: str
    align: Literal["left", "right"]
    wraps: bool
    """True if its cells may break between words, and names in them lose their middle, where the table is too
    wide; otherwise they stay whole."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table."""

    cells: tuple[Span, ...]
    detail: bool = False
    """True if the row says more about the last row that is none."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]


MARK = "~"
"""Stands behind an interval that may miss its level."""
Block: TypeAlias = Heading | Paragraph | Verbatim | Field | Blank | Table


def table(
    header: Sequence[str],
    rows: Iterable[Row | Sequence[str | Span]],
    *,
    left: Sequence[int] = (0,),
    wraps: Sequence[int] = (),
) -> Table:
    """Build a table from its header and rows. A mark that all intervals of a column have goes to its name.

    Args:
        header: Names of the columns.
        rows: Rows, or their cells.
        left: Numbers of the columns that are set flush left; the others are set flush right.
        wraps: Numbers of the columns whose cells may break over lines.
    """
    body = [cells if isinstance(cells, Row) else row(*cells) for cells in rows]
    columns = []
    for n, name in enumerate(header):
        marked = [cells.cells[n].text for cells in body if "[" in cells.cells[n].text]
        once = bool(marked) and all(text.endswith(MARK) for text in marked)
        if once:
            body = [_without_mark(cells, n) for cells in body]
        columns.append(Column(f"{name} {MARK}" * once or name, "left" if n in left else "right", n in wraps))
    return Table(tuple(columns), tuple(body))


def _without_mark(cells: Row, n: int) -> Row:
    bare = replace(cells.cells[n], text=cells.cells[n].text.removesuffix(MARK))
    return replace(cells, cells=(*cells.cells[:n], bare, *cells.cells[n + 1 :]))


def flush(text: Inline) -> Paragraph:
    """Return sentences whose broken lines stand below their beginning."""
    return Paragraph(text, hang=0)


def row(*cells: str | Span, detail: bool = False) -> Row:
    """Build a row of a table from its cells."""
    return Row(tuple(spans(cells)), detail)


def spans(text: Inline) -> tuple[Span, ...]:
    """Return the text as spans."""
    parts = text if isinstance(text, tuple) else (text,)
    return tuple(Span(part) if isinstance(part, str) else part for part in parts)
