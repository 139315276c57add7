"""Conclusions and cautions in words, from records alone."""

from __future__ import annotations

from typing import Any

import pytest
from results import (
    comparison,
    conclusion,
    difference,
    estimate,
    graded_pair,
    interval,
    pair,
    system_row,
)
from screens import printed

from medbench.report.compare.conclusion import cautions, conclusions, floors
from medbench.schema.results.comparison import Comparison, IfMissing
from medbench.schema.results.omnibus import Omnibus

A, B = system_row("a"), system_row("b")


def _words(screen: Any) -> str:
    return " ".join(printed(*screen).split())


def _concluded(outcome: str, value: float | None = 0.15, *, grades: Any = None, **given: Any) -> str:
    one = pair(conclusion=conclusion(outcome, value, **given), graded=grades)
    return _words(conclusions(comparison(A, B, pairs=(one,))))


@pytest.mark.parametrize(
    ("outcome", "value", "words"),
    [
        ("better", 0.15, "b is better than a: good on 15 more cases in 100 [5, 25]."),
        ("worse", -0.15, "a is better than b: good on 15 more cases in 100 [-25, -5]."),
        ("equivalent", 0.0, "b and a are equivalent within 5 points: no difference in good [5, 25]."),
        ("inconclusive", -0.004, "Inconclusive: no difference in good [-25, -5] between a and b."),
        ("better", 0.004, "b is better than a: good on 0.4 more cases in 100"),
        ("better", 0.01, "b is better than a: good on 1 more case in 100"),
        ("inconclusive", -0.04, "Inconclusive: a good on 4 more cases in 100 [-25, -5] than b."),
        ("withheld", 0.15, "No conclusion yet: 40 of 40 cases have good for both b and a (--min-coverage)."),
        ("nothing", None, "No conclusion: no case has good for both a and b."),
    ],
)
def test_a_conclusion_names_the_system_that_is_ahead(outcome: str, value: float | None, words: str) -> None:
    """Its difference is never negative, and the interval is turned with it."""
    assert words in _concluded(outcome, value)


def test_a_conclusion_about_a_metric_says_so() -> None:
    """Places instead of points, and that nothing is graded."""
    said = _concluded("inconclusive", 0.02, metric="finding.f1", margin=0.02, interval=interval(-0.01, 0.05))
    assert "Inconclusive: b against a, finding F1 .02 higher [-.01, .05]." in said
    assert "40 of 40 cases have it for both. No judge graded them" in said
    assert "within .02: no difference in finding F1" in _concluded(
        "equivalent", 0.0, metric="finding.f1", margin=0.02
    )


def test_dependent_cases_are_counted_with_their_groups() -> None:
    """Sixty slices of six patients are not sixty cases."""
    six = interval(-0.1, 0.4).model_copy(update={"clusters": 6})
    said = _concluded("inconclusive", 0.15, grades=graded_pair(n=60), n=60, wanted=60, interval=six)
    assert "60 of 60 cases (n 60 / 6 groups) judged for both: only a good 1," in said


def test_the_test_of_dependent_cases_is_called_one_by_group() -> None:
    """Who computes McNemar's p from the counts alone gets another one: the name says why."""
    six = interval(-0.1, 0.4).model_copy(update={"clusters": 6})
    said = _concluded("inconclusive", 0.15, grades=graded_pair(n=60), n=60, wanted=60, interval=six)
    assert "McNemar by group mid-p = .03" in said
    assert "McNemar mid-p = .03" in _concluded("inconclusive", 0.15, grades=graded_pair())


