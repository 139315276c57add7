"""The rater of several that decides a comparison."""

from __future__ import annotations

import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.errors import InputError, UsageError
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from medbench.steps.reading.grades import Grades, RaterKind

    ByRater = Mapping[str, Grades]

KINDS: tuple[RaterKind, ...] = ("panel", "judge", "rules", "reviewer")
"""Kinds of raters, the one that decides first where several graded."""


@dataclass(frozen=True, slots=True)
class RaterChoice:
    """The choice of the rater that decides."""

    judge: str | None = None
    """Name of the rater; None for the one judge."""
    offline: bool = False
    """True if no rater counts that is not named."""
    force: bool = False
    """True if systems may be compared that different raters graded."""
    take_first: bool = False
    """True if the first of several judges to grade counts: that of a report made elsewhere."""


def headline_rater(graded: Mapping[str, ByRater], choice: RaterChoice) -> dict[str, str]:
    """Return the rater whose grades count, by system: one for all of them, unless forced.

    It is the one that is named; else the panel or the model judge that all systems have. The rules, which do
    not agree with judges enough, and people, who grade samples, decide only where they are named.

    Returns:
        System to rater; empty where no rater counts.

    Raises:
        UsageError: There is no such rater, or several judges and none is named.
        InputError: Each system has a judge, and they have none in common.
    """
    # A run without any output has no grades, and stands in no rater's way.
    everywhere = [by_rater for by_rater in graded.values() if by_rater]
    kinds = {rater: grades.kind for by_rater in everywhere for rater, grades in by_rater.items()}
    if choice.judge is not None and choice.judge not in kinds:
        if alike := [rater for rater in kinds if rater.startswith(f"{choice.judge} (")]:
            raise UsageError(
                f"{len(alike)} raters are called '{choice.judge}', changed between: {', '.join(alike)}.",
                f"--judge {shlex.quote(alike[-1])}",
            )
        raise unknown("rater of these runs", choice.judge, [*kinds] or ["none"], option="--judge ")
    names = [rater for rater, kind in kinds.items() if kind in {"panel", "judge"} and not choice.offline]
    if choice.judge is not None:
        names = [choice.judge]
    for kind in KINDS:
        shared = [
            name for name in names if kinds[name] == kind and all(name in by_rater for by_rater in everywhere)
        ]
        if len(shared) > 1 and not choice.take_first:
            raise UsageError(
                f"{len(shared)} raters graded these runs: {', '.join(shared)}.",
                f"--judge {shlex.quote(shared[0])}",
            )
        if shared:
            return {system: shared[0] for system, by_rater in graded.items() if by_rater}
    graded_apart = bool(names) and all(by_rater.keys() & set(names) for by_rater in everywhere)
    if choice.judge is None and not graded_apart:
        return {}
    return _by_system(graded, names, force=choice.force)


def _by_system(graded: Mapping[str, ByRater], names: Collection[str], *, force: bool) -> dict[str, str]:
    """Return the first rater of each system, where different ones may be compared."""
    raters = {
        system: [
            name
            for kind in KINDS
            for name in sorted(by_rater.keys() & set(names))
            if by_rater[name].kind == kind
        ]
        for system, by_rater in graded.items()
    }
    if not force:
        listed = "; ".join(f"{system}: {', '.join(own) or 'nobody'}" for system, own in raters.items())
        raise InputError(
            f"these runs were graded by different raters ({listed}): their grades cannot be compared.",
            "judge the others alike, or --offline for the metrics alone; --force compares them all the same",
        )
    return {system: own[0] for system, own in raters.items() if own}


def reviewed(by_rater: ByRater) -> Grades | None:
    """Return the grades of the one reviewer of a run; None where there is not exactly one."""
    people = [grades for grades in by_rater.values() if grades.kind == "reviewer"]
    return people[0] if len(people) == 1 else None
