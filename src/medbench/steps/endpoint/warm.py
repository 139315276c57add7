"""The first answer to a picture: an endpoint can stand long before its model is loaded."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from medbench.errors import EndpointError, ProviderError, UnfinishedError
from medbench.images.recorded import Pictures
from medbench.steps.access.clients import new_provider
from medbench.steps.doctor.probes import probes
from medbench.steps.endpoint.meter import Meter
from medbench.store.benchmark import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.endpoints.clock import Clock
    from medbench.schema.endpoint import Deployment
    from medbench.schema.model import ModelFile

WAIT_S: Final = 30 * 60.0
"""Seconds in which weights load: up to 20 minutes were seen."""
ASK_AGAIN_S: Final = 15.0


async def warm(deployment: Deployment, model: ModelFile, clock: Clock, notice: Callable[[str], None]) -> None:
    """Ask the model about a drawn picture until it answers.

    Args:
        deployment: What was put up.
        model: The model's file, with the endpoint.
        clock: Time and waiting.
        notice: Takes what a person should know.

    Raises:
        EndpointError: It refuses for good, or has not answered in time.
    """
    meter = Meter(deployment, clock.now, notice)
    began = clock.now()
    with temporary_folder("warm") as folder:
        request = probes(model, folder)[0].request
        provider = new_provider(model, Pictures(folder))
        try:
            while True:
                try:
                    await provider.ask(request)
                except ProviderError as error:
                    # What was just put up may be unknown to some of the service's machines, too.
                    if error.final or (error.stops and error.kind not in {"not_found", "not_deployed"}):
                        raise EndpointError(
                            f"'{deployment.intent.model}' is up and does not answer: {error.reason}."
                        ) from None
                    if clock.now() - began >= timedelta(seconds=WAIT_S):
                        raise UnfinishedError(
                            f"'{deployment.intent.model}' has not answered for {WAIT_S / 60:.0f} minutes: "
                            f"{error.reason}."
                        ) from None
                else:
                    return
                meter.tell("up, its model is loading")
                await clock.sleep(ASK_AGAIN_S)
        finally:
            await provider.close()
