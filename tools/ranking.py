"""Which cases of tests/golden/ranking a metric gets right, by kind; --show prints those it gets wrong.

python tools/ranking.py [METRIC] [--SET] [--show]

The first set, or the one that is named, as --third.
"""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

sys.path.append(str(Path(__file__).parent.parent / "tests/fixtures"))

import ranking_set

from medbench.scoring import findings, rouge
from medbench.scoring.extraction.extract import extract
from medbench.scoring.item import Item
from medbench.scoring.matching.wording import in_words
from medbench.scoring.parsing.text import parse


def main() -> None:
    """Print the table."""
    names = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
    metric = names[0] if names else "finding.f1"
    scorer = rouge.make() if metric.startswith("rouge") else findings.make()

    def score(reference: str, text: str) -> float:
        numbers = scorer(Item(parsed=parse(text), reference=reference))
        return numbers[metric] or 0.0

    total: Counter[str] = Counter()
    right: Counter[str] = Counter()
    others: tuple[ranking_set.Name, ...] = ("second", "third", "fourth", "fifth")
    chosen: ranking_set.Name = next((name for name in others if f"--{name}" in sys.argv), "first")
    for case in ranking_set.cases(chosen):
        good = ranking_set.in_order(case, score)
        first, second = ranking_set.texts(case)
        unordered = "equal" in case or "tie_allowed" in case
        for key in ("all", "equal or tie" if unordered else "ordered", f"- {case['kind']}"):
            total[key] += 1
            right[key] += good
        if not good and "--show" in sys.argv:
            one, two = score(case["reference"], first), score(case["reference"], second)
            print(f"\n{case['id']} ({case['kind']}, {one:.2f} {two:.2f}): {case['tests']}")
            for text in (case["reference"], first, second):
                print("  ", text)
                for found in extract(parse(text).findings):
                    print("      ", in_words(found), "|", found.words)
    for key in sorted(total):
        print(f"{key:26}{right[key]:>4}/{total[key]:<4}{100 * right[key] / total[key]:>6.1f} %")


if __name__ == "__main__":
    main()
