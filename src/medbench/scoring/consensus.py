"""Several texts of the same images, and the sentences whose findings most of them have."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.match import match
from medbench.scoring.matching.sides import output_side, reference_side
from medbench.scoring.parsing.text import parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

_POSITIVE = frozenset({"present", "uncertain"})
_SAME = 0.5
"""Credit from which two findings of two texts count as one."""


class Consensus(NamedTuple):
    """Findings that most texts state."""

    text: str
    """Their sentences, one a line."""
    shares: dict[str, float]
    """Finding to the share of the texts that have it, for the positive ones that most have."""


class _Reading(NamedTuple):
    """A text and its findings."""

    text: str
    findings: tuple[Finding, ...]


def consensus(texts: Sequence[str]) -> Consensus:
    """Return the sentences whose findings more than half of the texts have.

    The text that the others agree with most goes first; from the others come the sentences of what it lacks.
    A finding counts once, however many sentences have it.
    """
    readings = [_reading(text) for text in texts]
    votes = [[_votes(finding, readings) for finding in reading.findings] for reading in readings]
    order = sorted(range(len(readings)), key=lambda index: -sum(votes[index]) / max(len(votes[index]), 1))
    kept: list[Finding] = []
    lines: list[str] = []
    shares: dict[str, float] = {}
    for index in order:
        reading = readings[index]
        for finding, agree in zip(reading.findings, votes[index], strict=True):
            if 2 * agree <= len(texts) or _among(finding, kept):
                continue
            kept.append(finding)
            start, end = finding.span
            sentence = " ".join(reading.text[start:end].split())
            if sentence not in lines:
                lines.append(sentence)
            if finding.presence in _POSITIVE:
                shares.setdefault(finding.concept.name, round(agree / len(texts), 3))
    if not lines:
        # Nothing is agreed on: the text that comes nearest to it, as it is.
        lines = [readings[order[0]].text]
    return Consensus("\n".join(lines), shares)


def _reading(text: str) -> _Reading:
    said = parse(text).findings
    return _Reading(said, extract(said))


def _votes(finding: Finding, readings: Sequence[_Reading]) -> int:
    """Return how many texts have a finding, its own included."""
    return sum(_among(finding, reading.findings) for reading in readings)


def _among(finding: Finding, others: Sequence[Finding]) -> bool:
    return any(
        pair.credit >= _SAME and pair.reference is not None and pair.output is not None
        for pair in match(reference_side([finding]), output_side(others))
    )
