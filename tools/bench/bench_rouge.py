"""ROUGE-L of medbench against the package rouge-score, on the same pairs, with the largest difference."""

from __future__ import annotations

import json
import random
import time
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from measure import line, median_of, medpix_folder
from rouge_score.rouge_scorer import RougeScorer

from medbench.scoring.item import Item
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.rouge import METRICS, make

if TYPE_CHECKING:
    from collections.abc import Sequence

ROUNDS = 5
SEED_RUN = Path(__file__).resolve().parents[3] / "shared" / "data" / "seed_run"


def main() -> None:
    """Measure."""
    for name, pairs in (("the 40 pairs of the seed run", _seed_run()), ("600 MedPix pairs", _medpix())):
        _compare(name, pairs)


def _compare(name: str, pairs: Sequence[tuple[str, str]]) -> None:
    theirs = RougeScorer(["rougeL"], use_stemmer=True)
    items = [Item(ParsedText("bench", "whole", findings), reference) for reference, findings in pairs]
    make()  # loads what it needs, so that both are warm
    ours_s, theirs_s, worst = [], [], 0.0
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        scorer = make()
        ours = [scorer(item) for item in items]
        ours_s.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        expected = [theirs.score(reference, findings)["rougeL"] for reference, findings in pairs]
        theirs_s.append(time.perf_counter() - begun)
        for mine, other in zip(ours, expected, strict=True):
            triple = (other.recall, other.precision, other.fmeasure)
            worst = max(worst, *(abs((mine[m] or 0.0) - t) for m, t in zip(METRICS, triple, strict=True)))
    mine_s, other_s = median_of(ours_s), median_of(theirs_s)
    detail = f"{mine_s / len(pairs) * 1e6:.0f} µs against {other_s / len(pairs) * 1e6:.0f} µs a pair"
    line(
        f"rouge-score / medbench, {name}",
        other_s / mine_s,
        ">= 10",
        f"{detail}; largest difference {worst:.1g}",
    )


def _seed_run() -> list[tuple[str, str]]:
    if not SEED_RUN.is_dir():
        return _invented(40, 93, 260)
    from medbench.datasets.february import read_february
    from medbench.scoring.parsing.text import parse

    cases = json.loads((SEED_RUN / "medpix_multiregion_20.json").read_text("utf-8"))
    texts = {case["uid"]: case["gold_findings"] for case in cases}
    answers = [answer for run in read_february(SEED_RUN) for answer in run.answers if answer.text]
    return [(texts[answer.case], parse(answer.text or "").findings) for answer in answers]


def _medpix() -> list[tuple[str, str]]:
    source = medpix_folder()
    if source is None:
        return _invented(600, 70, 70)
    from medbench.datasets.medpix import read_medpix

    texts = [case.text for case in read_medpix(source) if case.text]
    return list(pairwise(texts))[:600]


def _invented(pairs: int, reference: int, findings: int) -> list[tuple[str, str]]:
    from texts import text_of

    draw = random.Random(1)
    return [(text_of(draw, reference), text_of(draw, findings)) for _ in range(pairs)]


if __name__ == "__main__":
    main()
