"""Draw blocks in a terminal."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Span, Table, Verbatim, spans
from medbench.report.layout import ELLIPSIS, laid_out
from medbench.sentences import WIDTH, counted, printable, within

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import IO

    from medbench.report.blocks import Block, Inline

_PROSE = 100
"""Columns of a line of prose at most, however wide the terminal is."""
_LONGEST = 150
"""Characters of a word that is not broken, such as a path."""
_STYLES = {"plain": "", "strong": "bold", "muted": "dim"}


def console_for(file: IO[str]) -> Console:
    """Make a console that writes text as it is, in lines as wide as the terminal, or of 80 columns."""
    terminal = Console(file=file, force_jupyter=False)
    width = terminal.width if terminal.is_terminal else WIDTH
    # In a notebook rich would write into the cell whatever the file is.
    return Console(file=file, highlight=False, markup=False, emoji=False, width=width, force_jupyter=False)


def draw(console: Console, blocks: Iterable[Block]) -> None:
    """Print the blocks one below the other, each as soon as it comes."""
    said: set[str] = set()
    for block in blocks:
        if isinstance(block, Table):
            _draw_table(console, block, said)
        else:
            if isinstance(block, Heading) and block.level > 1:
                console.print()
            console.print(_text(block, min(console.width, _PROSE)), soft_wrap=True)


def _text(block: Heading | Paragraph | Verbatim | Field | Blank, width: int) -> Text:
    match block:
        case Heading():
            return _styled(block.text, width)
        case Paragraph():
            return _styled(block.text, width, block.hang)
        case Verbatim():
            return Text(within(printable(block.text), width))
        case Field():
            return Text(_field(block, width))
        case Blank():
            return Text()


def _styled(text: Inline, width: int, hang: int | None = None) -> Text:
    """Return a text whose lines are broken, each of its characters in the style that it had before."""
    parts = [Span(printable(part.text), part.style) for part in spans(text)]
    plain = within("".join(part.text for part in parts), width, hang)
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


def _joined(line: Iterable[Span]) -> Text:
    text = Text()
    for span in line:
        text.append(span.text, _STYLES[span.style])
    return text


def _field(block: Field, width: int) -> str:
    lines: list[str] = []
    for line in printable(block.text).splitlines() or [""]:
        lines += textwrap.wrap(
            line,
            min(width, WIDTH) - block.column,
            replace_whitespace=False,
            break_on_hyphens=False,
            # A path stays whole; a text without a space does not.
            break_long_words=max(map(len, line.split()), default=0) > _LONGEST,
        ) or [""]
    if block.most_lines is not None and len(lines) > block.most_lines:
        more = counted(len(lines) - block.most_lines, "line")
        lines = [*lines[: block.most_lines], f"… (+{more}: --full)"]
    return f"{printable(block.label):<{block.column}}" + ("\n" + " " * block.column).join(lines)


def _draw_table(console: Console, block: Table, said: set[str]) -> None:
    """Print a table, and in full below it the names that were shortened in it and that nothing said before.

    A line that cannot be made to fit is printed whole: a number that lost its last digits is wrong.
    """
    lines, names = laid_out(block, console.width)
    for line in lines:
        console.print(_joined(line), soft_wrap=True)
    new = [name for name in names if name not in said]
    if new:
        said.update(new)
        draw(console, [Paragraph(f"{ELLIPSIS} in full: {', '.join(new)}")])
