"""Providers, the ways to reach a model: one file each, one call each, and what all of them have.

Retries, limits, prices and the ledger are the client's. A provider file holds a class `Provider` that derives
from the one here; it must define `ask` and may define the rest. Whatever else medbench has to know of a
provider stands in its class, so that a new one is one file.
"""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, ClassVar, Final, NamedTuple

from medbench.addresses import host_of
from medbench.registry import find_class

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.errors import ProviderError
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


PAGE: Final = "html"
"""Kind of a failure where a page came in place of an answer."""
GARBLED: Final = "garbled"
"""Kind of a failure where what came is not HTTP, not TLS, or cannot be unpacked."""
NOT_ANSWERS: Final = frozenset({GARBLED, "unreadable", "empty_body", "cut_json", "partial"})
"""Kinds of a failure where something came that is no whole answer; see also `PAGE`."""
NO_KEY: Final = "none is sent"
"""Authorisation of a model that is sent no key."""


class Missing(NamedTuple):
    """Something that a model needs and that is not there."""

    name: str
    """In one word, such as 'endpoint', 'project', 'credentials' or 'key'."""
    hint: str
    """Command or line of a settings file that puts it right."""


class Access(NamedTuple):
    """Authorisation of calls to a model."""

    name: str
    """'key' or 'credentials'."""
    words: str
    """Its source, such as a variable; never the secret."""


class BatchLine(NamedTuple):
    """A request as a line of a batch's file."""

    data: bytes
    """The line, without its newline."""
    images: tuple[str, ...]
    """Sha256 of the image bytes in it."""


class BatchState(NamedTuple):
    """The state of a batch at its service."""

    ended: bool
    """True if nothing more is worked on, so that what came can be downloaded."""
    words: str
    """The state as the service names it, in lower case, and what it says of it."""
    succeeded: bool = False
    """True if the service says that all was worked on: there must be something to download."""


class BatchAnswer(NamedTuple):
    """Outcome of one request of a batch."""

    key: str | None
    """Name of the request; None where the service did not say."""
    reply: Reply | None = None
    """The answer, if one came."""
    error: ProviderError | None = None
    """Why there is none; None beside a missing reply where the request was not worked on."""
    text_tokens: int | None = None
    """Tokens of the request that are text, as the service billed them; None where it does not say."""


class Batches(ABC):
    """A service's batches: files of requests that are answered within a day, at a lower price.

    A batch is uploaded, created and asked after; when it has ended, what came of it is downloaded. Its name
    goes with it, so that it is found by it: whoever created it may not have lived to read its id.
    """

    most_items: ClassVar[int] = 50_000
    """Most requests in one batch."""
    most_bytes: ClassVar[int] = 200_000_000
    """Most bytes of its file."""

    @abstractmethod
    async def line(self, key: str, request: Request) -> BatchLine:
        """Return a request as a line of the file.

        Raises:
            ProviderError: It cannot be sent.
            ImageError: An image is gone, or is not the one that was recorded.
        """

    async def count(self, request: Request) -> int | None:
        """Return the tokens of a request's text, or None where the service does not count them for nothing.

        What is the same for all requests may be left out.

        Raises:
            ProviderError: They cannot be had.
        """
        del request
        return None

    @abstractmethod
    async def upload(self, name: str, file: Path) -> str:
        """Upload the file of a batch and return its id; '' where `create` takes the file itself.

        Raises:
            ProviderError: It was not uploaded.
        """

    @abstractmethod
    async def create(self, name: str, file: Path, uploaded: str) -> str:
        """Create a batch and return its id.

        Args:
            name: The name, which must go with it.
            file: The file of requests.
            uploaded: Its id from `upload`.

        Raises:
            ProviderError: It was refused; or, where `sent` is true, perhaps not.
        """

    @abstractmethod
    async def find(self, name: str, uploaded: str) -> str | None:
        """Return the id of the batch of that name, or of that file; None where there is none.

        Raises:
            ProviderError: It cannot be known.
        """

    @abstractmethod
    async def state(self, batch: str) -> BatchState:
        """Return the state of a batch.

        Raises:
            ProviderError: It cannot be had.
        """

    @abstractmethod
    async def cancel(self, batch: str) -> None:
        """Ask for an end of the work on a batch; what is answered by then is kept.

        Raises:
            ProviderError: It was refused.
        """

    @abstractmethod
    async def download(self, batch: str, to: Path) -> None:
        """Write what came of a batch that has ended to a file, a line a request, in any order.

        Raises:
            ProviderError: It cannot be had.
        """

    @abstractmethod
    def read(self, line: bytes) -> BatchAnswer:
        """Return what a line of the downloaded file says; for a thread."""

    async def close(self) -> None:  # noqa: B027 - most have the connections of their provider
        """Close what is open."""