def test_of_several_answers_a_case_no_count_of_majorities_is_set_beside_the_ties() -> None:
    """Ties are of shares: cases good of both and of neither by their majorities would be other numbers."""
    shares = difference(0.15, test="sign-flip", p=0.2, higher=15, lower=9)
    grades = graded_pair(good=shares, discordance=0.3)
    said = _concluded("inconclusive", 0.15, grades=grades, pairs_needed=90, needed_range=(60, 150))
    assert (
        "judged for both, several answers each: a larger share good of b on 15, of a on 9, tied on 16 of 40"
        in said
    )
    assert "; sign-flip p = .20." in said
    assert "neither" not in said
    assert "As the spread of the differences is uncertain: from 60 to 150 cases." in said


def test_ties_and_the_correction_of_several_pairs_are_said() -> None:
    """Ties of a metric above chance are those of the metric itself; Holm is named where it decides."""
    metrics = {
        "finding.f1": difference(0.02, higher=12, lower=4),
        "above_chance.finding.f1": difference(0.02, test="sign-flip", p=0.0299, higher=40, lower=0),
    }
    told = conclusion("inconclusive", 0.02, metric="above_chance.finding.f1", p=0.0897, tested_pairs=3)
    said = _words(conclusions(comparison(A, B, pairs=(pair(conclusion=told, metrics=metrics),))))
    assert "finding F1 higher for b on 12, for a on 4, tied on 24 of 40; sign-flip p = .03, " in said
    assert "p = .09 by Holm over 3 pairs, which decides. No judge" in said


def test_the_cases_of_several_pairs_are_said_to_be_by_holm() -> None:
    """The number is that of the level which decides."""
    said = _concluded("inconclusive", 0.15, grades=graded_pair(), pairs_needed=90, tested_pairs=2)
    assert "about 90 cases with both would settle it (80 % power, Holm over 2 pairs): 50 more." in said


def test_the_basis_of_a_conclusion_stands_below_it() -> None:
    """Counts of the four cells, tests, reasons, people's correction, the number of cases that would do."""
    people = graded_pair(
        unpaired=2,
        if_missing=IfMissing(lowest=0.1, highest=0.2, p_lowest=0.01, p_highest=0.001, turns=False),
        reviewed=difference(0.1, (0.02, 0.2), n=1),
    )
    said = _concluded("better", grades=people, reasons=("a reason",), pairs_needed=1200)
    for words in (
        "40 of 40 cases judged for both: only a good 1, only b 2, both 7, neither 0 (tied on 36 of 40); ",
        "McNemar mid-p = .03, exact p = .06. The 2 cases not judged for both cannot change this. A reason. ",
        "Corrected by the 1 case that people graded for both: +10 [2, 20]. ",
        "about 1,200 cases with both would settle it (80 % power): 1,160 more.",
    ):
        assert words in said
    assert "No number of cases can be named" in _concluded("inconclusive", 0.01, grades=graded_pair())


def test_missing_verdicts_that_could_turn_it_are_not_called_harmless() -> None:
    """The sentence that they cannot change it is left out; a single case is not '1 cases'."""
    turning = IfMissing(lowest=-0.1, highest=0.2, p_lowest=0.4, p_highest=0.001, turns=True)
    assert "cannot change" not in _concluded("better", grades=graded_pair(unpaired=1, if_missing=turning))
    harmless = turning.model_copy(update={"turns": False})
    said = _concluded("better", grades=graded_pair(unpaired=1, if_missing=harmless))
    assert "The case not judged for both cannot change this." in said


def test_what_was_forced_and_the_test_of_all_stand_first() -> None:
    """In this order, before any pair; one system alone is told what a conclusion takes."""
    overall = Omnibus(metric="good", statistic=9.0, p=0.004, n=40)
    three = comparison(A, B, system_row("c"), forced=("the parsers differ",), omnibus=overall)
    assert printed(*conclusions(three)).splitlines() == [
        "Forced: the parsers differ.",
        "All 3 systems, good over 40 cases: not all alike (p = .004).",
    ]
    alike = three.model_copy(update={"omnibus": overall.model_copy(update={"p": 0.3})})
    assert "not shown to differ (p = .30)" in _words(conclusions(alike))
    assert "No conclusion: that takes two systems." in _words(conclusions(comparison(A)))


