"""The tables of a comparison, from records alone."""

from __future__ import annotations

import re
from typing import Any

from results import card, comparison, estimate, graded, group, interval, system_row
from screens import printed

from medbench.report.compare.comparison import tables, title
from medbench.report.compare.screens import whole
from medbench.report.compare.summary import overview, summary
from medbench.report.numbers import BRACKETS, DASH
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
    """They ask no model; the best first; what is above chance leads, and what it is stands below."""
    better = system_row("baseline-random", metrics=METRICS | {ABOVE: estimate(0.2, ends=(0.0, 0.3))})
    rows = _rows(
        overview(comparison(system_row("baseline-normal", metrics=METRICS | CORRECTED | RULES), better))
    )
    assert rows[0] == "bench (01234567) · 40 cases · parser findings-2"
    assert rows[2:5] == [
        "system n above chance finding F1 key finding %",
        f"baseline-random 40 .20 [.00, .30] .30 [.20{DASH}.40] -",
        f"baseline-normal 40 .10 [-.10, .30] .30 [.20{DASH}.40] 25",
    ]
    assert rows[5].startswith("Above chance: 0 is what the same texts score on other cases")
    assert "rules" not in " ".join(rows), "it decides nothing, and does not lead"
    anywhere = comparison(system_row("m", metrics=CORRECTED), signatures={"controls": "controls:2|swap:any"})
    assert "on other cases, 1 (100 %)" in " ".join(_rows(overview(anywhere)))


def test_equal_systems_stand_by_name() -> None:
    """Means that differ by the rounding error of a sum are equal; so are the floors, whose best is shown."""
    means = {"c": 0.3, "b": 0.1 + 0.2, "a": 0.3, "best": 0.31}
    rows = [system_row(name, metrics={ABOVE: estimate(mean)}) for name, mean in means.items()]
    floors = [system_row(f"baseline-{name}", metrics={F1: estimate(means[name])}) for name in "cba"]
    lines = _rows(overview(comparison(*rows, floors=floors)))
    names = [
        line.split()[0] for line in lines if line.split(" ")[0] in {*means, *(row.name for row in floors)}
    ]
    assert names[-5:] == ["best", "a", "b", "c", "baseline-a"]


def test_the_overview_of_a_model_begins_with_its_calls() -> None:
    """The best floor stands below it and is called one; above chance is explained only where it stands."""
    floors = [
        system_row(f"baseline-{name}", floor=True, metrics={F1: estimate(f1)})
        for name, f1 in (("normal", 0.1), ("random", 0.3), ("generic", 0.2))
    ]
    system = system_row("m", metrics={"latency_ms": estimate(2500.0)}, failures={"timeout": 2}, n=38)
    rows = _rows(overview(comparison(system, floors=floors)))
    assert rows[2:4] == [
        "system n failed flagged median s slowest 5 % s cost",
        "m 38/40 2 timeout - 2.5 2.5 $0",
    ]
    assert rows[5:] == [
        "system n finding F1",
        "m 38 -",
        "floor: random 40 .30",
        "Floor: best of 3 baselines by finding F1.",
        BRACKETS,
    ]


def test_a_few_outputs_above_chance_are_shown_as_a_few() -> None:
    """Greyed, with their number, as any other mean."""
    rows = _rows(overview(comparison(system_row("baseline-normal", metrics={ABOVE: estimate(0.5, 3)}))))
    assert rows[3].endswith(".50 (3)")


def test_a_mark_that_all_have_stands_once() -> None:
    """In the name of the column; where some have it, at those."""
    sure, unsure = estimate(0.3, ends=(0.2, 0.4)), estimate(0.2)
    unsure = unsure.model_copy(update={"interval": interval(0.1, 0.3, approximate="few groups")})
    rows = _rows(overview(comparison(system_row("baseline-a", metrics={F1: unsure}))))
    assert rows[2:4] == ["system n finding F1 ~", f"baseline-a 40 .20 [.10{DASH}.30]"]
    both = [system_row(f"baseline-{n}", metrics={F1: one}) for n, one in (("a", unsure), ("b", sure))]
    assert _rows(overview(comparison(*both)))[2:5] == [
        "system n finding F1",
        f"baseline-b 40 .30 [.20{DASH}.40]",
        f"baseline-a 40 .20 [.10{DASH}.30]~",
    ]


