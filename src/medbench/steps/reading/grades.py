"""The grades of each rater of a run, output by output and summed by case."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from medbench.schema.verdict import GRADES, Verdict
from medbench.steps.reading.raters import raters_of
from medbench.steps.reading.verdict_book import RaterKey, counts
from medbench.store.jsonl import read_records
from medbench.store.runs import VERDICTS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

    from medbench.schema.verdict import Grade
    from medbench.steps.reading.raters import Raters
    from medbench.steps.reading.score_columns import ScoreTable
    from medbench.store.runs import RunFolder

    Array = NDArray[np.float64]

RULES = "rules"
"""The free rater: the findings scorer's grade of each output, which stands in the scores."""
RaterKind = Literal["rules", "judge", "panel", "reviewer"]


@dataclass(slots=True)
class Grades:
    """The grades of one rater of one run, each an array over the cases."""

    rater: str
    kind: RaterKind
    counts: dict[str, Array]
    """'good', 'partial', 'poor' and 'key_finding' to the number of graded outputs that are so."""
    graded: Array
    """Graded outputs."""
    key_graded: Array
    """Outputs of which the rater says whether they name the key finding."""
    failures: dict[int, str] = field(default_factory=dict)
    """Index of a case without any grade to the kind of failure, where one is recorded."""
    by_fallback: int = 0
    """Grades that the fallback gave."""
    older: int = 0
    """Grades of a text that an older parser found."""

    def share(self, name: str) -> Array:
        """Return the share of each case's graded outputs that are so; NaN where none is graded."""
        graded = self.key_graded if name == "key_finding" else self.graded
        return np.where(graded > 0, self.counts[name] / np.maximum(graded, 1), np.nan)

    def level(self) -> Array:
        """Return the mean grade of each case: poor 0, partial 1, good 2; NaN where none is graded."""
        return self.share("partial") + 2 * self.share("good")


class GradedOutput:
    """The gradings of one output by one rater."""

    def __init__(self, kind: RaterKind) -> None:
        self.kind = kind
        self.failure: str | None = None
        """Kind of the last failure to grade it."""
        self.by_fallback = False
        """True if the fallback gave one of the grades."""
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
        if verdict.judge_replicate in self._grades and not verdict.corrects:
            return  # the first verdict stands
        self._keys.pop(verdict.judge_replicate, None)
        self._grades[verdict.judge_replicate] = GRADES.index(verdict.grade)
        if verdict.key_finding is not None:
            self._keys[verdict.judge_replicate] = verdict.key_finding
        self.by_fallback |= verdict.by_fallback
        text = verdict.judged_text
        self.older |= bool(text and parser and text.parser != parser)


def graded_outputs(
    run: RunFolder, parser: str | None = None, raters: Raters | None = None
) -> dict[tuple[str, str, int], GradedOutput]:
    """Return the gradings of each output by each rater: (rater, case, replicate), the earliest first.

    The arguments are those of `grades_of`.
    """
    outputs: dict[tuple[str, str, int], GradedOutput] = {}
    raters = raters or raters_of([run])
    for verdict in read_records(run.path / VERDICTS, Verdict):
        if counts(verdict, raters.by_fallback):
            key = (raters.names[RaterKey.of(verdict)], verdict.case_id, verdict.replicate)
            outputs.setdefault(key, GradedOutput(verdict.rater_kind)).take(verdict, parser)
    return outputs


def grades_of(
    run: RunFolder, table: ScoreTable, parser: str | None = None, raters: Raters | None = None
) -> dict[str, Grades]:
    """Return the grades of a run by rater: those of its verdicts, and the rules' if its scores have them.

    Args:
        run: The run.
        table: Its scores.
        parser: Parser of today, to count the grades of an older text.
        raters: The raters of all systems that are compared; None for those of this run.
    """
    by_rater: dict[str, Grades] = {}
    if f"{RULES}.good" in table.sums:
        by_rater[RULES] = _by_rules(table)
    for (rater, case_id, _), output in graded_outputs(run, parser, raters).items():
        index = table.cases.index.get(case_id)
        if index is None:
            continue
        if rater not in by_rater:
            by_rater[rater] = _empty(rater, output.kind, len(table.cases))
        _add(by_rater[rater], output, index)
    for grades in by_rater.values():
        grades.failures = {index: kind for index, kind in grades.failures.items() if not grades.graded[index]}
    return by_rater


def _empty(rater: str, kind: RaterKind, cases: int) -> Grades:
    by_name = {name: np.zeros(cases) for name in (*GRADES, "key_finding")}
    return Grades(rater, kind, by_name, np.zeros(cases), np.zeros(cases))


def _add(grades: Grades, output: GradedOutput, index: int) -> None:
    if output.grade is None:
        grades.failures[index] = output.failure or "unknown"
        return
    grades.counts[output.grade][index] += 1
    grades.graded[index] += 1
    grades.by_fallback += output.by_fallback
    grades.older += output.older
    if output.key_finding is not None:
        grades.counts["key_finding"][index] += output.key_finding
        grades.key_graded[index] += 1


def _by_rules(table: ScoreTable) -> Grades:
    empty = np.zeros(len(table.cases))
    by_name = {name: table.sums.get(f"{RULES}.{name}", empty) for name in (*GRADES, "key_finding")}
    key_graded = table.counts.get(f"{RULES}.key_finding", empty)
    return Grades(RULES, "rules", by_name, table.counts[f"{RULES}.good"], key_graded)


def why_missing(table: ScoreTable, grades: Grades, indexes: Sequence[int]) -> dict[str, int]:
    """Return why cases have no grade, and how many.

    The reason is the failure of the output, that of the verdict, or that none was asked for.
    """
    return dict(Counter(_reasons(table, grades, indexes)).most_common())


def _reasons(table: ScoreTable, grades: Grades, indexes: Sequence[int]) -> Iterator[str]:
    for index in indexes:
        if not table.outputs[index]:
            yield f"no output: {table.failures.get(index, 'not run')}"
        else:
            yield f"no verdict: {grades.failures.get(index, 'not judged')}"
