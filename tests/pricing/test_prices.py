"""What calls cost: list prices by id and day, worst cases, GPU seconds; unknown is never a guess."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from price_listing import NEXT_YEAR, PriceListing

from medbench.pricing.prices import FRAME_TOKENS, Prices
from medbench.pricing.table import READ, edition
from medbench.registry import find_model
from medbench.schema.case import Image
from medbench.schema.model import ModelFile
from medbench.schema.response import Cost, Request, Usage

NOW = dt.datetime(2026, 11, 22, 12, tzinfo=dt.UTC)
LAST_NIGHT = NEXT_YEAR - dt.timedelta(seconds=1)
TOKENS = st.integers(0, 2_000_000)


@pytest.fixture(autouse=True)
def _listed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The prices of no vendor: those change, what is made of them does not."""
    monkeypatch.setattr("medbench.pricing.prices.Table", PriceListing)


def _gemini(model_id: str = "flash", **more: Any) -> Prices:
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


def test_tokens_cost_what_the_table_says() -> None:
    """Input, cached input at its own price, answer and thoughts at the price of output."""
    prices = _gemini()
    assert _usd(prices, _usage(1_000_000, 0)) == 1.0
    assert _usd(prices, _usage(0, 1_000_000)) == 4.0
    assert _usd(prices, _usage(0, 0, 1_000_000)) == 4.0
    assert _usd(prices, _usage(1_000_000, 0, 0, 1_000_000)) == pytest.approx(0.1)
    assert _usd(prices, _usage(1_000_000, 0, 0, 9_000_000)) == pytest.approx(0.1), (
        "no more than all are cached"
    )
    assert prices.describe(NOW) == "$1.00 in, $4.00 out per M"
    cost = prices.cost(_usage(1, 1), seconds=1, sharing=1, at=NOW)
    assert cost is not None
    assert cost.basis == f"tokens, genai-prices {edition()}"
    assert prices.list_price_of == ""


def test_a_long_request_is_dearer_as_a_whole() -> None:
    """Above the threshold, all tokens cost the higher price; at the threshold none does."""
    prices = _gemini("pro")
    assert _usd(prices, _usage(200_000, 1000)) == pytest.approx(0.4 + 0.01)
    assert _usd(prices, _usage(200_001, 1000)) == pytest.approx(0.800004 + 0.015)


def test_a_price_that_rises_on_a_day_does_so_at_midnight() -> None:
    """The price is that of the time of the call, in UTC; the rise is known before, and only before."""
    prices, usage = _gemini(), _usage(1000, 300, 200, 100)
    before, after = _usd(prices, usage, LAST_NIGHT), _usd(prices, usage, NEXT_YEAR)
    assert before is not None
    assert after == pytest.approx(2 * before, rel=1e-12)
    assert prices.dearer(NOW) == (NEXT_YEAR.date(), 2.0)
    assert prices.dearer(NEXT_YEAR) is None
    assert _gemini("pro").dearer(NOW) is None
    assert prices.describe(NEXT_YEAR) == "$2.00 in, $8.00 out per M"
    assert _usd(prices, usage, LAST_NIGHT.astimezone(dt.timezone(dt.timedelta(hours=9)))) == before


@pytest.mark.parametrize("model_id", ["flash-ultra", "flash-latest", "", "FLASH"])
def test_a_model_that_is_not_listed_has_no_price(model_id: str) -> None:
    """No cost, no bound, no day, no source."""
    prices = _gemini(model_id)
    assert _usd(prices, _usage(10, 10)) is None
    assert prices.worst_case(_request(max_tokens=5), at=NOW) is None
    assert (prices.charged, prices.describe(NOW), prices.date, prices.source) == (None, "unknown", None, "")
    assert prices.dearer(NOW) is None


def test_the_full_name_is_the_same_model() -> None:
    """'models/ID' is how Gemini's API names ID."""
    assert _gemini("models/flash").describe(NOW) == _gemini("flash").describe(NOW)


