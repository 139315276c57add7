"""The card of a judge: a table of canaries, and what each fault means for a reader of its grades."""

from __future__ import annotations

from results import card, group, interval
from screens import printed

from medbench.report.cards import card_line, cards, has_canaries
from medbench.report.numbers import DASH
from medbench.schema.results.cards.rater_card import Diagnosis, Share

GOOD = group("must be good", {"itself": (3, 3), "reworded": (2, 3)})
DROP = group("must drop", {"side": (1, 3), "negation": (1, 1)}, failures={"timeout": 1})


def _share(right: int, n: int) -> Share:
    return Share(right=right, n=n, interval=interval(0.5, 0.875))


def test_a_group_of_canaries_is_a_row() -> None:
    """What it holds, right of all, the interval, what was missed by kind; below five it is not tested."""
    lines = [" ".join(line.split()) for line in printed(*cards([card(GOOD, DROP)])).splitlines()]
    assert lines[:2] == ["", "card of judge right 95 % missed asked"]
    assert lines[2] == f"reference itself, reworded, reordered 5/6 40{DASH}90 reworded 1/3 must be good"
    assert lines[3] == "side, negation, size, invention 2/4 not tested (n 4) side 2/3 must drop"
    assert lines[4] == "1 canary has no grade and is in no row: 1 timeout."


def test_a_judge_without_canaries_is_not_tested() -> None:
    """The screen says what to type; canaries that all failed are still canaries."""
    bare = card(group("must drop", {}))
    assert not has_canaries(bare)
    assert (
        printed(*cards([bare])).splitlines()[1]
        == "card of judge: not tested, it has judged no canaries yet (--audit 40)."
    )
    assert has_canaries(card(group("must drop", {}, failures={"timeout": 2})))


def test_every_fault_has_a_meaning() -> None:
    """With how many were missed; a fault of one group is found in it."""
    said = printed(*cards([card(GOOD, DROP, faults=("side",))]))
    assert "Fault: side (2 of 3 missed): a wrong side passes: read 'good' as 'good, side unchecked'." in said


def test_replicates_fallback_and_family_are_said() -> None:
    """Each only where it is so; too few pairs of judgings are called too few."""
    plain = printed(*cards([card(GOOD)]))
    assert "Replicates: not tested (--replicates 3)." in plain
    assert "fallback" not in plain
    full = card(GOOD, flips=_share(6, 8), by_fallback=5, older=1, same_family=("a", "b"))
    said = printed(*cards([full])).splitlines()
    assert f"Replicates: 2 of 8 pairs of judgings differ (25 % [13{DASH}50])." in said
    assert "5 of 20 verdicts are the fallback's (25 %)." in said
    assert "1 verdict is of an older parse: medbench judge --stale grades them again." in said
    assert "Same family as a, b." in said
    assert "(fewer than 5: not tested)" in printed(*cards([card(GOOD, flips=_share(1, 2))]))


def test_people_who_graded_too_are_the_measure_of_the_judge() -> None:
    """Agreement, good and not good found, and the rate corrected by the judge's errors as a diagnosis."""
    corrected = Diagnosis(system="sys", judged_good=_share(6, 12), value=0.4, interval=interval(0.1, 0.66))
    people = {"against_people": _share(7, 9), "sensitivity": _share(3, 4), "specificity": _share(4, 5)}
    said = printed(*cards([card(GOOD, diagnoses=(corrected,), **people)])).splitlines()
    assert "Checked by people: same grade as people on 7 of 9, good found 3/4, not good found 4/5." in said
    assert " ".join(said[-2:]).startswith(
        "  sys: good 50 % by the judge; by its errors on the reviewed outputs 40 %"
    )
    assert "No human has checked it (medbench review sheet)." in printed(*cards([card(GOOD)]))


def test_a_card_in_one_line() -> None:
    """Canaries right of all, what was missed, the family, and whether people checked."""
    assert card_line(card(GOOD, DROP, same_family=("a",))) == (
        "judge card of judge: 7/10 canaries of these runs right (reworded 1 of 3 missed, side 2 of 3 missed)."
        " Same family as a. No human has checked it (medbench review sheet)."
    )
    assert card_line(card()).startswith("judge card of judge: no canaries (not tested). No human")
