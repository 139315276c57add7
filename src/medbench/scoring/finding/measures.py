"""The numbers that follow from a match: recall, precision, F1, significance, the key finding, counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.scoring.finding.match import ERRORS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.finding.match import Pair
    from medbench.scoring.finding.observed import Finding

VERSION = 1
"""Raised with every change of a formula."""

WEIGHTS = {"urgent": 1.0, "actionable": 0.7, "minor": 0.35, "benign": 0.15}
"""What a finding counts in recall, precision and F1."""
SIGNIFICANCE = {"urgent": 1.0, "actionable": 0.5, "minor": 0.25, "benign": 0.0}
"""What a finding counts in the significance score."""
ABSENT = 0.1
"""What a finding that the reference denies counts in recall and precision."""
_POSITIVE = frozenset({"present", "uncertain"})


@dataclass(frozen=True, slots=True)
class Measures:
    """The numbers of one output against its reference; None where there is nothing to measure."""

    recall: float | None
    precision: float | None
    f1: float | None
    significance: float | None
    key: bool | None
    counts: dict[str, int]
    """Outcome or 'error.<name>' to number of findings."""


def weight(finding: Finding) -> float:
    """What a finding counts."""
    if finding.presence == "absent":
        return ABSENT
    return WEIGHTS[finding.concept.tier] * (0.5 if finding.presence == "past" else 1.0)


def key_finding(reference: Sequence[Finding]) -> Finding | None:
    """The finding that matters most: of the gravest tier the first that is sure; None where all is normal."""
    positive = [finding for finding in reference if finding.presence in _POSITIVE]
    if not positive:
        return None
    return max(positive, key=lambda finding: (SIGNIFICANCE[finding.concept.tier], finding.presence == "present"))


def measured(pairs: Sequence[Pair]) -> Measures:
    """The numbers of a match."""
    asked = gained = said = right = 0.0
    counts = dict.fromkeys(("correct", "partial", "missed", "invented", "contradicted"), 0)
    counts.update((f"error.{name}", 0) for name in ERRORS)
    for pair in pairs:
        reference, output = pair.reference, pair.output
        if reference is not None:
            asked += weight(reference)
            gained += weight(reference) * pair.credit
        if output is not None and (output.presence != "absent" or (reference is not None and pair.outcome != "contradicted")):
            grave = weight(output) if reference is None else max(weight(output), weight(reference))
            said += grave
            right += grave * pair.credit
        elif output is not None and reference is not None:
            said += weight(reference)
        trivial = (reference is None or reference.presence == "absent") and (
            output is None or output.presence == "absent"
        )
        if not trivial:
            counts[pair.outcome] += 1
            for name in pair.errors:
                counts[f"error.{name}"] += 1
    if not asked:
        return Measures(None, None, None, None, None, counts)
    recall = gained / asked
    precision = right / said if said else 0.0
    f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    return Measures(recall, precision, f1, significance(pairs), key_hit(pairs), counts)


def significance(pairs: Sequence[Pair]) -> float:
    """Credit less inventions, per weight of the reference: 1 is all right, 0 as good as 'normal', above -1.

    With C the credited weight, E the weight of what is invented, G the weight of the reference's findings:
    (C - E) / G where that is not negative, else -x / (1 + x) with x = E - C. A reference without findings
    gives 1, less E / (1 + E). The idea is CRIMSON's (Baharoon et al. 2026).
    """
    wanted = credited = invented = 0.0
    for pair in pairs:
        if pair.reference is not None and pair.reference.presence in _POSITIVE:
            own = SIGNIFICANCE[pair.reference.concept.tier]
            wanted += own
            credited += own * pair.credit
        elif pair.output is not None and pair.output.presence in _POSITIVE:
            invented += SIGNIFICANCE[pair.output.concept.tier]
    if not wanted:
        return 1 - 2 * invented / (1 + invented)
    net = credited - invented
    return net / wanted if net >= 0 else net / (1 - net)


def key_hit(pairs: Sequence[Pair]) -> bool | None:
    """Whether the key finding is there, on its side and not contradicted; of a normal reference, nothing grave."""
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
