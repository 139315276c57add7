"""Paired differences: which cases they rest on, which test they take, and what is missing from them."""

from __future__ import annotations

import math

import numpy as np
import pytest
from columns import cases, grades, side
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as theirs

from medbench.steps.compare.pairs import (
    DECLARED,
    corrected_by_people,
    graded_pair,
    metric_differences,
    rate_difference,
)

NAN = math.nan


def every(n: int) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """All cases could be graded."""
    return np.ones(n, dtype=bool)


@given(st.lists(st.tuples(st.sampled_from("gpo-"), st.sampled_from("gpo-")), min_size=1, max_size=14))
def test_grades_are_counted_as_by_hand(pairs: list[tuple[str, str]]) -> None:
    """Both, neither and each alone, the difference, and McNemar's test as statsmodels has it."""
    first, second = ("".join(letters) for letters in zip(*pairs, strict=True))
    found = graded_pair(side(first), side(second), every(len(pairs)))
    both = [(a, b) for a, b in pairs if "-" not in {a, b}]
    if not both:
        assert found is None
        return
    assert found is not None
    only_a = [f"c{n}" for n, (a, b) in enumerate(pairs) if a == "g" and b in set("po")]
    only_b = [f"c{n}" for n, (a, b) in enumerate(pairs) if b == "g" and a in set("po")]
    assert (found.n, found.unpaired) == (len(both), len(pairs) - len(both))
    assert found.both == both.count(("g", "g"))
    assert (list(found.only_a), list(found.only_b)) == (only_a, only_b)
    assert found.both + len(only_a) + len(only_b) + len(found.neither) == found.n
    assert found.good.difference == pytest.approx((len(only_b) - len(only_a)) / len(both))
    if only_a or only_b:
        expected = theirs([[0, len(only_a)], [len(only_b), 0]], exact=True).pvalue
        assert found.good.p == pytest.approx(min(1.0, float(expected)))
    assert (found.if_missing is None) == (len(both) == len(pairs))


def test_the_higher_grade_counts_beside_the_good_one() -> None:
    """Partial against poor is no difference in good, and one in the order of the grades."""
    found = graded_pair(side("ooop"), side("pppo"), every(4))
    assert found is not None
    assert found.good.difference == 0
    assert found.ordinal.difference == pytest.approx((3 - 1) / 4)
    assert (found.ordinal.test, found.ordinal.higher, found.ordinal.lower) == ("sign", 3, 1)


def test_key_findings_are_compared_where_both_are_known() -> None:
    """A rater that does not say of one system says nothing of the pair; of none, there is no comparison."""
    first, second = side("gggg", keys="yn-n"), side("gggg", keys="yyy-")
    found = graded_pair(first, second, every(4))
    assert found is not None
    assert found.key_finding is not None
    assert (found.key_finding.n, found.key_finding.difference) == (2, 0.5)
    silent = graded_pair(side("gg"), side("gg", keys="yy"), every(2))
    assert silent is not None
    assert silent.key_finding is None


def test_without_grades_of_one_there_is_no_pair() -> None:
    """Nor where no case was graded for both."""
    assert graded_pair(side("gg"), side(finding__f1=[1, 1]), every(2)) is None
    assert graded_pair(side("g-"), side("-g"), every(2)) is None


def test_missing_verdicts_are_bounded_by_both_extremes() -> None:
    """Of the cases that could be graded; a case that was never asked for is not missing."""
    asked = np.array([True] * 5 + [False])
    found = graded_pair(side("ggo-oo"), side("goog--"), asked)
    assert found is not None
    bounds = found.if_missing
    assert bounds is not None
    assert (found.n, found.unpaired) == (3, 2)
    # Of five: known 0, -1, 0; the fourth lacks the first system's verdict, the fifth the second's.
    assert bounds.lowest == pytest.approx((0 - 1 + 0 + 0 + 0) / 5)
    assert bounds.highest == pytest.approx((0 - 1 + 0 + 1 + 1) / 5)
    assert not bounds.turns, "neither extreme shows anything"


def test_what_the_missing_could_turn_is_said() -> None:
    """Twelve wins are shown, and would not be, were all missing verdicts against them."""
    found = graded_pair(side("o" * 12 + "-" * 12), side("g" * 12 + "o" * 12), every(24))
    assert found is not None
    assert found.if_missing is not None
    assert found.if_missing.turns
    few = graded_pair(side("o" * 12 + "-"), side("g" * 12 + "o"), every(13))
    assert few is not None
    assert few.if_missing is not None
    assert not few.if_missing.turns


def test_repeats_are_fractions_of_a_case() -> None:
    """Two of three good against none: two thirds of that case; the test draws its flips."""
    found = graded_pair(side("ooo" * 8, repeats=3), side("ggo" * 8, repeats=3), every(8))
    assert found is not None
    assert found.n == 8
    assert found.good.difference == pytest.approx(2 / 3)
    assert len(found.only_b) == 8
    assert (found.good.test, found.good.p_mid) == ("sign-flip", None), "McNemar's is of one answer a case"
    assert found.good.p == pytest.approx(2 / 2**8, rel=0.1)


