"""Agreement with radiologists: their ratings of chest reports, and the order of texts in ranking cases."""

from __future__ import annotations

from collections import Counter
from statistics import fmean
from typing import TYPE_CHECKING, Any

import ranking_set
from bars import Part, at_least, counted, table
from scored import f1, numbers
from sources import radpref

from medbench.scoring import rouge
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse
from medbench.stats.agreement import kendall_tau

if TYPE_CHECKING:
    from collections.abc import Sequence

METRICS = ("finding.f1", "finding.recall", "finding.precision", "finding.significance", "rouge_l.f1")
BASE = {"first": 152, "second": 53}
"""Ranking cases that the first finding metric has in order, of each set."""
_RATINGS = (
    "RadPref, part: {} chest reports, two candidates each, mean of three radiologists. Kendall's tau-b "
    "with 95 % intervals over reports. The even cases were tuned on, the odd ones were not."
)
_RANKING = (
    "Ranking cases (`tests/golden/ranking`): which of two texts describes the findings better. The first "
    "set was written without sight of the code and then tuned on; the second, in the layouts of models, "
    "is measured only."
)


def ratings() -> Part:
    """Measure Kendall's tau-b of metrics and radiologists' ratings."""
    cases = radpref()
    parts = {"even": cases[0::2], "odd": cases[1::2], "all": cases}
    taus = {name: _taus(part) for name, part in parts.items()}
    header = ("metric", *(f"{name} (n = {len(part)})" for name, part in parts.items()))
    rows = ((metric, *(taus[name][metric][1] for name in parts)) for metric in METRICS)
    bar = at_least("RadPref, all: tau-b of F1", taus["all"]["finding.f1"][0], 0.7)
    return Part("Radiologists' ratings", [_RATINGS.format(len(cases)), "", *table(header, rows)], [bar])


def _taus(cases: Sequence[dict[str, Any]]) -> dict[str, tuple[float, str]]:
    wanted, labels = [], []
    scores: dict[str, list[float]] = {metric: [] for metric in METRICS}
    overlap = rouge.make()
    for number, case in enumerate(cases):
        for candidate in case["candidates"]:
            wanted.append(fmean(candidate["ratings"]))
            labels.append(number)
            scored = numbers(candidate["report"], case["reference"])
            item = Item(parse(candidate["report"]), case["reference"])
            scored |= {metric: value or 0.0 for metric, value in overlap(item).items()}
            for metric, values in scores.items():
                values.append(scored[metric])
    taus = {}
    for metric, values in scores.items():
        tau = kendall_tau(values, wanted, labels)
        seen, interval = tau.value or 0.0, tau.interval
        ends = f" [{interval.low:.3f}, {interval.high:.3f}]" if interval else ""
        taus[metric] = seen, f"{seen:.3f}{ends}"
    return taus


def ranking() -> Part:
    """Count the ranking cases of both sets that F1 has in order."""
    right = {name: _in_order(ranking_set.cases(second=name == "second")) for name in BASE}
    total = {name: len(ranking_set.cases(second=name == "second")) for name in BASE}
    kinds = Counter(case["kind"] for case in ranking_set.cases(second=True))
    found = {name: sum(counts.values()) for name, counts in right.items()}
    shares = ", ".join(f"{kind} {right['second'][kind]}/{n}" for kind, n in sorted(kinds.items()))
    rows = ((name, total[name], BASE[name], found[name]) for name in BASE)
    lines = [_RANKING, "", *table(("set", "cases", "first metric", "now"), rows), ""]
    every = counted("ranking cases", sum(found.values()), sum(total.values()), 0.95)
    parts = [counted(f"ranking cases, {name} set", found[name], total[name], 0.95) for name in BASE]
    return Part("Ranking cases", [*lines, f"Second set by kind: {shares}."], [every, *parts])


def _in_order(cases: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(case["kind"] for case in cases if ranking_set.in_order(case, f1))
