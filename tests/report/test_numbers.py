"""Numbers on the screen: no leading zero, no false precision, nothing that costs looks free."""

from __future__ import annotations

import numpy as np
import pytest
from results import estimate, interval

from medbench.report.blocks import Span
from medbench.report.numbers import (
    between,
    cost,
    counts,
    few_names,
    groups_of,
    latencies,
    many,
    mean,
    metric_name,
    p_value,
    percent,
    points,
    rate,
    sample,
    seconds,
    share,
    span,
    whole,
)
from medbench.schema.score import ALL_EQUAL
from medbench.sentences import p_text
from medbench.stats.bootstrap import mean_interval
from medbench.stats.groups import grouped
from medbench.stats.paired import difference_intervals

DASH = "\N{EN DASH}"


def test_a_share_has_no_leading_zero_and_no_minus_before_nothing() -> None:
    """Between -1 and 1, rounded; what is unknown is a dash."""
    values = (None, 0.5, -0.0001, 1.0, -0.25, 0.9996)
    assert [share(value) for value in values] == ["-", ".500", ".000", "1.000", "-.250", "1.000"]
    assert share(0.126, 2) == ".13"
    assert [percent(value) for value in (None, 0.126, 1.0, 0.0)] == ["-", "13", "100", "0"]


def test_points_have_a_sign_unless_they_round_to_nothing() -> None:
    """Plus or minus, in whole points."""
    assert [points(value) for value in (0.154, -0.154, 0.001, -0.001)] == ["+15", "-15", "0", "0"]


def test_a_rate_and_a_mean_stand_with_their_interval() -> None:
    """Percent in two columns, or two places; the mark where the level may be missed; a dash for nothing."""
    assert rate(estimate(0.25, 16, (0.1, 0.495))) == f"25 [10{DASH}50]"
    assert rate(estimate(0.05, 16, (0.01, 0.2))) == f"5 [ 1{DASH}20]"
    assert mean(estimate(0.25, 16, (0.1, 0.494))) == f".25 [.10{DASH}.49]"
    marked = estimate(0.25, 16).model_copy(update={"interval": interval(0.1, 0.4, approximate="few topics")})
    assert (rate(marked), mean(marked)) == (f"25 [10{DASH}40]~", f".25 [.10{DASH}.40]~")
    assert (rate(estimate(0.25)), mean(estimate(0.25))) == ("25", ".25")
    nothing = estimate(0.25, 0)
    assert rate(None) == mean(None) == rate(nothing) == mean(nothing) == "-"


@pytest.mark.parametrize("n", [1, 4])
def test_few_values_stand_as_counts(n: int) -> None:
    """Below five there is no percentage and no interval to read anything into."""
    few = estimate(0.5, n, (0.1, 0.9))
    assert rate(few) == Span(f"{round(0.5 * n)} of {n}", "muted")
    assert mean(few) == Span(f".50 ({n})", "muted")


def test_an_interval_of_a_difference() -> None:
    """In points without plus, or with two places; nothing where there is none."""
    assert between(interval(-0.18, 0.45), of_points=True) == "[-18, 45]"
    assert between(interval(-0.02, 0.031, approximate="x"), of_points=False) == "[-.02, .03]~"
    assert between(None, of_points=True) == ""


def test_an_end_does_not_look_like_the_0_that_is_left_out() -> None:
    """'The interval leaves 0 out' beside '[.00, .84]' contradicts itself."""
    assert between(interval(0.0004, 0.84), of_points=False) == "[.0004, .84]"
    assert between(interval(-0.84, -0.004), of_points=False) == "[-.84, -.004]"
    assert between(interval(0.0042, 0.48), of_points=True) == "[0.4, 48]"
    assert between(interval(-0.004, 0.48), of_points=True) == "[0, 48]"
    assert between(interval(1e-9, 0.48), of_points=True) == "[0.00, 48]"


def test_equal_values_have_no_interval() -> None:
    """An interval of no width would be read as certainty: that all values are one is said instead."""
    equal = interval(0.0, 0.0, approximate=ALL_EQUAL)
    assert mean(estimate(0.0, 20).model_copy(update={"interval": equal})) == "all .00"
    assert between(equal, of_points=False) == "(all equal)"
    assert between(interval(0.05, 0.05, approximate=ALL_EQUAL), of_points=True) == "(all equal)"
    assert between(interval(0.0, 0.001), of_points=False) == "[.00, .00]"


