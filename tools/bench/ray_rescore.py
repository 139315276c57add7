"""Rescoring on a Ray cluster of one worker and of two: outputs a second, and what the processors did.

    python tools/bench/ray_rescore.py

needs `medbench[ray]` and three idle cores: one reads and writes, two compute. On a machine that is busy the
ratio of seconds means little. The last line is computed from processor seconds instead: the slower of what
reads and writes, and of the workers' share, sets the pace.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from made_run import make_benchmark, make_run
from measure import line

from medbench.executors.cluster.ray_cluster import RayCluster
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.runs import SCORES, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

CASES, REPLICATES = 500, 20
"""Of the run: 10,000 outputs of about 200 words."""
STORE = {"object_store_memory": 200 << 20}
_TICK = os.sysconf("SC_CLK_TCK")


@dataclass
class Measured:
    """One rescoring."""

    marks: list[tuple[float, float, int]] = field(default_factory=list)
    """Seconds, processor seconds here, and outputs that were scored by then."""
    workers: dict[int, float] = field(default_factory=dict)
    """Process to its processor seconds so far."""

    def watch(self, _run: RunFolder, done: int, _wanted: int, _what: str) -> None:
        """Take a mark."""
        self.marks.append((time.perf_counter(), time.process_time(), done))

    @property
    def _span(self) -> tuple[float, float, int]:
        """Seconds, processor seconds here and outputs, from the first mark to the last."""
        first, last = self.marks[0], self.marks[-1]
        return last[0] - first[0], last[1] - first[1], last[2] - first[2]

    @property
    def rate(self) -> float:
        """Outputs a second, once all had started."""
        seconds, _, outputs = self._span
        return outputs / seconds

    @property
    def here_s(self) -> float:
        """Processor seconds an output of what reads and writes."""
        _, seconds, outputs = self._span
        return seconds / outputs

    @property
    def there_s(self) -> float:
        """Processor seconds an output of the workers, what they took to start among it."""
        return sum(self.workers.values()) / (CASES * REPLICATES)


def main() -> None:
    """Measure one worker and two."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    with tempfile.TemporaryDirectory() as name:
        make_benchmark(Path(name) / "made", random.Random(1), CASES, shared=True)
        run = Path(name) / "runs" / "made" / "r"
        make_run(run, Path(name) / "made", REPLICATES, random.Random(2))
        one, scores = _measured(1, run)
        two, again = _measured(2, run)
    if scores != again:
        sys.exit("the scores differ")
    for count, each in ((1, one), (2, two)):
        print(
            f"{count} worker(s): {each.rate:,.0f} outputs/s; processor, µs an output: "
            f"{each.here_s * 1e6:.0f} here, {each.there_s * 1e6:.0f} on the workers"
        )
    load = f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    line("rescore, two workers / one, by the clock", two.rate / one.rate, ">= 1.7", load)
    pace = max(one.here_s, one.there_s) / max(two.here_s, two.there_s / 2)
    line("the same by processor seconds, each with a core", pace, ">= 1.7", "")


def _measured(count: int, run: Path) -> tuple[Measured, bytes]:
    """Score a run on a cluster of so many nodes of one core each; the head has none."""
    from ray.cluster_utils import Cluster

    measured = Measured()
    cluster: Any = Cluster(
        initialize_head=True, head_node_args={"num_cpus": 0, "include_dashboard": False, **STORE}
    )
    stop = threading.Event()
    try:
        for _ in range(count):
            cluster.add_node(num_cpus=1, **STORE)
        threading.Thread(target=_follow, args=(measured, stop), daemon=True).start()
        with RayCluster(cluster.address) as joined:
            elsewhere = partial(joined.map_in_order, notice=print)
            Rescorer(watch=measured.watch, elsewhere=elsewhere).rescore(RunFolder(run))
    finally:
        stop.set()
        cluster.shutdown()
    return measured, (run / SCORES).read_bytes()


def _follow(measured: Measured, stop: threading.Event) -> None:
    """Note the processor seconds of the workers while they live."""
    while not stop.wait(0.2):
        measured.workers |= dict(_computing())


def _computing() -> Iterator[tuple[int, float]]:
    for path in Path("/proc").glob("[0-9]*"):
        try:
            if not (path / "cmdline").read_bytes().startswith(b"ray::_Computer"):
                continue
            fields = (path / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        yield int(path.name), (int(fields[11]) + int(fields[12])) / _TICK


if __name__ == "__main__":
    main()
