"""The judging after a `run` that is still to be paid for."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING

from medbench.judging.question import rater_digest
from medbench.steps.access.judging_cost import CANARIES, Questions, expected_question, judging_forecast
from medbench.steps.reading.judged_before import JudgedBefore
from medbench.steps.reading.selection import selected_with_references
from medbench.steps.reading.verdict_book import books_of
from medbench.store.runs import HEAD, RunFolder

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.prompts.rubrics import Rubric
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Response
    from medbench.schema.results.dry_run import Forecast, PlannedSystem
    from medbench.steps.run.run_plan import RunPlan
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.outputs import OutputIndex


class JudgingLeft:
    """Tells what a judge has graded already, in this run or in one whose answers are taken over."""

    def __init__(self, root: Path, name: str, judge: ModelFile, rubric: Rubric) -> None:
        self.name = name
        self._root, self._judge, self._rubric = root, judge, rubric
        self._digest = rater_digest(judge, rubric)
        self._before = JudgedBefore(root)
        self._graded_in = cache(self._read)

    def graded(self, run: Path, done: OutputIndex) -> int:
        """Return the number of outputs of a run that are graded."""
        return sum(replicate in done.replicates(case_id) for case_id, replicate in self._graded_in(run))

    def is_graded(self, answers: list[Response | None], replicate: int) -> bool:
        """Return True if the output that taken-over answers make is graded where they come from."""
        last = answers[-1] if answers and all(answers) else None
        if last is None or last.reused_from is None:
            return False
        return (last.call_for.case_id, replicate) in self._graded_in(self._root / last.reused_from)

    def others(self, benchmark: BenchmarkFolder, limit: int | None, canaries: int) -> tuple[int, int]:
        """Return the references that are still to be listed, and the canaries that are still to be asked."""
        references = {case.case_id: one for case, one in selected_with_references(benchmark, limit)}
        lists = [self._before.listing(one, self._rubric, self._judge.id) for one in references.values()]
        known = sum(1 for _ in self._before.canaries(self._digest, references))
        return lists.count(None) if self._rubric.listing else 0, max(0, canaries - known)

    def later(
        self,
        plan: RunPlan,
        benchmark: BenchmarkFolder,
        systems: Sequence[PlannedSystem],
        number: int,
        at: dt.datetime,
    ) -> tuple[Questions, Forecast]:
        """Return the questions that are left for this judge, and what they take.

        Args:
            plan: The run.
            benchmark: Its benchmark.
            systems: The systems that ask a model.
            number: Number of the judge: the first one lists the findings for all of them.
            at: When they are asked.
        """
        listings, canaries = self.others(benchmark, plan.limit, CANARIES)
        outputs = tuple((one.wanted - one.graded[number], one.most_output) for one in systems)
        questions = Questions(outputs, 0 if number else listings, canaries)
        expect = expected_question(self._judge, self._rubric.digest, self._root)
        later = judging_forecast(self._judge, expect, questions, concurrency=plan.concurrency, at=at)
        return questions, later

    def _read(self, run: Path) -> frozenset[tuple[str, int]]:
        if not (run / HEAD).is_file():
            return frozenset()
        books = (book for rater, book in books_of(RunFolder(run)).items() if rater.digest == self._digest)
        return frozenset((key.case_id, key.replicate) for book in books for key in book.own)
