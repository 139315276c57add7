"""The pipeline of a system, and what a call that it plans may cost."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from medbench.errors import ImageError
from medbench.faults import REPORT, naming
from medbench.images.recorded import Pictures
from medbench.pipelines import Result, Tools, pipeline_class
from medbench.schema.run import READ_BY
from medbench.steps.access.probes import as_shown, probed
from medbench.steps.run.image_check import image_failure

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from medbench.client.asker import Asker
    from medbench.pipelines import Call, Pipeline
    from medbench.pricing.prices import Prices
    from medbench.schema.case import Case
    from medbench.steps.access.systems import PreparedSystem
    from medbench.steps.run.run_folder import SystemRun
    from medbench.store.benchmark import BenchmarkFolder


def new_pipeline(
    prepared: PreparedSystem, benchmark: BenchmarkFolder, clients: Mapping[str, Asker] | None = None
) -> Pipeline:
    """Make the pipeline of a system.

    Args:
        prepared: The system.
        benchmark: Whose cases it answers.
        clients: Role to client; None for a pipeline that is only asked for its plan.

    Raises:
        UsageError: There is no such pipeline.
    """
    tools = Tools(
        system=as_shown(prepared.system),
        pictures=Pictures(benchmark.path, shipped=bool(benchmark.link)),
        pool=benchmark.pool,
        pool_pictures=Pictures(benchmark.pool_path, shipped=bool(benchmark.link)),
        clients=clients or {},
        prompts={stage.role: stage.prompt for stage in prepared.stages if stage.prompt is not None},
    )
    name = prepared.system.pipeline
    with naming(f"'{prepared.system.name}': pipeline '{name}' cannot be made", hint=_hint(name)):
        return probed(pipeline_class(name)(tools), tools, benchmark)


def planned_calls(pipeline: Pipeline, prepared: PreparedSystem, case: Case, replicate: int) -> list[Call]:
    """Return the calls that a pipeline would make for a case, at most.

    Raises:
        FaultError: The pipeline's code failed.
    """
    name = prepared.system.pipeline
    what = f"'{prepared.system.name}', case '{case.case_id}': pipeline '{name}' has no plan"
    with naming(what, "Nothing was sent.", _hint(name)):
        return list(pipeline.plan(case, replicate))


def _hint(pipeline: str) -> str:
    return "mend it, then the same line: no answer is asked for twice" if ":" in pipeline else REPORT


async def answer_of(pipeline: Pipeline, run: SystemRun, case: Case, replicate: int) -> Result:
    """Return the output of one case and replicate.

    Raises:
        FaultError: The pipeline's code failed.
        ProviderDownError: A provider was given up, and the case stays not run.
        PendingError: An answer is still to come with a batch, and the case stays not run.
    """
    name = run.prepared.system.pipeline
    what = f"'{run.folder}', case '{case.case_id}', replicate {replicate}: pipeline '{name}' failed"
    try:
        with naming(what, "What came so far is kept.", _hint(name)):
            result = await pipeline.answer(case, replicate)
    except ImageError as error:  # one of the pool is damaged, which `ImageCheck` does not read
        return Result(failure=image_failure(error))
    if pipeline_class(name).reads_findings:
        from medbench.scoring.findings import METHOD

        result = replace(result, notes={**result.notes, READ_BY: METHOD})
    return result


def worst_case(call: Call, prices: Prices, at: datetime) -> float | None:
    """Return the dollars that a planned call may cost at most; None where there is no bound."""
    if not call.bounded and prices.charged == "token":
        return None
    return prices.worst_case(call.request, at=at)
