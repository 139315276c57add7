"""The conclusion of a pair, from its numbers alone: which it is, and every reason why it is no more."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from columns import side
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.results.comparison import Conclusion, Pair, PairedDifference
from medbench.schema.results.omnibus import Omnibus
from medbench.schema.score import Interval
from medbench.stats.holm import holm
from medbench.stats.intervals import wilson
from medbench.stats.power import pairs_needed, values_needed, values_needed_range
from medbench.steps.compare.conclusion import Criteria, Evidence, conclude, concluded
from medbench.steps.compare.pairs import graded_pair

ALL = Criteria(margin=None, min_coverage=0.95)
GRADED = graded_pair(side("o" * 30), side("g" * 30), side("g" * 30).column("good") > 0)


def difference(value: float, low: float, high: float, **changes: Any) -> PairedDifference:
    """A difference over a hundred cases."""
    known: dict[str, Any] = {"n": 100, "higher": 20, "lower": 5, "p": 0.004, "p_mid": 0.003}
    interval = Interval(low=low, high=high, method="bca", clusters=100)
    return PairedDifference(difference=value, interval=interval, **(known | changes))


def outcome(found: PairedDifference | None, criteria: Criteria = ALL, **changes: Any) -> Conclusion:
    """The conclusion about good, of grades, with all cases there."""
    known: dict[str, Any] = {"graded": GRADED, "wanted": 100, "p": found.p if found else None}
    return conclude("good", Evidence(found, **(known | changes)), criteria)


def test_better_and_worse_are_the_second_against_the_first() -> None:
    """By the sign of the difference; no reason is given where there is none to hold back."""
    better = outcome(difference(0.15, 0.05, 0.25))
    assert (better.outcome, better.reasons, better.pairs_needed) == ("better", (), None)
    assert outcome(difference(-0.15, -0.25, -0.05, higher=5, lower=20)).outcome == "worse"


@given(st.floats(-1, 1), st.floats(0.001, 0.5), st.floats(0, 1), st.floats(0.001, 0.3))
def test_an_outcome_is_never_more_than_its_numbers(
    value: float, half: float, p: float, margin: float
) -> None:
    """Better and worse need test and interval; equivalent needs the interval within the margin."""
    found = difference(value, value - half, value + half, p=p)
    told = outcome(found, Criteria(margin, 0.95)).outcome
    inside = -margin < value - half and value + half < margin
    assert (told == "equivalent") == inside
    if told in {"better", "worse"}:
        assert p <= 0.05
        assert (value - half > 0) == (told == "better")
        assert abs(value) > half


@pytest.mark.parametrize(
    ("found", "reason"),
    [
        (difference(0.15, 0.05, 0.25, p=0.08), "the interval leaves 0 out, the exact test gives p = .08"),
        (difference(0.15, -0.01, 0.25), "the interval holds 0, the exact test gives p = .004"),
        (difference(0.05, 0.01, 0.09, higher=5, lower=0, p=0.0625), "5 discordant pairs: with fewer than 6"),
        (difference(0.01, 0.005, 0.2, higher=1, lower=0, p=1.0), "1 discordant pair:"),
    ],
)
def test_what_holds_a_conclusion_back_is_named(found: PairedDifference, reason: str) -> None:
    """Where test and interval disagree, and where no split could be told from chance."""
    told = outcome(found)
    assert told.outcome == "inconclusive"
    assert reason in " ".join(told.reasons)


def test_few_discordant_pairs_matter_to_rates_alone() -> None:
    """A metric has a number for each case: five cases that differ may be enough."""
    found = difference(0.1, 0.05, 0.2, higher=5, lower=0)
    assert conclude("finding.f1", Evidence(found, wanted=100, p=0.01), ALL).outcome == "better"
    assert outcome(found).outcome == "inconclusive"


def test_without_an_interval_there_is_no_conclusion() -> None:
    """However small the p-value: so few topics give no interval, and that is said."""
    found = difference(0.15, 0.05, 0.25).model_copy(update={"interval": None})
    told = outcome(found)
    assert (told.outcome, told.reasons[0]) == (
        "inconclusive",
        "no interval can be computed from so few topics",
    )


def test_several_systems_must_be_shown_to_differ_at_all() -> None:
    """The test of all of them comes before a pair is better; it does not keep one from being equivalent."""
    differ, alike = (Omnibus(metric="good", statistic=1, p=p, n=100) for p in (0.01, 0.2))
    found = difference(0.15, 0.05, 0.25)
    assert outcome(found, Criteria(None, 0.95, differ)).outcome == "better"
    told = outcome(found, Criteria(None, 0.95, alike))
    assert told.outcome == "inconclusive"
    assert "not shown to differ at all (p = .20" in told.reasons[0]
    same = difference(0.0, -0.01, 0.01, p=1.0)
    assert outcome(same, Criteria(None, 0.95, alike)).outcome == "equivalent"


@pytest.mark.parametrize(
    "found", [difference(0.15, 0.05, 0.25), difference(0.0, -0.01, 0.01, p=1.0)], ids=["better", "equivalent"]
)
def test_a_conclusion_is_withheld_while_cases_are_missing(found: PairedDifference) -> None:
    """Below the wanted share alone, and only where there would have been one."""
    assert outcome(found, wanted=105).outcome != "withheld"
    assert outcome(found, wanted=106).outcome == "withheld"
    assert outcome(found, Criteria(None, 0.5), wanted=200).outcome != "withheld"
    unclear = difference(0.1, -0.1, 0.3, p=0.5)
    assert outcome(unclear, wanted=1000).outcome == "inconclusive"


def test_the_cases_that_would_settle_it_are_enough_for_the_test_that_decides() -> None:
    """Of a large difference in a metric no fewer than a flip of signs takes, by Holm where pairs are many.

    Eight that differ, all one way, give p = 2 / 2^8 = .008: below .0125, as Holm asks of the first of four.
    Seven of the eight cases at hand differ, so that eight that do are ten cases, and 19 in groups of two.
    """
    found = difference(0.75, 0.39, 1.0, n=8, higher=7, lower=0, p=2 / 2**7)
    found = found.model_copy(update={"interval": Interval(low=0.39, high=1.0, method="bca", clusters=8)})
    seen = Evidence(found, wanted=8, p=0.06, pairs=4, deviation=0.36)
    told = conclude("finding.f1", seen, ALL)
    assert (told.outcome, told.pairs_needed) == ("inconclusive", 10)
    assert told.needed_range is not None
    assert told.needed_range[0] == 10
    pairs = found.model_copy(update={"interval": Interval(low=0.39, high=1.0, method="bca", clusters=4)})
    assert conclude("finding.f1", replace(seen, difference=pairs), ALL).pairs_needed == 19
    assert conclude("finding.f1", replace(seen, pairs=1), ALL).pairs_needed == 7


def test_the_cases_that_would_settle_it_follow_holm() -> None:
    """At .05 / k where k pairs are tested; of one pair at .05."""
    found = difference(0.10, -0.02, 0.22, higher=20, lower=10, p=0.1)
    for pairs, alpha in ((1, 0.05), (4, 0.0125)):
        told = outcome(found, pairs=pairs)
        assert told.pairs_needed == pairs_needed(0.10, 0.30, alpha=alpha)


def test_of_several_answers_a_case_the_spread_says_how_many_cases_settle_it() -> None:
    """A case where one answer of three differs is not discordant as a whole."""
    found = difference(0.05, -0.02, 0.12, higher=40, lower=30, p=0.1, p_mid=None, test="sign-flip")
    told = outcome(found, deviation=0.36)
    assert told.pairs_needed == values_needed(0.05, 0.36)
    of_one_answer = pairs_needed(0.05, 0.70)
    assert of_one_answer is not None
    assert told.pairs_needed < of_one_answer / 4
    assert told.needed_range == values_needed_range(0.05, 0.36, 100)


def test_nothing_to_compare_is_no_conclusion() -> None:
    """No case with both: nothing, with the metric by name, and never 'equivalent'."""
    told = outcome(None)
    assert (told.outcome, told.n, told.difference) == ("nothing", 0, None)
    assert told.reasons == ("no case has 'good' for both",)


def test_the_margin_is_that_of_the_metric_unless_asked() -> None:
    """Five points for good, two for the others."""
    small = difference(0.0, -0.03, 0.03, p=1.0)
    assert (outcome(small).outcome, outcome(small).margin) == ("equivalent", 0.05)
    told = conclude("rouge_l.f1", Evidence(small, wanted=100, p=1.0), ALL)
    assert (told.outcome, told.margin) == ("inconclusive", 0.02)
    assert conclude("rouge_l.f1", Evidence(small, p=1.0), Criteria(0.1, 0.95)).outcome == "equivalent"


def test_the_number_of_pairs_that_would_settle_it() -> None:
    """From difference and discordance at hand, more where cases share topics; none for no difference."""
    unclear = difference(0.1, -0.05, 0.25, p=0.2)
    assert GRADED is not None
    needed = pairs_needed(0.1, 0.25)
    assert outcome(unclear).pairs_needed == needed
    shared = GRADED.model_copy(update={"design_effect": 2.0})
    assert needed is not None
    assert outcome(unclear, graded=shared).pairs_needed == 2 * needed
    fewest, most = outcome(unclear).needed_range or (None, None)
    assert fewest == pairs_needed(0.1, wilson(25, 100)[0])
    assert most == pairs_needed(0.1, wilson(25, 100)[1])
    assert outcome(difference(0.0, -0.2, 0.2, p=1.0)).pairs_needed is None
    metric = Evidence(unclear, wanted=100, p=0.2, deviation=0.4)
    of_values = conclude("finding.f1", metric, ALL).pairs_needed
    assert of_values is not None
    assert 120 < of_values < 135, "(z.975 + z.80)^2 (0.4 / 0.1)^2 and a little more"
    assert conclude("finding.f1", Evidence(unclear, wanted=100, p=0.2), ALL).pairs_needed is None


def test_a_borderline_case_says_which_p_decides() -> None:
    """Mid-p below and the exact p above .05, as they are printed."""
    told = outcome(difference(0.1, 0.01, 0.2, p=0.06, p_mid=0.04))
    assert any("mid-p = .04 and exact p = .06 lie on either side of .05" in reason for reason in told.reasons)


def test_missing_verdicts_that_could_turn_it_are_named_from_the_side_of_the_winner() -> None:
    """The bounds are those of the difference as it is told: of a worse system, mirrored."""
    pair = graded_pair(
        side("o" * 12 + "-" * 12), side("g" * 12 + "o" * 12), side("g" * 24).column("good") > 0
    )
    assert pair is not None
    found = difference(0.5, 0.3, 0.7)
    turned = outcome(found, graded=pair, wanted=0)
    assert "would be between 0 and +50 points" in turned.reasons[-1]
    mirrored = outcome(difference(-0.5, -0.7, -0.3), graded=pair, wanted=0)
    assert "would be between -50 and 0 points" in mirrored.reasons[-1]


def _pair(name: str, p: float | None) -> Pair:
    found = difference(0.15, 0.05, 0.25, p=p)
    return Pair(a="a", b=name, both=9, only_a=0, only_b=0, neither=0, metrics={"m": found})


def test_p_values_are_adjusted_over_the_pairs() -> None:
    """Two pairs of p = .03 are both above .05 together; one alone is below; an unknown p takes a place."""
    two = concluded("m", [_pair("b", 0.03), _pair("c", 0.03)], [100, 100], [None, None], ALL)
    assert holm([0.03, 0.03]) == [0.06, 0.06]
    assert [pair.conclusion.outcome for pair in two if pair.conclusion] == ["inconclusive"] * 2
    (one,) = concluded("m", [_pair("b", 0.03)], [100], [None], ALL)
    assert one.conclusion is not None
    assert one.conclusion.outcome == "better"
    unknown = concluded("m", [_pair("b", 0.03), _pair("c", None)], [100, 100], [None, None], ALL)
    assert unknown[0].conclusion is not None
    assert unknown[0].conclusion.outcome == "inconclusive"
    assert concluded("m", [], [], [], ALL) == []


def test_a_marked_interval_is_not_enough_for_equivalent() -> None:
    """Few groups or a heavy tail: within the margin, and yet inconclusive, with the reason."""
    found = difference(0.0, -0.01, 0.01, p=1.0)
    assert found.interval is not None
    marked = found.interval.model_copy(update={"approximate": "6 independent groups, fewer than 60"})
    told = outcome(found.model_copy(update={"interval": marked}))
    assert told.outcome == "inconclusive"
    assert "may be too narrow to rest 'equivalent' on: 6 independent groups" in told.reasons[0]


@pytest.mark.parametrize(("groups", "expected"), [(148, "inconclusive"), (149, "equivalent")])
def test_equal_throughout_is_equivalent_where_a_difference_would_have_shown(
    groups: int, expected: str
) -> None:
    """Of 149 cases a share of .02 that differ shows in one at least with 95 %: .98 to the 149th is .049."""
    found = difference(0.0, 0.0, 0.0, p=1.0, higher=0, lower=0)
    assert found.interval is not None
    point = found.interval.model_copy(update={"approximate": "all values are equal", "clusters": groups})
    told = conclude("finding.f1", Evidence(found.model_copy(update={"interval": point}), p=1.0), ALL)
    assert told.outcome == expected


def test_a_later_look_asks_more() -> None:
    """The third look takes p <= .0042 and nine discordant pairs; more cases are counted at the fourth."""
    third = Criteria(None, 0.95, None, 3)
    found = difference(0.15, 0.05, 0.25, p=0.02, p_mid=0.01)
    assert outcome(found).outcome == "better"
    told = outcome(found, third)
    assert told.outcome == "inconclusive"
    assert told.pairs_needed == pairs_needed(0.15, 0.25, alpha=0.05 / 20)
    few = outcome(difference(0.08, 0.01, 0.2, higher=8, lower=0, p=0.0078), third)
    assert "8 discordant pairs: with fewer than 9 no split" in few.reasons[0]
