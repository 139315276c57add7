"""Tables and texts as they stand on the screen."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.table import Table
from rich.text import Text

from medbench.sentences import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_NARROW = 14
"""Width to which a column that may break is squeezed at most."""
_GAP = 2
"""Columns between two columns."""


def table(
    header: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    left: Sequence[int] = (0,),
    wraps: Sequence[int] = (),
) -> Table:
    """A plain table: no lines, numbers to the right.

    Args:
        header: Names of the columns; they may break where the table is too wide.
        rows: Cells; a Text keeps its style.
        left: Columns set flush left.
        wraps: Columns whose cells may break over lines where the table is too wide, the dearest first;
            the cells of other columns never break.
    """
    cells = [[_safe(cell) for cell in row] for row in rows]
    made = Table(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    bodies = [max((cell_len(row[n].plain) for row in cells), default=0) for n in range(len(header))]
    widest = [max(cell_len(name), body) for name, body in zip(header, bodies, strict=True)]
    # A cell that may not break keeps its width, or a narrow terminal would eat digits.
    least = [
        min(widest[n], _NARROW) if n in wraps else max(bodies[n], min(_longest_word(name), _NARROW))
        for n, name in enumerate(header)
    ]
    # Lines break between words as long as that is enough: half a name cannot be copied. Else the columns
    # named last in `wraps` break within words first.
    words = [
        max(least[n], *(_longest_word(text) for text in (name, *(row[n].plain for row in cells))))
        for n, name in enumerate(header)
    ]
    fitted = _fitted(widest, words)
    for n in (*reversed(wraps), *range(len(header))):
        fitted = _fitted(fitted, [least[m] if m == n else width for m, width in enumerate(fitted)])
    for n, (name, most) in enumerate(zip(header, fitted, strict=True)):
        made.add_column(
            name,
            justify="left" if n in left else "right",
            overflow="fold",
            no_wrap=most == least[n] == widest[n],
            min_width=least[n],
            max_width=most,
        )
    for row in cells:
        made.add_row(*row)
    return made


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)


def _fitted(widest: Sequence[int], least: Sequence[int]) -> list[int]:
    """Widths of columns that fit the screen together, as far as they can: the widest give first."""
    widths = list(widest)
    over = sum(widths) + _GAP * (len(widths) - 1) - WIDTH
    while over > 0:
        able = [n for n, width in enumerate(widths) if width > least[n]]
        if not able:
            break
        widths[max(able, key=lambda n: widths[n])] -= 1
        over -= 1
    return widths


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
