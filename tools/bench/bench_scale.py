"""From a thousand to a million outputs of five systems: seconds, processor time and memory of each command.

    python tools/bench/bench_scale.py                                10^3, 10^4 and 10^5 outputs
    python tools/bench/bench_scale.py --sizes 1e6 --folder /big      a million: 10 GB of disk

Runs are made, the same ones each time, with a case an output of each system: the hardest shape, since what is
held of a run is held by case. `--replicates 20` makes fewer cases, each that often. `--quick-scores` measures
no texts, but gives each output made numbers: for the commands that come after rescore. `--judged` adds a
verdict to each output. The steps `parquet`, which needs pyarrow, and `findings`, with a millisecond or two an
output, are measured where they are named. `--kept` leaves the runs in the folder, and takes those that are
there. Linux alone.
"""

from __future__ import annotations

import argparse
import json
import random
import shutil
import tempfile
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from made_run import make_benchmark, make_run
from measure import Used, watched

from medbench.executors import processes
from medbench.registry import scorers
from medbench.schema.score import Score
from medbench.schema.verdict import Grade, JudgedText, Verdict
from medbench.scoring.controls import control_metrics
from medbench.scoring.parsing.text import CURRENT
from medbench.steps.reading.case_facts import case_facts
from medbench.steps.reading.outputs import sha256
from medbench.steps.reading.summaries import rates
from medbench.steps.rescore.measuring import Job, Measurer
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.jsonl import write_sealed
from medbench.store.runs import VERDICTS, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

SYSTEMS = 5
BENCHMARK = "made"
STEPS = {
    "rescore": ["rescore", "runs/made"],
    "compare": ["compare", "runs/made", "--json"],
    "show": ["show"],
    "show RUN": ["show", "runs/made/system-0"],
    "report": ["report", "runs/made", "-o", "report.html"],
    "export": ["export", "runs/made", "--csv", "-o", "outputs.csv"],
    "parquet": ["export", "runs/made", "--parquet", "-o", "outputs.parquet"],
    "findings": ["export", "runs/made/system-0", "--findings", "-o", "findings.jsonl"],
}
GRADES: tuple[Grade, ...] = ("good", "partial", "poor")


def main() -> None:
    """Make the runs of each size, and print a line a size and command."""
    asked = _arguments()
    root = Path(asked.folder or tempfile.mkdtemp(prefix="scale-"))
    print(
        f"{'outputs':>10} {'command':<10}{'wall s':>9}{'CPU s':>9}{'µs each':>9}{'MB':>7}{'workers MB':>12}"
    )
    try:
        for size in asked.sizes:
            folder = root / f"outputs-{size}"
            if not (folder / "done").is_file():
                shutil.rmtree(folder, ignore_errors=True)
                _make(folder, size, asked)
            for step in asked.steps:
                for _ in range(asked.times):
                    _show(size, step, watched(STEPS[step], folder), asked.json)
            if not asked.kept:
                shutil.rmtree(folder)
    finally:
        if not asked.folder:
            shutil.rmtree(root, ignore_errors=True)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--sizes", nargs="+", type=lambda text: int(float(text)), default=[10**3, 10**4, 10**5]
    )
    parser.add_argument("--steps", nargs="+", choices=STEPS, default=list(STEPS)[:6])
    parser.add_argument("--times", type=int, default=1, help="how often each command is measured")
    parser.add_argument("--replicates", type=int, default=1, help="outputs of each system for a case")
    parser.add_argument("--judged", action="store_true", help="every output has a judge's grade")
    parser.add_argument("--quick-scores", action="store_true", help="made numbers in place of measured ones")
    parser.add_argument("--folder", help="where the runs are made; without it a temporary folder")
    parser.add_argument("--kept", action="store_true", help="leave the runs there")
    parser.add_argument("--json", help="file to which a line of JSON is added for each measure")
    return parser.parse_args()


def _make(folder: Path, size: int, asked: argparse.Namespace) -> None:
    cases = max(1, size // SYSTEMS // asked.replicates)
    make_benchmark(folder / BENCHMARK, random.Random(1), cases, shared=True)
    with ProcessPoolExecutor() as pool:
        made = [
            pool.submit(_system, folder, number, asked.replicates, asked.judged, asked.quick_scores)
            for number in range(SYSTEMS)
        ]
        for one in made:
            one.result()
    (folder / "done").touch()


def _system(folder: Path, number: int, replicates: int, judged: bool, quick: bool) -> None:  # noqa: FBT001
    """Make one run, which needs nothing of the others."""
    path = folder / "runs" / BENCHMARK / f"system-{number}"
    make_run(path, folder / BENCHMARK, replicates, random.Random(number))
    run = RunFolder(path)
    if judged:
        write_sealed(path / VERDICTS, _verdicts(run, number))
    if quick:
        _made_scores(run, number)


def _verdicts(run: RunFolder, number: int) -> Iterator[Verdict]:
    draw = random.Random(number)
    for output in run.outputs():
        grade = draw.choices(GRADES, (2 + number, 2, 4))[0]
        yield Verdict(
            case_id=output.case_id,
            replicate=output.replicate,
            rater="made",
            rater_kind="judge",
            grade=grade,
            key_finding=grade == "good",
            rationale="The key finding is named, but the side is wrong.",
            judged_text=JudgedText(sha256=sha256(output.text or ""), parser=CURRENT),
            asked="judge-1",
            answered="judge-1",
            responses=(f"judge-{number}-{output.case_id}",),
        )


def _made_scores(run: RunFolder, number: int) -> None:
    """Score a run with drawn numbers: all is as `rescore` leaves it, and no text was measured."""
    draw = random.Random(number)
    modules = scorers().values()
    known = {metric for module in modules for metric in module.METRICS}
    of_rates = rates(modules)
    strata = {case_id: facts.strata for case_id, facts in case_facts(run.benchmark()).items()}
    names = [name for name in (*known, *control_metrics(known)) if name not in of_rates]

    def drawn(_: Measurer, job: Job) -> Score:
        text = job.output.text or ""
        grade = draw.randrange(len(GRADES))
        numbers = {f"rules.{name}": float(place == grade) for place, name in enumerate(GRADES)}
        numbers |= {name: float(draw.random() < 0.3) for name in sorted(of_rates - numbers.keys())}
        numbers |= {name: round(draw.random(), 4) for name in sorted(names)}
        return Score(
            case_id=job.output.case_id,
            replicate=job.output.replicate,
            strata=strata[job.output.case_id],
            parser="made",
            section="findings",
            words=len(text.split()),
            scored=text,
            scores=dict(sorted(numbers.items())),
        )

    setattr(Measurer, "__call__", drawn)  # noqa: B010 - a method of a class, which mypy would have stay
    setattr(processes, "usable_cores", lambda: 1)  # noqa: B010 - other processes would measure
    Rescorer().rescore(run)


def _show(size: int, step: str, used: Used, into: str | None) -> None:
    print(
        f"{size:>10,} {step:<10}{used.wall_s:>9.1f}{used.cpu_s:>9.1f}{used.cpu_s / size * 1e6:>9.0f}"
        f"{used.peak / 1e6:>7.0f}{used.workers / 1e6:>12.0f}",
        flush=True,
    )
    if into:
        with Path(into).open("a", encoding="utf-8") as file:
            file.write(json.dumps({"outputs": size, "command": step, **asdict(used)}) + "\n")


if __name__ == "__main__":
    main()
