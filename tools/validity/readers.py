"""Agreement with radiologists: their ratings of chest reports, and the order of texts in ranking cases."""

from __future__ import annotations

import json
import random
import tempfile
from collections import Counter
from pathlib import Path
from statistics import fmean
from typing import TYPE_CHECKING, Any

import ranking_set
from bars import Part, at_least, counted, table
from scipy.stats import kendalltau
from scored import f1, overlap
from sources import radpref, rated_rows

from medbench.steps.validate import HEADLINE, validate_metric

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.results.validation import Agreement

DRAWS = 2_000
SETS: dict[ranking_set.Name, tuple[int, int | None]] = {
    "first": (152, None),
    "second": (53, 77),
    "third": (26, 44),
    "fourth": (24, 33),
    "fifth": (13, 16),
}
"""Ranking cases of each set that the first finding metric has in order, and the second one at first sight."""
_RATINGS = (
    "RadPref, part: {} chest reports, two candidates each, mean of three radiologists. Kendall's tau-b "
    "with 95 % intervals over reports. Weights were tuned on the even cases alone; faults of reading were "
    "looked for in all, the costliest first, so no part is unseen."
)
_RANKING = (
    "Ranking cases (`tests/golden/ranking`): which of two texts describes the findings better. Each set was "
    "written before the cases of the sets before it were mended further, and counted once at first sight, of "
    "the second metric as it met the set; afterwards it was tuned on. The first was written without sight "
    "of the code, the second in the layouts of models, the third of the kinds in which the second finds "
    "most wrong, the fourth and fifth of CT, MR, ultrasound and radiographs. 'first sight' is what the "
    "metric reaches on texts that it has not seen; 'now' is not."
)


def ratings() -> Part:
    """Compare metrics with radiologists' ratings, as `medbench validate-metric` does."""
    cases = radpref()
    parts = {"even": cases[0::2], "odd": cases[1::2], "all": cases}
    taus = {name: _taus(part) for name, part in parts.items()}
    header = ("metric", *(f"{name} (n = {2 * len(part)})" for name, part in parts.items()))
    rows = [(metric, *(_shown(taus[name][metric]) for name in parts)) for metric in taus["all"]]
    seen = taus["all"]["finding.f1"].value or 0.0
    bar = at_least("RadPref, all: tau-b of F1", seen, 0.7)
    lines = [_RATINGS.format(len(cases)), "", *table(header, rows), "", _less_overlap(cases)]
    return Part("Radiologists' ratings", lines, [bar])


def _less_overlap(cases: Sequence[dict[str, Any]]) -> str:
    """Say how much more tau-b finding F1 has than ROUGE-L F1, with a bootstrap interval over reports."""
    rated = [list(rated_rows([case])) for case in cases]
    triples = [
        [
            (
                fmean(row["ratings"]),
                f1(row["reference"], row["candidate"]),
                overlap(row["candidate"], row["reference"])["rouge_l.f1"],
            )
            for row in rows
        ]
        for rows in rated
    ]

    def difference(drawn: Sequence[list[tuple[float, float, float]]]) -> float:
        wanted, ours, theirs = zip(*(one for rows in drawn for one in rows), strict=True)
        return float(kendalltau(wanted, ours).statistic - kendalltau(wanted, theirs).statistic)

    draw = random.Random(1)
    drawn = sorted(difference(draw.choices(triples, k=len(triples))) for _ in range(DRAWS))
    low, high = drawn[int(0.025 * DRAWS)], drawn[int(0.975 * DRAWS) - 1]
    more = f"{difference(triples):+.3f} [{low:.3f}, {high:.3f}]"
    return (
        f"Tau-b of finding F1 less that of ROUGE-L F1, all: {more} (bootstrap over reports, {DRAWS:,} draws)."
    )


def _taus(cases: Sequence[dict[str, Any]]) -> dict[str, Agreement]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "ratings.jsonl"
        file.write_text("".join(f"{json.dumps(row)}\n" for row in rated_rows(cases)), "utf-8")
        return {one.metric: one.tau for one in validate_metric(file).metrics if one.metric in HEADLINE}


def _shown(tau: Agreement) -> str:
    ends = f" [{tau.interval.low:.3f}, {tau.interval.high:.3f}]" if tau.interval else ""
    return f"{tau.value or 0.0:.3f}{ends}"


def ranking() -> Part:
    """Count the ranking cases of each set that F1 has in order."""
    right = {name: _in_order(ranking_set.cases(name)) for name in SETS}
    total = {name: Counter(case["kind"] for case in ranking_set.cases(name)) for name in SETS}
    found = {name: sum(counts.values()) for name, counts in right.items()}
    rows = (
        (name, total[name].total(), first, sight or "-", found[name]) for name, (first, sight) in SETS.items()
    )
    lines = [_RANKING, "", *table(("set", "cases", "first metric", "first sight", "now"), rows)]
    for name in ("second", "third", "fourth", "fifth"):
        shares = ", ".join(f"{kind} {right[name][kind]}/{n}" for kind, n in sorted(total[name].items()))
        lines += ["", f"{name.capitalize()} set by kind: {shares}."]
    cases = sum(counts.total() for counts in total.values())
    every = counted("ranking cases", sum(found.values()), cases, 0.95)
    parts = [counted(f"ranking cases, {name} set", found[name], total[name].total(), 0.95) for name in SETS]
    return Part("Ranking cases", lines, [every, *parts])


def _in_order(cases: Sequence[dict[str, Any]]) -> Counter[str]:
    return Counter(case["kind"] for case in cases if ranking_set.in_order(case, f1))
