"""Findings of the output against those of the reference: recall, precision, F1, significance, errors by name.

`docs/scoring.md` says what is found, how findings are paired, what the numbers mean and what they cannot see.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring.extraction import extract as extraction
from medbench.scoring.extraction.vocabulary import vocabulary
from medbench.scoring.item import MOST_REMEMBERED
from medbench.scoring.matching import match as matching
from medbench.scoring.matching import measures
from medbench.scoring.matching.conflicts import conflicts
from medbench.scoring.matching.match import match
from medbench.scoring.matching.packed import packed as as_bytes
from medbench.scoring.matching.packed import unpacked
from medbench.scoring.matching.pair import ERRORS, OUTCOMES, Pair
from medbench.scoring.matching.sides import OutputSide, ReferenceSide, output_side, reference_side

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.extraction.observed import Finding
    from medbench.scoring.item import Item

METRICS = (
    "finding.recall",
    "finding.precision",
    "finding.f1",
    "finding.significance",
    "finding.key",
    *(f"finding.{name}" for name in OUTCOMES),
    *(f"finding.error.{name}" for name in ERRORS),
)
RATES = ("finding.key",)
METHOD = f"finding:{extraction.VERSION}.{matching.VERSION}.{measures.VERSION}|vocab:{vocabulary.VERSION}"


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer; it reads the vocabulary, so make it no earlier than needed."""
    vocabulary.vocabulary()
    return findings


def findings(item: Item) -> dict[str, float | None]:
    """Return the numbers of one output; None where it has no words or the reference no findings."""
    if item.empty:
        return dict.fromkeys(METRICS)
    result = measured(item.reference, item.parsed.findings, item.packed and item.packed.findings)
    if result.f1 is None:
        return dict.fromkeys(METRICS)
    key = None if result.key is None else float(result.key)
    shares = (result.recall, result.precision, result.f1, result.significance, key)
    # The counts stand in the order of their names.
    return dict(zip(METRICS, (*shares, *map(float, result.counts.values())), strict=True))


# Two scorers ask for the same pair in turn; of other pairs what is remembered costs more than it saves.
@lru_cache(maxsize=1)
def matched(reference: str, output: str, packed: bytes | None = None) -> tuple[Pair, ...]:
    """Return the findings of an output paired with those of its reference.

    Args:
        reference: The radiologist's text.
        output: The text of an output.
        packed: The findings of the reference, where they are known already, see `pack`.
    """
    asked, said = _asked(reference, packed), _said(output)
    if said.conflicts and asked.disputed:
        # What the reference itself seems to say both ways is not held against an output.
        kept = [index for index in said.conflicts if said.findings[index].concept.name not in asked.disputed]
        said = output_side(said.findings, kept)
    return match(asked, said)


@lru_cache(maxsize=1)
def measured(reference: str, output: str, packed: bytes | None = None) -> measures.Measures:
    """Return the numbers of that match."""
    return measures.measured(matched(reference, output, packed), _asked(reference, packed).key)


def reference_findings(reference: str) -> tuple[Finding, ...]:
    """Return the findings of a reference."""
    return _remembered(reference).findings


def pack(reference: str) -> bytes:
    """Return the findings of a reference as bytes, which other processes read far faster than the text."""
    return as_bytes(_taken_apart(reference))


def _asked(reference: str, packed: bytes | None) -> ReferenceSide:
    return _remembered(reference) if packed is None else _unpacked(packed)


# The swap control asks for one output against many references.
@lru_cache(maxsize=2)
def _said(output: str) -> OutputSide:
    findings = extraction.extract(output)
    return output_side(findings, conflicts(output, findings))


# Each is asked for some twenty times, by cases all over the benchmark: a smaller cache would be no use.
@lru_cache(maxsize=MOST_REMEMBERED)
def _remembered(reference: str) -> ReferenceSide:
    return _taken_apart(reference)


# Asked for by the match, by its numbers, and by two scorers in turn.
@lru_cache(maxsize=2)
def _unpacked(packed: bytes) -> ReferenceSide:
    return unpacked(packed)


def _taken_apart(reference: str) -> ReferenceSide:
    findings = extraction.extract(reference)
    return reference_side(findings, conflicts(reference, findings))
