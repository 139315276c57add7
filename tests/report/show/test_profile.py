"""One run by itself."""

from __future__ import annotations

from typing import Any

from results import estimate, interval
from screens import printed

from medbench.report.show.profile import grades, profile
from medbench.schema.results.agreement import Coefficient
from medbench.schema.results.profile import Association, Part, Pattern, Profile, RaterRates


def _profile(**given: Any) -> Profile:
    plain: dict[str, Any] = {"raters": (), "hardest": (), "metric": "finding.f1", "patterns": ()}
    return Profile.model_validate(plain | {"associations": (), "parts": ()} | given)


def _shown(**given: Any) -> str:
    screen = printed(*profile(_profile(**given)))
    return "\n".join(" ".join(line.split()) for line in screen.splitlines())


def test_a_part_without_content_has_no_title() -> None:
    """Only the table of patterns is always there."""
    assert _shown() == "\nPatterns of failure, in outputs\npattern outputs of"


def test_grades_cases_and_patterns() -> None:
    """A row a judge, a case, a pattern; patterns that no output shows are left out."""
    rates = RaterRates(
        rater="pro",
        kind="judge",
        good=estimate(0.5),
        partial=estimate(0.3),
        poor=estimate(0.2),
        key_finding=estimate(0.4),
    )
    patterns = (Pattern(name="loops", count=2, of=40), Pattern(name="empty", count=0, of=40))
    rules = rates.model_copy(update={"rater": "rules"})
    shown = _shown(raters=(rates, rules), hardest=(("c1", 0.0), ("c2", 0.25)), patterns=patterns)
    lines = [
        " ".join(line.split()) for line in printed(*grades(_profile(raters=(rates, rules)))).splitlines()
    ]
    assert lines[1:] == ["Grades", "rater graded good % partial % poor % key finding %", "pro 40 50 30 20 40"]
    assert not list(grades(_profile(raters=(rules,)))), "the rules stand with the parts of the run"
    assert "\nHardest cases: lowest finding F1\ncase value\nc1 .000\nc2 .250\n" in shown
    assert shown.endswith("pattern outputs of\nloops 2 40")


def test_parts_by_sequence_and_length() -> None:
    """Each under its title, with the metrics that any part has."""
    parts = (
        Part(by="words", value="1-50", n=3, metrics={"rouge_l.f1": estimate(0.5)}),
        Part(by="sequence", value="T2", n=9, metrics={"finding.f1": estimate(0.25)}),
    )
    shown = _shown(parts=parts)
    assert "By pulse sequence (cases with all of these)\nsequence n finding F1\nT2 9 .25\n" in shown
    assert "By words of the output\nwords n ROUGE-L F1\n1-50 3 .50\n" in shown


def test_what_a_metric_goes_with_is_a_table_of_both() -> None:
    """A row a metric, a column a rater or the length; a dash where tau is unknown or was not computed."""
    known = Coefficient(value=-0.5, interval=interval(-0.7, -0.3))
    unknown = Coefficient(value=None, interval=None)
    associations = (
        Association(what="rules", metric="finding.f1", tau=known, n=40),
        Association(what="words", metric="finding.f1", tau=unknown, n=40),
        Association(what="words", metric="rouge_l.f1", tau=known, n=40),
    )
    assert _shown(associations=associations).endswith(
        "metric rules words\nfinding F1 -.50 [-.70, -.30] -\nROUGE-L F1 - -.50 [-.70, -.30]"
    )
