"""The report page of 671 cases by 3 judged systems with small images: seconds, peak memory, size."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from made_run import make_benchmark, make_run
from measure import line, medbench

from medbench.schema.run import Output
from medbench.schema.verdict import Verdict
from medbench.store.jsonl import read_records, write_records
from medbench.store.runs import OUTPUTS, VERDICTS

CASES, IMAGES, SIDE = 671, 3, 512
QUICK = 60
REASON = "The key finding is named, but the side is wrong, and two further findings are invented. " * 2


def main() -> None:
    """Measure; `--quick` takes a tenth of the cases, `--keep FOLDER` leaves the page there."""
    cases = QUICK if "--quick" in sys.argv else CASES
    draw = random.Random(1)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_benchmark(folder / "many", draw, cases, images=IMAGES, side=SIDE)
        for system in ("system-a", "system-b", "system-c"):
            run = folder / "runs" / "many" / system
            make_run(run, folder / "many", 1, draw)
            write_records(
                run / VERDICTS, [_verdict(one, draw) for one in read_records(run / OUTPUTS, Output)]
            )
        medbench(["rescore"], folder)
        seconds, peak = medbench(["report"], folder)
        page = folder / "report.html"
        size = page.stat().st_size
        if "--keep" in sys.argv:
            Path(sys.argv[-1], page.name).write_bytes(page.read_bytes())
    what = f"{cases} cases x 3 systems, {cases * IMAGES} images"
    line("processor seconds of report / 60", seconds / 60, "<= 1", f"{what}: {seconds:.0f} s")
    line("peak memory of report, MB / 500", peak / 2**20 / 500, "<= 1", f"{peak / 2**20:.0f} MB")
    line("size of the page, MB / 60", size / 60e6, "<= 1", f"{size / 1e6:.1f} MB")


def _verdict(output: Output, draw: random.Random) -> Verdict:
    return Verdict(
        case_id=output.case_id,
        replicate=output.replicate,
        rater="judge-1",
        rater_kind="judge",
        grade=draw.choice(("good", "partial", "poor")),
        key_finding=draw.random() < 0.5,
        rationale=REASON,
    )


if __name__ == "__main__":
    main()
