"""What calls cost: list prices by id and day, worst cases, GPU seconds; unknown is never a guess."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from genai_prices import Usage as Counted
from genai_prices import calc_price
from hypothesis import given
from hypothesis import strategies as st

from medbench.pricing.prices import Prices
from medbench.pricing.table import Table
from medbench.registry import find_model
from medbench.schema.case import Image
from medbench.schema.model import ModelFile
from medbench.schema.response import Cost, Request, Usage

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
NEXT_YEAR = dt.datetime(2027, 1, 1, tzinfo=dt.UTC)
LAST_NIGHT = NEXT_YEAR - dt.timedelta(seconds=1)
TOKENS = st.integers(0, 2_000_000)

# Dollars a million tokens in, out and cached, as read on 2026-11-22 from two tables that agreed
# (genai-prices 0.2.3, the price map of litellm 1.106.2).
LISTED = {
    "gemini-3-flash-preview": (0.50, 3.00, 0.05),
    "gemini-3-pro-preview": (2.00, 12.00, 0.20),
    "gemini-3.1-pro-preview": (2.00, 12.00, 0.20),
    "gemini-3.5-flash": (1.50, 9.00, 0.15),
    "gemini-3.5-flash-lite": (0.30, 2.50, 0.03),
    "gemini-3.6-flash": (0.75, 3.75, 0.075),
    "gemini-3.7-flash": (0.75, 3.75, 0.075),
    "gemini-3.8-flash": (0.75, 3.75, 0.075),
    "gemini-2.5-pro": (1.25, 10.00, 0.125),
    "gemini-2.5-flash": (0.30, 2.50, 0.03),
}
LONG = {
    "gemini-3-pro-preview": (4.00, 18.00),
    "gemini-3.1-pro-preview": (4.00, 18.00),
    "gemini-2.5-pro": (2.50, 15.00),
}


def _gemini(model_id: str = "gemini-3.8-flash", **more: Any) -> Prices:
    return Prices(ModelFile.model_validate({"provider": "gemini", "id": model_id, **more}))


def _own(price: dict[str, Any] | None, provider: str = "openai", **more: Any) -> Prices:
    return Prices(ModelFile.model_validate({"provider": provider, "id": "mine", "price": price, **more}))


def _usd(prices: Prices, usage: Usage, at: dt.datetime = NOW) -> float | None:
    cost = prices.cost(usage, seconds=1.0, sharing=1, at=at)
    return cost.usd if cost else None


def _usage(tokens_in: int, output: int, thoughts: int = 0, cached: int = 0) -> Usage:
    return Usage(input=tokens_in, output=output, thoughts=thoughts, cached=cached)


def _request(text: str = "Describe.", images: int = 0, **settings: Any) -> Request:
    image = Image(file="a.png", sha256="0" * 64, bytes=1, width=512, height=512, mode="L")
    return Request(model="m", text=text, images=(image,) * images, settings=settings)


@pytest.mark.parametrize("model_id", LISTED)
def test_list_prices_are_those_that_were_read(model_id: str) -> None:
    """Each Gemini model costs what two independent tables said: input, answer, thoughts, cached input."""
    prices = _gemini(model_id)
    into, out, cached = LISTED[model_id]
    assert _usd(prices, _usage(100_000, 0)) == pytest.approx(0.1 * into, rel=1e-12)
    assert _usd(prices, _usage(0, 100_000)) == pytest.approx(0.1 * out, rel=1e-12)
    assert _usd(prices, _usage(0, 0, 100_000)) == pytest.approx(0.1 * out, rel=1e-12)
    assert _usd(prices, _usage(100_000, 0, 0, 100_000)) == pytest.approx(0.1 * cached, rel=1e-12)
    assert prices.describe(NOW) == f"${into:.2f} in, ${out:.2f} out per M"


@pytest.mark.parametrize("model_id", LONG)
def test_a_long_request_is_dearer_as_a_whole(model_id: str) -> None:
    """Above 200,000 tokens of request, all tokens cost the higher price; at 200,000 none does."""
    prices = _gemini(model_id)
    into, out = LONG[model_id]
    low = LISTED[model_id]
    assert _usd(prices, _usage(200_000, 1000)) == pytest.approx(0.2 * low[0] + 0.001 * low[1])
    assert _usd(prices, _usage(200_001, 1000)) == pytest.approx(0.200001 * into + 0.001 * out)


@pytest.mark.parametrize("model_id", ["gemini-3.6-flash", "gemini-3.7-flash", "gemini-3.8-flash"])
def test_a_price_that_doubles_does_so_at_midnight(model_id: str) -> None:
    """The price is that of the time of the call; the rise is known before, and only before."""
    prices = _gemini(model_id)
    usage = _usage(1000, 300, 200, 100)
    before, after = _usd(prices, usage, LAST_NIGHT), _usd(prices, usage, NEXT_YEAR)
    assert before is not None
    assert after == pytest.approx(2 * before, rel=1e-12)
    assert prices.dearer(NOW) == (dt.date(2027, 1, 1), 2.0)
    assert prices.dearer(NEXT_YEAR) is None
    assert _gemini("gemini-3-flash-preview").dearer(NOW) is None
    assert prices.describe(NEXT_YEAR) == "$1.50 in, $7.50 out per M"
    # The same instant, told in another time zone.
    assert _usd(prices, usage, LAST_NIGHT.astimezone(dt.timezone(dt.timedelta(hours=9)))) == before


def test_a_recorded_reply_costs_what_others_say() -> None:
    """1,290 tokens in, 1,024 of them cached, 21 out, 210 of thoughts: $0.0008772 by two other programs."""
    usage = _usage(1290, 21, 210, 1024)
    cost = _gemini("gemini-3-flash-preview").cost(usage, seconds=1.0, sharing=1, at=NOW)
    assert cost is not None
    assert cost.usd == pytest.approx(0.0008772, abs=1e-15)
    assert cost.basis == "tokens, genai-prices 0.2.3"
    assert _gemini().list_price_of == ""


def test_the_february_run_at_list_price() -> None:
    """20 calls, 23,971 tokens in and 8,424 out, at Flash's list price: $0.0373 (recomputed elsewhere)."""
    usd = _usd(_gemini("gemini-3-flash-preview"), _usage(23_971, 8_424))
    assert usd is not None
    assert round(usd, 4) == 0.0373


