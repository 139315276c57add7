"""The rater that decides: one for all systems, and never one that was not asked for or chosen by a rule."""

from __future__ import annotations

import pytest
from columns import grades

from medbench.errors import InputError, UsageError
from medbench.steps.compare.headline_rater import RaterChoice, headline_rater, reviewed
from medbench.steps.reading.grades import RULES, Grades, RaterKind

KIND: dict[str, RaterKind] = {
    RULES: "rules",
    "panel": "panel",
    "reviewer:A": "reviewer",
    "reviewer:B": "reviewer",
}


def by(*raters: str) -> dict[str, Grades]:
    """Grades of these raters; what is no other kind is a judge."""
    return {rater: grades("g", rater=rater, kind=KIND.get(rater, "judge")) for rater in raters}


@pytest.mark.parametrize(
    ("first", "second", "decides"),
    [
        ([RULES, "j"], ["j", RULES], "j"),
        ([RULES, "j", "panel"], [RULES, "j", "panel"], "panel"),
        ([RULES, "j"], [RULES], None),
        ([RULES, "j", "panel"], [RULES, "j"], "j"),
        ([RULES, "reviewer:A"], [RULES, "reviewer:A"], None),
        (["reviewer:A"], ["reviewer:A"], None),
    ],
)
def test_a_panel_before_a_judge_and_nobody_else(
    first: list[str], second: list[str], decides: str | None
) -> None:
    """The first kind of which one rater graded all systems; rules and people decide nothing unasked."""
    graded = {"a": by(*first), "b": by(*second)}
    assert headline_rater(graded, RaterChoice()) == ({"a": decides, "b": decides} if decides else {})


def test_a_named_rater_decides() -> None:
    """Also people before a judge; one that nobody is called is answered with the nearest."""
    graded = {"a": by(RULES, "judge-1", "reviewer:A"), "b": by(RULES, "judge-1", "reviewer:A")}
    for name in (RULES, "judge-1", "reviewer:A"):
        assert set(headline_rater(graded, RaterChoice(judge=name)).values()) == {name}
    with pytest.raises(UsageError, match="'judge-2'") as caught:
        headline_rater(graded, RaterChoice(judge="judge-2"))
    assert "--judge judge-1" in caught.value.hint


def test_several_judges_need_a_name() -> None:
    """Unless the report was made elsewhere: there the first to grade counts."""
    graded = {"a": by(RULES, "one", "two"), "b": by(RULES, "one", "two")}
    with pytest.raises(UsageError, match="2 raters graded these runs: one, two"):
        headline_rater(graded, RaterChoice())
    assert headline_rater(graded, RaterChoice(take_first=True)) == {"a": "one", "b": "one"}
    assert headline_rater(graded, RaterChoice(judge="two")) == {"a": "two", "b": "two"}


def test_offline_nobody_counts() -> None:
    """Whoever graded; but the rules where they are named."""
    graded = {"a": by(RULES, "j"), "b": by(RULES, "j")}
    assert headline_rater(graded, RaterChoice(offline=True)) == {}
    assert headline_rater(graded, RaterChoice(RULES, offline=True)) == {"a": RULES, "b": RULES}
    assert headline_rater({"a": by("j")}, RaterChoice(offline=True)) == {}


def test_rules_are_no_way_around_different_judges() -> None:
    """Each system has another judge: refused, though the rules have graded both; forced, each by its own."""
    graded = {"a": by(RULES, "one"), "b": by(RULES, "two")}
    with pytest.raises(InputError, match=r"a: one; b: two"):
        headline_rater(graded, RaterChoice())
    assert headline_rater(graded, RaterChoice(force=True)) == {"a": "one", "b": "two"}


def test_a_run_without_outputs_stands_in_no_way() -> None:
    """It has no rater, and takes none from the others; of nothing at all nobody decides."""
    graded = {"a": by(RULES, "j"), "empty": {}, "b": by(RULES, "j")}
    assert headline_rater(graded, RaterChoice()) == {"a": "j", "b": "j"}
    assert headline_rater({"a": {}, "b": {}}, RaterChoice()) == {}
    assert headline_rater({}, RaterChoice()) == {}
    with pytest.raises(UsageError):
        headline_rater({"a": {}}, RaterChoice(judge="j"))


def test_a_named_rater_that_lacks_a_system_is_refused() -> None:
    """No grades of one system is no comparison; forced, that system has none."""
    graded = {"a": by(RULES, "j"), "b": by(RULES)}
    with pytest.raises(InputError, match="b: nobody"):
        headline_rater(graded, RaterChoice(judge="j"))
    assert headline_rater(graded, RaterChoice(judge="j", force=True)) == {"a": "j"}


def test_people_correct_a_judge_only_where_it_is_one_of_them() -> None:
    """Two reviewers may have graded different samples: neither stands for people."""
    assert reviewed(by("j", "reviewer:A")) is not None
    assert reviewed(by("j")) is None
    assert reviewed(by("reviewer:A", "reviewer:B")) is None
