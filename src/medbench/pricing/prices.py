"""Prices of calls: by the token, by the second of an endpoint, and the most that a call can cost."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Literal

from medbench.errors import UsageError
from medbench.pricing.table import NAME, READ, Bill, Listed, Rates, Table, edition
from medbench.providers import Provider, provider_class
from medbench.schema.base import canonical
from medbench.schema.response import Cost, Request, Usage

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from medbench.schema.model import ModelFile, Price

Charged = Literal["free", "token", "hour"]
FRAME_TOKENS: Final = 64
"""Most tokens that a service puts around each text and image: turns, roles, marks of an image."""
DEADLINE_S: Final = 300.0
"""Seconds after which an attempt is aborted, by default."""
_DAY: Final = dt.timedelta(days=1)


class Prices:
    """The cost of calls to one model.

    The price is the model file's own where it has one (`[models.NAME] price` of medbench.toml overrides it);
    else that of genai-prices for this very id at the time of the call; else unknown. The table is loaded
    here, so that no call waits for it.

    Args:
        model: The model's file.
        deadline_s: Seconds after which an attempt is aborted.
        batch: True for calls in batches, which cost less. What they cost by the hour is unknown.
    """

    def __init__(self, model: ModelFile, *, deadline_s: float = DEADLINE_S, batch: bool = False) -> None:
        self._model = model
        self._batch = batch
        self._deadline_s = deadline_s
        provider = _provider_of(model)
        self._thoughts_apart = provider.counts_thoughts_apart
        self._table = Table(None if model.price else provider.price_service, batch=batch)
        self._id = model.id.removeprefix("models/")  # which is how Gemini's API names it in full
        self._own = _own_price(model.price)
        if self._own is not None and model.price is not None and batch:
            self._own = self._own.times(model.price.batch)
        self._listed = self._table.price(self._id, dt.datetime.now(dt.UTC)) is not None

    @property
    def charged(self) -> Charged | None:
        """Return the way calls are charged; None where there is no price."""
        own = self._model.price
        if own is None:
            return "token" if self._listed else None
        if own.costs_nothing:
            return "free"
        return "token" if own.input is not None else "hour" if own.gpu_hour is not None else None

    @property
    def gpu_hour(self) -> float | None:
        """Return the dollars per hour that the endpoint is up; None where it is not charged by the hour."""
        return self._model.price.gpu_hour if self._model.price and self.charged == "hour" else None

    @property
    def list_price_of(self) -> str:
        """Return the id whose list price is used for a server other than its maker's; '' for none."""
        return self._id if self._listed and (self._model.base_url or self._model.addresses) else ""

    @property
    def date(self) -> dt.date | None:
        """Return the day on which the price was looked up; None where unknown, or where there is no price."""
        if self._model.price is not None:
            return self._model.price.as_of
        return READ.get(edition()) if self._listed else None

    @property
    def source(self) -> str:
        """Return the source of the price; '' where there is none."""
        if self._model.price is not None:
            return "the model's file"
        listed = f"{NAME} {edition()}" if self._listed else ""
        return f"{listed}, list price of '{self._id}'" if self.list_price_of else listed

    def cost(
        self, usage: Usage, *, seconds: float, sharing: int, at: dt.datetime, answered: str | None = None
    ) -> Cost | None:
        """Return the cost of one attempt; None where it is unknown.

        By the token: input x price, cached input at its own price, answer and thoughts at the price of
        output; a request above the service's threshold (200,000 tokens) is charged at the higher price as a
        whole. By the hour: the share of the endpoint's time that the call used, seconds x price / 3600 /
        sharing; the cost of an idle endpoint is not included.

        Args:
            usage: Tokens, as the service counted them. Without input and output the cost is unknown.
            seconds: Duration of the attempt at the service.
            sharing: Number of calls in flight at the same time, this one included.
            at: Time when it was sent; prices change at midnight UTC.
            answered: Model that answered; None for the one that was requested. It is charged at its own
                price, since services send requests for a retired model to another one.
        """
        if self.charged == "free":
            return Cost(usd=0.0, basis="free")
        if self.gpu_hour is not None:
            if self._batch:
                return None
            share = max(seconds, 0.0) * self.gpu_hour / 3600 / max(sharing, 1)
            return Cost(usd=share, basis=f"gpu seconds shared by {max(sharing, 1)}")
        bill, price = self._bill(usage), self._price_of(answered or self._id, at)
        if bill is None or price is None:
            return None
        own = self._model.price
        source = f"price of {own.as_of or 'the model file'}" if own else self.source
        source += ", batch" * self._batch
        return Cost(usd=price.usd(bill), basis=f"tokens, {source}")

    def worst_case(self, request: Request, *, at: dt.datetime) -> float | None:
        """Return the most dollars that one attempt of a call can cost; None where there is no bound.

        Every attempt needs it anew. An attempt that was refused (429, 5xx, no connection) costs nothing. One
        that was aborted after it was sent, by the deadline or a dropped connection, may be billed in full
        while its tokens stay unknown, so its worst case has to be counted as spent.

        By the token: every byte of text, system message and settings counts as a token (tokenizers that work
        on bytes or fall back to them make at most one token per byte), each image as the model's most tokens
        per image, and the output as `max_tokens`, which for Gemini includes thoughts; all at the highest
        price within a day, or at the successor's. By the hour: the endpoint for the whole deadline, unshared.
        """
        if self.charged == "free":
            return 0.0
        if self.gpu_hour is not None:
            if self._batch:
                return None
            return self._deadline_s * self.gpu_hour / 3600
        bill = self._most(request)
        if bill is None or self.charged is None:
            return None
        # A user's own price may make cached tokens dearer than fresh ones.
        bills = (bill, replace(bill, cached=bill.input))
        names = (self._id, *filter(None, [self._model.successor]))
        prices = [self._price(name, when) for name in names for when in (at, at + _DAY)]
        return max(price.usd(each) for price in prices if price for each in bills)

    def unbounded_by(self, request: Request) -> tuple[str, ...]:
        """Return the keys of the model's file without which the cost of a call has no bound."""
        if self.charged == "free" or (self.charged == "hour" and not self._batch):
            return ()
        missing = {
            "price": self.charged is None or self.charged == "hour",
            "limits.image_tokens": bool(request.images) and self._model.limits.image_tokens is None,
            "settings.max_tokens": most_output(request.settings) is None,
        }
        return tuple(key for key, is_missing in missing.items() if is_missing)

    def describe(self, at: dt.datetime) -> str:
        """Return the price in words, for the table of models."""
        own, price = self._model.price, self._price(self._id, at)
        if self.charged == "free":
            return "free"
        if own and self.gpu_hour is not None:
            hardware = f" ({own.hardware})" if own.hardware else ""
            return f"{_dollars(self.gpu_hour)} an hour{hardware}"
        if price is None:
            return "unknown"
        return f"{_dollars(price.base.input)} in, {_dollars(price.base.output)} out per M"

    def dearer(self, at: dt.datetime) -> tuple[dt.date, float] | None:
        """Return the next day on which the table's price rises, and the factor; None where none is known."""
        now = self._table.price(self._id, at)
        for day in self._table.changes(self._id):
            then = self._table.price(self._id, dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC))
            if now and then and day > at.astimezone(dt.UTC).date():
                factor = max(then.base.input / now.base.input, then.base.output / now.base.output)
                if factor > 1:
                    return day, factor
        return None

    def _bill(self, usage: Usage) -> Bill | None:
        """Return the tokens to pay for; None where a count is unknown or negative."""
        thoughts = usage.thoughts
        if thoughts is None and not self._thoughts_apart:
            thoughts = 0  # they are part of the answer's count
        cached = usage.cached or 0
        if usage.input is None or usage.output is None or thoughts is None:
            return None
        if min(usage.input, usage.output, thoughts, cached) < 0:
            return None
        return Bill(usage.input, min(cached, usage.input), usage.output + thoughts)

    def _most(self, request: Request) -> Bill | None:
        """Return an upper bound on the tokens of a request and its answer; None where there is none."""
        image_tokens = self._model.limits.image_tokens
        output = most_output(request.settings)
        if output is None or (request.images and image_tokens is None):
            return None
        text = len(request.text.encode()) + len((request.system or "").encode())
        text += len(canonical(request.settings))
        frames = FRAME_TOKENS * (1 + len(request.images))
        return Bill(text + frames + len(request.images) * (image_tokens or 0), 0, output)

    def _price(self, name: str, at: dt.datetime) -> Listed | None:
        return self._own if self._model.price else self._table.price(name, at)

    def _price_of(self, answered: str, at: dt.datetime) -> Listed | None:
        """Return the price of the model that answered; a version of the requested model costs the same."""
        versioned = re.fullmatch(rf"(models/)?{re.escape(self._id)}(-\d[\d-]*|@.*)", answered)
        price = self._price(answered.removeprefix("models/"), at)
        return price or (self._price(self._id, at) if versioned else None)


def most_output(settings: Mapping[str, Any]) -> int | None:
    """Return the most tokens of an answer, with thoughts, that the settings allow; None without a bound."""
    caps = [settings[key] for key in ("max_tokens", "max_completion_tokens") if key in settings]
    whole = [cap for cap in caps if isinstance(cap, int) and not isinstance(cap, bool) and cap > 0]
    return max(whole) if whole and len(whole) == len(caps) else None


def _provider_of(model: ModelFile) -> type[Provider]:
    """Return the class that knows how a model's calls are billed; the defaults where it cannot be loaded."""
    try:
        return provider_class(model.provider) if model.provider else Provider
    except UsageError:
        return Provider


def _own_price(price: Price | None) -> Listed | None:
    """Return the model file's own price; None where it charges no tokens."""
    if price is None or price.input is None or price.output is None:
        return None
    return Listed(Rates(price.input, price.input if price.cached is None else price.cached, price.output), ())


def _dollars(usd: float) -> str:
    return f"${usd:.2f}" if round(usd, 2) == round(usd, 6) else f"${usd:g}"
