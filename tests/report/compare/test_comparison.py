"""The tables of a comparison, from records alone."""

from __future__ import annotations

from typing import Any

from results import card, comparison, estimate, graded, group, system_row
from screens import printed

from medbench.report.compare.comparison import full, overview, title
from medbench.report.numbers import DASH
from medbench.schema.score import Slice

F1, ABOVE = "finding.f1", "above_chance.finding.f1"
METRICS = {name: estimate(0.3, ends=(0.2, 0.4)) for name in (F1, "rouge_l.recall", "rouge_l.f1")}
CORRECTED = {
    ABOVE: estimate(0.1, ends=(-0.1, 0.3)),
    "above_chance.finding.key": estimate(-0.001, ends=(-0.2, 0.1)),
}
RULES = {"rules.good": estimate(0.5), "finding.key": estimate(0.25)}


def _rows(screen: Any) -> list[str]:
    """Lines with one space between words."""
    return [" ".join(line.split()) for line in printed(*screen).splitlines()]


def test_the_title_says_who_judged() -> None:
    """The judge only where one counts."""
    assert printed(title(comparison())) == "bench (01234567) · 40 cases · parser findings-2\n"
    assert (
        printed(title(comparison(rater="pro")))
        == "bench (01234567) · 40 cases · judge pro · parser findings-2\n"
    )


def test_the_overview_of_baselines_has_no_calls() -> None:
    """They ask no model; what is above chance stands beside the raw number, and what it is below."""
    rows = _rows(overview(comparison(system_row("baseline-normal", metrics=METRICS | CORRECTED | RULES))))
    assert rows[0] == "bench · 40 cases · parser findings-2 · 95 % intervals (~ approximate)"
    assert rows[2:4] == [
        "system n finding F1 above chance key finding % above chance %",
        f"baseline-normal 40 .30 [.20{DASH}.40] .10 [-.10, .30] 25 0 [-20, 10]",
    ]
    assert rows[4].startswith("Above chance: 0 is what the same texts score on other cases")
    assert "rules" not in " ".join(rows), "it decides nothing, and does not lead"
    anywhere = comparison(system_row("m", metrics=CORRECTED), signatures={"controls": "controls:2|swap:any"})
    assert "on other cases, 1 (100 %)" in " ".join(_rows(overview(anywhere)))


def test_the_overview_of_a_model_begins_with_its_calls() -> None:
    """A floor is called one; nothing is explained where nothing is above chance."""
    floor = system_row("baseline-normal", floor=True, metrics=METRICS | RULES)
    system = system_row("m", metrics={"latency_ms": estimate(2500.0)}, failures={"timeout": 2}, n=38)
    rows = _rows(overview(comparison(system, floors=(floor,))))
    assert rows[2:4] == ["system outputs failed flagged s p50 p95 cost", "m 38/40 2 timeout - 2.5 2.5 $0"]
    assert rows[5:] == [
        "system n finding F1 key finding %",
        "m 38 - -",
        f"floor: normal 40 .30 [.20{DASH}.40] 25",
    ]


def test_a_few_outputs_above_chance_are_shown_as_a_few() -> None:
    """Greyed, with their number, as any other mean."""
    few = {ABOVE: estimate(0.5, 3), "above_chance.finding.key": estimate(0.5, 2)}
    rows = _rows(overview(comparison(system_row("baseline-normal", metrics=METRICS | few))))
    assert rows[3].endswith(".50 (3) 50 (2)")


def test_no_table_calls_the_rules_good() -> None:
    """They have a column of their own with what is above chance; named as the rater they are called rules."""
    metrics = METRICS | RULES | {"above_chance.rules.good": estimate(0.2, ends=(-0.1, 0.5))}
    shown = _rows(full(comparison(system_row("m", metrics=metrics))))
    at = shown.index("rules, ROUGE-L rules % above chance % ROUGE-L recall ROUGE-L F1")
    assert shown[at + 1].startswith("m 50 20 [-10, 50] .30")
    assert "does not agree with judges enough" in shown[at + 2]
    by_rules = comparison(system_row("m", graded=graded(0.5, rater="rules")), rater="rules")
    assert "graded by rules" in printed(title(by_rules))
    assert _rows(full(by_rules))[0].startswith("system judged rules % partial %")
    assert "good %" not in "\n".join(shown + _rows(full(by_rules)))


