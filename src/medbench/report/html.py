"""Write blocks as HTML, for notebooks: every text escaped, since models may have written it."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Field, Heading, Paragraph, Table, Verbatim, spans
from medbench.sentences import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.report.blocks import Block, Inline, Row

# A dollar sign begins a formula in a notebook unless these classes say otherwise.
_OPEN = '<div class="medbench tex2jax_ignore mathjax_ignore">'
_STYLES = {"plain": "{}", "strong": "<strong>{}</strong>", "muted": '<span style="opacity:.6">{}</span>'}


def html(blocks: Iterable[Block]) -> str:
    """Return the blocks one below the other, without scripts, links or styles of the page around them."""
    return f"{_OPEN}{''.join(map(_block, blocks))}</div>"


def _block(block: Block) -> str:
    match block:
        case Heading():
            return f"<p><strong>{_text(block.text)}</strong></p>"
        case Paragraph():
            return f"<p>{_text(block.text)}</p>"
        case Verbatim():
            return f"<pre>{_safe(block.text)}</pre>"
        case Field():
            return f"<p><strong>{_safe(block.label)}</strong> {_lines(_safe(block.text))}</p>"
        case Table():
            return _table(block)
        case Blank():
            return ""


def _table(block: Table) -> str:
    aligns = [f' style="text-align:{column.align}"' for column in block.columns]
    head = "".join(
        f"<th{align}>{_safe(column.name)}</th>" for column, align in zip(block.columns, aligns, strict=True)
    )
    body = "".join(f"<tr>{_cells(row, aligns)}</tr>" for row in block.rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def _cells(row: Row, aligns: list[str]) -> str:
    indent = "&emsp;" if row.detail else ""
    cells = [f"<td{align}>{_text(cell)}</td>" for cell, align in zip(row.cells, aligns, strict=True)]
    return "".join(cells).replace(">", f">{indent}", 1)


def _text(text: Inline) -> str:
    return _lines("".join(_STYLES[span.style].format(_safe(span.text)) for span in spans(text)))


def _lines(markup: str) -> str:
    return markup.replace("\n", "<br>")


def _safe(text: str) -> str:
    return escape(printable(text))
