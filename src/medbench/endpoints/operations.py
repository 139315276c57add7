"""Work of the service that takes minutes: it is asked again and again until it has ended."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from medbench.endpoints.refusals import in_words
from medbench.endpoints.service import MAY_PASS
from medbench.errors import MedbenchError, ProviderError
from medbench.providers._http.json_values import mapping

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.endpoints.service import VertexService

POLL_S: Final = 10.0
"""Seconds between two questions."""
SILENCE_S: Final = 600.0
"""Seconds without any answer after which waiting ends: the service or the network is down."""


class OperationError(MedbenchError):
    """An operation failed, by the service's own words."""


class StillRunningError(MedbenchError):
    """An operation had not ended when patience did: what becomes of it is unknown."""


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
        OperationError: It failed.
        StillRunningError: It had not ended in time, or the service was silent for ten minutes.
    """
    said: dict[str, Any] = dict(operation) if isinstance(operation, dict) else {}
    name = service.place.checked("operations", said.get("name") if said else operation)
    began = heard = clock.now()
    while said.get("done") is not True:
        if clock.now() - began >= timedelta(seconds=patience_s):
            raise StillRunningError(f"{what} had not ended after {patience_s / 60:.0f} minutes.")
        try:
            said = await service.get(f"v1beta1/{name}")
            heard = clock.now()
        except ProviderError as error:
            if error.kind not in MAY_PASS:
                raise
            if clock.now() - heard >= timedelta(seconds=SILENCE_S):
                raise StillRunningError(
                    f"{what}: no answer for {SILENCE_S / 60:.0f} minutes: {error.reason}."
                ) from None
        if said.get("done") is not True:
            tell()
            await clock.sleep(POLL_S)
    failure = mapping(said.get("error"))
    if failure:
        raise OperationError(*in_words(failure.get("code"), failure.get("message"), service.place, what))
    return dict(mapping(said.get("response")))