@given(
    model_id=st.sampled_from(sorted(LISTED)),
    tokens=st.tuples(TOKENS, TOKENS, TOKENS, TOKENS),
    at=st.sampled_from([NOW, LAST_NIGHT, NEXT_YEAR]),
)
def test_costs_are_those_of_the_package(
    model_id: str, tokens: tuple[int, int, int, int], at: dt.datetime
) -> None:
    """Any usage costs what genai-prices computes for it."""
    tokens_in, output, thoughts, cached = tokens
    ours = _usd(_gemini(model_id), _usage(tokens_in, output, thoughts, cached), at)
    counted = Counted(
        input_tokens=tokens_in,
        cache_read_tokens=min(cached, tokens_in) or None,
        output_tokens=output + thoughts,
    )
    theirs = calc_price(counted, model_id, provider_id="google", genai_request_timestamp=at)
    assert ours == pytest.approx(float(theirs.total_price), rel=1e-9, abs=1e-15)


@given(less=st.tuples(TOKENS, TOKENS, TOKENS), more=st.tuples(TOKENS, TOKENS, TOKENS))
def test_more_tokens_never_cost_less(less: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    """A cost is no less than nothing, and grows with each count."""
    prices = _gemini("gemini-3.1-pro-preview")
    small = _usd(prices, _usage(*less))
    large = _usd(prices, _usage(*(a + b for a, b in zip(less, more, strict=True))))
    assert small is not None
    assert large is not None
    assert 0 <= small <= large


@pytest.mark.parametrize("missing", ["input", "output", "thoughts"])
def test_an_unknown_count_makes_the_cost_unknown(missing: str) -> None:
    """Gemini counts thoughts apart: without any of the three counts nobody knows the cost."""
    counts = {"input": 10, "output": 10, "thoughts": 0} | {missing: None}
    assert _usd(_gemini(), Usage.model_validate(counts)) is None


@pytest.mark.parametrize("counts", [(-1, 1, 0, 0), (1, -1, 0, 0), (1, 1, -1, 0), (1, 1, 0, -1)])
def test_a_count_that_cannot_be_is_unknown(counts: tuple[int, int, int, int]) -> None:
    """A server that counts below nothing has counted nothing."""
    assert _usd(_gemini(), _usage(*counts)) is None


def test_servers_that_count_thoughts_in_the_answer() -> None:
    """Where thoughts are part of the answer's count, their own number is not needed."""
    prices = _own({"input": 1.0, "output": 2.0})
    assert _usd(prices, Usage(input=1_000_000, output=500_000)) == 2.0
    assert _usd(prices, Usage(input=None, output=5)) is None
    assert _usd(prices, Usage(input=5, output=None)) is None


@pytest.mark.parametrize(
    "model_id",
    [
        "gemini-9",
        "gemini-3.8-flash-ultra",
        "gemini-flash-latest",
        "",
        "GEMINI-3.8-FLASH",
    ],
)
def test_only_the_exact_id_has_a_list_price(model_id: str) -> None:
    """An id that is merely like a listed one has no price: the package itself would find most of these."""
    prices = _gemini(model_id)
    assert _usd(prices, _usage(10, 10)) is None
    assert prices.worst_case(_request(max_tokens=5), at=NOW) is None
    assert (prices.charged, prices.describe(NOW), prices.date, prices.source) == (None, "unknown", None, "")
    assert prices.dearer(NOW) is None


def test_the_full_name_is_the_same_model() -> None:
    """'models/ID' is how Gemini's API names ID."""
    assert _gemini("models/gemini-3.8-flash").describe(NOW) == "$0.75 in, $3.75 out per M"


def test_other_providers_are_not_looked_up() -> None:
    """The same id at another provider is another offer, of unknown price."""
    model = ModelFile(provider="openai", id="gemini-3.8-flash")
    assert _usd(Prices(model), _usage(10, 10)) is None


def test_the_model_that_answered_is_paid_for() -> None:
    """A request that is sent on to another model costs that one's price; to an unlisted one, nobody knows."""
    prices, usage = _gemini("gemini-2.5-pro"), _usage(1_000, 1_000)

    def answered(name: str | None) -> float | None:
        cost = prices.cost(usage, seconds=1, sharing=1, at=NOW, answered=name)
        return cost.usd if cost else None

    asked = (1.25 + 10.0) / 1000
    assert answered(None) == answered("gemini-2.5-pro") == answered("models/gemini-2.5-pro") == asked
    assert answered("gemini-2.5-pro-001") == answered("gemini-2.5-pro@default") == asked
    assert answered("gemini-3.8-flash") == pytest.approx((0.75 + 3.75) / 1000)
    assert answered("gemini-2.5-pro-ultra") is None
    assert answered("somebody-else") is None


def test_a_price_of_ones_own_goes_before_the_table() -> None:
    """`[models.NAME] price` of medbench.toml is what counts, and the basis says so."""
    model = find_model(
        "gemini-flash",
        {
            "gemini-flash": {
                "price": {"input": 1.0, "output": 2.0, "cached": 0.5, "date": dt.date(2026, 10, 1)}
            }
        },
    )
    prices = Prices(model)
    cost = prices.cost(_usage(3_000_000, 1_000_000, 0, 1_000_000), seconds=1, sharing=1, at=NEXT_YEAR)
    assert cost == Cost(usd=4.5, basis="tokens, price of 2026-10-01")
    assert (prices.date, prices.source) == (dt.date(2026, 10, 1), "the model's file")
    assert prices.describe(NOW) == "$1.00 in, $2.00 out per M"
    assert prices.dearer(NOW) is None
    undated = _own({"input": 0.0375, "output": 2.0}).cost(_usage(1, 1), seconds=1, sharing=1, at=NOW)
    assert undated is not None
    assert undated.basis == "tokens, price of the model file"
    assert _own({"input": 0.0375, "output": 2.0}).describe(NOW) == "$0.0375 in, $2.00 out per M"


def test_cached_tokens_without_a_price_cost_as_others() -> None:
    """A price of one's own without `cached` charges the whole request."""
    assert _usd(_own({"input": 2.0, "output": 2.0}), _usage(1_000_000, 0, 0, 1_000_000)) == 2.0


@pytest.mark.parametrize("price", [None, {}, {"date": dt.date(2026, 1, 1)}])
def test_no_price_is_unknown(price: dict[str, Any] | None) -> None:
    """Without numbers there is no cost and no bound."""
    prices = _own(price)
    assert _usd(prices, _usage(1, 1)) is None
    assert prices.worst_case(_request(max_tokens=1), at=NOW) is None
    assert prices.describe(NOW) == "unknown"


def test_free_is_nothing_whatever_is_known() -> None:
    """A free model costs $0 even where the server counts no tokens, and also where other prices are set."""
    prices = _own({"free": True, "gpu_hour": 3.0, "input": 1.0, "output": 1.0})
    assert prices.cost(Usage(), seconds=9, sharing=1, at=NOW) == Cost(usd=0.0, basis="free")
    assert prices.worst_case(_request(), at=NOW) == 0.0
    assert (prices.describe(NOW), prices.gpu_hour) == ("free", None)


def test_an_endpoint_costs_the_share_that_is_used() -> None:
    """The case of the first-day note: 7.363 s at $1.15 an hour with 4 calls in flight are $0.000588."""
    prices = Prices(find_model("medgemma-4b", {}))
    cost = prices.cost(Usage(), seconds=7.363, sharing=4, at=NOW)
    assert cost is not None
    assert cost.basis == "gpu seconds shared by 4"
    assert round(cost.usd, 6) == 0.000588
    assert prices.describe(NOW) == "$1.15 an hour (1 x L4)"
    alone = prices.cost(Usage(), seconds=7.363, sharing=0, at=NOW)
    assert alone is not None
    assert alone.usd == pytest.approx(4 * cost.usd)
    negative = prices.cost(Usage(), seconds=-5.0, sharing=1, at=NOW)
    assert negative is not None
    assert negative.usd == 0.0


def test_the_february_run_used_what_it_says() -> None:
    """20 calls of 24.509 s, one at a time, at $1.15 an hour: $0.1566 as that run recorded."""
    cost = Prices(find_model("medgemma-4b", {})).cost(Usage(), seconds=20 * 24.5089156, sharing=1, at=NOW)
    assert cost is not None
    assert round(cost.usd, 6) == 0.156585


@given(
    seconds=st.floats(0, 300), sharing=st.integers(1, 64), usd=st.floats(0, 50), deadline=st.floats(300, 900)
)
def test_an_endpoints_call_costs_no_more_than_its_deadline(
    seconds: float, sharing: int, usd: float, deadline: float
) -> None:
    """The worst case of a call on an endpoint is all of it until the deadline, whoever shares it."""
    model = ModelFile.model_validate({"provider": "vertex", "id": "m", "price": {"gpu_hour": usd}})
    prices = Prices(model, deadline_s=deadline)
    cost, worst = (
        prices.cost(Usage(), seconds=seconds, sharing=sharing, at=NOW),
        prices.worst_case(_request(), at=NOW),
    )
    assert cost is not None
    assert worst is not None
    assert 0 <= cost.usd <= worst * (1 + 1e-12)


def test_the_worst_case_by_hand() -> None:
    """Bytes, not characters, of text, system message and settings; frames; 1,120 an image; max_tokens out."""
    prices = Prices(find_model("gemini-flash", {}))
    request = _request("ä" * 50, images=2, max_tokens=8192).model_copy(update={"system": "be brief"})
    settings = len('{"max_tokens":8192}')
    tokens_in = 100 + 8 + settings + 3 * 64 + 2 * 1120
    assert prices.worst_case(request, at=NOW) == pytest.approx(tokens_in * 0.75e-6 + 8192 * 3.75e-6)
    # In the last hours before a price rises, a call may be billed at the new one.
    assert prices.worst_case(request, at=LAST_NIGHT) == prices.worst_case(request, at=NEXT_YEAR)


def test_the_worst_case_covers_the_successor() -> None:
    """A retired model's requests go to its successor, so the bound is that of the dearer of the two."""
    request = _request(max_tokens=1000)
    cheap = _gemini("gemini-3-flash-preview").worst_case(request, at=NOW)
    both = _gemini("gemini-3-flash-preview", successor="gemini-3.5-flash").worst_case(request, at=NOW)
    assert cheap is not None
    assert both == pytest.approx(3 * cheap)
    assert _gemini(successor="nobody-knows").worst_case(request, at=NOW) == _gemini().worst_case(
        request, at=NOW
    )


@pytest.mark.parametrize(
    ("settings", "images", "limits"),
    [
        ({}, 0, {}),
        ({"max_tokens": "8192"}, 0, {}),
        ({"max_tokens": True}, 0, {}),
        ({"max_tokens": 0}, 0, {}),
        ({"max_tokens": 5, "max_completion_tokens": None}, 0, {}),
        ({"max_tokens": 5}, 1, {}),
    ],
)
def test_without_a_bound_the_worst_case_is_unknown(
    settings: dict[str, Any], images: int, limits: dict[str, Any]
) -> None:
    """No cap on the answer, or images of unknown size in tokens: no bound, and no guess at one."""
    assert _gemini(limits=limits).worst_case(_request(images=images, **settings), at=NOW) is None


def test_the_larger_of_two_caps_is_the_bound() -> None:
    """Which of the two names a server heeds is its own affair."""
    prices = _own({"input": 0.0, "output": 1.0})
    request = _request(max_tokens=10, max_completion_tokens=1_000_000)
    assert prices.worst_case(request, at=NOW) == 1.0
    # A cache that is dearer than fresh tokens, which only a price of one's own can say.
    odd = _own({"input": 0.0, "output": 0.0, "cached": 1.0}).worst_case(_request(max_tokens=1), at=NOW)
    assert odd is not None
    assert odd > 0


@given(
    text=st.text(max_size=300),
    images=st.integers(0, 5),
    cap=st.integers(1, 70_000),
    shares=st.tuples(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1), st.floats(0, 1)),
    at=st.sampled_from([NOW, LAST_NIGHT, NEXT_YEAR]),
    model_id=st.sampled_from(sorted(LISTED)),
)
def test_no_call_within_its_caps_costs_more_than_the_worst_case(
    text: str,
    images: int,
    cap: int,
    shares: tuple[float, float, float, float],
    at: dt.datetime,
    model_id: str,
) -> None:
    """Any usage with a token a byte, 1,120 an image and answer and thoughts within max_tokens stays below."""
    prices = _gemini(model_id, limits={"image_tokens": 1120})
    worst = prices.worst_case(_request(text, images, max_tokens=cap), at=at)
    tokens_in = int(shares[0] * (len(text.encode()) + 1120 * images))
    out = int(shares[1] * cap)
    usage = _usage(tokens_in, out - int(shares[2] * out), int(shares[2] * out), int(shares[3] * tokens_in))
    cost = _usd(prices, usage, at)
    assert worst is not None
    assert cost is not None
    assert 0 <= cost <= worst * (1 + 1e-12)


