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
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


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
    def hosts(cls, model: ModelFile) -> tuple[str, ...] | None:
        """Return the hosts that may be sent requests, '*.' for any below; None where that is unknown."""
        return (host_of(model.base_url),) if model.base_url else None

    async def connect(self) -> None:  # noqa: B027 - a provider without a network has nothing to do
        """Load libraries and open what is needed, while no call of any provider is in flight."""

    @abstractmethod
    async def ask(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ProviderError: There is no usable answer; it says whether asking again may help.
        """

    async def listed(self) -> tuple[str, ...] | None:
        """Return the ids that the service lists as its models; None where it has no such list.

        Raises:
            ProviderError: It cannot be had.
        """
        return None

    async def close(self) -> None:  # noqa: B027 - the same
        """Close what is open."""


def is_set(variable: str) -> bool:
    """True if an environment variable holds more than spaces."""
    return bool(os.environ.get(variable, "").strip())


def provider_class(name: str) -> type[Provider]:
    """Return the class of a provider; one that derives from nothing gets the defaults of `Provider`.

    Args:
        name: A file of this folder, or 'my_pkg.my_mod:Name'.

    Raises:
        UsageError: There is no such class.
    """
    return find_class("providers", "provider", name, Provider)  # type: ignore[type-abstract]
