"""Checks that requests follow from cases, outputs from answers, and verdicts from outputs and answers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.judging.answer import Unreadable, read_grade
from medbench.judging.grade import grade_from
from medbench.pipelines import pipeline_class
from medbench.registry import names_in
from medbench.schema.response import Response
from medbench.schema.run import READ_BY
from medbench.schema.verdict import Verdict
from medbench.scoring.findings import METHOD
from medbench.scoring.parsing.parts import joined
from medbench.scoring.parsing.text import CURRENT
from medbench.sentences import counted
from medbench.steps.reading.outputs import judged_text
from medbench.steps.verify.repeated import Answers, repeat
from medbench.store.jsonl import read_at, read_records, read_with_offsets
from medbench.store.runs import OUTPUTS, RESPONSES, VERDICTS

if TYPE_CHECKING:
    from medbench.pipelines import Result
    from medbench.schema.run import Output
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

AS_ANSWERED = frozenset({"single", "imported"})
"""Pipelines whose outputs are their answers, whatever the prompts were."""


class Links:
    """The records of one run, checked against each other.

    Attributes:
        problems: What does not follow, in words.
        unchecked: What could not be checked, and why.
    """

    def __init__(self, run: RunFolder, benchmark: BenchmarkFolder) -> None:
        self.problems: list[str] = []
        self.unchecked: list[str] = []
        self._run = run
        self._benchmark = benchmark
        self._cases = {case.case_id: case for case in benchmark.cases()}
        self._offsets: dict[str, int] = {}
        self._results: dict[tuple[str, int], Result] = {}
        self._judged: dict[tuple[str, int], set[str]] = {}
        self._changed = 0
        self._changed_by: set[str] = set()

    def check(self) -> None:
        """Check all of them, in the order in which they were made."""
        self._repeat()
        for output in self._run.outputs():
            self._check_output(output)
        if self._changed:
            by = " and ".join(sorted(self._changed_by))
            self.unchecked.append(
                f"{counted(self._changed, 'output')}: what the finding metric reads decides, which was {by} "
                f"then and is '{METHOD}' now"
            )
        for verdict in read_records(self._run.path / VERDICTS, Verdict):
            self._check_verdict(verdict)

    def _read_otherwise(self, output: Output) -> str | None:
        """Return in words by what an output was read, where its pipeline rests on the finding metric.

        Returns:
            The words; None where the metric was the one of now, or decides nothing.
        """
        head = self._run.head
        shipped = head.system.pipeline in names_in("pipelines")
        if not shipped or not pipeline_class(head.system.pipeline).reads_findings:
            return None
        by = output.notes.get(READ_BY)
        if by is None:
            return f"that of medbench {head.medbench}, of which nothing is recorded,"
        return None if by == METHOD else f"'{by}'"

    def _repeat(self) -> None:
        """Let the pipeline ask and answer once more, and hold the recorded calls against what it asks."""
        jobs = dict.fromkeys((output.case_id, output.replicate) for output in self._run.outputs())
        for offset, response in read_with_offsets(self._run.path / RESPONSES, Response):
            if response.response_id in self._offsets:
                self.problems.append(f"{RESPONSES}: '{response.response_id}' stands there twice")
            self._offsets[response.response_id] = offset
            if not response.call_for.is_judging:
                jobs[response.call_for.case_id, response.call_for.replicate] = None
        answers = Answers(self._run)
        known = [(self._cases[name], replicate) for name, replicate in jobs if name in self._cases]
        try:
            self._results = repeat(self._run, self._benchmark, answers, known)
        except UsageError as error:
            if self._run.head.system.pipeline != "imported":
                self.unchecked.append(f"requests: {error.message}")
            return
        self._check_calls(answers)

    def _check_calls(self, answers: Answers) -> None:
        wrong: list[str] = []
        right = 0
        known = self._cases.keys() - answers.unseen
        if answers.unseen:
            cases = counted(len(answers.unseen), "case")
            self.unchecked.append(
                f"requests and outputs of {cases}: they follow from images that are not here as they were"
            )
        for response in read_records(self._run.path / RESPONSES, Response):
            call_for = response.call_for
            if call_for.is_judging or call_for.case_id not in known:
                continue
            place = f"{RESPONSES}: '{response.response_id}' (stage '{call_for.stage}')"
            request = answers.request_of(response)
            if request is None:
                wrong.append(f"{place} answers no request of case '{call_for.case_id}'")
            elif response.prompt not in {None, request.text}:
                wrong.append(f"{place} has another prompt than was sent")
            else:
                right += 1
        if wrong and not right:
            self.unchecked.append("requests: this version of medbench makes others")
            self._results.clear()
        else:
            self.problems += wrong

    def _check_output(self, output: Output) -> None:
        place = f"{OUTPUTS}: case '{output.case_id}'"
        case = self._cases.get(output.case_id)
        if case is None or case.digest != output.case_digest:
            self.problems.append(f"{place} is not that of the benchmark")
        answers = self._answers(place, output.responses)
        if output.text is None:
            return
        _, judged = judged_text(output.text)
        self._judged.setdefault((output.case_id, output.replicate), set()).add(judged.sha256)
        if self._follows(output, answers):
            return
        read_by = self._read_otherwise(output)
        if read_by is not None:
            self._changed += 1
            self._changed_by.add(read_by)
        else:
            self.problems.append(f"{place} does not follow from its answers in {RESPONSES}")

    def _follows(self, output: Output, answers: list[Response]) -> bool:
        """Return True if an output is what its pipeline makes of its answers, as far as is known."""
        result = self._results.get((output.case_id, output.replicate))
        if result is not None:
            same = (result.text, result.responses) == (output.text, output.responses)
            notes = {name: note for name, note in output.notes.items() if name != READ_BY}
            return same and _alike(result.notes, notes)
        asked = self._run.head.system.pipeline in AS_ANSWERED and answers
        return not asked or joined([answer.text or "" for answer in answers]) == output.text

    def _answers(self, place: str, ids: tuple[str, ...]) -> list[Response]:
        """Read the responses of an output or verdict; none unless all are there."""
        lost = [name for name in ids if name not in self._offsets]
        if lost:
            self.problems.append(f"{place} rests on response '{lost[0]}', which {RESPONSES} lacks")
            return []
        if not ids:
            return []
        with (self._run.path / RESPONSES).open("rb") as file:
            return [read_at(file, self._offsets[name], Response) for name in ids]

    def _check_verdict(self, verdict: Verdict) -> None:
        place = f"{VERDICTS}: {verdict.rater} on case '{verdict.case_id}'"
        judged = verdict.judged_text
        texts = self._judged.get((verdict.case_id, verdict.replicate), set())
        if judged is not None and judged.parser == CURRENT and judged.sha256 not in texts:
            self.problems.append(f"{place} graded a text that no output has")
        answers = self._answers(place, verdict.responses)
        if answers and verdict.raw != answers[-1].text:
            self.problems.append(f"{place} quotes another answer than {RESPONSES} has")
        if verdict.grade is None or verdict.rater_kind != "judge":
            return
        if verdict.matches:
            same = grade_from(verdict.matches) == (verdict.grade, verdict.key_finding)
        elif answers:
            same = _read_again(answers[-1]) in {None, verdict.grade}
        else:
            return
        if not same:
            self.problems.append(f"{place} has another grade than the answer of the judge")


def _alike(notes: Any, others: Any) -> bool:
    """Return True if two notes are the same; numbers may differ as they do between two machines."""
    if isinstance(notes, dict) and isinstance(others, dict):
        return notes.keys() == others.keys() and all(_alike(notes[key], others[key]) for key in notes)
    if isinstance(notes, list | tuple) and isinstance(others, list | tuple):
        return len(notes) == len(others) and all(map(_alike, notes, others))
    if isinstance(notes, float) and isinstance(others, int | float):
        return math.isclose(notes, others, abs_tol=1e-3)
    return bool(notes == others)


def _read_again(answer: Response) -> str | None:
    """Return the grade in a judge's answer; None where this version cannot read it."""
    try:
        return read_grade(answer.text or "", answer.finish_reason).rating
    except Unreadable:
        return None
