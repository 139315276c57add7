"""Terms of a screen are explained below it: those that stand in it, each once, and no word of others."""

from __future__ import annotations

from medbench.report.blocks import Blank, Block, Field, Heading, Paragraph, Span, Verbatim, table
from medbench.report.glossary import TERMS, explained


def _told(*blocks: Block) -> str:
    *_, last = explained(blocks)
    assert isinstance(last, Paragraph)
    assert isinstance(last.text, Span)
    return last.text.text


def test_terms_that_stand_there_are_told_once() -> None:
    """In a sentence, a heading, a column's name and a row's, whatever their case."""
    told = _told(
        Heading("Finding F1"),
        Paragraph(("by ", Span("Holm", "strong"))),
        table(["metric", "tau-b", "Holm"], [["ROUGE-L recall", "1", "2"]]),
    )
    expected = ("finding F1", "ROUGE-L", "Holm", "tau-b")
    assert told == "; ".join(f"{term}: {TERMS[term]}" for term in expected) + "."


def test_what_others_wrote_explains_nothing() -> None:
    """A case's texts and a request are not part of the screen's words; half a word is none."""
    blocks: list[Block] = [
        Field("history", "finding F1"),
        Verbatim("Holm"),
        Blank(),
        Paragraph("Holmes overrules"),
    ]
    assert list(explained(blocks)) == blocks
