"""Explain below a screen the terms that stand in it, each once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.report.blocks import Heading, Paragraph, Span, Table, flush, spans

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from medbench.report.blocks import Block, Inline

TERMS = {
    "finding F1": "1 where a text has all findings of the reference and no others",
    "ROUGE-L": "words in common, in their order",
    "rules": "grades that follow from the findings, not from a judge",
    "unflagged": "without outputs that loop, refuse, name another modality and the like",
    "Holm": "p raised for many tests",
    "sign-flip": "how often chance alone gives such a difference",
    "tau-b": "rank correlation, 1 for the same order, 0 for none",
    "kappa": "agreement beyond chance, 1 is perfect",
}
"""Terms of the screens in the order in which they are explained."""


def explained(blocks: Iterable[Block]) -> Iterator[Block]:
    """Yield the blocks, then a paragraph on the terms in them; what others wrote is not looked through."""
    words: list[str] = []
    for block in blocks:
        words += _words(block)
        yield block
    text = "\n".join(words)
    found = [term for term in TERMS if re.search(rf"\b{re.escape(term)}\b", text, re.IGNORECASE)]
    if found:
        told = "; ".join(f"{term}: {TERMS[term]}" for term in found)
        yield flush(Span(f"{told}.", "muted"))


def _words(block: Block) -> Iterator[str]:
    if isinstance(block, Heading | Paragraph):
        yield _plain(block.text)
    elif isinstance(block, Table):
        yield from (column.name for column in block.columns)
        yield from (row.cells[0].text for row in block.rows if row.cells)


def _plain(text: Inline) -> str:
    return "".join(part.text for part in spans(text))
