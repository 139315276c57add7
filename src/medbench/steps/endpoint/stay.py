"""Puts a model up for a time, and takes it down at the end of it, or with Ctrl-C."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Final

from medbench.executors.ending import ending_gently
from medbench.sentences import line_of
from medbench.steps.access.deployments import with_deployment
from medbench.steps.endpoint.meter import Meter, bill, length
from medbench.steps.endpoint.put_up import put_up
from medbench.steps.endpoint.session import all_down
from medbench.steps.endpoint.warm import warm

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.schema.model import ModelFile
    from medbench.steps.endpoint.plan import DeployPlan

_LOOK_S: Final = 30.0
_EVERY_S: Final = 600.0


def stay(
    plan: DeployPlan, model: ModelFile, seconds: float, clock: Clock, notice: Callable[[str], None]
) -> bool:
    """Put a model up, and take it down so many seconds after it was asked for; return True if it is down.

    Ctrl-C takes it down at once.

    Raises:
        EndpointError: It did not come up; what was left of it was removed, or named.
    """
    with ending_gently():
        try:
            asyncio.run(_stay(plan, model, seconds, clock, notice))
        except KeyboardInterrupt:
            notice("Stopped by Ctrl-C.")
        except BaseException:
            all_down([plan.name], clock, notice)
            raise
        return all_down([plan.name], clock, notice)


async def _stay(
    plan: DeployPlan, model: ModelFile, seconds: float, clock: Clock, notice: Callable[[str], None]
) -> None:
    deployment = await put_up(plan, clock, notice)
    label = plan.intent.model
    notice(
        f"  {label}: up after {bill(deployment, clock.now())} so far; waiting until it answers to a picture"
    )
    await warm(deployment, with_deployment(label, model), clock, notice)
    left = seconds - deployment.seconds(clock.now())
    notice(f"  {label}: answers; it is taken down in {length(max(left, 0))}, or with Ctrl-C here")
    notice(f"Next: {line_of('run', 'BENCHMARK', '-m', label)}   in another terminal")
    meter = Meter(deployment, clock.now, notice, _EVERY_S)
    while (left := seconds - deployment.seconds(clock.now())) > 0:
        await clock.sleep(min(left, _LOOK_S))
        meter.tell("up")
