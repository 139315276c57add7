"""Who grades: the grades of each rater of a run by case, and which rater stands first."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.schema.verdict import Verdict
from medbench.steps.reading.verdict_book import counts
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from medbench.schema.verdict import Grade
    from medbench.steps.reading.score_columns import ScoreTable
    from medbench.steps.reading.verdict_book import RaterKey
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]

RULES = "rules"
"""The free rater: the findings scorer's grade of each output, found in the scores."""
GRADES: tuple[Grade, ...] = ("poor", "partial", "good")
RaterKind = Literal["rules", "judge", "panel", "reviewer"]


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
    sheet: ScoreTable,
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


def _by_rules(sheet: ScoreTable) -> Grades:
    cases = len(sheet.cases)
    empty = np.zeros(cases)
    shares = {name: sheet.sums.get(f"{RULES}.{name}", empty) for name in (*GRADES, "key_finding")}
    keyed = sheet.counts.get(f"{RULES}.key_finding", empty)
    return Grades(RULES, "rules", shares, sheet.counts[f"{RULES}.good"], keyed)


def why_missing(sheet: ScoreTable, grades: Grades, places: Sequence[int]) -> dict[str, int]:
    """Why cases have no grade: the failure of the output, that of the verdict, or that none was asked for."""
    return dict(Counter(_whys(sheet, grades, places)).most_common())


def _whys(sheet: ScoreTable, grades: Grades, places: Sequence[int]) -> Iterator[str]:
    for place in places:
        if not sheet.outputs[place]:
            yield f"no output: {sheet.failures.get(place, 'not run')}"
        else:
            yield f"no verdict: {grades.failures.get(place, 'not judged')}"
