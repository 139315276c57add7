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
    by_rater: dict[str, Grades] = {}
    if f"{RULES}.good" in sheet.sums:
        by_rater[RULES] = _by_rules(sheet)
    for (rater, case_id, _), output in graded_outputs(run, parser, moved).items():
        place = sheet.cases.place.get(case_id)
        if place is None:
            continue
        if rater not in by_rater:
            by_rater[rater] = _empty(rater, output.kind, len(sheet.cases))
        _enter(output, by_rater[rater], place)
    for grades in by_rater.values():
        grades.failures = {place: why for place, why in grades.failures.items() if not grades.graded[place]}
    return by_rater


def graded_outputs(
    run: RunFolder,
    parser: str | None = None,
    moved: Mapping[RaterKey, frozenset[str]] | None = None,
) -> dict[tuple[str, str, int], GradedOutput]:
    """Return the gradings of each output by each rater: (rater, case, replicate), the earliest first.

    The arguments are those of `grades_of`.
    """
    outputs: dict[tuple[str, str, int], GradedOutput] = {}
    for verdict in read_records(run.path / VERDICTS, Verdict):
        if counts(verdict, moved or {}):
            key = (verdict.rater, verdict.case_id, verdict.replicate)
            outputs.setdefault(key, GradedOutput(verdict.rater_kind)).take(verdict, parser)
    return outputs


class GradedOutput:
    """The gradings of one output by one rater."""

    def __init__(self, kind: RaterKind) -> None:
        self.kind = kind
        self.failure: str | None = None
        """Kind of the last failure to grade it."""
        self.by_fallback = False
        """True if a stand-in gave one of the grades."""
        self.older = False
        """True if one of the grades is of a text that an older parser found."""
        self._grades: dict[int, int] = {}
        self._keys: dict[int, bool] = {}

    @property
    def grade(self) -> Grade | None:
        """The median of the grades, the lower of two; None without any."""
        ordered = sorted(self._grades.values())
        return GRADES[ordered[(len(ordered) - 1) // 2]] if ordered else None

    @property
    def key_finding(self) -> bool | None:
        """True if more than half of the gradings say that the key finding is named; None if none says."""
        return sum(self._keys.values()) * 2 > len(self._keys) if self._keys else None

    def take(self, verdict: Verdict, parser: str | None) -> None:
        """Add a verdict; `parser` is that of today."""
        if verdict.grade is None:
            self.failure = verdict.failure.kind if verdict.failure else "unknown"
            return
        if verdict.judge_replicate in self._grades:
            return  # the first verdict stands
        self._grades[verdict.judge_replicate] = GRADES.index(verdict.grade)
        if verdict.key_finding is not None:
            self._keys[verdict.judge_replicate] = verdict.key_finding
        self.by_fallback |= verdict.by_fallback
        text = verdict.judged_text
        self.older |= bool(text and parser and text.parser != parser)


def _enter(output: GradedOutput, grades: Grades, place: int) -> None:
    if output.grade is None:
        grades.failures[place] = output.failure or "unknown"
        return
    grades.shares[output.grade][place] += 1
    grades.graded[place] += 1
    grades.by_fallback += output.by_fallback
    grades.older += output.older
    if output.key_finding is not None:
        grades.shares["key_finding"][place] += output.key_finding
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
