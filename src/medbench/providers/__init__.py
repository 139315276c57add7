"""One file a provider, one call each: no retries, no prices, no ledger.

A provider file holds a class `Provider`. It is made once a run with the model's file and the folder that
the image paths of requests start at, and answers one request at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request


class Provider(Protocol):
    """The way to reach a model."""

    def __init__(self, model: ModelFile, folder: Path) -> None: ...

    async def ask(self, request: Request) -> Reply:
        """Ask once.

        Raises:
            ProviderError: There is no usable answer; it says whether asking again may help.
        """
        ...
