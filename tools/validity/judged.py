"""The rater 'rules' beside the judge of February 2026, who graded the same answers twice."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING

from bars import Bar, Part, at_least, table
from scored import numbers
from sources import february

from medbench.schema.verdict import GRADES
from medbench.stats.agreement import cohen_kappa

if TYPE_CHECKING:
    from sources import Answer

    from medbench.schema.verdict import Grade
    from medbench.stats.agreement import Agreement

JUDGINGS = ("at_00d5287", "at_HEAD_a23975b")
_WORDS = (
    "Grades of the rules beside those of the judge (one model; the two judgings agree with each other at a "
    "quadratic kappa of .93), both models' answers of February. 95 % intervals over cases."
)


def judged() -> Part:
    """Compare the rules with both judgings."""
    rows: list[tuple[object, ...]] = []
    bars: list[Bar] = []
    for judging in JUDGINGS:
        pairs, cases = _grades(judging)
        rules, judge = ([pair[side] for pair in pairs] for side in (0, 1))
        quadratic = cohen_kappa(rules, judge, GRADES, quadratic=True, labels=cases)
        good = cohen_kappa(_good(rules), _good(judge), (False, True), labels=cases)
        order = _order(judging)
        rows.append((judging, len(pairs), _shown(quadratic), _shown(good), *order))
        name = f"rules and judge, {judging}"
        bars += [
            at_least(f"{name}: quadratic kappa", quadratic.value or 0.0, 0.7),
            at_least(f"{name}: kappa of good", good.value or 0.0, 0.55),
            Bar(f"{name}: order of the systems", *order, met=_kept(judging)),
        ]
    header = ("judging", "graded", "quadratic kappa", "kappa of good", "good by rules", "good by the judge")
    return Part("Rules beside the judge", [_WORDS, "", *table(header, rows)], bars)


def _grades(judging: str) -> tuple[list[tuple[Grade, Grade]], list[str]]:
    """Return the grades by rules and by the judge, and the case of each pair."""
    pairs, cases = [], []
    for answers in february().values():
        for one in answers:
            if judging in one.grades:
                pairs.append((_rules(one), one.grades[judging]))
                cases.append(one.case.source_id)
    return pairs, cases


def _good(grades: list[Grade]) -> list[bool]:
    return [grade == "good" for grade in grades]


def _rules(answer: Answer) -> Grade:
    scored = numbers(answer.text, answer.case.reference, answer.prompt)
    return next((grade for grade in GRADES if scored[f"rules.{grade}"]), "poor")


def _shares(judging: str) -> tuple[list[float], list[float]]:
    """Return each system's share of good answers, by the rules and by the judge, on what the judge graded."""
    rules, judge = [], []
    for answers in february().values():
        graded = [one for one in answers if judging in one.grades]
        rules.append(fmean(_rules(one) == "good" for one in graded))
        judge.append(fmean(one.grades[judging] == "good" for one in graded))
    return rules, judge


def _order(judging: str) -> tuple[str, str]:
    rules, judge = (" / ".join(f"{share:.2f}" for share in shares) for shares in _shares(judging))
    return rules, judge


def _kept(judging: str) -> bool:
    rules, judge = _shares(judging)
    return (rules[0] < rules[1]) == (judge[0] < judge[1]) and rules[0] != rules[1]


def _shown(kappa: Agreement) -> str:
    ends = f" [{kappa.interval.low:.2f}, {kappa.interval.high:.2f}]" if kappa.interval else ""
    return f"{kappa.value or 0.0:.2f}{ends}"
