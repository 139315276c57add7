"""Derives the threshold of the rater 'rules' from the judge's verdicts of February 2026.

    python tools/validity/derive_rules.py

The rule is that of src/medbench/scoring/rules.py, whose conditions were settled with these verdicts in view.
One number of it is chosen, in steps of .05: the one with the largest sum of two kappas, quadratic for the
three grades and plain for good or not, against all verdicts of both judgings. Out of sample, the grades of a
case come from a number that is chosen without it. 'stable' are the outputs on which both judgings agree.
Reads ../shared; prints figures only.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from sources import february

from medbench.schema.verdict import GRADES
from medbench.scoring import findings, rules
from medbench.scoring.parsing.text import parse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from medbench.scoring.matching.measures import Measures
    from medbench.scoring.matching.pair import Pair

GRID = tuple(step / 20 for step in range(1, 13))


class Graded(NamedTuple):
    """One answer with its verdicts."""

    case: str
    system: str
    pairs: tuple[Pair, ...]
    numbers: Measures
    verdicts: Mapping[str, str]
    """Judging to grade."""

    def grade(self, enough: float) -> str:
        """Return the grade by the rule; of a reference that isn't read, the lowest."""
        return rules.graded(self.pairs, self.numbers, enough)[0] or GRADES[0]


def answers() -> list[Graded]:
    """Return the answers of February, matched with their references."""
    rows = []
    for system, given in february().items():
        for answer in given:
            texts = answer.case.reference, parse(answer.text, prompt=answer.prompt).findings
            matched, numbers = findings.matched(*texts), findings.measured(*texts)
            rows.append(Graded(answer.case.source_id, system, matched, numbers, answer.grades))
    return rows


def kappas(pairs: Sequence[tuple[str, str]]) -> tuple[float, float]:
    """Return the quadratic kappa of grades, and that of good or not."""
    ranks = [(GRADES.index(ours), GRADES.index(theirs)) for ours, theirs in pairs]
    return _kappa(ranks), _kappa([(ours // 2, theirs // 2) for ours, theirs in ranks])


def _kappa(ranks: Sequence[tuple[int, int]]) -> float:
    """Return quadratic kappa as `stats.agreement.cohen_kappa` does, without its interval."""
    seen = sum((ours - theirs) ** 2 for ours, theirs in ranks) / len(ranks)
    chance = sum((ours - theirs) ** 2 for ours, _ in ranks for _, theirs in ranks) / len(ranks) ** 2
    return 1 - seen / chance if chance else 0.0


def chosen(rows: Sequence[Graded]) -> float:
    """Return the threshold that agrees best; of several the one in the middle."""

    def worth(enough: float) -> float:
        pairs = [(row.grade(enough), grade) for row in rows for grade in row.verdicts.values()]
        return round(sum(kappas(pairs)), 9)

    found = {enough: worth(enough) for enough in GRID}
    best = [enough for enough in found if found[enough] == max(found.values())]
    return best[len(best) // 2]


def agreement(rows: Sequence[Graded], grade: Callable[[Graded], str]) -> str:
    """Return the kappas against each judging and against what both say."""
    cells = [("both", [(grade(row), verdict) for row in rows for verdict in row.verdicts.values()])]
    for judging in sorted({judging for row in rows for judging in row.verdicts}):
        pairs = [(grade(row), row.verdicts[judging]) for row in rows if judging in row.verdicts]
        cells.append((judging, pairs))
    stable = [row for row in rows if len(row.verdicts) > 1 and len(set(row.verdicts.values())) == 1]
    cells.append(("stable", [(grade(row), next(iter(row.verdicts.values()))) for row in stable]))
    return "   ".join(
        f"{name} (n {len(pairs)}) {q:.2f} {g:.2f}" for name, pairs in cells for q, g in [kappas(pairs)]
    )


def main() -> None:
    """Print threshold and agreement."""
    rows = answers()
    full = chosen(rows)
    left_out = {
        case: chosen([row for row in rows if row.case != case]) for case in {row.case for row in rows}
    }
    print(f"threshold {full:g}; in rules.py {rules.ENOUGH:g}")
    print("with a case left out:", dict(Counter(left_out.values())))
    print("kappa, quadratic and good or not")
    print("in sample      ", agreement(rows, lambda row: row.grade(full)))
    print("out of sample  ", agreement(rows, lambda row: row.grade(left_out[row.case])))
    print("as in rules.py ", agreement(rows, lambda row: row.grade(rules.ENOUGH)))
    for system in dict.fromkeys(row.system for row in rows):
        own = [row for row in rows if row.system == system]
        counts = Counter(row.grade(left_out[row.case]) for row in own)
        said = Counter(grade for row in own for grade in row.verdicts.values())
        print(f"{system}: rules, out of sample {dict(counts)}; judge, both judgings {dict(said)}")


if __name__ == "__main__":
    main()