def test_of_groups_with_equal_means_it_is_not_said_that_all_is_equal() -> None:
    """Two topics with a right and a wrong answer each: the values differ, though their resamples do not."""
    values, topics = [0.0, 1.0, 0.0, 1.0, 0.5], ["a", "a", "b", "b", "a"]
    means = mean_interval(grouped(values, topics))
    (differences,) = difference_intervals([np.array(values) - 0.5], topics)
    assert means is not None
    assert differences is not None
    assert (means.low, means.high) == (0.5, 0.5)
    shown = mean(estimate(0.5, 5).model_copy(update={"interval": means}))
    assert shown == f".50 [.50{DASH}.50]~"
    assert between(differences, of_points=False) == "[.00, .00]~"
    (equal,) = difference_intervals([np.full(5, 0.1)], topics)
    assert between(equal, of_points=False) == "(all equal)", "whatever the digits of floats add"


def test_dependent_values_stand_with_their_groups() -> None:
    """Sixty slices of six patients are 60 / 6; independent ones, or unknown groups, are the number alone."""
    assert [sample(60, groups) for groups in (6, 60, None, 1)] == ["60 / 6", "60", "60", "60 / 1"]
    assert groups_of([estimate(0.5, 60), estimate(0.5, 60, (0.2, 0.8))]) == 40
    assert groups_of([estimate(0.5)]) is None


def test_a_p_value_is_never_0_and_never_above_1() -> None:
    """In a cell as in a sentence: two places; three where it is small, or where two would make it .05."""
    told = {
        0.0: "< .001",
        0.0009999: "< .001",
        0.001: "= .001",
        0.0099: "= .010",
        0.0312: "= .03",
        0.0449: "= .04",
        0.046: "= .046",
        0.0504: "= .0504",
        0.056: "= .06",
        0.108: "= .11",
        0.99: "= .99",
        1.0000001: "> .99",
    }
    assert {p: p_text(p, "") for p in told} == {p: f" {text}" for p, text in told.items()}
    assert p_text(0.108) == "p = .11"
    assert [p_value(p) for p in (None, 0.0001, 0.108, 1.0)] == ["-", "<.001", ".11", ">.99"]


@pytest.mark.parametrize("metric", ["finding.f1", "finding.key", "finding.significance", "rouge_l.precision"])
def test_a_score_is_shown_by_a_name(metric: str) -> None:
    """And not by the key that it has in files."""
    assert metric_name(metric) != metric
    assert "." not in metric_name(f"above_chance.{metric}")


def test_seconds_of_milliseconds() -> None:
    """One place; median, 95th percentile and mean of an estimate, or three dashes."""
    assert [seconds(value) for value in (None, 0.0, 1249.0, 61_000.0)] == ["-", "0.0", "1.2", "61.0"]
    assert latencies(estimate(1500.0, mean=2000.0)) == ["1.5", "1.5"]
    assert latencies(None) == ["-", "-"]


def test_nothing_that_costs_looks_free() -> None:
    """What is unknown is said, beside what is known."""
    assert (cost(0.5, 0), cost(0.5, 3), cost(None, 3)) == ("$0.50", "$0.50, 3 unknown", "unknown")
    assert (cost(0.00002, 0), cost(0.0, 1)) == ("$0.00002", "$0, 1 unknown")


def test_large_numbers() -> None:
    """Tokens in thousands and millions; no '1000 k'."""
    assert [many(value) for value in (None, 0, 870, 999, 74_400)] == ["unknown", "0", "870", "999", "74 k"]
    assert [many(value) for value in (999_499, 999_500, 1_310_000)] == ["999 k", "1.0 M", "1.3 M"]
    assert [whole(value) for value in (None, 0.4, 12_345.6)] == ["-", "0", "12,346"]


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0, 0, "0"),
        (0, 0.4, "under 1"),
        (1, 1, "1"),
        (2, 2, "2"),
        (0.2, 3.1, f"1{DASH}4"),
        (2.2, 2.9, f"2{DASH}3"),
    ],
)
def test_a_range_of_whole_numbers(low: float, high: float, words: str) -> None:
    """Down to the lower whole number and up to the higher one, never to 0 where there is something."""
    assert span(low, high) == words


def test_kinds_are_counted_the_most_frequent_first() -> None:
    """Underscores are spaces; a dash where there is nothing."""
    assert counts({"loop": 2, "other_model": 5}) == "5 other model, 2 loop"
    assert counts({}) == "-"


def test_of_many_names_the_first_are_listed() -> None:
    """A server that answers with another name each time fills no screen."""
    assert few_names([]) == ""
    assert few_names(list("abcde")) == "a, b, c, d, e"
    assert few_names(list("abcdefg")) == "a, b, c, d, e and 2 more"
