"""Runs a pipeline once more on the answers that a run recorded: what it asks, and what comes of it."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from medbench.errors import ImageError, ProviderDownError, UsageError
from medbench.images.recorded import Pictures
from medbench.pipelines import Tools, pipeline_class
from medbench.prompts.prompt import load_prompt
from medbench.registry import names_in
from medbench.schema.response import Response
from medbench.steps.access.probes import as_shown, probed
from medbench.steps.access.stop import Stop, run_blocking
from medbench.store.jsonl import read_at, read_with_offsets
from medbench.store.ledger import Recorded
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.pipelines import Pipeline, Result
    from medbench.prompts.prompt import Prompt
    from medbench.schema.case import Case
    from medbench.schema.response import CallFor, Request
    from medbench.schema.run import System
    from medbench.store.benchmark import BenchmarkFolder
    from medbench.store.runs import RunFolder


class Answers:
    """Answers a pipeline from the ledger of a run, in the place of its models, and notes what it asks.

    Attributes:
        unseen: Cases of which an image is missing that says what is asked, so that it is not known.
    """

    def __init__(self, run: RunFolder) -> None:
        self.unseen: set[str] = set()
        self._recorded = Recorded(run.path)
        self._path = run.path / RESPONSES
        self._of_place: dict[tuple[str, str, str, int], int] = {}
        for offset, response in read_with_offsets(self._path, Response):
            if response.text is not None and not response.call_for.is_judging:
                self._of_place[self._place(response.call_for, response.sample)] = offset
        self._asked: dict[tuple[str, str, int], dict[str, Request]] = defaultdict(dict)

    async def ask(self, request: Request, call_for: CallFor, sample: int) -> Response:
        """Return the answer to a request; else the one at its place, so that later stages can be followed.

        Raises:
            ProviderDownError: Neither was recorded: the run did not come so far.
        """
        self._asked[call_for.case_id, call_for.role, sample][request.digest] = request
        found = self._recorded.find(request, call_for, sample)
        if found is not None:
            return found
        offset = self._of_place.get(self._place(call_for, sample))
        if offset is None:
            raise ProviderDownError("no answer was recorded", "")
        with self._path.open("rb") as file:
            return read_at(file, offset, Response)

    def request_of(self, response: Response) -> Request | None:
        """Return the request that a response answers; None where the pipeline asked no such thing."""
        call_for = response.call_for
        return self._asked[call_for.case_id, call_for.role, response.sample].get(response.request_digest)

    @staticmethod
    def _place(call_for: CallFor, sample: int) -> tuple[str, str, str, int]:
        return call_for.case_id, call_for.role, call_for.stage, sample


def repeat(
    run: RunFolder, benchmark: BenchmarkFolder, answers: Answers, jobs: Iterable[tuple[Case, int]]
) -> dict[tuple[str, int], Result]:
    """Return what the pipeline of a run makes of the recorded answers, by case and replicate.

    Args:
        run: The run.
        benchmark: What it ran on.
        answers: Its answers, which note what is asked.
        jobs: Cases and replicates; those whose answers were not all recorded have no result.

    Raises:
        UsageError: The pipeline or a prompt is not here as it was.
    """
    pipeline = _pipeline(run.head.system, benchmark, answers)

    async def all_of_them() -> dict[tuple[str, int], Result]:
        results = {}
        for case, replicate in jobs:
            try:
                results[case.case_id, replicate] = await pipeline.answer(case, replicate)
            except ProviderDownError:
                continue
            except ImageError:
                answers.unseen.add(case.case_id)
        return results

    return run_blocking(all_of_them(), Stop())


def _pipeline(system: System, benchmark: BenchmarkFolder, answers: Answers) -> Pipeline:
    # The name stands in a file of a run, which may be another's: it leads to no code from outside.
    if system.pipeline not in names_in("pipelines"):
        raise UsageError(f"pipeline '{system.pipeline}' is none of medbench's", "")
    kind = pipeline_class(system.pipeline)
    if {stage.role for stage in system.stages} != {*kind.roles}:
        raise UsageError(f"pipeline '{system.pipeline}' has other stages in this version", "")
    for name, usual in kind.settings.items():
        if type(system.settings.get(name)) is not type(usual):
            raise UsageError(f"setting '{name}' of pipeline '{system.pipeline}' is not recorded", "")
    shipped = bool(benchmark.link)
    tools = Tools(
        system=as_shown(system),
        pictures=Pictures(benchmark.path, shipped=shipped),
        pool=benchmark.pool,
        pool_pictures=Pictures(benchmark.pool_path, shipped=shipped),
        clients=dict.fromkeys(kind.roles, answers),
        prompts=_prompts(system),
    )
    return probed(kind(tools), tools, benchmark)


def _prompts(system: System) -> dict[str, Prompt]:
    """Return the prompts of a system by role.

    Raises:
        UsageError: One of them is not here as it was.
    """
    prompts = {}
    for stage in system.stages:
        if stage.prompt is None:
            raise UsageError(f"the prompt of '{stage.model.name}' is not recorded", "")
        try:
            prompts[stage.role] = load_prompt("findings", stage.prompt.name)
        except UsageError:
            prompts.pop(stage.role, None)
        if stage.role not in prompts or prompts[stage.role].digest != stage.prompt.digest:
            raise UsageError(f"prompt '{stage.prompt.name}' is not here as it was", "")
    return prompts
