"""The numbers that follow from a match: recall, precision, F1, significance, the key finding, counts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.scoring.matching.compare import NEIGHBOUR
from medbench.scoring.matching.pair import ERRORS, OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.extraction.observed import Finding, Presence
    from medbench.scoring.extraction.vocabulary.entries import Tier
    from medbench.scoring.matching.pair import Pair

VERSION = 18
"""Raised with every change of a formula."""

WEIGHTS: Final[dict[Tier, float]] = {"urgent": 1.0, "actionable": 0.7, "minor": 0.35, "benign": 0.1}
"""Weight of a finding in recall, precision and F1."""
SIGNIFICANCE: Final = {"urgent": 1.0, "actionable": 0.5, "minor": 0.25, "benign": 0.0}
"""Weight of a finding in the significance score."""
ABSENT: Final = 0.07
"""Weight in recall and precision of what the reference denies: a tenth of an actionable finding's."""
PAST: Final = 0.5
"""Share of its weight that a past finding keeps."""
_BY_PRESENCE: Final[dict[Presence, dict[Tier, float]]] = {
    "present": WEIGHTS,
    "uncertain": WEIGHTS,
    "past": {tier: PAST * counted for tier, counted in WEIGHTS.items()},
    "absent": dict.fromkeys(WEIGHTS, ABSENT),
}
UNVERIFIABLE: Final = 0.25
"""Share of its weight that counts against a finding which the reference neither has nor speaks against."""
KEY: Final = 1.5
"""Times its weight that the key finding of the reference counts."""
LISTED: Final = 0.1
"""Precision below which the key finding is only one of a list of everything, and not named."""
_NO_COUNTS: Final = dict.fromkeys((*OUTCOMES, *(f"error.{name}" for name in ERRORS)), 0)
_POSITIVE: Final = frozenset({"present", "uncertain"})


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


def _key_weight(key: Finding) -> float:
    """Return the weight of the key finding: a benign tumor that the case is about weighs as any other."""
    least = WEIGHTS["actionable"] if key.concept.nature else 0.0
    return KEY * max(weight(key), least)


def measured(pairs: Sequence[Pair], key: Finding | None) -> Measures:
    """Return the numbers of a match.

    Args:
        pairs: Those of the match.
        key: The key finding of its reference.
    """
    wanted = gained = stated = right = 0.0
    counts = _NO_COUNTS.copy()
    for outcome, credit, reference, output, errors, because in pairs:
        if reference is None:
            assert output is not None
            if output.presence == "absent":
                continue  # What the output denies and the reference does not mention weighs nothing.
            own = weight(output)
            stated += own * UNVERIFIABLE if outcome == "unverifiable" else own
        else:
            own = _key_weight(reference) if reference is key else weight(reference)
            wanted += own
            gained += own * credit
            if output is not None:
                if output.presence != "absent" or outcome != "contradicted":
                    own = max(weight(output), own)
                    right += own * credit
                stated += own
            elif because is not None and outcome == "correct":
                stated += own
                right += own
            if reference.presence == "absent" and (output is None or output.presence == "absent"):
                continue
        counts[outcome] += 1
        for name in errors:
            counts[f"error.{name}"] += 1
    if not wanted:
        return Measures(None, None, None, None, None, counts)
    agrees = any(map(_agrees, pairs))
    # Silence is credited beside statements, and never by itself.
    recall = gained / wanted if agrees else 0.0
    precision = right / stated if stated else 0.0
    f1 = 2 * recall * precision / (recall + precision) if recall + precision else 0.0
    named = precision >= LISTED and _key_hit(key, pairs, agrees=agrees)
    return Measures(recall, precision, f1, _significance(pairs, agrees=agrees), named, counts)


def _significance(pairs: Sequence[Pair], *, agrees: bool) -> float:
    """Return what is right less what is missed and invented, by its weight to the patient: from -1 to 1.

    With C the credited weight of the reference's findings, M the rest of it, E the weight of what is invented
    and a share of what is unverifiable: (C - M - E) / (C + M + E). Where the reference finds nothing, C is 1
    if the output agrees with any of it, else M is. The idea is CRIMSON's (Baharoon et al. 2026).
    """
    wanted = credited = invented = 0.0
    for outcome, credit, reference, output, _, _ in pairs:
        if reference is not None and reference.presence in _POSITIVE:
            own = SIGNIFICANCE[reference.concept.tier]
            wanted += own
            credited += own * credit
        elif output is not None and output.presence in _POSITIVE:
            own = SIGNIFICANCE[output.concept.tier]
            invented += own * UNVERIFIABLE if outcome == "unverifiable" else own
    if not wanted:
        wanted, credited = 1.0, float(agrees)
    return (2 * credited - wanted - invented) / (wanted + invented)


def _agrees(pair: Pair) -> bool:
    """True if the output says what the reference says, rather than nothing of it."""
    return pair.credit > 0 and pair.reference is not None and (pair.output or pair.because) is not None


def _key_hit(key: Finding | None, pairs: Sequence[Pair], *, agrees: bool) -> bool:
    """True if the key finding is there, on its side; without one, if the output says so and nothing grave."""
    if key is None:
        return agrees and not any(
            pair.reference is None or pair.outcome == "contradicted"
            for pair in pairs
            if pair.output is not None
            and pair.output.presence in _POSITIVE
            and pair.output.concept.tier in {"urgent", "actionable"}
        )
    pair = next(pair for pair in pairs if pair.reference is key)
    # More than another diagnosis of its kind would earn.
    return pair.credit > NEIGHBOUR and "side" not in pair.errors
