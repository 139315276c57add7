"""Tokens, dollars and minutes of calls to come: arithmetic on what is known, nothing is read."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from medbench.schema.response import Usage
from medbench.schema.results.dry_run import Forecast
from medbench.steps.access.clients import Accounts

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Iterable, Mapping

    from medbench.pricing.prices import Prices
    from medbench.schema.model import Expect, ModelFile

TEXT_BYTES: Final = 4.5
"""Bytes of English prompt that make a token, where a model's file does not say: least squares over the 20
requests of February 2026."""


@dataclass(slots=True)
class Work:
    """Calls that are to be made, summed up."""

    calls: int = 0
    images: int = 0
    text_bytes: int = 0
    """Bytes of prompts and system messages."""
    worst_usd: float | None = 0.0
    """Sum of the worst cases of the calls; None where one has no bound."""
    most_output: int | None = None
    """Tokens of one answer at most; None where there is no bound."""
    dearest_usd: float = 0.0
    """Worst case of the dearest call, as far as it is known."""

    def add(self, *, images: int, text_bytes: int, worst_usd: float | None) -> None:
        """Count one more call."""
        self.calls += 1
        self.images += images
        self.text_bytes += text_bytes
        self.dearest_usd = max(self.dearest_usd, worst_usd or 0.0)
        known = None not in (self.worst_usd, worst_usd)
        self.worst_usd = (self.worst_usd or 0.0) + (worst_usd or 0.0) if known else None


@dataclass(frozen=True, slots=True)
class AtATime:
    """Calls in flight at the same time."""

    fewest: int
    most: int


def at_a_time(model: ModelFile, concurrency: int | None) -> AtATime:
    """Return the calls in flight to a model, from the number at first to the most that trying may find.

    Args:
        model: The model.
        concurrency: Calls at a time that were asked for; None for the model file's number, or the usual.
    """
    controller = Accounts(concurrency).of(model).slots.controller
    return AtATime(fewest=controller.limit, most=controller.most)


def forecast(work: Work, expect: Expect, prices: Prices, *, at_a_time: AtATime, at: dt.datetime) -> Forecast:
    """Return what the calls take.

    Tokens in: images x tokens an image + bytes of text / bytes a token. Tokens out: calls x mean tokens of
    answer and thoughts, no more than the settings allow. Dollars: calls x the price of the mean call; of an
    endpoint, the share of its time that is used, calls x mean seconds / calls at a time. At most: the sum of
    the calls' worst cases; of an endpoint, every call to the deadline, fewest at a time. Minutes: rounds of
    calls x seconds a call, from the mean with most at a time to the longest with fewest.
    """
    return Forecast(
        calls=work.calls,
        tokens_in=_tokens_in(work, expect),
        tokens_out=_tokens_out(work, expect),
        usd=_expected_usd(work, expect, prices, at_a_time, at),
        most_usd=_most_usd(work, prices, at_a_time),
        minutes=_minutes(work.calls, expect, at_a_time),
        gpu_hour=prices.gpu_hour,
        outputs=expect.outputs,
        source=expect.source,
        list_price_of=prices.list_price_of,
        dearest_usd=work.dearest_usd,
    )


def _tokens_in(work: Work, expect: Expect) -> float | None:
    if expect.input_tokens is not None:
        return work.calls * expect.input_tokens
    if expect.text_bytes is None or (work.images and expect.image_tokens is None):
        return None
    return work.images * (expect.image_tokens or 0.0) + work.text_bytes / expect.text_bytes


def _tokens_out(work: Work, expect: Expect) -> float | None:
    if expect.output_tokens is None:
        return None
    mean = expect.output_tokens + (expect.thoughts_tokens or 0.0)
    return work.calls * (mean if work.most_output is None else min(mean, work.most_output))


def _minutes(calls: int, expect: Expect, at_a_time: AtATime) -> tuple[float, float] | None:
    if expect.seconds is None:
        return None
    longest = max(expect.seconds, expect.longest_s or 0.0)
    fewest, most = math.ceil(calls / at_a_time.fewest), math.ceil(calls / at_a_time.most)
    return most * expect.seconds / 60, fewest * longest / 60


def _expected_usd(
    work: Work, expect: Expect, prices: Prices, at_a_time: AtATime, at: dt.datetime
) -> float | None:
    if not work.calls or prices.charged == "free":
        return 0.0
    if prices.charged == "hour" and expect.seconds is None:
        return None
    tokens_in, tokens_out = _tokens_in(work, expect), _tokens_out(work, expect)
    mean_call = Usage(
        input=None if tokens_in is None else round(tokens_in / work.calls),
        output=None if tokens_out is None else round(tokens_out / work.calls),
        thoughts=0,
    )
    cost = prices.cost(mean_call, seconds=expect.seconds or 0.0, sharing=at_a_time.most, at=at)
    return work.calls * cost.usd if cost else None


def _most_usd(work: Work, prices: Prices, at_a_time: AtATime) -> float | None:
    if work.worst_usd is None or prices.gpu_hour is None or not work.calls:
        return work.worst_usd
    return math.ceil(work.calls / at_a_time.fewest) * work.worst_usd / work.calls


def together(forecasts: Mapping[str, Forecast]) -> Forecast | None:
    """Return what the calls to several models take, by role; None where there are none.

    The roles work at the same time on different cases: together they take as long as the slowest of them, or,
    at worst, one after the other.
    """
    if len(forecasts) < 2:
        return next(iter(forecasts.values()), None)
    parts = list(forecasts.values())
    minutes = [part.minutes for part in parts if part.minutes is not None]
    hours = [part.gpu_hour for part in parts if part.gpu_hour is not None]
    return Forecast(
        calls=sum(part.calls for part in parts),
        tokens_in=_sum(part.tokens_in for part in parts),
        tokens_out=_sum(part.tokens_out for part in parts),
        usd=_sum(part.usd for part in parts),
        most_usd=_sum(part.most_usd for part in parts),
        minutes=(max(low for low, _ in minutes), sum(high for _, high in minutes))
        if len(minutes) == len(parts)
        else None,
        gpu_hour=sum(hours) if hours else None,
        outputs=min(part.outputs for part in parts),
        source="; ".join(f"{role}: {part.source}" for role, part in forecasts.items() if part.source),
        list_price_of=", ".join(part.list_price_of for part in parts if part.list_price_of),
        dearest_usd=max(part.dearest_usd for part in parts),
    )


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value or 0.0 for value in known)
