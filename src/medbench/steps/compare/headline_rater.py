"""Which rater of several decides a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    Array = NDArray[np.float64]
from medbench.steps.reading.grades import RULES, Grades, RaterKind

KINDS: tuple[RaterKind, ...] = ("panel", "judge", "rules", "reviewer")
"""In the order in which they stand first."""


@dataclass(frozen=True, slots=True)
class RaterChoice:
    """Which rater was asked for."""

    judge: str | None = None
    """Its name; None for the one judge, else the rules."""
    offline: bool = False
    """Whether only the rules count."""
    force: bool = False
    """Whether systems may be compared that different raters graded."""
    take_first: bool = False
    """Whether of several judges the first to grade counts: that of a report made elsewhere."""


def headline_rater(graded: Mapping[str, Mapping[str, Grades]], choice: RaterChoice) -> dict[str, str]:
    """Which rater's grades count for each system: one for all, unless forced.

    Named, it is that one. Else the panel or the model judge that all systems have, else the rules; people
    alone only where nobody else graded.

    Args:
        graded: System to rater to grades, without the floors.
        choice: What was asked for.

    Returns:
        System to rater; empty where nothing is graded.

    Raises:
        UsageError: No such rater, or several judges and none is named.
        InputError: The systems have no rater in common.
    """
    # A run without any output has nobody's grades, and stands in nobody's way.
    everywhere = [grades for grades in graded.values() if grades]
    kinds = {rater: grades[rater].kind for grades in everywhere for rater in grades}
    if choice.judge is not None and choice.judge not in kinds:
        raise unknown("rater of these runs", choice.judge, [*kinds] or ["none"], option="--judge ")
    names = [rater for rater in kinds if rater == RULES or not choice.offline]
    if choice.judge is not None:
        names = [choice.judge]
    for kind in KINDS:
        shared = [
            rater for rater in names if kinds[rater] == kind and all(rater in grades for grades in everywhere)
        ]
        if len(shared) > 1 and not choice.take_first:
            raise UsageError(
                f"{len(shared)} raters graded these runs: {', '.join(shared)}.",
                f"--judge {shared[0]}",
            )
        if shared:
            return {system: shared[0] for system, grades in graded.items() if grades}
        if kind == "judge" and all(_has_judge(grades, names) for grades in everywhere):
            break  # every system has a judge, and none is the others': the rules are no way around that
    return _each_its_own(graded, set(names), force=choice.force) if names else {}


def _has_judge(grades: Mapping[str, Grades], names: Sequence[str]) -> bool:
    return any(grades[name].kind in {"panel", "judge"} for name in names if name in grades)


def _each_its_own(
    graded: Mapping[str, Mapping[str, Grades]], names: set[str], *, force: bool
) -> dict[str, str]:
    own = {
        system: [
            rater for kind in KINDS for rater in sorted(names & of_run.keys()) if of_run[rater].kind == kind
        ]
        for system, of_run in graded.items()
    }
    if not force:
        said = "; ".join(f"{system}: {', '.join(raters) or 'nobody'}" for system, raters in own.items())
        raise InputError(
            f"these runs were graded by different raters ({said}): their grades cannot be compared.",
            "judge the others alike, or --offline for the metrics alone; --force compares them all the same",
        )
    return {system: raters[0] for system, raters in own.items() if raters}


def reviewed(grades: Mapping[str, Grades]) -> Grades | None:
    """The one reviewer's grades of a run, where there is exactly one."""
    people = [one for one in grades.values() if one.kind == "reviewer"]
    return people[0] if len(people) == 1 else None
