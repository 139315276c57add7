"""The rater 'rules' beside the judge of February 2026, who graded the same answers twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bars import Bar, Part, at_least, table
from derive_rules import Graded, answers, chosen

from medbench.schema.verdict import GRADES
from medbench.stats.agreement import cohen_kappa

if TYPE_CHECKING:
    from medbench.stats.agreement import Agreement

Row = tuple[Graded, str, str]
"""An answer, its grade by the rules, and one by the judge."""
_WORDS = (
    "Grades of the rules, each from thresholds that were chosen without its case, beside those of the "
    "judge (one model), both models' answers of February 2026. 'stable' are the answers on which both "
    "judgings agree; the judgings agree with each other at a quadratic kappa of .93 and at .73 for good "
    "or not. 95 % intervals over cases."
)


def judged() -> Part:
    """Compare the rules, out of sample, with each judging, both, and what both say."""
    rows = answers()
    chosen_without = {
        case: chosen([row for row in rows if row.case != case]) for case in {row.case for row in rows}
    }
    grades = {id(row): row.grade(chosen_without[row.case]) for row in rows}
    parts: dict[str, list[Row]] = {"both": []}
    for row in rows:
        for judging, grade in row.verdicts.items():
            one = (row, grades[id(row)], grade)
            parts["both"].append(one)
            parts.setdefault(judging, []).append(one)
        if len(row.verdicts) > 1 and len(set(row.verdicts.values())) == 1:
            parts.setdefault("stable", []).append((row, grades[id(row)], next(iter(row.verdicts.values()))))
    quadratic, good = _kappas(parts["both"])
    ours, theirs = _shares(parts["both"])
    kept = (ours[0] < ours[1]) == (theirs[0] < theirs[1]) and ours[0] != ours[1]
    header = ("verdicts", "n", "quadratic kappa", "kappa of good", "good by rules", "good by the judge")
    lines = [_WORDS, "", *table(header, (_cells(name, part) for name, part in parts.items()))]
    return Part(
        "Rules beside the judge",
        lines,
        [
            at_least("rules and judge, out of sample: quadratic kappa", quadratic.value or 0.0, 0.7),
            at_least("rules and judge, out of sample: kappa of good", good.value or 0.0, 0.55),
            Bar("rules and judge: share good of the systems", _pair(ours), f"order of {_pair(theirs)}", kept),
        ],
    )


def _cells(name: str, rows: list[Row]) -> tuple[object, ...]:
    return (name, len(rows), *map(_shown, _kappas(rows)), *map(_pair, _shares(rows)))


def _kappas(rows: list[Row]) -> tuple[Agreement, Agreement]:
    cases = [row.case for row, _, _ in rows]
    ours, theirs = [one for _, one, _ in rows], [one for _, _, one in rows]
    quadratic = cohen_kappa(ours, theirs, GRADES, quadratic=True, labels=cases)
    return quadratic, cohen_kappa(_good(ours), _good(theirs), (False, True), labels=cases)


def _good(grades: list[str]) -> list[bool]:
    return [grade == "good" for grade in grades]


def _shares(rows: list[Row]) -> tuple[list[float], list[float]]:
    """Return each system's share of good answers, by the rules and by the judge."""
    systems = dict.fromkeys(row.system for row, _, _ in rows)
    parts = [[one for one in rows if one[0].system == system] for system in systems]
    ours, theirs = (
        [sum(one[side] == "good" for one in part) / len(part) for part in parts] for side in (1, 2)
    )
    return ours, theirs


def _pair(shares: list[float]) -> str:
    return " / ".join(f"{share:.2f}" for share in shares)


def _shown(kappa: Agreement) -> str:
    ends = f" [{kappa.interval.low:.2f}, {kappa.interval.high:.2f}]" if kappa.interval else ""
    return f"{kappa.value or 0.0:.2f}{ends}"
