"""Requests, replies and the lines of the ledger."""

from __future__ import annotations

import re
from typing import Annotated, Any, ClassVar, Final, Literal

from pydantic import BeforeValidator, Field

from medbench.schema.base import FileRecord, OutsideName, OutsideText, Record, digest
from medbench.schema.case import Image
from medbench.schema.model import same_model

MODEL: Final = "model"
"""Role of the only model of a system, and of a judge in its own name."""
FALLBACK: Final = "fallback"
"""Role of the model that grades in the place of a judge."""
AGAIN: Final = "again"
"""Role of a judge that is asked the same question once more, to compare the two answers."""
ALIVE: Final = "alive"
"""Role of a judge that is asked only to see whether it answers at all."""


def _one_word(value: Any) -> Any:
    """Turn any text into one word: kinds come from providers and are printed."""
    return re.sub(r"[^A-Za-z0-9_-]+", "_", value)[:40] if isinstance(value, str) else value


class Failure(Record):
    """Something that did not happen, and why; never a score."""

    kind: Annotated[str, BeforeValidator(_one_word)]
    """One word, such as 'timeout', 'blocked' or 'empty'."""
    reason: OutsideText
    """The reason in words."""
    final: bool
    """True if asking the same again cannot help."""


class Usage(Record):
    """Tokens of one call; None is unknown, never a guess."""

    input: int | None = None
    """Tokens of the request."""
    output: int | None = None
    """Tokens of the answer, thoughts not included."""
    thoughts: int | None = None
    """Tokens of hidden thoughts."""
    cached: int | None = None
    """Tokens of the request that were served from a cache."""
    source: Literal["provider", "imported", "replay"] | None = Field(default=None, alias="from")
    """Source of the counts."""


class Cost(Record):
    """Cost of one call."""

    usd: float
    """Dollars."""
    basis: str
    """Basis of the computation, such as the price list."""
    unknown_tries: int = Field(default=0, ge=0, exclude_if=lambda tries: not tries)
    """Tries of unknown cost, which `usd` leaves out; left out where there are none."""

    @property
    def whole_usd(self) -> float | None:
        """Dollars; None where a try has an unknown cost."""
        return None if self.unknown_tries else self.usd


class Attempt(Record):
    """One try of a call."""

    start: str
    """When it was sent: UTC, ISO 8601."""
    queued_s: float
    """Seconds it waited before being sent."""
    took_s: float | None
    """Seconds from sending to the outcome; None in a batch, where nobody knows when it was worked on."""
    outcome: str
    """'ok', or the kind of failure."""
    status: int | None = None
    """HTTP status, where there was one."""
    wait_s: float = 0.0
    """Seconds waited after it."""
    reason: OutsideText | None = Field(default=None, exclude_if=lambda reason: reason is None)
    """The reason in words why it failed; left out of one that was answered, and by older versions."""


class CallFor(Record):
    """Purpose of a call."""

    case_id: str
    """The case."""
    replicate: int = 0
    """The repeat of the case."""
    stage: str
    """The stage of the pipeline; of judging: 'judge', 'canary-PROBE' or 'listing'; 'batch-check' of a request
    with a known answer, by which a batch is checked."""
    role: str = Field(default=MODEL, exclude_if=lambda role: role == MODEL)
    """Role of the model that was asked, left out where it is 'model': the only one of a system, or a judge in
    its own name. Of judging also: 'fallback', 'again', 'alive'."""

    @property
    def is_judging(self) -> bool:
        """True if a judge was asked, which is not part of the work of the system."""
        return self.stage in {"judge", "listing"} or self.stage.startswith("canary-")


class Request(Record):
    """One call as it will be made. Only text, images and settings reach a network."""

    model: str
    """Exact id of the model at its provider."""
    text: str
    """The prompt."""
    system: str | None = None
    """The system message, if any."""
    images: tuple[Image, ...] = ()
    """The pictures to send, in order."""
    settings: dict[str, Any] = {}
    """Settings of the model."""
    case_key: str = Field(default="", exclude=True)
    """Opaque key with which `replay` finds its answer; never sent and not part of the digest."""

    @property
    def digest(self) -> str:
        """Sha256 over all that decides the answer: model, texts, images' bytes and order, settings."""
        return digest(
            {
                "model": self.model,
                "text": self.text,
                "system": self.system,
                "images": [image.sha256 for image in self.images],
                "settings": self.settings,
            }
        )


class Reply(Record):
    """Answer of a provider to one call that worked."""

    text: OutsideText
    """The answer."""
    answered: OutsideName | None = None
    """Model that answered, as the provider names it."""
    finish_reason: OutsideName | None = None
    """Reason for which the answer ended, as the provider names it, in lower case."""
    thoughts: OutsideText | None = None
    """Thoughts of the model that are not part of the answer."""
    usage: Usage = Usage()
    """Tokens, as the provider counted them."""
    images_sent: tuple[str, ...] | None = None
    """Sha256 of the image bytes that were sent; None is unknown."""
    route: str | None = None
    """Way through the service by which the answer came, where it has several."""
    server: str | None = None
    """Address of the server that answered, where the model has several."""
    measured: bool = True
    """True if a model was asked just now; the time and the prompt of a replayed call mean nothing."""
    prompt: str | None = None
    """The text that was sent, where that was at another time."""
    seconds: float | None = None
    """Seconds that the call took where it was sent from; None where that was here."""


class Response(FileRecord):
    """One line of the ledger: an answer or a failed call, on disk before it is used."""

    what: ClassVar[str] = "response"

    response_id: str
    """Name of this line."""
    request_digest: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Digest of the request, by which it is found again."""
    sample: int = 0
    """Number of the answer to the same request, from 0."""
    call_for: CallFor = Field(alias="for")
    """Purpose of the call."""
    asked: str
    """Model that was asked."""
    answered: OutsideName | None = None
    """Model that answered, as the provider names it; None is unknown."""
    prompt: OutsideText | None = None
    """The text that was sent; None is unknown."""
    text: OutsideText | None = None
    """The answer; None where the call failed."""
    finish_reason: OutsideName | None = None
    """Reason for which the answer ended; None is unknown."""
    thoughts: OutsideText | None = None
    """Thoughts of the model, kept apart from the answer."""
    failure: Failure | None = None
    """The failure; None where there is an answer."""
    images_sent: tuple[str, ...] | None = None
    """Sha256 of the image bytes that were sent; None is unknown."""
    route: str | None = None
    """Way through the service by which the answer came, where it has several."""
    server: str | None = Field(default=None, exclude_if=lambda address: address is None)
    """Address of the server that answered, where the model has several. Else left out."""
    usage: Usage = Usage()
    """Tokens."""
    latency_s: float | None = None
    """Seconds of the attempt that answered; None is unknown."""
    cost: Cost | None = None
    """Cost of the call, all its tries together; None is unknown."""
    reused_from: str | None = None
    """Run that asked and paid, as BENCHMARK/SYSTEM, where it was not this one."""
    batch: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Batch that it came with, so that its latency is unknown; left out of a call that was made by itself."""
    withdraws: str | None = Field(default=None, exclude_if=lambda name: name is None)
    """Id of an earlier answer that counts no more: the request was to be sent again. Else left out."""
    attempts: tuple[Attempt, ...] = ()
    """Every try, the answering one last."""

    @property
    def is_by_another(self) -> bool:
        """True if the service says that another model answered; a replayed record comes from no service."""
        by_name = ":" not in self.asked  # 'my_pkg.my_mod:Name' is where the code is, and names no model
        return by_name and self.usage.source != "replay" and not same_model(self.asked, self.answered)
