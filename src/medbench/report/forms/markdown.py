"""Write blocks as GitHub's Markdown: no text in them makes a link, a heading, a mention or markup."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Table, Verbatim, spans
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.report.blocks import Block, Inline, Row

_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})
_MARKUP = re.compile(r"[\\`*_\[|~$^]")
_ADDRESS = re.compile(r"(?i):(?=//)|(?<=www)\.")
_REFERENCE = re.compile(r"[@#](?=\w)")
"""Begins a person's name, whom GitHub would tell, or an issue's number; a backslash does not help."""
_BEGINS_BLOCK = re.compile(r"^(\d*)([-+=#:.)])")


def markdown(blocks: Iterable[Block]) -> str:
    """Return the blocks one below the other, with a newline at the end."""
    parts = (_block(block) for block in blocks)
    return "\n\n".join(part for part in parts if part) + "\n"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"{'#' * (block.level + 1)} {_inline(block.text, '<br>')}"
        case Paragraph():
            text = _inline(block.text)
            # What a screen sets further in says more about the line above.
            return "- " * text.startswith("  ") + _begun(text.strip())
        case Verbatim():
            return _fenced(printable(block.text))
        case Field():
            return f"<strong>{_safe(block.label)}</strong> {_broken(_safe(block.text))}"
        case Table():
            return _table(block)
        case Blank():
            return ""


def _table(block: Table) -> str:
    head = _line(_cell(column.name) for column in block.columns)
    rule = _line("--:" if column.align == "right" else ":--" for column in block.columns)
    return "\n".join([head, rule, *map(_row, block.rows)])


def _row(row: Row) -> str:
    first, *others = map(_cell, row.cells)
    return _line(["&emsp;" * row.detail + first, *others])


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(text: Inline) -> str:
    return _inline(text, "<br>").strip()


def _inline(text: Inline, newline: str = "\\\n") -> str:
    shown = (
        f"<strong>{_safe(span.text)}</strong>" if span.style == "strong" else _safe(span.text)
        for span in spans(text)
    )
    return _broken("".join(shown), newline)


def _broken(text: str, newline: str = "\\\n") -> str:
    """Return a safe text with the breaks of its lines; empty lines, which end a paragraph, are left out."""
    lines = [line.rstrip() for line in text.split("\n")]
    return newline.join([lines[0], *(_begun(line.strip()) for line in lines[1:] if line.strip())])


def _safe(text: str) -> str:
    text = _MARKUP.sub(r"\\\g<0>", printable(text).translate(_ENTITIES))
    return _REFERENCE.sub(r"\g<0><!-- -->", _ADDRESS.sub(r"\\\g<0>", text))


def _begun(line: str) -> str:
    """Return a safe line that begins no list, heading or rule."""
    return _BEGINS_BLOCK.sub(r"\1\\\2", line)


def _fenced(text: str) -> str:
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{text}\n{fence}"
