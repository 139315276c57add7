"""Tables and texts as they stand on the screen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_NARROW = 16
"""Width to which a column that may break is squeezed at most."""


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    left: Sequence[int] = (0,),
    wraps: Sequence[int] = (),
) -> Table:
    """A plain table: no lines, numbers to the right.

    Args:
        header: Names of the columns.
        rows: Cells; a Text keeps its style.
        left: Columns set flush left.
        wraps: Columns that may break over lines where the table is too wide; the others never do.
    """
    cells = [[_safe(cell) for cell in row] for row in rows]
    made = Table(box=None, padding=(0, 2, 0, 0), pad_edge=False, header_style="bold")
    for number, name in enumerate(header):
        widest = max(cell_len(cell) for cell in (name, *(row[number].plain for row in cells)))
        made.add_column(
            name,
            justify="left" if number in left else "right",
            overflow="fold",
            no_wrap=number not in wraps,
            # A cell that may not break keeps its width, or a narrow terminal would eat digits.
            min_width=min(widest, _NARROW) if number in wraps else widest,
        )
    for row in cells:
        made.add_row(*row)
    return made


def _safe(cell: str | Text) -> Text:
    return Text(printable(cell)) if isinstance(cell, str) else Text(printable(cell.plain), style=cell.style)


def printable(text: str) -> str:
    """A text from outside, safe to print: no control characters but newline and tab."""
    return "".join(
        char
        if char in "\n\t" or unicodedata.category(char) not in {"Cc", "Cf", "Co", "Cs"}
        else "\N{REPLACEMENT CHARACTER}"
        for char in text
    )
