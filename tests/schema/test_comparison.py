"""What a good case costs: one rule for the table of `compare` and for the card."""

from __future__ import annotations

import pytest
from results import estimate, graded, system_row

HALF = graded(0.5, good_if_missing_poor=0.25, good=estimate(0.5).model_copy(update={"n": 20}))
"""Ten of twenty graded outputs are good, of forty that were asked for."""


def test_failures_cost_and_are_not_good() -> None:
    """Twenty answers, all graded: the dollars of the twenty failures are those of the ten good ones, too."""
    row = system_row("m", n=20, cost_usd=1.0, graded=HALF)
    assert row.good_outputs() == 10
    assert row.usd_a_good_case() == pytest.approx(0.1)


def test_answers_without_a_grade_are_as_good_as_the_others() -> None:
    """Twenty of thirty answers are graded, and half of them are good."""
    row = system_row("m", n=30, cost_usd=1.0, graded=HALF)
    assert row.usd_a_good_case() == pytest.approx(1 / 15)


def test_an_answer_is_worth_its_dollars_whoever_paid() -> None:
    """What another run paid for counts."""
    row = system_row("m", n=20, cost_usd=0.0, cost_reused_usd=3.0, graded=HALF)
    assert row.usd_a_good_case() == pytest.approx(0.3)


@pytest.mark.parametrize(
    "unknown",
    [
        {"cost_unknown": 1},
        {"cost_reused_unknown": 1},
        {"cost_usd": None},
        {"graded": None},
        {"graded": graded(0.0)},
    ],
    ids=lambda given: next(iter(given)),
)
def test_what_is_unknown_is_not_estimated(unknown: dict[str, object]) -> None:
    """Neither dollars nor grades; and no good case has no price."""
    assert system_row("m", **({"n": 20, "cost_usd": 1.0, "graded": HALF} | unknown)).usd_a_good_case() is None
