"""Draw blocks in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.table import Table as Grid
from rich.text import Text

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Span, Table, Verbatim, spans
from medbench.sentences import WIDTH, counted, printable, within

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from typing import IO

    from medbench.report.blocks import Block, Inline

_NARROW = 14
"""Width to which a column that may break is squeezed at most."""
_GAP = 2
"""Columns between two columns."""
_STYLES = {"plain": "", "strong": "bold", "muted": "dim"}


def console_for(file: IO[str]) -> Console:
    """Make a console that writes text as it is, in lines of 100 columns or of the terminal's, if fewer."""
    terminal = Console(file=file, force_jupyter=False)
    return _console(file, min(terminal.width, WIDTH) if terminal.is_terminal else WIDTH)


def _console(file: IO[str], width: int) -> Console:
    # In a notebook rich would write into the cell whatever the file is.
    return Console(file=file, highlight=False, markup=False, emoji=False, width=width, force_jupyter=False)


def draw(console: Console, blocks: Iterable[Block]) -> None:
    """Print the blocks one below the other, each as soon as it comes."""
    for block in blocks:
        if isinstance(block, Table):
            _draw_table(console, block)
        else:
            if isinstance(block, Heading) and block.level > 1:
                console.print()
            console.print(_text(block), soft_wrap=True)


def _text(block: Heading | Paragraph | Verbatim | Field | Blank) -> Text:
    match block:
        case Paragraph(hang=int(hang)):
            return _styled(block.text, lambda text: _wrapped(text, block.width, hang))
        case Heading() | Paragraph():
            return _styled(block.text, within)
        case Verbatim():
            return Text(within(printable(block.text)))
        case Field():
            return Text(_field(block))
        case Blank():
            return Text()


def _styled(text: Inline, broken: Callable[[str], str]) -> Text:
    """Return a text whose lines are broken, each of its characters in the style that it had before."""
    parts = [Span(printable(part.text), part.style) for part in spans(text)]
    plain = broken("".join(part.text for part in parts))
    if len(parts) == 1:
        return Text(plain, _STYLES[parts[0].style])
    drawn, at = Text(plain), 0
    for part in parts:
        # Breaking lines changes blanks alone: the other characters are the same, in the same order.
        letters = "".join(part.text.split())
        if letters:
            begin = at = plain.index(letters[0], at)
            for letter in letters:
                at = plain.index(letter, at) + 1
            drawn.stylize(_STYLES[part.style], begin, at)
    return drawn


def _wrapped(text: str, width: int, hang: int) -> str:
    return "\n".join(
        textwrap.fill(
            line,
            width,
            subsequent_indent=" " * (len(line) - len(line.lstrip()) + hang),
            break_long_words=False,
            break_on_hyphens=False,
        )
        for line in text.split("\n")
    )


def _field(block: Field) -> str:
    lines: list[str] = []
    for line in printable(block.text).splitlines() or [""]:
        lines += textwrap.wrap(line, block.width - block.column, replace_whitespace=False) or [""]
    if block.most_lines is not None and len(lines) > block.most_lines:
        more = counted(len(lines) - block.most_lines, "line")
        lines = [*lines[: block.most_lines], f"… (+{more}: --full)"]
    return f"{printable(block.label):<{block.column}}" + ("\n" + " " * block.column).join(lines)


def _draw_table(console: Console, block: Table) -> None:
    """Print a table, one that does not fit in its full width.

    A terminal that breaks its lines is a nuisance; a number that lost its last digits is wrong.
    """
    grid = _grid(block)
    # The measure leaves out the room between columns.
    needed = Measurement.get(console, console.options.update(max_width=10 * WIDTH), grid).minimum
    needed += _GAP * len(block.columns)
    wide = console if needed <= console.width else _console(console.file, needed)
    wide.print(grid, crop=False)


def _grid(block: Table) -> Grid:
    """Lay out a table without lines."""
    grid = Grid(box=None, padding=(0, _GAP, 0, 0), pad_edge=False, header_style="bold")
    rows = [
        [
            Text(printable("  " * (row.detail and n == 0) + cell.text), _STYLES[cell.style])
            for n, cell in enumerate(row.cells)
        ]
        for row in block.rows
    ]
    names = [printable(column.name) for column in block.columns]
    bodies = [max((cell_len(row[n].plain) for row in rows), default=0) for n in range(len(names))]
    widest = [max(cell_len(name), body) for name, body in zip(names, bodies, strict=True)]
    # A cell that may not break keeps its width, or a narrow terminal would eat digits.
    least = [
        min(widest[n], _NARROW) if column.wraps else max(bodies[n], min(_longest_word(names[n]), _NARROW))
        for n, column in enumerate(block.columns)
    ]
    # Lines break between words as long as that is enough: half a name cannot be copied.
    words = [
        max(least[n], *(_longest_word(text) for text in (name, *(row[n].plain for row in rows))))
        for n, name in enumerate(names)
    ]
    fitted = _fitted(widest, words)
    # Where it is not, the columns that wrap break within words, the last one first.
    wrapping = [n for n, column in enumerate(block.columns) if column.wraps]
    for n in (*reversed(wrapping), *range(len(names))):
        fitted = _fitted(fitted, [*fitted[:n], least[n], *fitted[n + 1 :]])
    for n, column in enumerate(block.columns):
        grid.add_column(
            Text(names[n]),
            justify=column.align,
            overflow="fold",
            no_wrap=fitted[n] == least[n] == widest[n],
            min_width=least[n],
            max_width=fitted[n],
        )
    for cells in rows:
        grid.add_row(*cells)
    return grid


def _longest_word(text: str) -> int:
    return max((cell_len(word) for word in text.split()), default=0)


def _fitted(widest: Sequence[int], least: Sequence[int]) -> list[int]:
    """Return widths of columns that fit the screen together, as far as they can: the widest give first."""
    widths = list(widest)
    over = sum(widths) + _GAP * (len(widths) - 1) - WIDTH
    while over > 0:
        able = [n for n, width in enumerate(widths) if width > least[n]]
        if not able:
            break
        widths[max(able, key=lambda n: widths[n])] -= 1
        over -= 1
    return widths
