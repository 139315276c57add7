"""The price table of genai-prices, read by exact id, and prices by the token."""

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
"""The package that the table is part of: nothing is fetched."""
READ: Final = {"0.2.3": dt.date(2026, 11, 22)}
"""Day on which a version of the table was read and found equal to another one; it carries no date itself."""


@cache
def edition() -> str:
    """Version of the table; looked up once, since that reads a file."""
    return version(NAME)


@dataclass(frozen=True, slots=True)
class Bill:
    """Tokens that are paid for."""

    input: int
    """Tokens of the request, cached ones included."""
    cached: int
    """Those of them that came from a cache."""
    output: int
    """Tokens of answer and thoughts."""


@dataclass(frozen=True, slots=True)
class Rates:
    """Dollars a million tokens."""

    input: float
    cached: float
    output: float

    def usd(self, bill: Bill) -> float:
        """Dollars of these tokens."""
        fresh = bill.input - bill.cached
        return (fresh * self.input + bill.cached * self.cached + bill.output * self.output) / 1e6


@dataclass(frozen=True, slots=True)
class Listed:
    """The price of one model on one day."""

    base: Rates
    dearer: tuple[tuple[int, Rates], ...]
    """For requests of more tokens than this, all of their tokens are charged at these rates; rising."""

    def usd(self, bill: Bill) -> float:
        """Dollars of these tokens."""
        rates = self.base
        for over, higher in self.dearer:
            if bill.input > over:
                rates = higher
        return rates.usd(bill)


class Table:
    """The models of one service, by exact id: the package would also find ids that are merely alike.

    Args:
        service: The package's name for it; None for a table without models.
    """

    def __init__(self, service: str | None) -> None:
        self._service = service
        self._models: dict[str, ModelInfo | None] = {}
        self._days: dict[tuple[str, dt.date], Listed | None] = {}

    def price(self, name: str, at: dt.datetime) -> Listed | None:
        """The price of a model at that time, UTC; None where the table has none."""
        day = at.astimezone(dt.UTC).date()
        if (name, day) not in self._days:
            model = self._model(name)
            self._days[name, day] = _listed(model.get_prices(at)) if model else None
        return self._days[name, day]

    def changes(self, name: str) -> list[dt.date]:
        """The days on which the price of a model changes."""
        from genai_prices.types import StartDateConstraint

        model = self._model(name)
        prices = model.prices if model and isinstance(model.prices, list) else []
        return sorted(
            one.constraint.start_date for one in prices if isinstance(one.constraint, StartDateConstraint)
        )

    def _model(self, name: str) -> ModelInfo | None:
        if self._service is None:
            return None
        if name not in self._models:
            from genai_prices import Usage, calc_price

            try:
                found = calc_price(Usage(input_tokens=0, output_tokens=0), name, provider_id=self._service)
            except LookupError:
                self._models[name] = None
            else:
                self._models[name] = found.model if found.model.id == name else None
        return self._models[name]


def _listed(price: ModelPrice) -> Listed | None:
    """The price in floats; None where input or output has none."""
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
    """Dollars a million tokens in a request of so many tokens."""
    if isinstance(price, Decimal):
        return float(price)
    reached = [tier.price for tier in price.tiers if tokens > tier.start]
    return float(reached[-1] if reached else price.base)