def test_a_version_that_nobody_read_has_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table carries no date: a newer one is named by its version alone."""
    assert _gemini().date == dt.date(2026, 11, 22)
    monkeypatch.setattr("medbench.pricing.prices.edition", lambda: "9.9")
    assert (_gemini().date, _gemini().source) == (None, "genai-prices 9.9")


def test_a_model_without_prices_of_tokens_is_not_listed() -> None:
    """The table holds models that are not charged by the token; these have no price here."""
    assert Table("google").price("gemma-3", NOW) is None
    assert Table(None).price("gemini-3.8-flash", NOW) is None
    assert Table(None).changes("gemini-3.8-flash") == []


@pytest.mark.parametrize(
    "price",
    [{"input": 1.0}, {"output": 1.0}, {"gpu_hour": -1.0}, {"input": float("inf"), "output": 1.0}],
)
def test_half_a_price_is_refused(price: dict[str, Any]) -> None:
    """Input without output, a negative or an endless price is an error of the file."""
    with pytest.raises(ValueError, match="price"):
        ModelFile.model_validate({"provider": "echo", "price": price})


def test_a_proxy_is_counted_at_the_list_price_and_the_basis_says_so() -> None:
    """What a server at a base_url charges is unknown: the list price is called one; an own one goes first."""
    proxy = _gemini(base_url="http://localhost:4000")
    cost = proxy.cost(_usage(1_000_000, 0), seconds=1, sharing=1, at=NOW)
    assert cost is not None
    assert cost.usd == pytest.approx(0.75)
    assert cost.basis.endswith(", list price of 'gemini-3.8-flash'")
    assert proxy.list_price_of == "gemini-3.8-flash"
    own = _gemini(base_url="http://localhost:4000", price={"free": True})
    assert own.list_price_of == ""
