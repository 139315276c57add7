"""The screens of `judge`: its plan in a line, the standing of each rater, what stopped."""

from __future__ import annotations

from typing import Any

from screens import printed

from medbench.errors import ProviderDownError
from medbench.report.judged import closing, plan_line, standings_table
from medbench.schema.account import Account, Line, Sum
from medbench.schema.results.judge_result import JudgeDryRun, JudgingResult, Spending, Standing


def _plan(**given: Any) -> JudgeDryRun:
    plain: dict[str, Any] = {"name": "pro", "model_id": "pro-1", "rubric": "matched-1", "context": "none"}
    plain |= {"outputs": 1, "done": 0, "listings": 0, "canaries": 0, "input_tokens": 1200}
    plain |= {"output_tokens": 300, "usd": 0.5, "most_usd": 2.0, "dearest_usd": 1.0, "example": None}
    return JudgeDryRun(**(plain | given))


def _standing(**given: Any) -> Standing:
    plain: dict[str, Any] = {"rater": "pro/matched-1", "system": "a", "wanted": 10, "judged": 7}
    return Standing(**(plain | {"by_fallback": 0, "failures": {"timeout": 3}, "open": 3} | given))


def test_a_plan_names_only_what_is_left() -> None:
    """Outputs, listings and canaries where there are any; a cost or that it is unknown."""
    assert plan_line(_plan()) == (
        "Judge pro (pro-1), rubric matched-1: 1 output, about 1,200 tokens in and 300 out, "
        "about $0.50, at most $2.00."
    )
    more = plan_line(_plan(context="captions", outputs=2, listings=1, canaries=40, usd=None, done=3))
    assert "matched-1, told the captions: 2 outputs + 1 reference to list + 40 canaries, about" in more
    instead = plan_line(_plan(instead_of=("a", "b")))
    assert instead.startswith("Fallback pro (pro-1), rubric matched-1: 1 output, about 1,200 tokens in")
    assert "\nIt stands in for a, b, without a grade for these cases." in instead
    assert "cost unknown.\nGoing on: 3 verdicts on disk (the first verdict stands" in more


def test_a_standing_is_a_row() -> None:
    """Judged of wanted, a dash for no fallback, why there is no grade."""
    lines = printed(
        standings_table([_standing(), _standing(system="b", judged=10, by_fallback=2, failures={})])
    )
    assert [line.split() for line in lines.splitlines()[1:]] == [
        ["pro/matched-1", "a", "7/10", "-", "3", "timeout"],
        ["pro/matched-1", "b", "10/10", "2", "-"],
    ]


def test_an_outage_names_what_is_missing_and_what_the_fallback_does_not_do() -> None:
    """Missing verdicts of that rater alone, which are not poor; the fallback, unless it may stand in."""
    down = {"pro/matched-1": ProviderDownError("pro is down.", "wait")}
    other = _standing(rater="other", judged=0)
    judged = JudgingResult(standings=[_standing(judged=9), other], down=down, fallback="flash")
    allows = "medbench judge … --fallback-on outage allows it"
    assert list(closing(judged)) == [
        "Stopped: pro is down.",
        "  1 verdict of pro/matched-1 is missing, and none of them counts as poor.",
        "  wait",
        f"  flash stands in for single verdicts, not for an outage ({allows}).",
    ]
    judged.fallback_on_outage = True
    assert len(list(closing(judged))) == 3


def test_a_fallback_that_stopped_is_not_said_to_miss_nothing_or_to_stand_in() -> None:
    """It has no verdicts in its own name: those that are missing are the judge's."""
    down = {"flash/matched-1": ProviderDownError("The budget is spent.", "more")}
    judged = JudgingResult(standings=[_standing()], down=down, fallback="flash")
    assert list(closing(judged)) == ["Stopped: The budget is spent.", "  more"]


def test_cases_that_the_fallback_takes_over_are_named() -> None:
    """Five of them at most, in order; nothing of a rater that has none."""
    cases = frozenset(f"case-{n}" for n in range(7))
    (words,) = closing(JudgingResult(fallback_cases={"pro": cases, "other": frozenset()}))
    assert words.startswith("7 cases (case-0, case-1, case-2, case-3, case-4 …) count with the fallback")
    assert words.endswith("for all systems,\n  so that no pair has two judges (pro).")
    assert next(closing(JudgingResult(fallback_cases={"pro": frozenset({"c"})}))).startswith(
        "1 case (c) counts"
    )


def test_what_was_spent_stands_last() -> None:
    """Nothing where nothing was asked; an unknown cost is said."""
    assert list(closing(JudgingResult())) == []
    account = Account()
    account.sums[Line("verdicts", "m", "", "")] = Sum(calls=1, usd=0.72)
    account.sums[Line("listings", "m", "", "")] = Sum(calls=1, unknown=1)
    spent = JudgingResult(spending=Spending(graded=2, failed=1, asked_twice=1, account=account))
    (line,) = closing(spent)
    assert line == (
        "In this session 2 verdicts with a grade, 1 without, 1 asked a second time; 2 calls: "
        "$0.72, 1 unknown (verdicts $0.72, listings unknown)."
    )


def test_dependent_outputs_are_counted_with_their_groups() -> None:
    """Seven judged outputs of two patients are not seven; where each stands alone nothing is added."""
    lines = printed(standings_table([_standing(groups=2), _standing(system="b", groups=7)]))
    assert "7/10 (n 7 / 2)" in lines
    assert lines.count("(n ") == 1