def test_the_model_that_answered_is_paid_for() -> None:
    """A request that is sent on to another model costs that one's price; to an unlisted one, nobody knows."""
    prices, usage = _gemini("pro"), _usage(1_000, 1_000)

    def answered(name: str | None) -> float | None:
        cost = prices.cost(usage, seconds=1, sharing=1, at=NOW, answered=name)
        return cost.usd if cost else None

    requested = (2.0 + 10.0) / 1000
    assert answered(None) == answered("pro") == answered("models/pro") == requested
    assert answered("pro-001") == answered("pro@default") == requested
    assert answered("flash") == pytest.approx((1.0 + 4.0) / 1000)
    assert answered("pro-ultra") is None
    assert answered("somebody-else") is None


def test_an_endpoint_costs_the_share_that_is_used() -> None:
    """7.2 s at $2 an hour with 4 calls in flight are $0.001; alone four times as much; never less than 0."""
    prices = _own({"gpu_hour": 2.0, "hardware": "1 x L4"}, "vertex")
    shared, alone, negative = (
        prices.cost(Usage(), seconds=seconds, sharing=sharing, at=NOW)
        for seconds, sharing in ((7.2, 4), (7.2, 0), (-5.0, 1))
    )
    assert shared is not None
    assert shared.usd == pytest.approx(0.001)
    assert shared.basis == "gpu seconds shared by 4"
    assert alone is not None
    assert alone.usd == pytest.approx(0.004)
    assert negative is not None
    assert negative.usd == 0.0
    assert prices.describe(NOW) == "$2.00 an hour (1 x L4)"


def test_the_worst_case_by_hand() -> None:
    """Bytes, not characters, of text, system message and settings; frames; tokens of images; max_tokens."""
    prices = _gemini(limits={"image_tokens": 1120})
    request = _request("ä" * 50, images=2, max_tokens=8192).model_copy(update={"system": "be brief"})
    tokens_in = 100 + 8 + len('{"max_tokens":8192}') + 3 * FRAME_TOKENS + 2 * 1120
    assert prices.worst_case(request, at=NOW) == pytest.approx(tokens_in * 1e-6 + 8192 * 4e-6)
    # In the last hours before a price rises, a call may be billed at the new one.
    assert prices.worst_case(request, at=LAST_NIGHT) == prices.worst_case(request, at=NEXT_YEAR)


def test_the_worst_case_covers_the_successor() -> None:
    """A retired model's requests go to its successor, so the bound is that of the dearer of the two."""
    request = _request(max_tokens=1000)
    cheap, dear = (_gemini(name).worst_case(request, at=NOW) for name in ("old", "pro"))
    assert cheap is not None
    assert dear is not None
    assert cheap < dear
    assert _gemini("old", successor="pro").worst_case(request, at=NOW) == dear
    assert _gemini("pro", successor="old").worst_case(request, at=NOW) == dear
    assert _gemini("old", successor="nobody-knows").worst_case(request, at=NOW) == cheap


def test_a_version_that_nobody_read_has_no_date(monkeypatch: pytest.MonkeyPatch) -> None:
    """The table carries no date: a version that was not compared is named by its number alone."""
    (version,) = READ
    monkeypatch.setattr("medbench.pricing.prices.edition", lambda: version)
    assert (_gemini().date, _gemini().source) == (READ[version], f"genai-prices {version}")
    monkeypatch.setattr("medbench.pricing.prices.edition", lambda: "9.9")
    assert (_gemini().date, _gemini().source) == (None, "genai-prices 9.9")


def test_a_proxy_is_counted_at_the_list_price_and_the_basis_says_so() -> None:
    """What a server at a base_url charges is unknown: the list price is called one; an own one goes first."""
    proxy = _gemini(base_url="http://localhost:4000")
    cost = proxy.cost(_usage(1_000_000, 0), seconds=1, sharing=1, at=NOW)
    assert cost is not None
    assert cost.usd == 1.0
    assert cost.basis.endswith(", list price of 'flash'")
    assert proxy.list_price_of == "flash"
    own = _gemini(base_url="http://localhost:4000", price={"free": True})
    assert own.list_price_of == ""


