"""Who grades: the grades of each rater of a run by case, and which rater stands first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.errors import InputError, UsageError
from medbench.registry import unknown
from medbench.schema.verdict import Verdict
from medbench.steps.reading.verdict_book import counts
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.verdict import Grade
    from medbench.steps.reading.score_columns import Sheet
    from medbench.steps.reading.verdict_book import RaterKey
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]

RULES = "rules"
"""The free rater: the findings scorer's grade of each output, found in the scores."""
GRADES: tuple[Grade, ...] = ("poor", "partial", "good")
RaterKind = Literal["rules", "judge", "panel", "reviewer"]
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


@dataclass(slots=True)
class Grades:
    """What one rater says of one run, summed over the repeats of each case."""

    rater: str
    kind: RaterKind
    shares: dict[str, Array]
    """'good', 'partial', 'poor' and 'key_finding' to how many graded outputs of each case are so."""
    graded: Array
    """Graded outputs of each case."""
    keyed: Array
    """Outputs of each case of which the rater says whether they name the key finding."""
    failures: dict[int, str] = field(default_factory=dict)
    """Place of a case without any grade to the kind of failure, where one is recorded."""
    by_fallback: int = 0
    """Grades that a stand-in gave."""
    older: int = 0
    """Grades of a text that an older parser found."""

    def share(self, name: str) -> Array:
        """The share of each case's graded outputs that are so; NaN where none is graded."""
        counts = self.keyed if name == "key_finding" else self.graded
        return np.where(counts > 0, self.shares[name] / np.maximum(counts, 1), np.nan)

    def level(self) -> Array:
        """Mean grade of each case: poor 0, partial 1, good 2; NaN where none is graded."""
        return self.share("partial") + 2 * self.share("good")


def grades_of(
    run: RunFolder,
    sheet: Sheet,
    parser: str | None = None,
    moved: Mapping[RaterKey, frozenset[str]] | None = None,
) -> dict[str, Grades]:
    """The grades of a run by rater: those of its verdicts, and the rules' where its scores have them.

    Of several gradings of one output by one rater (judge replicates) the median counts, the lower of two.

    Args:
        run: The run.
        sheet: Its scores.
        parser: Parser of today, to count the grades of an older text.
        moved: Rater to the cases that its fallback grades for all systems that are compared.
    """
    found: dict[str, Grades] = {}
    if f"{RULES}.good" in sheet.sums:
        found[RULES] = _by_rules(sheet)
    outputs: dict[tuple[str, int, int], _Output] = {}
    for verdict in read_records(run.path / VERDICTS, Verdict):
        place = sheet.cases.place.get(verdict.case_id)
        if place is not None and counts(verdict, moved or {}):
            key = (verdict.rater, place, verdict.replicate)
            outputs.setdefault(key, _Output(verdict.rater_kind)).take(verdict, parser)
    for (rater, place, _), output in outputs.items():  # the rater that graded first stands first
        if rater not in found:
            found[rater] = _empty(rater, output.kind, len(sheet.cases))
        output.enter(found[rater], place)
    for grades in found.values():
        grades.failures = {place: why for place, why in grades.failures.items() if not grades.graded[place]}
    return found


class _Output:
    """The gradings of one output by one rater."""

    def __init__(self, kind: RaterKind) -> None:
        self.kind = kind
        self._grades: dict[int, int] = {}
        self._keys: dict[int, bool] = {}
        self._failure: str | None = None
        self._fallback = self._older = False

    def take(self, verdict: Verdict, parser: str | None) -> None:
        if verdict.grade is None:
            self._failure = verdict.failure.kind if verdict.failure else "unknown"
            return
        if verdict.judge_replicate in self._grades:
            return  # the first verdict stands
        self._grades[verdict.judge_replicate] = GRADES.index(verdict.grade)
        if verdict.key_finding is not None:
            self._keys[verdict.judge_replicate] = verdict.key_finding
        # Fields that only judged runs have, not imported ones.
        self._fallback |= bool(getattr(verdict, "by_fallback", False))
        text = getattr(verdict, "judged_text", None)
        self._older |= bool(text and parser and getattr(text, "parser", parser) != parser)

    def enter(self, grades: Grades, place: int) -> None:
        if not self._grades:
            grades.failures[place] = self._failure or "unknown"
            return
        ordered = sorted(self._grades.values())
        grades.shares[GRADES[ordered[(len(ordered) - 1) // 2]]][place] += 1
        grades.graded[place] += 1
        grades.by_fallback += self._fallback
        grades.older += self._older
        if self._keys:
            grades.shares["key_finding"][place] += sum(self._keys.values()) * 2 > len(self._keys)
            grades.keyed[place] += 1


def _empty(rater: str, kind: RaterKind, cases: int) -> Grades:
    shares = {name: np.zeros(cases) for name in (*GRADES, "key_finding")}
    return Grades(rater, kind, shares, np.zeros(cases), np.zeros(cases))


def _by_rules(sheet: Sheet) -> Grades:
    cases = len(sheet.cases)
    empty = np.zeros(cases)
    shares = {name: sheet.sums.get(f"{RULES}.{name}", empty) for name in (*GRADES, "key_finding")}
    keyed = sheet.counts.get(f"{RULES}.key_finding", empty)
    return Grades(RULES, "rules", shares, sheet.counts[f"{RULES}.good"], keyed)


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


def why_missing(sheet: Sheet, grades: Grades, places: Sequence[int]) -> dict[str, int]:
    """Why cases have no grade: the failure of the output, that of the verdict, or that none was asked for."""
    return dict(Counter(_whys(sheet, grades, places)).most_common())


def _whys(sheet: Sheet, grades: Grades, places: Sequence[int]) -> Iterator[str]:
    for place in places:
        if not sheet.outputs[place]:
            yield f"no output: {sheet.failures.get(place, 'not run')}"
        else:
            yield f"no verdict: {grades.failures.get(place, 'not judged')}"