def test_a_grade_that_is_missing_is_not_poor() -> None:
    """Bounds with the missing ones poor and good, and a line that says why they are missing."""
    half = graded(0.5, good=estimate(0.5, 38), good_if_missing_poor=0.475, missing={"timeout": 2})
    rows = _rows(full(comparison(system_row("m", graded=half), system_row("other"))))
    assert rows[0] == "system judged good % partial % poor % key finding % missing poor/good"
    assert rows[1] == "m 38/40 50 50 50 50 48 / 50"
    assert rows[2] == "m: 2 cases have no grade, which is not poor (2 timeout)."
    corrected = graded(0.5, reviewed=estimate(0.4, ends=(0.2, 0.6)))
    people = _rows(full(comparison(system_row("m", graded=corrected))))
    assert people[0].endswith("missing poor/good as people %") or "as people" in " ".join(people[:2])
    assert f"40 [20{DASH}60]" in " ".join(people[:3])


def test_the_card_of_the_judge_that_counts_is_whole() -> None:
    """The others have a line each, and so has one without canaries."""
    groups = group("must be good", {"itself": (5, 5)})
    cards = (card(groups, rater="pro"), card(groups, rater="flash"), card(rater="bare"))
    screen = full(comparison(system_row("m", graded=graded(0.5)), cards=cards, rater="pro"))
    shown = "\n".join(_rows(screen))
    assert "\ncard of pro right 95 % missed asked\n" in shown
    assert "\njudge card of flash: 5/5 canaries right." in shown
    assert "\njudge card of bare: no canaries (not tested)." in shown
    assert "card of flash right" not in shown


def test_controls_stand_below_their_system() -> None:
    """Without flagged outputs, other cases' texts, the first words, a text as long; then the floors."""
    controls = {f"swap.{name}": estimate(0.1) for name in METRICS}
    controls |= {"first30.rouge_l.recall": estimate(0.2), "generic.rouge_l.recall": estimate(0.15)}
    unflagged = Slice(n=37, wanted=40, metrics={F1: estimate(0.6)})
    metrics = METRICS | CORRECTED | controls
    system = system_row("m", metrics=metrics, flagged=3, flags={"loop": 3}, unflagged=unflagged)
    floor = system_row("baseline-random", floor=True, metrics=METRICS)
    lines = printed(*full(comparison(system, floors=(floor,)))).splitlines()
    names = [line[:23].rstrip() for line in lines]
    below = ["m", "  without flagged (37)", "  floor: other cases"]
    assert names[:5] == ["system", *below, "floor: random"]
    assert names[7:14] == [
        "rules, ROUGE-L",
        *below,
        "  first 30 words",
        "  floor: a text as long",
        "floor: random",
    ]
    assert [line.split()[-1] for line in lines[2:4]] == [".60", ".10"], "no other case is above chance"
    assert [line.split()[-1] for line in lines[11:13]] == [".20", ".15"]
    assert "m: flagged 3 loop." in lines


def test_a_good_case_has_a_price_only_where_all_is_known() -> None:
    """Dollars of the run by its good cases; a dash without grades, or with a call of unknown cost."""
    known = system_row("m", cost_usd=1.0, graded=graded(0.25))
    rows = _rows(full(comparison(known, known.model_copy(update={"name": "n", "cost_unknown": 1}))))
    at = rows.index("Latency in seconds, and cost")
    assert rows[at + 2] == "m 40/40 - - - - - $1.00 $0.100"
    assert rows[at + 3] == "n 40/40 - - - - - $1.00, 1 unknown -"
    assert not any("a good case" in row for row in _rows(full(comparison(system_row("m")))))
    none_good = system_row("m", cost_usd=1.0, graded=graded(0.0))
    assert any(row.endswith("$1.00 -") for row in _rows(full(comparison(none_good))))


def test_the_signatures_stand_last() -> None:
    """Each on a line of its own, with how resamples were drawn."""
    assert _rows(full(comparison(system_row("m"))))[-3:] == ["", "rouge|v1", "seed 1"]
