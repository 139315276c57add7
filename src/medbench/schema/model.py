"""A model file: how a model is reached, what it takes and what it costs."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from medbench.schema.base import Record

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Dollars, none or more."""
Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A mean of tokens or seconds."""


class Limits(Record):
    """What a model takes."""

    images: int | None = None
    """Most images in one prompt; None for any number."""
    body_bytes: int | None = None
    """Largest request body; None for what the service is known to take."""
    context: int | None = None
    """Tokens of request and answer together; None where unknown."""
    image_tokens: int | None = Field(default=None, ge=0)
    """Most tokens that one image takes; None where unknown, and then the worst case of a call is, too."""
    concurrency: int | None = Field(default=None, ge=1)
    """Calls at a time of a server of known size, replicas x max-num-seqs; None to find it by trying."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Most calls a minute; None for no such limit."""


class Price(Record):
    """What a model costs. It goes before any price list; None where it is not charged in that way.

    A model is free, or is charged by the token (`input` and `output`), or by the hour (`gpu_hour`); the first
    of these that is set counts.
    """

    input: Dollars | None = None
    """Dollars a million tokens of the request."""
    output: Dollars | None = None
    """Dollars a million tokens of the answer, thoughts included."""
    cached: Dollars | None = None
    """Dollars a million tokens of the request that came from a cache; None for the same as the others."""
    gpu_hour: Dollars | None = None
    """Dollars an hour that the endpoint is up."""
    hardware: str = ""
    """What is paid for by the hour, such as '1 x L4'."""
    free: bool = False
    """Whether it costs nothing."""
    as_of: date | None = Field(default=None, alias="date")
    """Day on which the price was read."""

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if (self.input is None) != (self.output is None):
            msg = "needs both 'input' and 'output'"
            raise ValueError(msg)
        return self


class Expect(Record):
    """What to expect of one call, for the estimate of --dry-run; None where nothing is known."""

    input_tokens: Count | None = None
    """Tokens of a request; None to count them from its text and images."""
    image_tokens: Count | None = None
    """Tokens of an image."""
    text_bytes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Bytes of text that make one token."""
    output_tokens: Count | None = None
    """Tokens of an answer, thoughts not included."""
    thoughts_tokens: Count | None = None
    """Tokens of hidden thoughts."""
    seconds: Count | None = None
    """Seconds a call takes, on average."""
    longest_s: Count | None = None
    """Seconds of the longest call."""
    outputs: int = Field(default=0, ge=0)
    """Recorded outputs that this rests on."""
    source: str = ""
    """What it rests on, in words: whose outputs, and what is assumed."""


class ModelFile(Record):
    """One TOML file a model; the same keys in `[models.NAME]` of medbench.toml."""

    provider: str | None = None
    """The way to reach it; a file of `providers/` or `my_pkg.my_mod:Name`."""
    pipeline: str | None = None
    """For a system without a model: a file of `pipelines/` or `my_pkg.my_mod:Name`."""
    id: str = ""
    """Exact id at the provider."""
    retires: date | None = None
    """Day on which its provider shuts it down, or did; None where no such day is known."""
    successor: str | None = None
    """Exact id of the model that its provider names in its place."""
    family: str = "other"
    """Who made it: 'medgemma', 'gemini', 'baseline', 'other'."""
    summary: str = ""
    """What it is, in a few words."""
    hidden: bool = False
    """Whether `medbench models` lists it only with --all."""
    needs: str | None = None
    """What must be there for it: 'key', 'endpoint', or 'pool' for a baseline that shows pool cases."""
    base_url: str | None = None
    """Server, where it is not the provider's own."""
    key_env: str | None = Field(default=None, pattern=r"^([A-Z_][A-Z0-9_]{0,63})?$")
    """Name of the environment variable that holds its key, never the key; '' for no key."""
    project: str | None = None
    """Cloud project."""
    location: str | None = None
    """Cloud location."""
    endpoint: str | None = None
    """Id of the endpoint."""
    limits: Limits = Limits()
    """What it takes."""
    price: Price | None = None
    """What it costs; None where unknown."""
    expect: Expect = Expect()
    """What to expect of a call that describes a case."""
    expect_verdict: Expect = Expect()
    """What to expect of a call that grades an output."""
    settings: dict[str, Any] = {}
    """Settings of the system, changed with --set."""

    def is_retired(self, today: date) -> bool:
        """Whether it is shut down on that day."""
        return self.retires is not None and self.retires <= today

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if (self.provider is None) == (self.pipeline is None):
            msg = "needs either 'provider' or 'pipeline'"
            raise ValueError(msg)
        return self
