"""Finds all that was put up under a name, and removes it: deployed model, endpoint, model.

What has another name is never touched: where somebody has put another model on the endpoint, the endpoint
stays, with that model on it.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from medbench.endpoints.operations import wait_for
from medbench.endpoints.place import OURS
from medbench.endpoints.service import MAY_PASS
from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.providers._http.json_values import mapping

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from medbench.endpoints.clock import Clock
    from medbench.endpoints.place import Kind
    from medbench.endpoints.service import VertexService
    from medbench.schema.endpoint import Deployment

UNDEPLOY_S: Final = 1800.0
"""Seconds that removing one thing may take; 2 to 5 minutes are usual."""
CANCEL_S: Final = 2700.0
"""Seconds that a deployment which was cancelled may take to end."""
TRIES: Final = 4
"""Times that a call which may pass is tried."""
RETRY_S: Final = 5.0


@dataclass(frozen=True, slots=True)
class Resources:
    """Resources that the service has under a name."""

    endpoints: tuple[str, ...] = ()
    """Full names of endpoints."""
    models: tuple[str, ...] = ()
    """Full names of models."""

    def __bool__(self) -> bool:
        return bool(self.endpoints or self.models)


@dataclass(frozen=True, slots=True)
class Removal:
    """Outcome of a removal."""

    found: Resources
    """Resources before the removal."""
    left: tuple[str, ...] = ()
    """Resources that are still there, or may be, in words; empty where all is gone."""


async def find(service: VertexService, name: str) -> Resources:
    """Return the endpoints and models of that display name.

    Raises:
        ProviderError: The service does not say.
    """
    return (await _named_so(service, re.compile(re.escape(name)))).get(name, Resources())


async def names_up(service: VertexService) -> dict[str, Resources]:
    """Return all that stands in a place under names of medbench, whoever put it up, by name.

    Raises:
        ProviderError: The service does not say.
    """
    return await _named_so(service, OURS)


async def _named_so(service: VertexService, wanted: re.Pattern[str]) -> dict[str, Resources]:
    place, found = service.place, dict[str, dict[str, list[str]]]()
    kinds: tuple[Kind, ...] = ("endpoints", "models")
    for kind in kinds:
        for each in await service.pages(f"v1/{place.name}/{kind}", kind):
            name = each.get("displayName")
            if isinstance(name, str) and wanted.fullmatch(name):
                of_name = found.setdefault(name, {kind: [] for kind in kinds})
                of_name[kind].append(place.checked(kind, each.get("name")))
    return {name: Resources(tuple(of["endpoints"]), tuple(of["models"])) for name, of in found.items()}


async def remove(
    service: VertexService, name: str, known: Deployment | None, clock: Clock, tell: Callable[[str], None]
) -> Removal:
    """Remove all that was put up under a name.

    Args:
        service: Of the place where it is.
        name: Display name.
        known: What the book says of it; None where it was put up elsewhere.
        clock: Time and waiting.
        tell: Takes what a person should know.

    Raises:
        ProviderError: The service does not answer, or refuses.
    """
    left: list[str] = []
    if known is not None and known.operation is not None and known.endpoint is None:
        running = await _cancelled(service, known.operation, clock, tell)
        left += [running] if running else []
    found = await _patiently(clock, partial(find, service, name))
    models = {*found.models, *([known.resource] if known and known.resource else [])}
    for endpoint in found.endpoints:
        left += await _remove_endpoint(service, endpoint, name, models, clock, tell)
    for model in found.models:
        tell(f"removing {_short(model)} …")
        left += await _work(service, clock, partial(service.delete, f"v1/{model}"), _short(model))
    after = await _patiently(clock, partial(find, service, name))
    left += [words for words in map(_short, (*after.endpoints, *after.models)) if not _named(words, left)]
    return Removal(found, tuple(left))


async def _cancelled(
    service: VertexService, operation: str, clock: Clock, tell: Callable[[str], None]
) -> str:
    """Stop a deployment that is under way, as only what has ended can be removed; '' once it has."""
    what = "the deployment that is under way"
    try:
        said = await _patiently(clock, partial(service.get, f"v1beta1/{operation}"))
        if said.get("done") is True:
            return ""
        tell("cancelling the deployment that is under way …")
        with suppress(ProviderError):  # it may have ended just now; the service promises nothing anyway
            await service.post(f"v1beta1/{operation}:cancel", {})
        await wait_for(service, operation, clock, what=what, patience_s=CANCEL_S)
    except UnfinishedError:
        return f"{what}, {_short(operation)}"
    except EndpointError:
        return ""
    except ProviderError as error:
        if error.kind != "not_found":
            raise
    return ""


async def _remove_endpoint(  # noqa: PLR0913 - what one removal knows
    service: VertexService,
    endpoint: str,
    name: str,
    models: set[str],
    clock: Clock,
    tell: Callable[[str], None],
) -> list[str]:
    """Undeploy what is ours on an endpoint, then delete it unless another model is on it."""
    try:
        said = await _patiently(clock, partial(service.get, f"v1/{endpoint}"))
    except ProviderError as error:
        if error.kind == "not_found":
            return []
        raise
    listed = said.get("deployedModels")
    on_it = [mapping(each) for each in (listed if isinstance(listed, list) else [])]
    numbers = {_tail(model) for model in models}
    ours = [each for each in on_it if _is(each, name) or _tail(str(each.get("model", ""))) in numbers]
    left: list[str] = []
    for each in ours:
        tell(f"undeploying from {_short(endpoint)} …")
        body = {"deployedModelId": str(each.get("id", "")), "trafficSplit": {}}
        left += await _work(
            service,
            clock,
            partial(service.post, f"v1/{endpoint}:undeployModel", body),
            _short(endpoint),
        )
    if len(ours) < len(on_it):
        other = mapping(next(each for each in on_it if each not in ours))
        words = f"{_short(endpoint)}, as another model is on it ('{str(other.get('displayName'))[:60]}')"
        return [*left, words]
    if left:
        return left
    tell(f"removing {_short(endpoint)} …")
    return await _work(service, clock, partial(service.delete, f"v1/{endpoint}"), _short(endpoint))


async def _work(
    service: VertexService, clock: Clock, call: Callable[[], Awaitable[dict[str, Any]]], what: str
) -> list[str]:
    """Begin an operation and wait for it; return what is left where it fails."""
    try:
        begun = await _patiently(clock, call)
        if begun.get("name") or begun.get("done") is not True:
            await wait_for(service, begun, clock, what=f"removing {what}", patience_s=UNDEPLOY_S)
    except EndpointError as error:
        return [f"{what}: {error.message}"]
    except ProviderError as error:
        return [] if error.kind == "not_found" else [f"{what}: {error.reason}"]
    return []


async def _patiently(clock: Clock, call: Callable[[], Awaitable[Any]]) -> Any:
    """Return the answer to a call that may be made twice: to ask, or to remove."""
    for tries_left in reversed(range(TRIES)):
        try:
            return await call()
        except ProviderError as error:
            if error.kind not in MAY_PASS or not tries_left:
                raise
        await clock.sleep(RETRY_S)
    raise AssertionError


def _is(resource: dict[str, Any] | Any, name: str) -> bool:
    return mapping(resource).get("displayName") == name


def _tail(name: str) -> str:
    """Return a model's id: the service may name the project by its number, and the model by a version."""
    return name.rpartition("/")[2].partition("@")[0]


def _short(name: str) -> str:
    """Return 'endpoint 123' of a full name."""
    kind, _, number = "/".join(name.split("/")[-2:]).partition("/")
    return f"{kind.removesuffix('s')} {number}"


def _named(words: str, left: list[str]) -> bool:
    return any(words in each for each in left)
