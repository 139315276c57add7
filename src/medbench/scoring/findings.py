"""Findings of the output against those of the reference: recall, precision, F1, significance, errors by name.

`docs/scoring.md` says what is found, how findings are paired, what the numbers mean and what they cannot see.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring.extraction import extract as extraction
from medbench.scoring.extraction import vocabulary
from medbench.scoring.matching import match as matching
from medbench.scoring.matching import measures
from medbench.scoring.matching.conflicts import conflicts
from medbench.scoring.matching.match import match
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
    result = measured(item.reference, item.parsed.findings)
    if result.f1 is None:
        return dict.fromkeys(METRICS)
    key = None if result.key is None else float(result.key)
    shares = (result.recall, result.precision, result.f1, result.significance, key)
    # The counts stand in the order of their names.
    return dict(zip(METRICS, (*shares, *map(float, result.counts.values())), strict=True))


# Two scorers ask for the same pair in turn.
@lru_cache(maxsize=1)
def matched(reference: str, output: str) -> tuple[Pair, ...]:
    """Return the findings of an output paired with those of its reference."""
    asked, said = _asked(reference), _said(output)
    if said.conflicts and (own := _disputed(reference)):
        # What the reference itself seems to say both ways is not held against an output.
        kept = [index for index in said.conflicts if said.findings[index].concept.name not in own]
        said = output_side(said.findings, kept)
    return match(asked, said)


# Baselines say the same for every case, and the swap control asks for each reference some twenty times.
@lru_cache(maxsize=4_000)
def measured(reference: str, output: str) -> measures.Measures:
    """Return the numbers of that match."""
    return measures.measured(matched(reference, output), _asked(reference).key)


def reference_findings(reference: str) -> tuple[Finding, ...]:
    """Return the findings of a reference."""
    return _asked(reference).findings


# The swap control asks for one output against many references.
@lru_cache(maxsize=2)
def _said(output: str) -> OutputSide:
    findings = extraction.extract(output)
    return output_side(findings, conflicts(output, findings))


# Each is asked for some twenty times, by cases all over the benchmark: a smaller cache would be no use.
@lru_cache(maxsize=20_000)
def _asked(reference: str) -> ReferenceSide:
    return reference_side(extraction.extract(reference))


@lru_cache(maxsize=20_000)
def _disputed(reference: str) -> frozenset[str]:
    """Return the names of what a reference seems to say both ways."""
    findings = _asked(reference).findings
    return frozenset(findings[index].concept.name for index in conflicts(reference, findings))
