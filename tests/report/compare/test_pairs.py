"""Pairs of systems: tests, parts of the benchmark, cases to look at, agreement of raters."""

from __future__ import annotations

from typing import Any

from results import comparison, conclusion, difference, estimate, graded_pair, interval, pair, system_row
from screens import printed

from medbench.report.compare.pairs import LISTED, agreement, cases_to_look_at, pair_tests, strata
from medbench.schema.results.agreement import Coefficient, Judgings
from medbench.schema.results.comparison import StratumDifference, StratumTable

A, B = system_row("a"), system_row("b")


def _rows(screen: Any) -> list[str]:
    return [" ".join(line.split()) for line in printed(*screen).splitlines()]


def test_each_metric_of_a_pair_is_a_row() -> None:
    """Grades in points, metrics in places, at equal length by its number of words; a dash without a test."""
    metrics = {
        "finding.f1": difference(-0.0123, (-0.05, 0.02), test="sign-flip", p=0.4, p_holm=0.8),
        "above_chance.finding.f1": difference(0.02, (-0.01, 0.05), test="sign-flip", p=0.3, p_holm=0.9),
        "above_chance.finding.key": difference(0.1, (-0.1, 0.3)),
        "first30.rouge_l.recall": difference(0.1),
    }
    one = pair(graded=graded_pair(), metrics=metrics, conclusion=conclusion("better"))
    assert _rows(pair_tests(comparison(A, B, pairs=(one,), tests=4))) == [
        "",
        "b minus a, on the cases that both have",
        "metric n difference higher lower test mid-p p Holm",
        "graded good, points 40 +15 3 1 mcnemar .03 .06 -",
        "higher grade, points 40 +15 3 1 - - - -",
        "finding F1 40 -.012 [-.05, .02] 3 1 sign-flip - .40 .80",
        "above chance 40 .020 [-.01, .05] - - sign-flip - .30 .90",
        "above chance, points 40 +10 [-10, 30] - - - - - -",
        "ROUGE-L recall, 30 words 40 .100 3 1 - - - -",
        "Holm over all metrics, 4 tests, as for clear differences; none where too few cases have both",
        "(--min-coverage). A conclusion is about its own metric alone, and names its p.",
    ]


def test_a_pair_with_a_floor_has_no_table() -> None:
    """It has no conclusion: floors are there to be read against."""
    assert _rows(pair_tests(comparison(A, B, pairs=(pair(),)))) == []


def _stratum(**given: Any) -> StratumTable:
    lower = difference(-0.25, p_holm=0.03)
    part = StratumDifference(
        value="Head", n=12, a=estimate(0.5), b=estimate(0.25), difference=lower, pooled=-0.1
    )
    plain: dict[str, Any] = {"by": "images", "a": "a", "b": "b", "metric": "good", "parts": (part, part)}
    return StratumTable.model_validate(plain | {"p": 0.2, "p_holm": 0.4} | given)


def _of_stratum(**given: Any) -> list[str]:
    return _rows(strata(comparison(A, B, strata=(_stratum(**given),))))[1:]


def test_parts_of_the_benchmark() -> None:
    """Both systems, difference and pooled difference; no weakest part unless the parts clearly differ."""
    assert _of_stratum() == [
        "By images a case: good",
        "images n a b difference pooled Holm",
        *["Head 12 50 25 -25 -10 .03"] * 2,
        "None demonstrably differs from the others (interaction p = .40, Holm): name no weakest one.",
    ]
    assert "not the same in all of them (interaction p = .0500, Holm)" in _of_stratum(p_holm=0.05)[-1]
    assert _of_stratum(p=None)[-1] == ""
    assert _of_stratum(parts=_stratum().parts[:1]) == [], "one part is the whole"
    assert _of_stratum(metric="finding.f1")[2] == "Head 12 .50 .25 -.25 -.10 .03"


def test_cases_to_look_at_are_listed_by_what_they_show() -> None:
    """Good of one alone, and of neither; eight of them, then how many more; nothing without grades."""
    many = tuple(f"c{n}" for n in range(LISTED + 2))
    one = pair(graded=graded_pair(only_a=(), only_b=many), conclusion=conclusion("better"))
    assert _rows(cases_to_look_at(comparison(A, B, pairs=(one,)))) == [
        "",
        "Cases to look at (medbench show CASE)",
        "only b good (10): c0, c1, c2, c3, c4, c5, c6, c7 … and 2 more",
    ]
    assert _rows(cases_to_look_at(comparison(A, B, pairs=(pair(conclusion=conclusion("better")),)))) == []


def test_raters_that_graded_the_same_are_compared() -> None:
    """Three coefficients, then the outputs on which they differ, eight at most, and how many more do."""
    flips = tuple(("a", f"c{n}", "good", "poor") for n in range(LISTED + 1))
    raters = Judgings(
        a="pro",
        b="flash",
        n=2_001,
        same=1,
        kappa=Coefficient(value=0.5, interval=interval(0.2, 0.8)),
        quadratic=Coefficient(value=None, interval=None),
        ac1=Coefficient(value=0.25, interval=None),
        table={},
        flips=flips,
    )
    rows = _rows(agreement(comparison(A, B, judgings=(raters,))))
    assert rows[1] == (
        "pro and flash graded 2,001 outputs both and agree on 1: kappa .50 [.20, .80], quadratic -, AC1 .25."
    )
    repeated = raters.model_copy(update={"n": 2, "repeats": True})
    assert "graded 2 outputs both (several of a case as one, by their mean grade) and agree on 1" in " ".join(
        _rows(agreement(comparison(A, B, judgings=(repeated,))))
    )
    assert rows[2] == "a c0: good → poor"
    assert rows[-1] == "… and 1,992 more"
    assert len(rows) == 2 + LISTED + 1
