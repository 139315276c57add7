"""The grade that follows from matches, so that the two cannot contradict each other, or from grades."""

from __future__ import annotations

from collections import Counter
from statistics import median_low
from typing import TYPE_CHECKING

from medbench.schema.verdict import GRADES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.verdict import Grade, Match

CREDIT = {"matched": 1.0, "incomplete": 0.5, "wrong_size": 0.5}
"""How much a finding of the reference counts that is reported on the right side and at the right site."""
WRONG = frozenset({"wrong_size", "wrong_side", "wrong_site", "negated"})
ENOUGH = 0.5
"""Share of the findings that separates poor from partial, and that good needs."""


def grade_from(matches: Sequence[Match]) -> tuple[Grade, bool]:
    """Return the grade, and whether the key finding was identified.

    Good: the key finding is matched, at least half of the present findings are, nothing is wrong and nothing
    serious is invented. Poor: the key finding is not identified, and fewer than half of the present findings
    are. Partial: everything between. What the reference says is absent counts only where the text says the
    opposite, so that a text that denies everything earns nothing; where all is absent, all of it counts.
    """
    listed = [match for match in matches if match.reference is not None]
    counted = [match for match in listed if match.present] or listed
    share = sum(CREDIT.get(match.outcome, 0.0) for match in counted) / len(counted) if counted else 0.0
    keys = [match for match in listed if match.key]
    identified = bool(keys) and all(match.outcome in CREDIT for match in keys)
    whole = bool(keys) and all(match.outcome == "matched" for match in keys)
    wrong = any(match.outcome in WRONG for match in listed)
    serious = any(match.outcome == "invented_serious" for match in matches)
    if whole and share >= ENOUGH and not wrong and not serious:
        return "good", True
    if not identified and share < ENOUGH:
        return "poor", False
    return "partial", identified


def majority(grades: Sequence[Grade]) -> Grade:
    """Return the grade that more than half give; where none has so many, the median, the lower of two."""
    grade, n = Counter(grades).most_common(1)[0]
    if 2 * n > len(grades):
        return grade
    return GRADES[median_low(GRADES.index(grade) for grade in grades)]


def steps_between(grades: Sequence[Grade]) -> int:
    """Return the steps from the lowest to the highest grade: 0, 1 or 2."""
    places = [GRADES.index(grade) for grade in grades]
    return max(places) - min(places)
