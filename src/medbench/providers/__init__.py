"""One file a provider, one call each: no retries, no prices, no ledger.

A provider file holds a class `Provider`. It is made once a run from the model's file and a reader of images,
and answers one request at a time. It may have more:

* `async connect()`: load libraries, open what is needed; called while no call of any provider is in flight.
* `async close()`: called in the same event loop when the run ends.
* `missing(model)`, a static method that loads nothing: what is missing to use the model, in one word such as
  'endpoint', 'project', 'location', 'credentials', 'key', and what to type; None where nothing is.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


class Provider(Protocol):
    """The way to reach a model."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None: ...

    async def ask(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ProviderError: There is no usable answer; it says whether asking again may help.
        """
        ...
