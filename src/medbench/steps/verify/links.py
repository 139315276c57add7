"""Checks that requests follow from cases, outputs from answers, and verdicts from outputs and answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.images.recorded import Pictures
from medbench.judging.answer import Unreadable, read_grade
from medbench.judging.grade import grade_from
from medbench.pipelines import Tools
from medbench.pipelines.single import Pipeline as Single
from medbench.prompts.prompt import load_prompt
from medbench.schema.response import Response
from medbench.schema.verdict import Verdict
from medbench.scoring.parsing.parts import joined
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.access.probes import as_shown, probed
from medbench.steps.reading.outputs import judged_text
from medbench.store.jsonl import read_records, read_with_offsets
from medbench.store.runs import RESPONSES, VERDICTS

if TYPE_CHECKING:
    from medbench.pipelines import Pipeline
    from medbench.schema.run import Output
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder

ASKED_ONCE = "single"
"""The pipeline whose outputs are its answers, and whose requests follow from the cases alone."""


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
        self._judged: dict[tuple[str, int], set[str]] = {}

    def check(self) -> None:
        """Check all of them, in the order in which they were made."""
        self._check_requests()
        for output in self._run.outputs():
            self._check_output(output)
        for verdict in read_records(self._run.path / VERDICTS, Verdict):
            self._check_verdict(verdict)

    def _check_requests(self) -> None:
        pipeline = self._pipeline()
        wrong: list[str] = []
        right = 0
        for offset, response in read_with_offsets(self._run.path / RESPONSES, Response):
            if response.response_id in self._offsets:
                self.problems.append(f"{RESPONSES}: '{response.response_id}' stands there twice")
            self._offsets[response.response_id] = offset
            case = self._cases.get(response.call_for.case_id)
            if pipeline is None or response.call_for.is_judging or case is None:
                continue
            planned = pipeline.plan(case, response.call_for.replicate)
            if response.request_digest in {call.request.digest for call in planned}:
                right += 1
            else:
                wrong.append(
                    f"{RESPONSES}: '{response.response_id}' answers no request of case '{case.case_id}'"
                )
        if wrong and not right:
            self.unchecked.append("requests: this version of medbench makes others")
        else:
            self.problems += wrong

    def _pipeline(self) -> Pipeline | None:
        """Return what makes the requests of the run again; None where that cannot be."""
        system = self._run.head.system
        if system.pipeline != ASKED_ONCE or not system.stages:
            return None
        prompts = {}
        for stage in system.stages:
            if stage.prompt is None:
                continue
            try:
                prompts[stage.role] = load_prompt("findings", stage.prompt.name)
            except UsageError:
                prompts.clear()
            if stage.role not in prompts or prompts[stage.role].digest != stage.prompt.digest:
                self.unchecked.append(f"requests: prompt '{stage.prompt.name}' is not here as it was")
                return None
        pictures = Pictures(self._benchmark.path)
        tools = Tools(as_shown(system), pictures, (), pictures, prompts=prompts)
        return probed(Single(tools), tools, self._benchmark)

    def _check_output(self, output: Output) -> None:
        place = f"outputs.jsonl: case '{output.case_id}'"
        case = self._cases.get(output.case_id)
        if case is None or case.digest != output.case_digest:
            self.problems.append(f"{place} is not that of the benchmark")
        answers = self._answers(place, output.responses)
        if output.text is None:
            return
        _, judged = judged_text(output.text)
        self._judged.setdefault((output.case_id, output.replicate), set()).add(judged.sha256)
        asked = self._run.head.system.pipeline in {ASKED_ONCE, "imported"}
        if asked and answers and joined([answer.text or "" for answer in answers]) != output.text:
            self.problems.append(f"{place} has another text than its answer in {RESPONSES}")

    def _answers(self, place: str, ids: tuple[str, ...]) -> list[Response]:
        """Read the responses of an output or verdict; none unless all are there."""
        lost = [name for name in ids if name not in self._offsets]
        if lost:
            self.problems.append(f"{place} rests on response '{lost[0]}', which {RESPONSES} lacks")
            return []
        path = self._run.path / RESPONSES
        answers = []
        for name in ids:
            with path.open("rb") as file:
                file.seek(self._offsets[name])
                answers.append(Response.from_line(file.readline(), str(path)))
        return answers

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


def _read_again(answer: Response) -> str | None:
    """Return the grade in a judge's answer; None where this version cannot read it."""
    try:
        return read_grade(answer.text or "", answer.finish_reason).rating
    except Unreadable:
        return None
