"""One file a pipeline: a case, and the pool, become an output.

A pipeline file holds a class `Pipeline`, made once a run from `Tools`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from medbench.client.client import Client
    from medbench.images.recorded import Pictures
    from medbench.prompts.prompt import Prompt
    from medbench.schema.case import Case, Example
    from medbench.schema.response import Failure
    from medbench.schema.run import System


@dataclass(frozen=True, slots=True)
class Tools:
    """All that a pipeline has to work with. Nothing here leads to a reference."""

    system: System
    """What runs."""
    pictures: Pictures
    """Reads the images of cases."""
    pool: tuple[Example, ...]
    """Cases that may be shown, each with its text."""
    pool_pictures: Pictures
    """Reads the images of the pool."""
    client: Client | None = None
    """The model; None for a baseline."""
    prompt: Prompt | None = None
    """The prompt; None for a baseline."""


@dataclass(frozen=True, slots=True)
class Result:
    """What a pipeline makes of one case: a text or a failure."""

    text: str | None = None
    failure: Failure | None = None
    responses: tuple[str, ...] = ()
    reused_from: str | None = None
    """Run that all of the responses were taken from, where none was asked for now."""


class Pipeline(Protocol):
    """How a case becomes an output."""

    def __init__(self, tools: Tools) -> None: ...

    async def answer(self, case: Case, replicate: int) -> Result:
        """The output of one case and replicate."""
        ...
