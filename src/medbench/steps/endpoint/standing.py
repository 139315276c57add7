"""Deployments that are up: by the book, and by the service, which knows of kills and removals by others."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from medbench.endpoints.operations import wait_for
from medbench.endpoints.place import Place
from medbench.endpoints.refusals import refused
from medbench.endpoints.removal import Resources, names_up
from medbench.endpoints.service import VertexService
from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.steps.endpoint.orphans import is_late, is_orphan
from medbench.steps.endpoint.put_up import note
from medbench.store.deployments import DeploymentBook

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment

_BY_OTHERS: Final = "removed by something else, or by a process that was killed: up at most so long"


@dataclass(frozen=True, slots=True)
class Standing:
    """Knowledge of one deployment."""

    name: str
    """Its display name."""
    place: Place
    """Where it is."""
    found: Resources
    """Resources that the service has under that name."""
    deployment: Deployment | None
    """Record of the book; None where it was put up on another machine, or by another user."""

    @property
    def is_orphan(self) -> bool:
        """True if its process was to take it down, and is gone."""
        return self.deployment is not None and is_orphan(self.deployment)


async def standings(
    deployments: Sequence[Deployment], clock: Clock, *, places: Iterable[Place] = ()
) -> list[Standing]:
    """Ask the service how deployments stand, and correct the book by it.

    Args:
        deployments: Of the book.
        clock: The time.
        places: Where names of medbench are looked for that the book does not have.

    Raises:
        EndpointError: The service does not say.
    """
    known = {each.name: each for each in deployments}
    by_place: dict[Place, list[Deployment]] = defaultdict(list)
    for each in deployments:
        by_place[Place(each.intent.project, each.intent.location)].append(each)
    found: list[Standing] = []
    for place in sorted({*by_place, *places}, key=lambda place: place.name):
        async with VertexService(place) as service:
            try:
                there = await names_up(service)
                for each in by_place[place]:
                    await _correct(service, each, there.get(each.name, Resources()), clock)
            except ProviderError as error:
                raise EndpointError(*refused(error, place)) from None
        strangers = [name for name in there if name not in known] if place in set(places) else []
        found += [Standing(name, place, there[name], None) for name in strangers]
        found += [
            Standing(each.name, place, there.get(each.name, Resources()), DeploymentBook().get(each.name))
            for each in by_place[place]
        ]
    return found


async def _correct(service: VertexService, deployment: Deployment, found: Resources, clock: Clock) -> None:
    """Write to the book what the service knows and it does not."""
    if deployment.state == "deploying":
        await _ended(service, deployment, clock)
        return
    if found:
        return
    if deployment.endpoint is not None or deployment.operation is not None:
        if not await _is_there(service, deployment):
            note(deployment.name, "removed", clock, said=_BY_OTHERS)
    elif is_late(deployment, clock.now()):
        # Asked for by a process that was killed, and nothing came of it.
        note(deployment.name, "refused", clock, said="nothing came of it")


async def _ended(service: VertexService, deployment: Deployment, clock: Clock) -> None:
    """Note how a deployment ended whose process did not wait for it."""
    try:
        said = await wait_for(service, deployment.operation, clock, what="deploying", patience_s=0.0)
    except UnfinishedError:
        return
    except EndpointError as error:
        note(deployment.name, "failed", clock, said=error.message)
        return
    except ProviderError as error:
        if error.kind != "not_found":
            raise
        note(deployment.name, "failed", clock, said=error.reason)
        return
    place = service.place
    note(
        deployment.name,
        "deployed",
        clock,
        endpoint=place.checked("endpoints", said.get("endpoint")),
        resource=place.checked("models", said.get("model")),
    )


async def _is_there(service: VertexService, deployment: Deployment) -> bool:
    if deployment.endpoint is None:
        return False
    try:
        await service.get(f"v1/{deployment.endpoint}")
    except ProviderError as error:
        if error.kind == "not_found":
            return False
        raise
    return True
