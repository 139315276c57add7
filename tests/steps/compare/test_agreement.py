"""The agreement of two raters, on the outputs that both graded."""

from __future__ import annotations

import pytest
from columns import cases, grades
from statsmodels.stats.inter_rater import cohens_kappa

from medbench.steps.compare.agreement import MOST_FLIPS, judgings

A, B = "ggpoogpo-g", "gpppoogoog"


def test_two_raters_on_the_same_outputs() -> None:
    """Cases that one of them left out count for neither; kappa is statsmodels'; each flip is named."""
    (found,) = judgings({"s": {"b": grades(B), "a": grades(A)}}, cases(10))
    assert (found.a, found.b, found.n, found.same) == ("a", "b", 9, 5)
    index = {"o": 0, "p": 1, "g": 2}
    counts = [[0] * 3 for _ in range(3)]
    for a, b in zip(A, B, strict=True):
        if a != "-":
            counts[index[a]][index[b]] += 1
    assert found.kappa.value == pytest.approx(float(cohens_kappa(counts).kappa))
    assert found.quadratic.value == pytest.approx(float(cohens_kappa(counts, wt="quadratic").kappa))
    assert len(found.flips) == 4
    assert found.flips[0] == ("s", "c1", "good", "partial")
    assert found.table == {
        "poor": {"poor": 2, "partial": 1, "good": 0},
        "partial": {"poor": 0, "partial": 1, "good": 1},
        "good": {"poor": 1, "partial": 1, "good": 2},
    }


def test_of_many_flips_the_first_of_each_system_are_named() -> None:
    """All are counted; what is held and written stays small, and each system has its share of it."""
    of_system = {"a": grades("g" * 300), "b": grades("go" * 150)}
    (found,) = judgings({"s": of_system, "t": of_system}, cases(300))
    assert (found.n, found.same, found.table["good"]) == (600, 300, {"poor": 300, "partial": 0, "good": 300})
    assert [(system, case) for system, case, _, _ in found.flips] == [
        (system, f"c{number}") for system in "st" for number in range(1, 2 * MOST_FLIPS, 2)
    ]


def test_each_two_of_three_raters_over_all_systems() -> None:
    """In alphabetical order; a rater that graded one system alone is compared on that one."""
    of_one = {name: grades("ggoo") for name in "abc"}
    of_two = {name: grades("gooo") for name in "ab"}
    found = judgings({"s": of_one, "t": of_two}, cases(4))
    assert [(pair.a, pair.b, pair.n, pair.same) for pair in found] == [
        ("a", "b", 8, 8),
        ("a", "c", 4, 4),
        ("b", "c", 4, 4),
    ]


def test_raters_without_a_common_output_are_left_out() -> None:
    """Also where they graded different systems, or one graded nothing."""
    assert judgings({"s": {"a": grades("g-"), "b": grades("-g")}}, cases(2)) == ()
    assert judgings({"s": {"a": grades("gg")}, "t": {"b": grades("gg")}}, cases(2)) == ()
    assert judgings({"s": {"a": grades("gg"), "b": grades("--")}}, cases(2)) == ()
    assert judgings({}, cases(2)) == ()


def test_repeats_are_one_grade_a_case() -> None:
    """The mean of the repeats, rounded to a grade."""
    repeated = {"a": grades("gggooo", repeats=3), "b": grades("ggoogo", repeats=3)}
    (found,) = judgings({"s": repeated}, cases(2))
    assert (found.n, found.same, found.repeats) == (2, 0, True)
    (single,) = judgings({"s": {"a": grades("go"), "b": grades("gg")}}, cases(2))
    assert not single.repeats
    assert found.flips == (("s", "c0", "good", "partial"), ("s", "c1", "poor", "partial"))
