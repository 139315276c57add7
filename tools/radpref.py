"""How well metrics agree with radiologists: Kendall's tau-b on a file of rated reports.

    python tools/radpref.py RADPREF.json            the cases at even positions, which may be tuned on
    python tools/radpref.py RADPREF.json --all      the odd ones and all too, and the difference to ROUGE-L F1

The file is made of RadPref (rajpurkarlab/CRIMSON, MIT):
{"cases": [{"reference", "candidates": [{"report", "ratings"}]}]}.
Intervals: percentile bootstrap over cases, 2,000 draws, seed 1.
"""

from __future__ import annotations

import json
import random
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scipy.stats import kendalltau

from medbench.scoring import findings, rouge
from medbench.scoring.item import Item
from medbench.scoring.parsing.parsed import ParsedText

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Rows = list[list[tuple[float, dict[str, float]]]]
"""For each case its candidates: mean rating, and metric to number."""
METRICS = ("finding.f1", "finding.recall", "finding.precision", "finding.significance", "rouge_l.f1")


def rows_of(cases: Sequence[dict[str, Any]]) -> Rows:
    """Score every candidate of every case."""
    scorers = [findings.make(), rouge.make()]
    rows: Rows = []
    for case in cases:
        row = []
        for candidate in case["candidates"]:
            text = candidate["report"]
            item = Item(parsed=ParsedText("plain", "whole", text), reference=case["reference"])
            numbers: dict[str, float] = {}
            for score in scorers:
                numbers.update({name: value or 0.0 for name, value in score(item).items()})
            row.append((sum(candidate["ratings"]) / len(candidate["ratings"]), numbers))
        rows.append(row)
    return rows


def tau(rows: Rows, metric: str) -> float:
    """Kendall's tau-b between a metric and the mean rating, over all candidates."""
    flat = [(rating, numbers[metric]) for row in rows for rating, numbers in row]
    return float(kendalltau([rating for rating, _ in flat], [number for _, number in flat]).statistic)


def interval(rows: Rows, statistic: Callable[[Rows], float], draws: int = 2000) -> tuple[float, float]:
    """The 95 % percentile bootstrap interval of a statistic; whole cases are drawn."""
    rng = random.Random(1)
    values = sorted(statistic(rng.choices(rows, k=len(rows))) for _ in range(draws))
    return values[int(0.025 * draws)], values[int(0.975 * draws) - 1]


def main() -> None:
    """Print the table."""
    cases = json.loads(Path(sys.argv[1]).read_text("utf-8"))["cases"]
    parts = {"even": cases[0::2]}
    if "--all" in sys.argv:
        parts |= {"odd": cases[1::2], "all": cases}
    for name, part in parts.items():
        rows = rows_of(part)
        print(f"{name}: {len(part)} cases  " + "  ".join(f"{m} {tau(rows, m):.3f}" for m in METRICS))
        if "--all" in sys.argv:
            low, high = interval(rows, lambda some: tau(some, "finding.f1"))
            print(f"  finding.f1 95 % [{low:.3f}, {high:.3f}]")
            low, high = interval(rows, lambda some: tau(some, "finding.f1") - tau(some, "rouge_l.f1"))
            print(f"  finding.f1 - rouge_l.f1 95 % [{low:.3f}, {high:.3f}]")


if __name__ == "__main__":
    main()
