"""A row for each output that a run was to make: its case, its text or failure, its numbers and grades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.errors import InputError, RecordError
from medbench.schema.score import Score
from medbench.schema.verdict import GRADES
from medbench.steps.reading.case_facts import each_case
from medbench.steps.reading.grades import RULES
from medbench.steps.reading.output_grades import OutputGrades, RowGrade
from medbench.steps.reading.selection import wanted_ids
from medbench.store.jsonl import read_with_offsets
from medbench.store.offsets import Offsets
from medbench.store.outputs import OutputIndex, output_key
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from medbench.schema.run import Output
    from medbench.steps.reading.raters import Raters
    from medbench.store.outputs import OutputKey
    from medbench.store.runs import RunFolder

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class OutputRow:
    """One case and replicate of a run."""

    case_id: str
    replicate: int
    strata: Mapping[str, str]
    """Region, modality, number of images, length of the reference."""
    output: Output | None
    """None where it was not run."""
    score: Score | None
    """None where there is no output."""
    grades: dict[str, RowGrade] = field(default_factory=dict)
    """Rater to its grade; raters that did not see this output are left out."""

    @property
    def failure(self) -> str | None:
        """The kind of failure; 'not run' where there is no output yet, None where there is a text."""
        if self.output is None:
            return NOT_RUN
        return self.output.failure.kind if self.output.failure else None


class OutputRows:
    """The rows of a run: one for each case and replicate that was asked for, in the order of the benchmark.

    Where the benchmark is gone, the rows are those of the scores. What was written stays on the disk.

    Args:
        run: A run whose scores are up to date.
        raters: The raters of all runs that are shown, from `raters_of`; None for those of this run.
    """

    def __init__(self, run: RunFolder, raters: Raters | None = None) -> None:
        self._run = run
        self._graded = OutputGrades(run, raters)
        self._scores: Offsets[OutputKey, Score] = Offsets(run.path / SCORES, Score)
        self._graded_by_rules = False
        self.metrics: dict[str, None] = {}
        """The metrics of its scores, in the order in which they first appear."""
        for offset, score in read_with_offsets(run.path / SCORES, Score):
            self._scores[output_key(score.case_id, score.replicate)] = offset
            self.metrics |= dict.fromkeys(score.scores)
            self._graded_by_rules = self._graded_by_rules or _by_rules(score) is not None

    def __iter__(self) -> Iterator[OutputRow]:
        outputs = OutputIndex(self._run.path)
        with self._scores as scores:
            for case_id, replicate, strata in _wanted(self._run, scores):
                score = scores.get(output_key(case_id, replicate))
                grades = self._grades(case_id, replicate, score)
                yield OutputRow(case_id, replicate, strata, outputs.get(case_id, replicate), score, grades)

    def raters(self) -> list[str]:
        """Return the raters that graded a row, in the order in which rows have them."""
        found: dict[str, None] = {}
        most = len(self._graded.raters) + self._graded_by_rules
        with self._scores as scores:
            for case_id, replicate, _ in _wanted(self._run, scores):
                if len(found) == most:
                    break
                score = scores.get(output_key(case_id, replicate))
                found |= dict.fromkeys(self._grades(case_id, replicate, score))
        return list(found)

    def _grades(self, case_id: str, replicate: int, score: Score | None) -> dict[str, RowGrade]:
        by_rules = _by_rules(score) if score else None
        return ({RULES: by_rules} if by_rules else {}) | self._graded.of(case_id, replicate)


def _by_rules(score: Score) -> RowGrade | None:
    grade = next((grade for grade in GRADES if score.scores.get(f"{RULES}.{grade}") == 1), None)
    key = score.scores.get(f"{RULES}.key_finding")
    return RowGrade(grade, None if key is None else bool(key)) if grade else None


def _wanted(
    run: RunFolder, scores: Offsets[OutputKey, Score]
) -> Iterator[tuple[str, int, Mapping[str, str]]]:
    try:
        benchmark = run.benchmark()
        strata = {facts.case_id: facts.strata for facts in each_case(benchmark)}
    except RecordError:
        raise
    except InputError:
        by_case: dict[str, list[OutputKey]] = {}
        for key in scores:
            by_case.setdefault(key if isinstance(key, str) else key[0], []).append(key)
        found = (scores.get(key) for keys in by_case.values() for key in keys)
        yield from ((score.case_id, score.replicate, score.strata) for score in found if score)
        return
    for case_id, replicates in wanted_ids(benchmark, run.goals(), strata):
        yield from ((case_id, number, strata[case_id]) for number in range(replicates))
