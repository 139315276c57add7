"""Puts a model up: each step is written to the book before the next is taken."""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from typing import TYPE_CHECKING

from medbench.endpoints.deploy import begin, finish, request
from medbench.endpoints.place import Place
from medbench.endpoints.refusals import refused
from medbench.endpoints.service import VertexService
from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.schema.endpoint import DeploymentEvent
from medbench.sentences import line_of
from medbench.steps.endpoint.meter import Meter
from medbench.store.deployments import DeploymentBook, iso

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment, DeploymentKind
    from medbench.steps.endpoint.plan import DeployPlan


def undo(name: str) -> str:
    """Return the command that takes down what has this name."""
    return line_of("endpoint", "undeploy", name)


async def put_up(plan: DeployPlan, clock: Clock, notice: Callable[[str], None]) -> Deployment:
    """Ask for a deployment and wait until it stands; its model may still be loading then.

    Raises:
        EndpointError: It was refused, or failed; what is left of it stays in the book.
        UnfinishedError: What became of it is unknown.
        StoreError: The book cannot be written, so nothing was asked for.
    """
    note(plan.name, "intended", clock, intent=plan.intent)
    body = request(plan.intent.publisher_model, plan.name, plan.option, own_container=plan.own_container)
    async with VertexService(plan.place) as service:
        begun = asyncio.ensure_future(begin(service, body))
        try:
            operation = await asyncio.shield(begun)
        except asyncio.CancelledError:
            # Ctrl-C while the call is on its way: its answer is waited for, or what it began has no name yet.
            with suppress(ProviderError):
                note(plan.name, "created", clock, operation=await begun)
            raise
        except ProviderError as error:
            raise _not_begun(plan, error, clock) from None
    note(plan.name, "created", clock, operation=operation)
    return await go_on(DeploymentBook().get(plan.name), clock, notice)


async def go_on(deployment: Deployment, clock: Clock, notice: Callable[[str], None]) -> Deployment:
    """Wait until a deployment that is under way stands.

    Raises:
        EndpointError: It failed; what is left of it stays in the book.
        UnfinishedError: It had not ended in time.
    """
    place = Place(deployment.intent.project, deployment.intent.location)
    meter = Meter(deployment, clock.now, notice)
    assert deployment.operation is not None
    async with VertexService(place) as service:
        try:
            deployed = await finish(service, deployment.operation, clock, lambda: meter.tell("being put up"))
        except UnfinishedError as error:
            raise UnfinishedError(
                f"{error.message} It may still come up, and costs from then on: '{deployment.name}'.",
                f"{undo(deployment.name)}   (takes it down, also once it is up)",
            ) from None
        except EndpointError as error:
            note(deployment.name, "failed", clock, said=error.message)
            raise
        except ProviderError as error:
            note(deployment.name, "failed", clock, said=error.reason)
            raise EndpointError(*refused(error, place)) from None
    note(deployment.name, "deployed", clock, endpoint=deployed.endpoint, resource=deployed.resource)
    return DeploymentBook().get(deployment.name)


def note(name: str, kind: DeploymentKind, clock: Clock, **more: Any) -> None:
    """Write an event of a deployment to the book.

    Raises:
        StoreError: It cannot be written.
    """
    DeploymentBook().add(DeploymentEvent(at=iso(clock.now()), kind=kind, name=name, pid=os.getpid(), **more))


def _not_begun(plan: DeployPlan, error: ProviderError, clock: Clock) -> EndpointError:
    """Return the error of a call that did not begin a deployment, or of which nobody knows whether it did."""
    unknown = error.sent or (error.status or 0) >= 500
    if not unknown:
        note(plan.name, "refused", clock, said=error.reason)
        return EndpointError(*refused(error, plan.place))
    return UnfinishedError(
        f"whether '{plan.name}' is being put up is unknown: {error.reason}.",
        f"{undo(plan.name)}   (finds it by its name, if it is there)",
    )
