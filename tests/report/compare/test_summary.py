"""The first screen of a comparison: what is clear stands first, and what is only length is called so."""

from __future__ import annotations

from typing import Any

from results import comparison, conclusion, difference, estimate, graded, pair, system_row
from screens import printed

from medbench.report.compare.summary import summary
from medbench.schema.results.comparison import ClearDifference, Ranked, Ranking
from medbench.schema.results.system_row import Graded

A, B = system_row("a"), system_row("b")
RECALL = "rouge_l.recall"


def _lines(outcome: str, equal: Any, metric: str = RECALL) -> list[str]:
    shown = difference(0.2, (0.1, 0.3), p=0.001, p_holm=0.004)
    clear = ClearDifference(higher="b", lower="a", metric=metric, difference=shown)
    metrics = {RECALL: shown, "first30.rouge_l.recall": equal}
    one = pair(conclusion=conclusion(outcome), metrics=metrics)
    return printed(*summary(comparison(A, B, pairs=(one,), clear=(clear,), tests=8))).splitlines()[2:]


def test_what_is_clear_stands_above_what_is_inconclusive() -> None:
    """Below a conclusion that decides; a difference that the conclusion is about is not said twice."""
    same = difference(0.2, (0.1, 0.3))
    lines = _lines("inconclusive", same)
    assert lines[0].startswith("Clear differences (p by Holm over all metrics, 8 tests)")
    assert lines[1].startswith(
        "  ROUGE-L recall: b above a by .20 [.10, .30], p = .004; at equal length .20."
    )
    assert lines[2].startswith("Inconclusive")
    assert _lines("better", same)[0].startswith("b is better than a")
    assert "Clear differences" not in "\n".join(_lines("better", same, "good"))


def test_recall_that_pays_for_length_is_not_to_be_quoted() -> None:
    """Where it no longer differs at equal length; not otherwise."""
    vanishes = "\n".join(_lines("inconclusive", difference(0.01, (-0.1, 0.1))))
    assert "at equal length .01: it pays for length, do not quote it." in " ".join(vanishes.split())
    assert "do not quote" not in "\n".join(_lines("inconclusive", difference(0.1, (0.05, 0.2))))


def _of_many(floor: Graded | None, ranked: str = "abc") -> str:
    systems = [system_row(name, graded=graded(0.5)) for name in "abc"]
    order = Ranking(
        metric="good",
        reference="a",
        tests=3,
        systems=tuple(Ranked(name=name, groups="a", difference=None) for name in ranked),
    )
    floors = tuple(
        system_row(f"baseline-{name}", floor=True, graded=floor, metrics={"finding.f1": estimate(0.14)})
        for name in ("generic", "normal")
    )
    rated = comparison(*systems, floors=floors, ranking=order, rater="judge")
    return printed(*summary(rated))


def test_a_baseline_stands_in_a_table_of_grades_only_with_a_grade() -> None:
    """A row without a number says nothing; what the baseline reaches is said below all the same."""
    said = _of_many(None)
    assert "floor: " not in said
    assert "Floor: best of" not in said
    assert "Without looking at an image baseline-" in said
    assert "floor: " in _of_many(graded(0.1))


def test_where_nothing_was_held_against_the_reference_nothing_is_said_of_it() -> None:
    """Systems without a case in common are in no order to it."""
    assert "Held against" not in _of_many(None)


def test_a_system_that_alone_has_a_number_is_ahead_of_nobody() -> None:
    """Two of three have no answer: nothing is told of them."""
    said = _of_many(None, ranked="b")
    assert "b alone has good: there is nothing to rank." in said
    assert "ahead" not in said
