"""The forecast of a `run`: what it would send, and what that would take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.errors import MedbenchError
    from medbench.schema.response import Request
    from medbench.schema.results.judge_result import JudgeDryRun


@dataclass(frozen=True, slots=True)
class Forecast:
    """The forecast for some calls to one model; None means unknown, never a guess."""

    calls: int
    tokens_in: float | None
    """Expected tokens of the requests."""
    tokens_out: float | None
    """Expected tokens of answers and thoughts."""
    usd: float | None
    """Expected dollars."""
    most_usd: float | None
    """Most dollars, if each call is sent once."""
    minutes: tuple[float, float] | None
    """Fewest and most minutes: calls of mean length with most in flight, and the longest with fewest."""
    gpu_hour: float | None
    """Dollars per hour of an endpoint; the sums hold its used share only. None for other models."""
    outputs: int
    """Number of recorded outputs that the forecast rests on."""
    source: str
    """Other sources of the forecast, and what is assumed."""
    list_price_of: str = ""
    """Id whose list price is used for a server that may charge another price; '' for none."""
    dearest_usd: float = 0.0
    """Most dollars of one call, as far as it is known."""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """The dollars that a line may spend, beside those that its calls take."""

    most_usd: float
    """Most dollars that the line may spend."""
    most_from: str
    """Where that limit comes from."""
    expected_usd: float
    """Dollars that are expected, as far as they are known."""
    worst_usd: float | None
    """Most dollars, if each call is sent once; None where a call has no bound."""
    dearest_usd: float
    """Most dollars of one call, as far as it is known."""

    @classmethod
    def over(cls, most_usd: float, most_from: str, parts: Sequence[Forecast | JudgeDryRun]) -> Ceiling:
        """Return the ceiling of a line that asks several models."""
        worst = [part.most_usd for part in parts]
        return cls(
            most_usd=most_usd,
            most_from=most_from,
            expected_usd=sum(part.usd or 0.0 for part in parts),
            worst_usd=None if None in worst else sum(usd or 0.0 for usd in worst),
            dearest_usd=max((part.dearest_usd for part in parts), default=0.0),
        )

    @property
    def will_stop(self) -> bool:
        """True if the line is expected to stop before its end, or one of its calls cannot be sent."""
        return max(self.expected_usd, self.dearest_usd) > self.most_usd


@dataclass(frozen=True, slots=True)
class PlannedSystem:
    """The forecast for one system."""

    folder: str
    """The run folder."""
    wanted: int
    """Number of outputs wanted."""
    left: int
    """Number of those that are still to be made."""
    images: int
    """Number of images to send for them."""
    reused: int
    """Number of calls that are not made because another run of this system has the answer."""
    waiting: int
    """Number of calls that are not made because they are under way in a batch."""
    graded: tuple[int, ...]
    """For each judge the number of outputs that it has graded, here or where the answer is taken from."""
    most_output: int | None
    """Most tokens of one answer; None where there is no bound."""
    forecast: Forecast | None
    """The forecast of the calls; None where no model is called."""
    example: Request | None
    """The first request; None where there is none."""
    refusal: MedbenchError | None = None
    """Why the run would be refused, wherever its cases may go; None where it would not."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The forecast for one line of `run`."""

    benchmark: str
    systems: tuple[PlannedSystem, ...]
    most_usd: float
    """Most dollars that the line may spend."""
    most_from: str
    """Where that limit comes from."""
    judge: str
    """Names of the judges that would grade the outputs later."""
    listings: int
    """Number of references whose findings they would list."""
    canaries: int
    """Number of canaries that they would grade as well."""
    judging: Forecast | None
    """The forecast of grading the outputs; None where there is nothing to grade."""
    batch: bool = False
    """True if the calls would go in batches: their seconds are unknown, their price is lower."""

    elsewhere: tuple[MedbenchError, ...] = ()
    """One error for each model at a host where the cases may not go."""

    @property
    def refusals(self) -> list[MedbenchError]:
        """Return why the line would be refused; the first is the error with which it would end."""
        return [*self.elsewhere, *(system.refusal for system in self.systems if system.refusal)]

    @property
    def ceiling(self) -> Ceiling:
        """Return the ceiling beside what the systems take."""
        forecasts = [system.forecast for system in self.systems if system.forecast]
        return Ceiling.over(self.most_usd, self.most_from, forecasts)
