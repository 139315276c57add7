"""A row for each output that a run was to make: its case, its text or failure, its numbers and grades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.errors import InputError, RecordError
from medbench.schema.score import Score
from medbench.schema.verdict import GRADES
from medbench.steps.reading.case_facts import case_facts
from medbench.steps.reading.grades import RULES, graded_outputs
from medbench.steps.reading.selection import wanted_ids
from medbench.store.jsonl import read_records
from medbench.store.outputs import outputs_that_count
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from medbench.schema.run import Output
    from medbench.schema.verdict import Grade
    from medbench.steps.reading.raters import Raters
    from medbench.store.runs import RunFolder

NOT_RUN = "not run"


@dataclass(frozen=True, slots=True)
class RowGrade:
    """The grade that one rater gives to an output; None where it gave none."""

    grade: Grade | None
    key_finding: bool | None


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


def output_rows(run: RunFolder, raters: Raters | None = None) -> Iterator[OutputRow]:
    """Yield a row for each case and replicate that was asked for, in the order of the benchmark.

    Where the benchmark is gone, the rows are those of the scores.

    Args:
        run: A run whose scores are up to date.
        raters: The raters of all runs that are shown, from `raters_of`; None for those of this run.
    """
    outputs = {(output.case_id, output.replicate): output for output in outputs_that_count(run)}
    scores = {(score.case_id, score.replicate): score for score in read_records(run.path / SCORES, Score)}
    grades: dict[tuple[str, int], dict[str, RowGrade]] = {
        key: {RULES: grade} for key, score in scores.items() if (grade := _by_rules(score))
    }
    for (rater, case_id, replicate), graded in graded_outputs(run, raters=raters).items():
        row = grades.setdefault((case_id, replicate), {})
        row[rater] = RowGrade(graded.grade, graded.key_finding)
    for case_id, replicate, strata in _wanted(run, scores):
        key = (case_id, replicate)
        yield OutputRow(case_id, replicate, strata, outputs.get(key), scores.get(key), grades.get(key, {}))


def _by_rules(score: Score) -> RowGrade | None:
    grade = next((grade for grade in GRADES if score.scores.get(f"{RULES}.{grade}") == 1), None)
    key = score.scores.get(f"{RULES}.key_finding")
    return RowGrade(grade, None if key is None else bool(key)) if grade else None


def _wanted(
    run: RunFolder, scores: Mapping[tuple[str, int], Score]
) -> Iterator[tuple[str, int, Mapping[str, str]]]:
    try:
        benchmark = run.benchmark()
        facts = case_facts(benchmark)
    except RecordError:
        raise
    except InputError:
        yield from ((case_id, n, score.strata) for (case_id, n), score in scores.items())
        return
    for case_id, replicates in wanted_ids(benchmark, run.goals(), facts):
        yield from ((case_id, number, facts[case_id].strata) for number in range(replicates))
