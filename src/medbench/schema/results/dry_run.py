"""What a session of `run` would do, and what that would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.schema.response import Request


@dataclass(frozen=True, slots=True)
class Forecast:
    """What some calls to one model take; None is unknown, never a guess."""

    calls: int
    """Calls."""
    tokens_in: float | None
    """Tokens of the requests, as expected."""
    tokens_out: float | None
    """Tokens of answers and thoughts, as expected."""
    usd: float | None
    """Dollars, as expected."""
    most_usd: float | None
    """Dollars at most, each call sent once."""
    minutes: tuple[float, float] | None
    """From: calls as long as the mean, most at a time. To: as long as the longest, fewest at a time."""
    gpu_hour: float | None
    """Dollars an hour of an endpoint, whose used share alone is in the sums; None where there is none."""
    outputs: int
    """Recorded outputs that the expectation rests on."""
    source: str
    """What it rests on besides, and what is assumed."""
    list_price_of: str = ""
    """Id whose list price is taken, where a server elsewhere may charge another; '' where none is."""


@dataclass(frozen=True, slots=True)
class PlannedSystem:
    """One system, before anything is sent."""

    folder: str
    """The run folder."""
    wanted: int
    """Case-replicates asked for."""
    left: int
    """Those that have no output that stands."""
    images: int
    """Images that are sent for the cases that are left."""
    reused: int
    """Calls whose answer another run of this system has paid for; they are not made."""
    most_output: int | None
    """Tokens of one answer at most; None where there is no bound."""
    forecast: Forecast | None
    """What is left takes; None where no model is asked."""
    example: Request | None
    """The first call, as it would go out."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One line of `run`, before anything is sent."""

    benchmark: str
    """Name of the benchmark."""
    systems: tuple[PlannedSystem, ...]
    """The systems."""
    judge: str
    """Who would grade the outputs later."""
    canaries: int
    """Outputs with a known grade that the judge is given besides."""
    judging: Forecast | None
    """What grading all of them takes; None where there is nothing to pay for."""
    most_usd: float
    """Dollars that the line may spend."""
    most_from: str
    """Where that number is from."""
