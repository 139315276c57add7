"""The price table: genai-prices by exact id and day, in floats that agree with the package's own sums."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from genai_prices import Usage, calc_price
from genai_prices.types import ClauseEquals, ModelInfo, ModelPrice, Tier, TieredPrices
from hypothesis import given
from hypothesis import strategies as st

from medbench.pricing.table import Bill, Listed, Rates, Table, _listed

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LISTED = ("gemini-2.5-flash", "gemini-2.5-pro", "gemini-3-flash-preview", "gemini-3.1-pro-preview")
TOKENS = st.integers(0, 2_000_000)


@given(
    model_id=st.sampled_from(LISTED),
    tokens=st.tuples(TOKENS, TOKENS, TOKENS),
    at=st.integers(-200, 200).map(lambda days: NOW + dt.timedelta(days=days)),
)
def test_costs_are_those_of_the_package(model_id: str, tokens: tuple[int, int, int], at: dt.datetime) -> None:
    """Any tokens on any day cost what genai-prices computes for them."""
    into, cached, out = tokens
    cached = min(cached, into)
    listed = Table("google").price(model_id, at)
    assert listed is not None
    usage = Usage(input_tokens=into, cache_read_tokens=cached or None, output_tokens=out)
    theirs = calc_price(usage, model_id, provider_id="google", genai_request_timestamp=at).total_price
    assert listed.usd(Bill(into, cached, out)) == pytest.approx(float(theirs), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize(
    "name", ["gemini-9", "gemini-2.5-pro-ultra", "gemini-flash-latest", "", "GEMINI-2.5-PRO"]
)
def test_only_the_exact_id_is_listed(name: str) -> None:
    """An id that is merely like a listed one has no price: the package itself would find most of these."""
    assert Table("google").price(name, NOW) is None
    assert Table("google").changes(name) == []


def test_a_model_that_is_not_charged_by_the_token_has_no_price() -> None:
    """The package holds such models, with prices of nothing or of something else."""
    assert Table("google").price("gemma-3", NOW) is None
    assert _listed(ModelPrice(output_mtok=Decimal(1))) is None
    assert _listed(ModelPrice(input_mtok=Decimal(1))) is None


def test_a_table_of_no_service_is_empty() -> None:
    """Providers without list prices have one."""
    assert Table(None).price("gemini-2.5-pro", NOW) is None
    assert Table(None).changes("gemini-2.5-pro") == []


def test_a_price_changes_on_the_days_that_are_named() -> None:
    """On each day of change the price is another one than on the day before."""
    table = Table("google")
    changing = [name for name in ("gemini-3.6-flash", "gemini-3.8-flash") if table.changes(name)]
    for name in changing:
        for day in table.changes(name):
            midnight = dt.datetime(day.year, day.month, day.day, tzinfo=dt.UTC)
            assert table.price(name, midnight) != table.price(name, midnight - dt.timedelta(seconds=1))


def test_tiers_become_rates_above_a_threshold() -> None:
    """Each threshold of any of the three prices is one step; cached tokens cost as others."""
    tiers = TieredPrices(base=Decimal(1), tiers=[Tier(start=100, price=Decimal(3))])
    listed = _listed(ModelPrice(input_mtok=tiers, output_mtok=Decimal(5)))
    assert listed == Listed(Rates(1.0, 1.0, 5.0), ((100, Rates(3.0, 3.0, 5.0)),))
    assert listed.usd(Bill(100, 0, 0)) == pytest.approx(100e-6)
    assert listed.usd(Bill(101, 0, 10)) == pytest.approx(303e-6 + 50e-6)


@pytest.mark.parametrize("model_id", ["claude-fable-5", "gemini-2.5-pro"])
def test_a_price_of_batches_is_that_of_the_package(model_id: str) -> None:
    """Where it has one, also above a threshold."""
    service = "anthropic" if model_id.startswith("claude") else "google"
    at = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)
    listed, usual = Table(service, batch=True).price(model_id, at), Table(service).price(model_id, at)
    assert listed is not None
    assert usual is not None
    for tokens in (1_000, 300_000):
        usage = Usage(input_tokens=tokens, output_tokens=500)
        theirs = calc_price(
            usage,
            model_id,
            provider_id=service,
            genai_request_timestamp=at,
            price_context={"processing": "batch"},
        ).total_price
        assert listed.usd(Bill(tokens, 0, 500)) == pytest.approx(float(theirs), rel=1e-9)
        assert listed.usd(Bill(tokens, 0, 500)) < usual.usd(Bill(tokens, 0, 500))


def test_without_a_price_of_batches_it_is_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every rate, those above a threshold included."""
    tiers = TieredPrices(base=Decimal(1), tiers=[Tier(start=100, price=Decimal(3))])
    price = ModelPrice(input_mtok=tiers, output_mtok=Decimal(5))
    model = ModelInfo(id="m", match=ClauseEquals(equals="m"), prices=price)
    table = Table("google", batch=True)
    monkeypatch.setattr(table, "_model", lambda _: model)
    assert table.price("m", NOW) == Listed(Rates(0.5, 0.5, 2.5), ((100, Rates(1.5, 1.5, 2.5)),))
