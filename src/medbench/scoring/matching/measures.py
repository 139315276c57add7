"""The numbers that follow from a match: recall, precision, F1, significance, the key finding, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from medbench.scoring.matching.key import key_finding
from medbench.scoring.matching.pair import ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding, Presence
    from medbench.scoring.extraction.vocabulary import Tier
    from medbench.scoring.matching.pair import Pair

VERSION = 2
"""Raised with every change of a formula."""

WEIGHTS: dict[Tier, float] = {"urgent": 1.0, "actionable": 0.7, "minor": 0.35, "benign": 0.15}
"""Weight of a finding in recall, precision and F1."""
SIGNIFICANCE = {"urgent": 1.0, "actionable": 0.5, "minor": 0.25, "benign": 0.0}
"""Weight of a finding in the significance score."""
ABSENT = 0.05
"""Weight in recall and precision of a finding that the reference denies."""
PAST = 0.5
"""Share of its weight that a past finding keeps."""
_BY_PRESENCE: dict[Presence, dict[Tier, float]] = {
    "present": WEIGHTS,
    "uncertain": WEIGHTS,
    "past": {tier: PAST * counted for tier, counted in WEIGHTS.items()},
    "absent": dict.fromkeys(WEIGHTS, ABSENT),
}
_NO_COUNTS = dict.fromkeys(
    ("correct", "partial", "missed", "invented", "contradicted", *(f"error.{name}" for name in ERRORS)), 0
)
_POSITIVE = frozenset({"present", "uncertain"})


class Measures(NamedTuple):
    """The numbers of one output against its reference; None where there is nothing to measure."""

    recall: float | None
    precision: float | None
    f1: float | None
    significance: float | None
    key: bool | None
    counts: dict[str, int]
    """Outcome or 'error.<name>' to number of findings."""


def weight(finding: Finding) -> float:
    """Return the weight of a finding in recall, precision and F1."""
    return _BY_PRESENCE[finding.presence][finding.concept.tier]


def measured(pairs: Sequence[Pair]) -> Measures:
    """Return the numbers of a match."""
    wanted = gained = stated = right = 0.0
    counts = _NO_COUNTS.copy()
    for outcome, credit, reference, output, errors, _ in pairs:
        if reference is None:
            if output is None or output.presence == "absent":
                continue
            own = _BY_PRESENCE[output.presence][output.concept.tier]
            stated += own
            right += own * credit
        else:
            own = _BY_PRESENCE[reference.presence][reference.concept.tier]
            wanted += own
            gained += own * credit
            if output is not None:
                if output.presence != "absent" or outcome != "contradicted":
                    own = max(weight(output), own)
                    right += own * credit
                stated += own
            if reference.presence == "absent" and (output is None or output.presence == "absent"):
                continue
        counts[outcome] += 1
        for name in errors:
            counts[f"error.{name}"] += 1
    if not wanted:
        return Measures(None, None, None, None, None, counts)
    recall = gained / wanted
    precision = right / stated if stated else 0.0
    f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return Measures(recall, precision, f1, significance(pairs), key_hit(pairs), counts)


def significance(pairs: Sequence[Pair]) -> float:
    """Return credit less inventions, per weight of the reference: 1 is all right, 0 as good as 'normal'.

    With C the credited weight, E the weight of what is invented, G the weight of the reference's findings:
    (C - E) / G where that is not negative, else -x / (1 + x) with x = E - C. A reference without findings
    gives 1, less E / (1 + E). The idea is CRIMSON's (Baharoon et al. 2026).
    """
    wanted = credited = invented = 0.0
    for _, credit, reference, output, _, _ in pairs:
        if reference is not None and reference.presence in _POSITIVE:
            own = SIGNIFICANCE[reference.concept.tier]
            wanted += own
            credited += own * credit
        elif output is not None and output.presence in _POSITIVE:
            invented += SIGNIFICANCE[output.concept.tier]
    if not wanted:
        return 1 - 2 * invented / (1 + invented)
    net = credited - invented
    return net / wanted if net >= 0 else net / (1 - net)


def key_hit(pairs: Sequence[Pair]) -> bool | None:
    """True if the key finding is there, on its side; for a normal reference, if nothing grave is said."""
    key = key_finding([pair.reference for pair in pairs if pair.reference is not None])
    if key is None:
        return not any(
            pair.reference is None or pair.outcome == "contradicted"
            for pair in pairs
            if pair.output is not None
            and pair.output.presence in _POSITIVE
            and pair.output.concept.tier in {"urgent", "actionable"}
        )
    pair = next(pair for pair in pairs if pair.reference is key)
    return pair.credit >= 0.5 and "side" not in pair.errors
