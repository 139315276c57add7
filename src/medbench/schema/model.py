"""A model file: how to reach a model, its limits and its price; and when two names mean one model."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache
from typing import Annotated, Any, Final, Self

from pydantic import Field, model_validator

from medbench.schema.base import Record
from medbench.schema.spec import StageSpec

_RESOURCE: Final = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/")
# What names one release of a model, or of its preview: '-001', '-05-20', '-2026-01-13', '-20260113';
# '@version' on Vertex AI; ':latest' where no tag was asked for (Ollama).
_DAY: Final = r"\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|\d{2}-\d{2}"
_RELEASE: Final = rf"(?:-(?:{_DAY})|-\d{{3}}|@[^@/]+|:latest)$"
_VERSIONS: Final = (re.compile(_RELEASE), re.compile(rf"-preview{_RELEASE}"))

Dollars = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""Dollars, 0 or more."""
Count = Annotated[float, Field(ge=0, allow_inf_nan=False)]
"""A mean number of tokens or seconds."""


class Limits(Record):
    """The limits of a model."""

    images: int | None = None
    """Most images in one prompt; None for any number."""
    body_bytes: int | None = None
    """Bytes of the largest request; None for the limit that the service documents."""
    context: int | None = None
    """Tokens of request and answer together; None where unknown."""
    image_tokens: int | None = Field(default=None, ge=0)
    """Most tokens that one image takes; None where unknown, which leaves a call's cost without a bound."""
    concurrency: int | None = Field(default=None, ge=1)
    """Most calls at a time of a server of known size (replicas x max-num-seqs); None to find by trying."""
    requests_per_minute: int | None = Field(default=None, ge=1)
    """Most calls a minute; None for no limit."""


class Price(Record):
    """The price of a model, which overrides any price list.

    A model is free, or is charged by the token (`input` and `output`), or by the hour (`gpu_hour`); the first
    of these that is set counts.
    """

    input: Dollars | None = None
    """Dollars per million tokens of the request; None where tokens are not charged."""
    output: Dollars | None = None
    """Dollars per million tokens of the answer, thoughts included; None where tokens are not charged."""
    cached: Dollars | None = None
    """Dollars per million tokens of the request that came from a cache; None to charge them as `input`."""
    gpu_hour: Dollars | None = None
    """Dollars per hour that the endpoint is up; None where hours are not charged."""
    batch: float = Field(default=0.5, ge=0, le=1)
    """Share of the price of a token that is charged in a batch; half of it, as most services do."""
    hardware: str = ""
    """The machine that is paid for by the hour, such as '1 x L4'."""
    free: bool = False
    """True if calls cost nothing."""
    as_of: date | None = Field(default=None, alias="date")
    """Day on which the price was looked up; None where unknown."""
    source: str = ""
    """Where the price is from; '' where unknown."""
    machine: str = ""
    """Machine type that is paid for by the hour, such as 'g2-standard-12'; '' for any."""

    @property
    def costs_nothing(self) -> bool:
        """True if calls are free, or a token costs $0."""
        return self.free or (self.input == self.output == 0 and not self.cached)

    @model_validator(mode="after")
    def _both_ways(self) -> Self:
        if (self.input is None) != (self.output is None):
            msg = "needs both 'input' and 'output'"
            raise ValueError(msg)
        return self


class Expect(Record):
    """The expected size of a call, for the forecast of --dry-run; None where nothing is known."""

    input_tokens: Count | None = None
    """Tokens of a request; None to estimate them from its text and images."""
    image_tokens: Count | None = None
    """Tokens of an image."""
    text_bytes: float | None = Field(default=None, gt=0, allow_inf_nan=False)
    """Bytes of text per token."""
    output_tokens: Count | None = None
    """Tokens of an answer, without thoughts."""
    thoughts_tokens: Count | None = None
    """Tokens of hidden thoughts."""
    seconds: Count | None = None
    """Mean seconds of a call."""
    longest_s: Count | None = None
    """Seconds of the longest call."""
    outputs: int = Field(default=0, ge=0)
    """Number of recorded outputs that these figures come from."""
    source: str = ""
    """Where the figures come from, in words: whose outputs, and what is assumed."""