class Provider(ABC):
    """A way to reach a model.

    Made once a run. Its methods run in the event loop of that run, `connect` and `ask` many at a time; the
    class methods load no library and ask no server.

    Args:
        model: The model's file.
        pictures: Reads the images of requests.
    """

    variables: ClassVar[tuple[str, ...]] = ()
    """Environment variables that it reads where the model file names none, the most important first."""
    price_service: ClassVar[str | None] = None
    """Provider id of genai-prices under which its models are listed; None where there is no list price."""
    takes_schema: ClassVar[bool] = False
    """True if an answer can be held to a JSON Schema, by the setting `response_schema`."""
    counts_thoughts_apart: ClassVar[bool] = False
    """True if thoughts are counted beside the answer: while their number is unknown, the cost is, too."""
    known_settings: ClassVar[frozenset[str] | None] = None
    """Settings that servers are known to take, where others are sent too; None where there are no others."""
    only_batches: ClassVar[bool] = False
    """True if it answers files of requests alone, and no single call."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        self._model, self._pictures = model, pictures

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return the first thing that the model needs and that is not there."""
        if model.key_env and not is_set(model.key_env):
            return Missing("key", f"export {model.key_env}=…")
        return None

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """Return what calls are authorised with, where nothing is missing."""
        names = cls.variables if model.key_env is None else (model.key_env,)
        name = next(filter(is_set, names), None)
        return Access("key", f"{name} is set" if name else NO_KEY)

    @classmethod
    def account(cls, model: ModelFile) -> tuple[str | None, ...]:
        """Return what tells the account of a model's calls from others: calls to one share its limits."""
        return (model.base_url, model.project, model.location, model.endpoint, model.key_env)

    @classmethod
    def address(cls, model: ModelFile) -> str | None:
        """Return the address that is asked in the place of the service's own; None where that is asked."""
        return model.base_url

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...] | None:
        """Return the hosts that may be sent requests, '*.' for any below; None where that is unknown."""
        return (host_of(model.base_url),) if model.base_url else None

    @classmethod
    def most_bytes(cls, model: ModelFile) -> int | None:
        """Return the bytes of the largest request that may be sent; None where no limit is known."""
        return model.limits.body_bytes

    async def connect(self) -> None:  # noqa: B027 - a provider without a network has nothing to do
        """Load libraries and open what is needed, while no call of any provider is in flight."""

    @abstractmethod
    async def ask(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ProviderError: There is no usable answer; it says whether asking again may help.
        """

    def batches(self) -> Batches | None:
        """Return the service's batches; None where it has none."""
        return None

    def missing_for_batches(self) -> Missing | None:
        """Return what its batches need that is not there; None where nothing is missing, or it has none."""
        return None

    def why_no_batches(self) -> str | None:
        """Return why it has no batches, where somebody may expect some; None where nothing is to be said."""
        return None

    async def listed(self) -> tuple[str, ...] | None:
        """Return the ids that the service lists as its models; None where it has no such list.

        Raises:
            ProviderError: It cannot be had.
        """
        return None

    async def close(self) -> None:  # noqa: B027 - the same
        """Close what is open."""


def is_set(variable: str) -> bool:
    """Return True if an environment variable holds more than spaces."""
    return bool(os.environ.get(variable, "").strip())


def provider_class(name: str) -> type[Provider]:
    """Return the class of a provider; one that derives from nothing gets the defaults of `Provider`.

    Args:
        name: A file of this folder, or 'my_pkg.my_mod:Name'.

    Raises:
        UsageError: There is no such class.
    """
    return find_class("providers", "provider", name, Provider)  # type: ignore[type-abstract]
