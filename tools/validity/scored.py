"""Scores one text against one reference, through the parser, as an output of a run is scored."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring import findings, rouge, rules
from medbench.scoring.extraction.extract import extract
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse, says_nothing

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

_SCORERS = (findings.make(), rules.make())
_OVERLAP = rouge.make()


def numbers(text: str, reference: str, prompt: str | None = None) -> dict[str, float]:
    """Return the metrics of findings and rules; what cannot be measured counts 0."""
    item = _item(text, prompt)
    scored = (score(Item(item.parsed, reference, empty=item.empty)) for score in _SCORERS)
    return {metric: value or 0.0 for values in scored for metric, value in values.items()}


def overlap(text: str, reference: str) -> dict[str, float]:
    """Return ROUGE-L, which is slow where many texts are compared."""
    item = _item(text)
    return {metric: value or 0.0 for metric, value in _OVERLAP(Item(item.parsed, reference)).items()}


def f1(reference: str, text: str) -> float:
    """Return the F1 of a text."""
    return numbers(text, reference)["finding.f1"]


def read(text: str, prompt: str | None = None) -> tuple[Finding, ...]:
    """Return the findings that are read from an answer; what it repeats of its prompt earns none."""
    return extract(_item(text, prompt).parsed.findings)


@lru_cache(maxsize=4_000)
def _item(text: str, prompt: str | None = None) -> Item:
    return Item(parse(text, prompt=prompt), "", empty=says_nothing(text))