def test_the_discordance_of_repeats_is_that_of_single_answers() -> None:
    """Two of three good beside one of three: of nine ways to draw an answer each, five differ."""
    found = graded_pair(side("ggo" * 6, repeats=3), side("goo" * 6, repeats=3), every(6))
    assert found is not None
    assert found.discordance == pytest.approx((2 * 2 + 1) / 9)
    single = graded_pair(side("ggoog"), side("googo"), every(5))
    assert single is not None
    assert single.discordance == (single.good.higher + single.good.lower) / 5


def test_cases_of_one_topic_are_flipped_as_one() -> None:
    """Twelve wins in two topics are two wins."""
    known = cases(12, topics=[0] * 6 + [1] * 6)
    found = rate_difference(np.ones(12), known, "mcnemar")
    assert (found.n, found.higher, found.p) == (12, 12, 0.5)
    assert found.interval is not None
    assert found.interval.clusters == 2


def test_metrics_are_paired_where_both_have_them() -> None:
    """Each metric on its own cases; one that a system lacks is left out; only declared ones are tested."""
    a = side(finding__f1=[0.1, 0.2, None, 0.4], words=[1, 2, 3, 4], own=[1, 1, 1, 1])
    b = side(finding__f1=[0.3, None, 0.5, 0.2], words=[2, 3, 4, 5])
    found = metric_differences(a, b, frozenset())
    assert set(found) == {"finding.f1", "words"}
    assert found["finding.f1"].n == 2
    assert found["finding.f1"].difference == pytest.approx((0.2 - 0.2) / 2)
    assert (found["finding.f1"].higher, found["finding.f1"].lower) == (1, 1)
    assert found["finding.f1"].test == "sign-flip"
    assert (found["words"].test, found["words"].p) == (None, None)
    assert "words" not in DECLARED


def test_above_chance_is_compared_on_the_cases_that_both_have() -> None:
    """The difference of two ratios, each over the cases for which both systems have score and swap."""
    a = side(finding__f1=[0.4, 0.2, None, 0.9], swap__finding__f1=[0.1, 0.2, 0.3, 0.2])
    b = side(finding__f1=[0.6, 0.8, 0.5, 0.9], swap__finding__f1=[0.1, 0.5, 0.5, None])
    found = metric_differences(a, b, frozenset())["above_chance.finding.f1"]
    assert found.n == 2
    assert found.difference == pytest.approx((1.4 - 0.6) / (2 - 0.6) - (0.6 - 0.3) / (2 - 0.3))
    assert found.test == "sign-flip"
    assert "above_chance.finding.f1" in DECLARED


def test_without_room_above_chance_there_is_no_difference() -> None:
    """Where one system scores fully on other cases too, nothing is compared above chance."""
    a = side(finding__f1=[0.4, 0.2], swap__finding__f1=[0.1, 0.2])
    full = side(finding__f1=[1.0, 1.0], swap__finding__f1=[1.0, 1.0])
    assert set(metric_differences(a, full, frozenset())) == {"finding.f1", "swap.finding.f1"}


def test_a_rate_has_an_interval_of_rates() -> None:
    """Ones and zeros take Bonett and Price's interval, numbers the bootstrap's and Student's."""
    values = [1.0, 0.0] * 10
    a, b = side(rate=[0.0] * 20, number=[0.0] * 20), side(rate=values, number=values)
    found = metric_differences(a, b, frozenset({"rate"}))
    assert found["rate"].interval is not None
    assert found["number"].interval is not None
    assert (found["rate"].interval.method, found["number"].interval.method) == ("bonett-price", "bca+t")


def test_metrics_that_no_case_has_for_both_are_left_out() -> None:
    """A metric of the one on some cases and of the other on the rest has no difference."""
    assert metric_differences(side(m=[1.0, None]), side(m=[None, 1.0]), frozenset()) == {}


def test_people_correct_a_pair_only_where_they_are_not_the_judge() -> None:
    """A reviewer whose grades decide has nothing to correct; one side without a sample has nothing either."""
    people = grades("go-" * 8, rater="reviewer:A", kind="reviewer")
    a, b = side("ooo" * 8, people=people), side("ggo" * 8, people=people)
    found = graded_pair(a, b, every(24))
    assert found is not None
    assert found.reviewed is not None
    assert found.reviewed.n == 16
    assert found.reviewed.difference < found.good.difference, "people see no difference"
    alone = graded_pair(side("ooo" * 8), b, every(24))
    assert alone is not None
    assert alone.reviewed is None
    same = grades("go-" * 8, kind="reviewer")
    own = graded_pair(side("ooo" * 8, people=same), side("ggo" * 8, people=same), every(24))
    assert own is not None
    assert own.reviewed is None


def test_a_correction_needs_a_sample_and_a_rest() -> None:
    """Two graded by people, two by the judge alone; a case that people alone graded takes no part."""
    judge = np.array([1.0, 0.0, 1.0, 1.0, NAN])
    assert corrected_by_people(np.array([1.0, NAN, NAN, NAN, 1.0]), judge, cases(5)) is None
    found = corrected_by_people(np.array([1.0, 0.0, NAN, NAN, 1.0]), judge, cases(5))
    assert found is not None
    assert found.labelled == 2
