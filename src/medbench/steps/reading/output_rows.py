"""A row for each output that a run was to make: its case, its text or failure, its numbers and grades."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Self

from medbench.errors import InputError, RecordError
from medbench.schema.score import Score
from medbench.schema.verdict import GRADES
from medbench.steps.reading.case_facts import each_case
from medbench.steps.reading.grades import RULES
from medbench.steps.reading.output_grades import OutputGrades, RowGrade
from medbench.steps.reading.selection import wanted_ids
from medbench.store.jsonl import read_with_offsets
from medbench.store.outputs import OutputIndex
from medbench.store.runs import SCORES

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from medbench.schema.run import Output
    from medbench.steps.reading.raters import Raters
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


def output_rows(run: RunFolder, raters: Raters | None = None) -> Iterator[OutputRow]:
    """Yield a row for each case and replicate that was asked for, in the order of the benchmark.

    Where the benchmark is gone, the rows are those of the scores.

    Args:
        run: A run whose scores are up to date.
        raters: The raters of all runs that are shown, from `raters_of`; None for those of this run.
    """
    outputs, scores = OutputIndex(run.path), _StoredScores(run.path / SCORES)
    graded = OutputGrades(run, raters)
    with scores:
        for case_id, replicate, strata in _wanted(run, scores):
            score = scores.get(case_id, replicate)
            by_rules = _by_rules(score) if score else None
            grades = {RULES: by_rules} if by_rules else {}
            grades |= graded.of(case_id, replicate)
            yield OutputRow(case_id, replicate, strata, outputs.get(case_id, replicate), score, grades)


class _StoredScores:
    """The scores of a run by case and replicate; they stay on the disk."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._offsets: dict[str, dict[int, int]] = {}
        for offset, score in read_with_offsets(path, Score):
            self._offsets.setdefault(score.case_id, {})[score.replicate] = offset
        self._file: IO[bytes] | None = None

    def get(self, case_id: str, replicate: int) -> Score | None:
        """Read the score of an output; None where there is none."""
        offset = self._offsets.get(case_id, {}).get(replicate)
        if offset is None:
            return None
        self._file = self._file or self._path.open("rb")
        self._file.seek(offset)
        return Score.from_line(self._file.readline(), f"{self._path}, byte {offset},")

    def __iter__(self) -> Iterator[Score]:
        keys = [(case_id, replicate) for case_id, offsets in self._offsets.items() for replicate in offsets]
        return (score for key in keys if (score := self.get(*key)))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()


def _by_rules(score: Score) -> RowGrade | None:
    grade = next((grade for grade in GRADES if score.scores.get(f"{RULES}.{grade}") == 1), None)
    key = score.scores.get(f"{RULES}.key_finding")
    return RowGrade(grade, None if key is None else bool(key)) if grade else None


def _wanted(run: RunFolder, scores: _StoredScores) -> Iterator[tuple[str, int, Mapping[str, str]]]:
    try:
        benchmark = run.benchmark()
        strata = {case_id: facts.strata for case_id, facts in each_case(benchmark)}
    except RecordError:
        raise
    except InputError:
        yield from ((score.case_id, score.replicate, score.strata) for score in scores)
        return
    for case_id, replicates in wanted_ids(benchmark, run.goals(), strata):
        yield from ((case_id, number, strata[case_id]) for number in range(replicates))