@given(less=st.tuples(TOKENS, TOKENS, TOKENS), more=st.tuples(TOKENS, TOKENS, TOKENS))
def test_more_tokens_never_cost_less(less: tuple[int, int, int], more: tuple[int, int, int]) -> None:
    """A cost is no less than nothing, and grows with each count."""
    prices = _gemini("pro")
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


def test_other_providers_are_not_looked_up() -> None:
    """The same id at another provider is another offer, of unknown price."""
    model = ModelFile(provider="openai", id="flash")
    assert _usd(Prices(model), _usage(10, 10)) is None


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


def test_a_price_of_ones_own_needs_no_id() -> None:
    """A server of one model may be asked without one: its worst case is that of its own price."""
    own = {"provider": "openai", "price": {"input": 1, "output": 1}, "limits": {"image_tokens": 3}}
    prices = Prices(ModelFile.model_validate(own))
    worst = prices.worst_case(_request(images=1, max_tokens=100), at=NOW)
    assert worst is not None
    assert 103e-6 <= worst <= 1e-3


def test_free_is_nothing_whatever_is_known() -> None:
    """A free model costs $0 even where the server counts no tokens, and also where other prices are set."""
    prices = _own({"free": True, "gpu_hour": 3.0, "input": 1.0, "output": 1.0})
    assert prices.cost(Usage(), seconds=9, sharing=1, at=NOW) == Cost(usd=0.0, basis="free")
    assert prices.worst_case(_request(), at=NOW) == 0.0
    assert (prices.describe(NOW), prices.gpu_hour) == ("free", None)


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
    model_id=st.sampled_from(["flash", "pro", "old"]),
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


@pytest.mark.parametrize(
    "price",
    [{"input": 1.0}, {"output": 1.0}, {"gpu_hour": -1.0}, {"input": float("inf"), "output": 1.0}],
)
def test_half_a_price_is_refused(price: dict[str, Any]) -> None:
    """Input without output, a negative or an endless price is an error of the file."""
    with pytest.raises(ValueError, match="price"):
        ModelFile.model_validate({"provider": "echo", "price": price})


@pytest.mark.parametrize(("batch", "share"), [(0.5, 0.5), (1.0, 1.0)])
def test_a_price_of_ones_own_says_what_a_batch_costs(batch: float, share: float) -> None:
    """Half of it unless it says otherwise, the worst case too."""
    price = {"input": 2.0, "output": 10.0} | ({} if batch == 0.5 else {"batch": batch})
    model = ModelFile.model_validate({"provider": "openai", "id": "m", "price": price})
    usual, batched = Prices(model), Prices(model, batch=True)
    cost, half = (
        prices.cost(_usage(1_000_000, 0, 0), seconds=0, sharing=1, at=NOW) for prices in (usual, batched)
    )
    assert cost is not None
    assert half is not None
    assert (cost.usd, half.usd) == (2.0, 2.0 * share)
    assert half.basis == f"{cost.basis}, batch"
    request = _request(max_tokens=1_000)
    worst = usual.worst_case(request, at=NOW)
    assert worst is not None
    assert batched.worst_case(request, at=NOW) == pytest.approx(worst * share)


def test_by_the_hour_the_cost_in_a_batch_is_unknown() -> None:
    """Nobody knows how long the endpoint worked on it, and no ceiling can hold."""
    model = ModelFile.model_validate({"provider": "openai", "id": "m", "price": {"gpu_hour": 2.0}})
    prices = Prices(model, batch=True)
    assert prices.cost(_usage(1, 1, 0), seconds=5, sharing=1, at=NOW) is None
    assert prices.worst_case(_request(max_tokens=1), at=NOW) is None
    assert prices.unbounded_by(_request(max_tokens=1)) == ("price",)
    assert Prices(model).unbounded_by(_request(max_tokens=1)) == ()