def test_the_lines_of_a_conclusion_fit_and_stand_in() -> None:
    """Continued where they began: the conclusion at the margin, its basis two columns in."""
    one = pair(conclusion=conclusion("better", reasons=("a reason " * 20,)), graded=graded_pair())
    lines = printed(*conclusions(comparison(A, B, pairs=(one,))), width=80).splitlines()
    assert max(map(len, lines)) <= 80
    assert [line[:2] for line in lines].count("  ") == len(lines) - 1


def _compared(**first: Any) -> Comparison:
    return comparison(system_row("a", **first), B)


def test_a_mean_latency_that_a_few_slow_answers_make_is_pointed_out() -> None:
    """The higher mean with the lower median, in the one direction only."""
    slow = system_row(
        "slow", metrics={"latency_ms": estimate(1.0, median=1000.0, mean=9000.0)}, flags={"loop": 4}
    )
    even = system_row("even", metrics={"latency_ms": estimate(1.0, median=2000.0, mean=2100.0)})
    said = _words(cautions(comparison(slow, even)))
    assert "slow has the higher mean latency and the lower median: a few slow answers (4 loops)" in said
    assert "even has" not in said
    without = _words(cautions(comparison(slow.model_copy(update={"flags": {}}), even)))
    assert "the lower median: a few slow answers make its mean" in without
    third = _words(cautions(comparison(slow, even, even.model_copy(update={"name": "third"}))))
    assert third.count("slow has the higher mean latency") == 1
    assert "median than even, third: a few" in third
    assert "Quote the medians" not in _words(cautions(comparison(even, A)))


def test_cautions_end_with_what_the_intervals_are() -> None:
    """Also where the swap control had to take other regions."""
    said = printed(*cautions(comparison(A, B, swap_mixed=("Head", "Neck")))).splitlines()
    assert said[0] == "Other cases: Head and Neck have none, so that other regions stand in."
    assert said[-2].startswith(
        "[ ]: 95 % intervals, cases of one topic drawn as one, Wilson for rates, BCa for means; ~: may"
    )


def test_floors_say_what_is_reached_without_looking() -> None:
    """The best finding F1 of a baseline that does not look; different cases are pointed out."""
    above = "above_chance.finding.f1"
    fixed = system_row(
        "baseline-generic", floor=True, metrics={"finding.f1": estimate(0.2), above: estimate(0.1)}
    )
    better = system_row(
        "baseline-best-list", floor=True, metrics={"finding.f1": estimate(0.26), above: estimate(0.0)}
    )
    looks = system_row(
        "baseline-retrieval", floor=True, metrics={"finding.f1": estimate(0.4), above: estimate(0.2)}
    )
    assert _words(floors(comparison(A, floors=(fixed, better)))).startswith(
        "Without looking at an image baseline-best-list reaches a finding F1 of .26: read every raw number"
    )
    in_table = fixed.model_copy(update={"metrics": {**fixed.metrics, "finding.f1": estimate(0.2596)}})
    assert _words(floors(comparison(A, floors=(in_table, better)))) == ""
    assert _words(floors(comparison(A, floors=(better,)))).startswith("Without looking at an image")
    assert _words(floors(comparison(A, floors=(fixed, looks)))).startswith(
        "Without looking at an image baseline-generic reaches"
    )
    assert _words(floors(comparison(A, floors=(looks,)))) == ""
    answers = system_row("baseline-best-list", floor=True, metrics={"answer.right": estimate(0.6)})
    assert _words(floors(comparison(A, floors=(answers,)))).startswith(
        "Without looking at an image baseline-best-list reaches a share of right answers of .60: read every"
    )
    uneven = comparison(A, B, pairs=(pair(only_b=1),))
    assert _words(floors(uneven)).startswith("The rows rest on different cases")
    assert _words(floors(comparison(A, B, pairs=(pair(),)))) == ""
