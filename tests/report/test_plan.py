"""The screen of `plan`: how many cases it takes, and what the table does not say of itself."""

from __future__ import annotations

from typing import Any

from results import power_plan
from screens import printed

from medbench.report.plan import next_line
from medbench.report.plan import power_plan as power_screen
from medbench.schema.results.plan import Reach, StratumReach

REACH = Reach(cases=100, detects=0.156, power=0.5, half_width=0.1, new_calls=120, usd=0.4, hours=1.25)
PAIR: dict[str, Any] = {"systems": ("a", "b"), "based_on": "a and b"}


def _words(*reaches: Reach, **given: Any) -> str:
    return " ".join(printed(*power_screen(power_plan(*reaches, **given))).split())


def test_assumptions_are_called_assumptions() -> None:
    """The answer stands first, then what it rests on; topics that cases share are counted in."""
    assert _words().startswith(
        "A difference of 10 points takes 238 cases judged for both systems. "
        "No two systems are graded on the same cases: assumed. Discordance .30, good 40 %."
    )
    said = _words(design_effect=1.5, **PAIR)
    assert "From a and b. Discordance" in said
    assert "Cases share topics: 1.50 of them tell as much as one of its own topic." in said


def test_a_number_of_cases_is_a_row_and_a_bar() -> None:
    """Calls, dollars and hours only where runs are at hand; half a bar for a power of a half."""
    lines = printed(
        *power_screen(power_plan(REACH, REACH.model_copy(update={"all_there_are": True}), **PAIR))
    )
    rows = [line.split() for line in lines.splitlines()]
    assert ["100", "15.6", "50", "%", "10", "120", "$0.40", "1.2"] in rows
    assert ["100", "(all)", "15.6", "50", "%", "10", "120", "$0.40", "1.2"] in rows
    assert f"     100  {'#' * 15:<30}  50 %" in lines.splitlines()
    assert "15.6 50 % 10 - - - " in _words(REACH)


def test_none_is_explained_where_it_stands() -> None:
    """So few cases that no difference that the discordance allows is detected."""
    none = REACH.model_copy(update={"detects": None})
    assert "none: a difference cannot be larger than the discordance" in _words(none)
    assert "none: a difference" not in _words(REACH)


def test_what_is_still_to_pay_says_whether_judging_is_in_it() -> None:
    """With the judge and what its cost rests on, or without judging; nothing where nothing is to be paid."""
    paid = _words(REACH, judging_paid=True, judge="pro", judging_source="a trial", **PAIR)
    assert "judging by pro with its listings and canaries (a trial)." in paid
    assert "without judging" in _words(REACH, **PAIR)
    assert "Still to pay:" not in _words(REACH)
    assert "Still to pay:" not in _words(REACH.model_copy(update={"usd": None}), **PAIR)


def test_the_number_needed() -> None:
    """A number, more than the source has, or more than anybody draws; and its range by the discordance."""
    assert "A difference of 10 points takes 238 cases judged for both systems." in _words()
    assert "A difference of 10 points takes more than 20,000 cases." in _words(needed=None)
    short = _words(REACH, eligible=200)
    assert "A difference of 10 points takes 238 cases; the source has 200 that can be drawn" in short
    assert "and all of them detect 15.6" in short
    assert "all of them detect no difference." in _words(eligible=200)
    spread = _words(needed_range=(100, None), discordance_range=(0.15, 0.5))
    assert "between .15 and .50 only, and is .10 at least" in spread
    assert "from 100 to over 20,000 cases." in spread


def test_strata_by_themselves() -> None:
    """What the proposed draw takes of each, what each detects, and that too few can never be significant."""
    head = StratumReach(value="Head", eligible=60, proposed=60, detects=0.2)
    chest = StratumReach(value="Chest", eligible=90, proposed=70, detects=None)
    said = _words(strata=(head, chest), per_stratum=70, smallest_stratum=5)
    assert (
        "130 = 60 of Head (all), 70 of Chest. By itself each of them detects: Head 20 points; Chest nothing."
        in said
    )
    assert (
        "5 cases a stratum can never reach p < .05 in a paired test: the most uneven split, 5 to 0, gives"
        in said
    )
    assert "p = .06. It takes 6." in said
    assert "none of them detects even a difference of 30 points" in _words(strata=(chest,), per_stratum=70)


def test_gradings_and_people() -> None:
    """How far two gradings agree, known or assumed; how many outputs people must grade, if not too many."""
    assert (
        "Two gradings are assumed to agree about good on 86 % of outputs: 3 gradings are enough" in _words()
    )
    assert "Two gradings agree about good on 95 % of outputs" in _words(judge_agreement=0.95)
    assert "people grade 100 outputs of each system, drawn at random" in _words()
    assert "it takes more outputs than these cases give." in _words(reviewed=None)


def test_what_to_type_next() -> None:
    """A larger draw of MedPix where one is proposed; else the comparison."""
    assert next_line(power_plan())[0] == "medbench compare"
    line, _ = next_line(power_plan(benchmark="medpix-100", larger_draw="--per-stratum 64"))
    assert line == "medbench build medpix --per-stratum 64"
