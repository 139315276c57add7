"""The pipeline of a system, and what a call that it plans may cost."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.recorded import Pictures
from medbench.pipelines import Tools, pipeline_class
from medbench.steps.access.probes import as_shown, probed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from medbench.client.asker import Asker
    from medbench.pipelines import Call, Pipeline
    from medbench.pricing.prices import Prices
    from medbench.steps.access.systems import PreparedSystem
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
    return probed(pipeline_class(prepared.system.pipeline)(tools), tools, benchmark)


def worst_case(call: Call, prices: Prices, at: datetime) -> float | None:
    """Return the dollars that a planned call may cost at most; None where there is no bound."""
    if not call.bounded and prices.charged == "token":
        return None
    return prices.worst_case(call.request, at=at)
