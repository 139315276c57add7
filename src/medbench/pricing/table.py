"""Reads the price table of genai-prices by exact id, and computes costs by the token."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from importlib.metadata import version
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from genai_prices.types import ModelInfo, ModelPrice, TieredPrices

NAME: Final = "genai-prices"
"""The package that contains the table; nothing is downloaded."""
BATCH_SHARE: Final = 0.5
"""Share of the usual price that a call in a batch costs, as OpenAI, Google and Anthropic document it."""
READ: Final = {"0.2.3": dt.date(2026, 11, 22)}
"""Day on which a version of the table was compared with another table; it has no date itself."""


@cache
def edition() -> str:
    """Return the version of the table."""
    return version(NAME)


@dataclass(frozen=True, slots=True)
class Bill:
    """The tokens to pay for."""

    input: int
    """Tokens of the request, including cached ones."""
    cached: int
    """Tokens of the request that came from a cache."""
    output: int
    """Tokens of answer and thoughts."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars per million tokens."""

    input: float
    cached: float
    output: float

    def usd(self, bill: Bill) -> float:
        """Return the dollars for these tokens."""
        fresh = bill.input - bill.cached
        return (fresh * self.input + bill.cached * self.cached + bill.output * self.output) / 1e6

    def times(self, share: float) -> Rates:
        """Return a share of them."""
        return Rates(self.input * share, self.cached * share, self.output * share)


@dataclass(frozen=True, slots=True)
class Listed:
    """The price of one model on one day."""

    base: Rates
    dearer: tuple[tuple[int, Rates], ...]
    """Thresholds in rising order: all tokens of a request with more tokens are charged at these rates."""

    def times(self, share: float) -> Listed:
        """Return a share of it."""
        return Listed(
            self.base.times(share), tuple((over, rates.times(share)) for over, rates in self.dearer)
        )

    def usd(self, bill: Bill) -> float:
        """Return the dollars for these tokens."""
        rates = self.base
        for over, higher in self.dearer:
            if bill.input > over:
                rates = higher
        return rates.usd(bill)


class Table:
    """The prices of one service's models by exact id; the package itself also finds similar ids.

    Args:
        service: The package's name of the service; None for a table without models.
        batch: True for the prices of calls in batches.
    """

    def __init__(self, service: str | None, *, batch: bool = False) -> None:
        self._service = service
        self._batch = batch
        self._models: dict[str, ModelInfo | None] = {}
        self._days: dict[tuple[str, dt.date], Listed | None] = {}

    def price(self, name: str, at: dt.datetime) -> Listed | None:
        """Return the price of a model at that time; None where the table has none."""
        day = at.astimezone(dt.UTC).date()
        if (name, day) not in self._days:
            model = self._model(name)
            self._days[name, day] = self._listed(model, at) if model else None
        return self._days[name, day]

    def _listed(self, model: ModelInfo, at: dt.datetime) -> Listed | None:
        """Return the price of a model; in a batch half of it, where the table has no price for that."""
        usual = _listed(model.get_prices(at))
        if usual is None or not self._batch:
            return usual
        in_batch = _listed(model.get_prices(at, {"processing": "batch"}))
        return usual.times(BATCH_SHARE) if in_batch in {None, usual} else in_batch

    def changes(self, name: str) -> list[dt.date]:
        """Return the days on which the price of a model changes."""
        from genai_prices.types import StartDateConstraint

        model = self._model(name)
        prices = model.prices if model and isinstance(model.prices, list) else []
        constraints = [price.constraint for price in prices]
        return sorted(each.start_date for each in constraints if isinstance(each, StartDateConstraint))

    def _model(self, name: str) -> ModelInfo | None:
        if self._service is None:
            return None
        if name not in self._models:
            from genai_prices import Usage, calc_price

            try:
                model = calc_price(Usage(), name, provider_id=self._service).model
            except LookupError:
                model = None
            self._models[name] = model if model and model.id == name else None
        return self._models[name]


def _listed(price: ModelPrice) -> Listed | None:
    """Return the price in floats; None where input or output has no price."""
    from genai_prices.types import TieredPrices

    if price.input_mtok is None or price.output_mtok is None:
        return None
    cached = price.input_mtok if price.cache_read_mtok is None else price.cache_read_mtok
    parts = (price.input_mtok, cached, price.output_mtok)
    starts = sorted({tier.start for part in parts if isinstance(part, TieredPrices) for tier in part.tiers})
    return Listed(
        Rates(*(_rate(part, 0) for part in parts)),
        tuple((start, Rates(*(_rate(part, start + 1) for part in parts))) for start in starts),
    )


def _rate(price: Decimal | TieredPrices, tokens: int) -> float:
    """Return the dollars per million tokens in a request of so many tokens."""
    if isinstance(price, Decimal):
        return float(price)
    reached = [tier.price for tier in price.tiers if tokens > tier.start]
    return float(reached[-1] if reached else price.base)
