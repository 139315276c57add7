"""The key finding of a reference: the one that a reader would name first."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding

_URGENCY = {"urgent": 1.0, "actionable": 0.5, "minor": 0.25, "benign": 0.0}
_POSITIVE = frozenset({"present", "uncertain"})


def key_finding(reference: Sequence[Finding]) -> Finding | None:
    """Return the finding of the gravest tier, a sure one first; None where all is normal."""
    positive = [finding for finding in reference if finding.presence in _POSITIVE]
    return max(positive, key=_rank) if positive else None


def _rank(finding: Finding) -> tuple[float, bool]:
    return _URGENCY[finding.concept.tier], finding.presence == "present"
