"""The base class of providers that post JSON with httpx."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.errors import ProviderError
from medbench.providers import Provider
from medbench.providers._http.connections import Connections
from medbench.providers._http.exchange import exchange
from medbench.providers._http.images import ImageEncoder
from medbench.providers._http.limits import check_size
from medbench.providers._http.listing import ids_in

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from medbench.images.recorded import Pictures
    from medbench.providers._http.images import ImageMark
    from medbench.providers._http.service import Service
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


class HttpProvider(Provider):
    """A provider over httpx; a subclass says where to, what is sent and what the answer means."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        self._connections = Connections()
        self._encoder = ImageEncoder(pictures)

    async def connect(self) -> None:
        """Load the network library and the certificates; the first call does it otherwise."""
        await self._connections.load()

    async def close(self) -> None:
        """Close the connections."""
        await self._connections.close()

    async def _list(self, url: str, service: Service) -> tuple[str, ...]:
        """Return the ids of the list of models at an address."""
        async with self._connections.one() as connection:
            return ids_in(await exchange(connection, url, service))

    async def _post(  # noqa: PLR0913 - the parts of one exchange
        self,
        request: Request,
        url: str,
        service: Service,
        document: Callable[[Sequence[ImageMark]], Mapping[str, Any]],
        reply: Callable[[object, tuple[str, ...]], Reply],
        *,
        body_bytes: int | None = None,
    ) -> Reply:
        """Send a request and read the answer.

        Args:
            request: What is asked.
            url: Where to.
            service: Who is asked.
            document: Makes the JSON of the request, given marks of its images.
            reply: Reads the JSON of the answer, given the sha256 of the images that were sent.
            body_bytes: Largest body that the server takes, unless the model file says otherwise.

        Raises:
            ProviderError: There is no answer. Its reason does not hold the service's key.
        """
        sent = await self._encoder.encode(request, document)
        check_size(len(sent.body), request.model, self._model.limits.body_bytes or body_bytes)
        async with self._connections.one() as connection:
            answer = await exchange(connection, url, service, sent.body)
        try:
            return reply(answer, sent.images)
        except ProviderError as error:
            raise service.hidden(error) from None
