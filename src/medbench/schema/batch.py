"""Batches of a run: what was handed to a service to be answered within a day, and what became of it."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import Field

from medbench.schema.base import FileRecord, OutsideText
from medbench.schema.response import CallFor

CHECK = "batch-check"
"""Stage of a call whose right answer is known, by which a batch is checked."""

JUDGES_CHECK = "canary-batch"
"""The same, where a judge is asked."""

BatchStep = Literal["intended", "uploaded", "created", "cancelled", "collected", "refused", "lost"]
"""Event in the life of a batch. The last three end it."""
ENDED: frozenset[BatchStep] = frozenset({"collected", "refused", "lost"})
"""Steps after which nothing more comes of a batch."""
Then = Literal["live", "stop"]
"""Fate of the requests that no batch answered in time: each is asked by itself ('live'), or none ('stop')."""


class BatchEvent(FileRecord):
    """Something that happened to a batch; the intent to create it is on the disk before it is created."""

    what: ClassVar[str] = "event of a batch"

    at: str
    """When: UTC, ISO 8601."""
    batch: str
    """Name of the batch, which the service is given too, so that it is found there after a crash."""
    kind: BatchStep
    """The event: 'refused' was not created, of 'lost' the service knows nothing."""
    role: str = Field(default="", exclude_if=lambda role: not role)
    """Role of the model, or the judge; of the kind 'intended', else left out."""
    asked: str = Field(default="", exclude_if=lambda asked: not asked)
    """Exact id of the model; of the kind 'intended', else left out."""
    items: int = Field(default=0, exclude_if=lambda items: not items)
    """Requests in it, those that check it included; of the kind 'intended', else left out."""
    sha256: str = Field(default="", exclude_if=lambda sha256: not sha256)
    """Digest of the file of requests; of the kind 'intended', else left out."""
    most_usd: float | None = Field(default=None, exclude_if=lambda usd: usd is None)
    """Dollars that it may cost at most; left out where unknown, and but for the kind 'intended'."""
    service_id: str = Field(default="", exclude_if=lambda name: not name)
    """Id at the service: 'uploaded' has that of the file, 'created' that of the batch; else left out."""
    said: OutsideText = ""
    """The event in words; empty where the kind says it all."""


class BatchItem(FileRecord):
    """One request of a batch, without its pictures: all that it takes to know its answer again."""

    what: ClassVar[str] = "item of a batch"

    key: str
    """Name of the request in its batch."""
    request_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the request."""
    call_for: CallFor = Field(alias="for")
    """Purpose of the call."""
    sample: int = 0
    """Number of the answer to the same request."""
    asked: str
    """Model that was asked."""
    prompt: OutsideText
    """The text that was sent."""
    images_sent: tuple[str, ...] = ()
    """Sha256 of the image bytes that were sent."""
    sizes: tuple[str, ...] = ()
    """Width and height of each image in pixels, such as '512x512'."""
    tokens: int | None = Field(default=None, exclude_if=lambda tokens: tokens is None)
    """Tokens of its text, as the service counted them before it was sent; left out where unknown."""
    word: str = Field(default="", exclude_if=lambda word: not word)
    """The right answer of a request that checks the batch; left out of others."""

    @property
    def is_counted(self) -> bool:
        """True for a call whose text the service counted; a check is none."""
        return self.tokens is not None and not self.word
