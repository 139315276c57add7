"""The tables of a comparison, from records alone."""

from __future__ import annotations

from typing import Any

from results import card, comparison, estimate, graded, group, system_row
from screens import printed

from medbench.report.comparison import full, overview, title
from medbench.report.numbers import DASH
from medbench.schema.score import Slice

METRICS = {name: estimate(0.3, ends=(0.2, 0.4)) for name in ("finding.f1", "rouge_l.recall", "rouge_l.f1")}
RULES = {"rules.good": estimate(0.5), "rules.key_finding": estimate(0.25)}


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
    """They ask no model; F1 and the number of words have room while there are no grades."""
    rows = _rows(
        overview(comparison(system_row("baseline-normal", metrics=METRICS | {"words": estimate(31)})))
    )
    assert rows[0] == "bench · 40 cases · parser findings-2 · 95 % intervals (~ approximate)"
    interval = f".30 [.20{DASH}.40]"
    assert rows[2:] == [
        "system n finding F1 ROUGE-L recall ROUGE-L F1 words",
        f"baseline-normal 40 {interval} {interval} {interval} 31",
    ]


def test_grades_by_rules_take_the_room_of_f1() -> None:
    """The overview of a model begins with its calls; a floor is called one."""
    floor = system_row("baseline-normal", floor=True, metrics=METRICS | RULES)
    system = system_row("m", metrics={"latency_ms": estimate(2500.0)}, failures={"timeout": 2}, n=38)
    rows = _rows(overview(comparison(system, floors=(floor,))))
    assert "judge rules" in rows[0]
    assert rows[2:4] == ["system outputs failed flagged s p50 p95 cost", "m 38/40 2 timeout - 2.5 2.5 $0"]
    assert rows[5] == "system n good % key finding % finding F1 ROUGE-L recall"
    assert rows[6] == "m 38 - - - -"
    assert rows[7].startswith("floor: normal 40 50 25 .30")


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
    unflagged = Slice(n=37, wanted=40, metrics={"finding.f1": estimate(0.6)})
    system = system_row("m", metrics=METRICS | controls, flagged=3, flags={"loop": 3}, unflagged=unflagged)
    floor = system_row("baseline-random", floor=True, metrics=METRICS)
    lines = printed(*full(comparison(system, floors=(floor,)))).splitlines()
    names = [line[:24].rstrip() for line in lines[:7]]
    assert names == [
        "offline",
        "m",
        "  without flagged (37)",
        "  floor: other cases",
        "  first 30 words",
        "  floor: a text as long",
        "floor: random",
    ]
    assert lines[1].split()[-2:] == ["3", "loop"]
    assert lines[2].split()[3:] == [".60", "-", "-"]
    assert [line.split()[-1] for line in lines[4:6]] == [".20", ".15"]


def test_a_good_case_has_a_price_only_where_all_is_known() -> None:
    """Dollars of the run by its good cases; a dash without grades, or with a call of unknown cost."""
    known = system_row("m", cost_usd=1.0, graded=graded(0.25))
    rows = _rows(full(comparison(known, known.model_copy(update={"name": "n", "cost_unknown": 1}))))
    at = rows.index("Latency in seconds, and cost")
    assert rows[at + 2] == "m 40/40 - - - - - $1.00 $0.100"
    assert rows[at + 3] == "n 40/40 - - - - - $1.00, 1 unknown -"
    none_good = system_row("m", cost_usd=1.0, graded=graded(0.0))
    assert any(row.endswith("$1.00 -") for row in _rows(full(comparison(none_good))))


def test_one_system_alone_is_shown_by_its_parts() -> None:
    """Each part with its recall and n; a dash where the other system has none."""
    parts = {"region": {"Head": Slice(n=4, wanted=4, metrics={"rouge_l.recall": estimate(0.25, 4)})}}
    floor = system_row("baseline-normal", floor=True)
    rows = _rows(full(comparison(system_row("m", by=parts), floors=(floor,))))
    at = rows.index("By region: ROUGE-L recall (n)")
    assert rows[at + 1 : at + 3] == ["region m floor: normal", "Head .250 (4) -"]
    two = _rows(full(comparison(system_row("m", by=parts), system_row("n"))))
    assert "By region: ROUGE-L recall (n)" not in two


def test_the_signatures_stand_last() -> None:
    """Each on a line of its own, with how resamples were drawn."""
    assert _rows(full(comparison(system_row("m"))))[-3:] == ["", "rouge|v1", "seed 1"]
