"""Work of the service that takes minutes: it is asked again and again until it has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from medbench.endpoints.refusals import in_words
from medbench.endpoints.service import MAY_PASS
from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.providers._http.json_values import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.endpoints.service import VertexService

POLL_S: Final = 10.0
"""Seconds between two questions."""
SILENCE_S: Final = 600.0
"""Seconds without any answer after which waiting ends: the service or the network is down."""


async def wait_for(  # noqa: PLR0913 - time is an argument in tests
    service: VertexService,
    operation: object,
    clock: Clock,
    *,
    what: str,
    patience_s: float,
    tell: Callable[[], None] = lambda: None,
) -> dict[str, Any]:
    """Wait until an operation has ended, and return its response.

    Args:
        service: Whose operation it is.
        operation: Its name, or the operation as the service answered with it.
        clock: Time and waiting.
        what: What it does, as a message says it, such as 'deploying'.
        patience_s: Seconds to wait.
        tell: Called after each answer that it goes on.

    Raises:
        EndpointError: It failed.
        UnfinishedError: It had not ended in time, or the service was silent for ten minutes.
    """
    said: dict[str, Any] = dict(operation) if isinstance(operation, dict) else {}
    name = service.place.checked("operations", said.get("name") if said else operation)
    began = heard = clock.now()
    while said.get("done") is not True:
        try:
            said = await service.get(f"v1beta1/{name}")
            heard = clock.now()
        except ProviderError as error:
            if error.kind not in MAY_PASS:
                raise
            if clock.now() - heard >= timedelta(seconds=SILENCE_S):
                raise UnfinishedError(
                    f"{what}: no answer for {SILENCE_S / 60:.0f} minutes: {error.reason}."
                ) from None
        if said.get("done") is not True:
            if clock.now() - began >= timedelta(seconds=patience_s):
                raise UnfinishedError(f"{what} had not ended after {patience_s / 60:.0f} minutes.")
            tell()
            await clock.sleep(POLL_S)
    failure = mapping(said.get("error"))
    if failure:
        raise EndpointError(*in_words(failure.get("code"), failure.get("message"), service.place, what))
    return dict(mapping(said.get("response")))
