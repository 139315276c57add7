"""Comparing 5 systems on up to 10,000 cases by 20 metrics and a judge: peak memory, and seconds a case."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from made_run import make_benchmark
from measure import line, medbench

from medbench.schema.run import Event, Output, System
from medbench.schema.score import Score
from medbench.schema.verdict import Verdict
from medbench.scoring.controls import Controls
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import file_digest, read_records, write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, SCORES, SUMMARY, VERDICTS, RunFolder, new_head

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.scoring.controls import Scorer
    from medbench.scoring.item import CaseFacts, Item

SIZES = (2_500, 5_000, 10_000)
QUICK = (500, 1_000, 2_000)
SYSTEMS = 5
METRICS = 20
WORDS = ("mass", "effusion", "left", "right", "no", "lobe", "normal", "nodule", "liver", "is", "seen", "the")


def main() -> None:
    """Measure; `--quick` takes a fifth of the cases."""
    # It is compare that is measured: the runs need swap controls, not those of 20 other references each.
    setattr(Controls, "_against", _own_numbers)  # noqa: B010 - mypy
    sizes = QUICK if "--quick" in sys.argv else SIZES
    found = {}
    for cases in sizes:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            make_benchmark(folder / "many", random.Random(1), cases)
            for number in range(SYSTEMS):
                _make_run(folder / "runs" / "many" / f"system-{number}", folder / "many", number)
            found[cases] = medbench(["compare", "--json"], folder)
    (_, (small_s, _)), (_, (middle_s, _)), (large, (large_s, peak)) = found.items()
    detail = f"{SYSTEMS} systems, {METRICS} metrics, {large:,} cases: {large_s:.0f} s"
    line(f"peak memory of compare, {large:,} cases, MB / 500", peak / 2**20 / 500, "<= 1", detail)
    growth = (large_s - middle_s) / (middle_s - small_s) / 2
    shown = ", ".join(f"{cases:,}: {took:.1f} s" for cases, (took, _) in found.items())
    line("seconds a case more, second doubling / first", growth, "<= 1.2", shown)


def _own_numbers(
    _controls: Controls, _other: CaseFacts, item: Item, scorers: Sequence[Scorer]
) -> dict[str, float | None]:
    return {metric: number for score in scorers for metric, number in score(item).items()}


def _make_run(folder: Path, benchmark: Path, number: int) -> None:
    """One run with short outputs, scored, its scores filled up to 20 metrics, every output judged."""
    draw = random.Random(number)
    folder.mkdir(parents=True)
    bench = BenchmarkFolder(benchmark)
    cases = [case.case_id for case in bench.cases()]
    system = System(name=folder.name, family="made", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1, replicates=1)])
    texts = (" ".join(draw.choices(WORDS, k=12)) for _ in cases)
    write_records(
        folder / OUTPUTS,
        [Output(case_id=case, case_digest="d", text=text) for case, text in zip(cases, texts, strict=True)],
    )
    summary = Rescorer().rescore(RunFolder(folder))
    scores = list(read_records(folder / SCORES, Score))
    known = {metric for score in scores[:50] for metric, value in score.scores.items() if value is not None}
    made = [f"made.{n}" for n in range(METRICS - len(known))]
    filled = (
        score.model_copy(update={"scores": {**score.scores, **{metric: draw.random() for metric in made}}})
        for score in scores
    )
    write_records(folder / SCORES, filled)
    write_one(folder / SUMMARY, summary.model_copy(update={"scores": file_digest(folder / SCORES)}))
    grades = draw.choices(("good", "partial", "poor"), (2 + number, 2, 4), k=len(cases))
    write_records(
        folder / VERDICTS,
        [
            Verdict(case_id=case, rater="made", rater_kind="judge", grade=grade, key_finding=grade == "good")
            for case, grade in zip(cases, grades, strict=True)
        ],
    )


if __name__ == "__main__":
    main()