class ModelFile(Record):
    """One model: a TOML file, or `[models.NAME]` of medbench.toml with the same keys."""

    provider: str | None = None
    """The service that it is reached through: a file of `providers/`, or `my_pkg.my_mod:Name`."""
    pipeline: str | None = None
    """Pipeline, if not `single`: a file of `pipelines/`, or `my_pkg.my_mod:Name`."""
    stages: dict[str, StageSpec] = {}
    """For a pipeline of several models: role to the model that is asked in it."""
    id: str = ""
    """Exact id at the provider."""
    retires: date | None = None
    """Day on which its provider shuts it down, or did; None where no day is announced."""
    successor: str | None = None
    """Exact id of the model that its provider recommends instead; None where there is none."""
    family: str = "other"
    """Family of models, such as 'medgemma' or 'gemini'; 'baseline' for no model."""
    summary: str = ""
    """A description in a few words."""
    hidden: bool = False
    """True if `medbench models` lists it only with --all."""
    needs: str | None = None
    """The prerequisite: 'key', 'endpoint', or 'pool' for a baseline that uses it; None for none."""
    base_url: str | None = None
    """Address of the server; None for the provider's own."""
    addresses: tuple[str, ...] = ()
    """Addresses of several servers of the same model, in place of `base_url`; limits are of each."""
    key_env: str | None = Field(default=None, pattern=r"^([A-Z_][A-Z0-9_]{0,63})?$")
    """Environment variable that holds its key, never the key; '' for no key, None for the provider's own."""
    project: str | None = None
    """Cloud project; None to read it from the environment."""
    location: str | None = None
    """Cloud location; None to leave it to the provider."""
    bucket: str | None = Field(
        default=None,
        pattern=r"^gs://[a-z0-9][a-z0-9._-]{1,220}[a-z0-9](/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$",
    )
    """Folder of a bucket of yours, such as 'gs://my-bucket/medbench', by which batches on Vertex AI go."""
    endpoint: str | None = None
    """Id of the endpoint; None where the model has none."""
    publisher_model: str | None = Field(
        default=None, pattern=r"^publishers/[A-Za-z0-9._-]+/models/[A-Za-z0-9._@-]+$"
    )
    """Name in Vertex AI's Model Garden, from where `medbench endpoint` puts it up; None where it has none."""
    licence: str = ""
    """Terms that have to be accepted before it is put up: their name and address."""
    limits: Limits = Limits()
    """Its limits."""
    price: Price | None = None
    """Its price; None to look it up in the price table."""
    expect: Expect = Expect()
    """The expected size of a call that describes a case."""
    expect_verdict: Expect = Expect()
    """The expected size of a call that grades an output."""
    settings: dict[str, Any] = {}
    """Settings of the system, which --set changes."""

    def at_each_address(self) -> tuple[Self, ...]:
        """Return the model as it is at each of its addresses; the model itself where it has one server."""
        if not self.addresses:
            return (self,)
        return tuple(
            self.model_copy(update={"base_url": address, "addresses": ()}) for address in self.addresses
        )

    def is_retired(self, today: date) -> bool:
        """Return True if it is shut down on that day."""
        return self.retires is not None and self.retires <= today

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        if self.provider is None and self.pipeline is None:
            msg = "needs 'provider', 'pipeline' or both"
            raise ValueError(msg)
        if self.stages and self.pipeline is None:
            msg = "has 'stages' and no 'pipeline'"
            raise ValueError(msg)
        if self.addresses and self.base_url is not None:
            msg = "has both 'base_url' and 'addresses'"
            raise ValueError(msg)
        if len({address.rstrip("/") for address in self.addresses}) < len(self.addresses):
            msg = "has an address twice in 'addresses'"
            raise ValueError(msg)
        return self


@lru_cache(maxsize=64)  # a run asks it of the same two names with every answer
def same_model(asked: str, answered: str | None) -> bool:
    """Return True if two names mean one model.

    A name without a version means any version of it, so 'gemini-2.5-flash' may be answered by
    'gemini-2.5-flash-001' or 'gemini-2.5-flash-preview-05-20'; two versions are two models. A preview and
    the model that followed it are two models, and so is an alias that moves, such as 'gemini-flash-latest'.
    The maker counts only where both names give one; 'models/' and 'publishers/google/models/' do not count.

    Args:
        asked: Name that was requested.
        answered: Name that came back; None where the server gave none, which counts as the same.
    """
    if not answered or not answered.strip():
        return True
    maker, name = _parts(asked)
    other_maker, other_name = _parts(answered)
    if maker and other_maker and maker != other_maker:
        return False
    return other_name in _versionless(name) or name in _versionless(other_name)


def _parts(name: str) -> tuple[str, str]:
    """Return maker and name of a model; '' where the name does not say who made it."""
    plain = _RESOURCE.sub(r"\1/", name.strip().lower()).removeprefix("models/")
    maker, _, rest = plain.rpartition("/")
    return maker, rest


def _versionless(name: str) -> set[str]:
    """Return the name, and the names without a version that it is a version of."""
    return {name, *(version.sub("", name) for version in _VERSIONS)}
