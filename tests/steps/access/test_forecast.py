"""What calls will take: tokens, dollars and minutes by hand-computed figures; unknown stays unknown."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.pricing.prices import Prices
from medbench.schema.model import Expect, ModelFile
from medbench.steps.access.forecast import AtATime, Work, at_a_time, forecast

NOW = dt.datetime(2026, 11, 22, tzinfo=dt.UTC)
FOUR = AtATime(4, 4)


def _prices(price: dict[str, Any] | None) -> Prices:
    return Prices(ModelFile.model_validate({"provider": "echo", "price": price}))


def test_100_cases_paid_by_tokens() -> None:
    """230 images x 1,000 + 52,000 bytes / 4; 100 x 1,300 out; $1 and $4 a million."""
    expect = Expect(
        image_tokens=1000,
        text_bytes=4,
        output_tokens=400,
        thoughts_tokens=900,
        seconds=10,
        longest_s=20,
        outputs=20,
    )
    work = Work(calls=100, images=230, text_bytes=52_000, worst_usd=3.3, most_output=8192)
    prices = _prices({"input": 1.0, "output": 4.0})
    found = forecast(work, expect, prices, at_a_time=AtATime(4, 32), at=NOW)
    assert (found.tokens_in, found.tokens_out) == (243_000, 130_000)
    assert found.usd == pytest.approx((243_000 * 1 + 130_000 * 4) / 1e6)
    assert found.most_usd == 3.3
    # 4 rounds of 10 s with 32 at a time, 25 rounds of 20 s with 4.
    assert found.minutes == pytest.approx((4 * 10 / 60, 25 * 20 / 60))
    assert (found.outputs, found.gpu_hour) == (20, None)


def test_100_cases_on_an_endpoint() -> None:
    """100 x 24 s shared by 4 at $1.50 an hour: $0.25; at most 25 rounds of 300 s; 10 to 30 min."""
    expect = Expect(
        image_tokens=256, text_bytes=4, output_tokens=700, thoughts_tokens=0, seconds=24, longest_s=72
    )
    prices = Prices(ModelFile.model_validate({"provider": "vertex", "price": {"gpu_hour": 1.5}}))
    work = Work(calls=100, images=230, text_bytes=52_000, worst_usd=100 * 300 * 1.5 / 3600, most_output=2048)
    found = forecast(work, expect, prices, at_a_time=FOUR, at=NOW)
    assert (found.tokens_in, found.tokens_out) == (230 * 256 + 13_000, 70_000)
    assert found.usd == pytest.approx(0.25)
    assert found.most_usd == pytest.approx(25 * 300 * 1.5 / 3600)
    assert found.minutes == pytest.approx((10, 30))
    assert found.gpu_hour == 1.5


@pytest.mark.parametrize(
    ("expect", "tokens_in", "tokens_out", "minutes"),
    [
        (Expect(), None, None, None),
        (Expect(text_bytes=4.0), None, None, None),
        (Expect(text_bytes=4.0, image_tokens=100), 400.0, None, None),
        (Expect(input_tokens=7), 14.0, None, None),
        (Expect(output_tokens=10), None, 20.0, None),
        (Expect(output_tokens=10, thoughts_tokens=5), None, 30.0, None),
        (Expect(seconds=60), None, None, (1.0, 1.0)),
        (Expect(seconds=60, longest_s=30), None, None, (1.0, 1.0)),
    ],
)
def test_unknown_stays_unknown(
    expect: Expect, tokens_in: float | None, tokens_out: float | None, minutes: tuple[float, float] | None
) -> None:
    """Two calls, three images, 400 bytes: what is not known is None; dollars need all they are made of."""
    work = Work(calls=2, images=3, text_bytes=400)
    found = forecast(work, expect, _prices({"input": 1.0, "output": 1.0}), at_a_time=FOUR, at=NOW)
    assert (found.tokens_in, found.tokens_out, found.minutes, found.usd) == (
        tokens_in,
        tokens_out,
        minutes,
        None,
    )


@pytest.mark.parametrize("price", [None, {"gpu_hour": 2.0}])
def test_dollars_of_unknown_price_or_time(price: dict[str, Any] | None) -> None:
    """Without a price, or without the seconds of an endpoint's call, the dollars are unknown."""
    expect = Expect(input_tokens=1, output_tokens=1)
    assert forecast(Work(calls=2), expect, _prices(price), at_a_time=FOUR, at=NOW).usd is None


def test_calls_at_a_time_are_asked_for_known_or_found_by_trying() -> None:
    """A server of known size has one number, which a person's goes before; others start low and may rise."""
    sized = ModelFile.model_validate({"provider": "echo", "limits": {"concurrency": 8}})
    assert at_a_time(sized, None) == AtATime(8, 8)
    assert at_a_time(sized, 3) == AtATime(3, 3)
    unknown = at_a_time(ModelFile(provider="echo"), None)
    assert unknown.fewest < unknown.most
    assert at_a_time(ModelFile(provider="echo"), 100) == AtATime(100, 100)


def test_nothing_left_takes_nothing() -> None:
    """No calls cost $0 and no time, whatever is unknown."""
    for price in (None, {"gpu_hour": 2.0}, {"input": 1.0, "output": 1.0}):
        found = forecast(Work(), Expect(seconds=3), _prices(price), at_a_time=FOUR, at=NOW)
        assert (found.calls, found.usd, found.most_usd, found.minutes) == (0, 0.0, 0.0, (0.0, 0.0))


def test_answers_are_no_longer_than_their_cap() -> None:
    """A setting that cuts answers at 100 tokens halves an expectation of 200."""
    work = Work(calls=10, most_output=100)
    found = forecast(
        work, Expect(output_tokens=150, thoughts_tokens=50), _prices(None), at_a_time=FOUR, at=NOW
    )
    assert found.tokens_out == 1000


def test_one_call_without_a_bound_takes_the_bound_from_all() -> None:
    """A sum with an unknown part is unknown, in any order."""
    for parts in ([1.0, None, 2.0], [None], [1.0, None]):
        work = Work()
        for part in parts:
            work.add(images=1, text_bytes=10, worst_usd=part)
        assert work.worst_usd is None
        assert (work.calls, work.images, work.text_bytes) == (len(parts), len(parts), 10 * len(parts))


@given(
    calls=st.integers(1, 500),
    images=st.integers(0, 6),
    text=st.integers(0, 2000),
    cap=st.integers(1, 9000),
    fewest=st.integers(1, 8),
    more=st.integers(0, 30),
)
def test_the_expected_is_never_above_the_most(
    calls: int, images: int, text: int, cap: int, fewest: int, more: int
) -> None:
    """Whatever is asked, expected dollars stay below those at most, and the first minute before the last."""
    expect = Expect(
        image_tokens=1000, text_bytes=4, output_tokens=100, thoughts_tokens=900, seconds=24, longest_s=72
    )
    bound = text + 1120 * images + 64
    for provider, price, worst in (
        ("echo", {"input": 1.0, "output": 4.0}, (bound * 1 + cap * 4) / 1e6),
        ("vertex", {"gpu_hour": 1.5}, 300 * 1.5 / 3600),
    ):
        prices = Prices(ModelFile.model_validate({"provider": provider, "price": price}))
        work = Work(calls, calls * images, calls * text, calls * worst, cap)
        found = forecast(work, expect, prices, at_a_time=AtATime(fewest, fewest + more), at=NOW)
        assert found.usd is not None
        assert found.most_usd is not None
        assert found.minutes is not None
        assert 0 <= found.usd <= found.most_usd * (1 + 1e-9) + 1e-6
        assert found.minutes[0] <= found.minutes[1]
