"""Puts a model up: one call begins it, and an operation of 15 to 30 minutes does it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.endpoints.operations import wait_for

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.endpoints.options import Option
    from medbench.endpoints.service import VertexService

PATIENCE_S: Final = 2 * 3600.0
"""Seconds that a deployment may take, as Google's own library waits."""


class Deployed(NamedTuple):
    """The resources of a deployment."""

    endpoint: str
    """Full name of the endpoint."""
    resource: str
    """Full name of the model at the service."""


def request(
    publisher_model: str, name: str, option: Option, *, own_container: bool = False
) -> dict[str, Any]:
    """Return the body of the call that deploys; it says that the model's licence is accepted.

    Args:
        publisher_model: Name of the model in Model Garden.
        name: Display name of endpoint and model, by which they are found again.
        option: Machine and container.
        own_container: True to name the option's container; else the service takes its usual one.
    """
    model: dict[str, Any] = {"acceptEula": True, "modelDisplayName": name}
    if own_container:
        model["containerSpec"] = dict(option.container)
    return {
        "publisherModelName": publisher_model,
        "modelConfig": model,
        "endpointConfig": {"endpointDisplayName": name},
        "deployConfig": {
            "dedicatedResources": {
                "machineSpec": option.spec(),
                "minReplicaCount": 1,
                "maxReplicaCount": 1,
            }
        },
    }


async def begin(service: VertexService, body: dict[str, Any]) -> str:
    """Ask for a deployment, and return the name of its operation.

    Raises:
        ProviderError: It was refused, or it is unknown what became of the call (`sent`).
    """
    said = await service.post(f"v1beta1/{service.place.name}:deploy", body)
    return service.place.checked("operations", said.get("name"))


async def finish(service: VertexService, operation: str, clock: Clock, tell: Callable[[], None]) -> Deployed:
    """Wait until a deployment stands, and return its resources.

    Raises:
        EndpointError: It failed; endpoint and model may be there nevertheless.
        UnfinishedError: It had not ended in time.
        ProviderError: The service knows nothing of it.
    """
    said = await wait_for(service, operation, clock, what="deploying", patience_s=PATIENCE_S, tell=tell)
    place = service.place
    return Deployed(
        place.checked("endpoints", said.get("endpoint")), place.checked("models", said.get("model"))
    )
