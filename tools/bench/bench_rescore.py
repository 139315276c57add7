"""Rescoring 100,000 outputs against 1,000 of the same cases: peak memory, and seconds a record."""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

from made_run import CASES, make_benchmark, make_run
from measure import line, medbench

SIZES = {1: 3, 10: 3, 50: 2, 100: 1}
"""Replicates of each of the 1,000 cases, and how often each size is measured; the fastest counts."""
QUICK = {1: 2, 2: 2, 5: 2, 10: 2}


def main() -> None:
    """Measure; `--quick` takes a tenth of the replicates."""
    sizes = QUICK if "--quick" in sys.argv else SIZES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_benchmark(folder / "thousand", random.Random(1))
        found: dict[int, tuple[float, int]] = {}
        for replicates, times in sizes.items():
            run = folder / "runs" / "thousand" / f"made-{replicates}"
            make_run(run, folder / "thousand", replicates, random.Random(2))
            measured = [medbench(["rescore", str(run)], folder) for _ in range(times)]
            found[replicates] = min(took for took, _ in measured), max(peak for _, peak in measured)
            for path in run.iterdir():
                path.unlink()
            run.rmdir()
    _show(found)


def _show(found: dict[int, tuple[float, int]]) -> None:
    (small, (small_s, small_peak)), *_, (large, (_, large_peak)) = found.items()
    detail = f"{large_peak / 2**20:.0f} MB against {small_peak / 2**20:.0f} MB"
    outputs = f"{large * CASES:,} outputs / {small * CASES:,}"
    line(f"peak memory of rescore, {outputs}", large_peak / small_peak, "<= 1.5", detail)
    # What starting and reading the references cost is in every run; it is taken out by the smallest one.
    rates = {
        replicates: (took - small_s) / ((replicates - small) * CASES) * 1e6
        for replicates, (took, _) in found.items()
        if replicates != small
    }
    shown = ", ".join(f"{size * CASES:,}: {rate:.0f} µs" for size, rate in rates.items())
    slowest = max(rates.values()) / min(rates.values())
    line("processor time a record, slowest size / fastest", slowest, "<= 1.2", shown)


if __name__ == "__main__":
    main()