def test_no_table_calls_the_rules_good() -> None:
    """They have a column of their own with what is above chance; named as the rater they are called rules."""
    metrics = METRICS | RULES | {"above_chance.rules.good": estimate(0.2, ends=(-0.1, 0.5))}
    shown = _rows(tables(comparison(system_row("m", metrics=metrics))))
    at = shown.index("rules, ROUGE-L n rules % above chance % ROUGE-L recall ROUGE-L F1")
    assert shown[at + 1].startswith("m 40 50 20 [-10, 50] .30")
    assert "does not agree with judges enough" in shown[at + 2]
    by_rules = comparison(system_row("m", graded=graded(0.5, rater="rules")), rater="rules")
    assert "graded by rules" in printed(title(by_rules))
    assert _rows(tables(by_rules))[0].startswith("system judged rules % partial %")
    assert "good %" not in "\n".join(shown + _rows(tables(by_rules)))


def test_a_grade_that_is_missing_is_not_poor() -> None:
    """Bounds with the missing ones poor and good, and on the first screen why they are missing."""
    half = graded(0.5, good=estimate(0.5, 38), good_if_missing_poor=0.475, missing={"timeout": 2})
    rows = _rows(tables(comparison(system_row("m", graded=half), system_row("other"))))
    assert rows[0] == "system judged good % partial % poor % key finding %"
    assert rows[1] == "m 38/40 50 50 50 50"
    said = " ".join(_rows(summary(comparison(system_row("m", graded=half), system_row("other")))))
    assert f"Outputs without a grade, which is not poor: m 2 timeout (good 48{DASH}50 %); in brackets" in said
    corrected = graded(0.5, reviewed=estimate(0.4, ends=(0.2, 0.6)))
    people = _rows(tables(comparison(system_row("m", graded=corrected))))
    assert people[0].endswith("key finding % as people %")
    assert f"40 [20{DASH}60]" in " ".join(people[:3])
    few = graded(0.5, reviewed=estimate(0.25, 4))
    said = " ".join(
        _rows(summary(comparison(system_row("m", graded=corrected), system_row("f", graded=few))))
    )
    assert f"good m 40 [20{DASH}60] %, f 1 of 4." in said


def test_the_card_of_a_tested_judge_is_whole() -> None:
    """One without canaries has a line."""
    groups = group("must be good", {"itself": (5, 5)})
    cards = (card(groups, rater="pro"), card(rater="bare"))
    screen = whole(comparison(system_row("m", graded=graded(0.5)), cards=cards, rater="pro"))
    shown = "\n".join(_rows(screen))
    assert "\ncard of pro right 95 % missed asked\n" in shown
    assert "\njudge card of pro: 5/5 canaries of these runs right." in shown
    assert "\njudge card of bare: no canaries (not tested)." in shown


def test_controls_stand_below_their_system() -> None:
    """Without flagged outputs, other cases' texts, the first words, a text as long; then the floors."""
    controls = {f"swap.{name}": estimate(0.1) for name in METRICS}
    controls |= {"first30.rouge_l.recall": estimate(0.2), "generic.rouge_l.recall": estimate(0.15)}
    unflagged = Slice(n=37, wanted=40, metrics={F1: estimate(0.6)})
    metrics = METRICS | CORRECTED | controls
    system = system_row("m", metrics=metrics, flagged=3, flags={"loop": 3}, unflagged=unflagged)
    floor = system_row("baseline-random", floor=True, metrics=METRICS)
    lines = printed(*tables(comparison(system, floors=(floor,)))).splitlines()
    names = [re.match(r" *[^ ]*(?: [^ ]+)*", line)[0] for line in lines]  # type: ignore[index] # matches all
    below = ["m", "  without flagged", "  on other cases"]
    assert names[:5] == ["system", *below, "floor: random"]
    assert names[7:14] == [
        "rules, ROUGE-L",
        *below,
        "  first 30 words",
        "  a fixed text",
        "floor: random",
    ]
    assert [line.split()[-1] for line in lines[2:4]] == [".60", ".10"], "no other case is above chance"
    assert [line.split()[-1] for line in lines[11:13]] == [".20", ".15"]
    assert "m: flagged 3 loop." in lines


def test_a_good_case_has_a_price_only_where_all_is_known() -> None:
    """Dollars of the run by its good cases; a dash without grades, or with a call of unknown cost."""
    known = system_row("m", cost_usd=1.0, graded=graded(0.25))
    rows = _rows(overview(comparison(known, known.model_copy(update={"name": "n", "cost_unknown": 1}))))
    assert rows[3:5] == ["m 40/40 - - - - $1.00 $0.10", "n 40/40 - - - - $1.00, 1 unknown -"]
    assert not any("a good case" in row for row in _rows(overview(comparison(system_row("m")))))
    none_good = system_row("m", cost_usd=1.0, graded=graded(0.0))
    assert any(row.endswith("$1.00 -") for row in _rows(overview(comparison(none_good))))


def test_the_signatures_stand_last() -> None:
    """Each on a line of its own, with how resamples were drawn."""
    assert _rows(whole(comparison(system_row("m"))))[-3:] == ["", "rouge|v1", "seed 1"]
