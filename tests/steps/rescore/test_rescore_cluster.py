"""Scores that are computed on other machines are those of this one, byte for byte."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from medbench.executors.cluster.in_order import map_on
from medbench.executors.cluster.wire import WorkerLostError
from medbench.schema.run import Output, System
from medbench.scoring import findings
from medbench.steps.rescore import case_table, rescore
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import HEAD, OUTPUTS, SCORES, SUMMARY, RunFolder, new_head

TEXTS = (
    "FINDINGS: There is a mass of 8 cm in the left lung. No effusion.",
    "A mass.\n\nIMPRESSION: benign",
    "FINDINGS:",
)


class Machines:
    """Three machines with no file of this one, of which the first is lost with its second batch."""

    count = 3

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        made = pickle.dumps(make)
        self._do = [pickle.loads(made)() for _ in range(self.count)]
        self._out: dict[int, tuple[int, bytes]] = {}
        self._submitted = self._of_first = 0

    def submit(self, worker: int, batch: Sequence[Any]) -> int:
        """Take a batch, pickled."""
        self._submitted += 1
        self._out[self._submitted] = worker, pickle.dumps(batch)
        return self._submitted

    @staticmethod
    def cores() -> tuple[int, int]:
        """Take all of them."""
        return 0, 3

    @staticmethod
    def first_of(handles: Sequence[int], most_s: float | None) -> int:
        """End the last one first."""
        return handles[-1]

    def result(self, handle: int) -> list[Any]:
        """Compute."""
        worker, batch = self._out.pop(handle)
        if worker == 0:
            self._of_first += 1
            if self._of_first > 1:
                raise WorkerLostError("it was killed")
        return [pickle.loads(pickle.dumps(self._do[worker](job))) for job in pickle.loads(batch)]


def test_other_machines_give_the_bytes_of_this_one(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine needs no file but what it is sent, and may be lost on the way.

    Of a benchmark of many cases it is sent the findings of the references too, and takes none apart.
    """
    folder = tmp_path / "many"
    folder.mkdir()
    system = System(name="many", family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    cases = list(bench.cases())
    outputs = [
        Output(case_id=case.case_id, case_digest=case.digest, replicate=replicate, text=TEXTS[replicate % 3])
        for replicate in range(75)
        for case in cases
    ]
    write_records(folder / OUTPUTS, outputs)
    run = RunFolder(folder)
    Rescorer().rescore(run)
    here = [(folder / name).read_bytes() for name in (SCORES, SUMMARY)]
    (folder / SCORES).unlink()

    def elsewhere(do: object, make: Callable[[], Callable[[Any], Any]], jobs: Iterable[Any]) -> Iterator[Any]:
        return map_on(Machines(make), jobs, pytest.fail)

    Rescorer(elsewhere=elsewhere).rescore(run)
    assert [(folder / name).read_bytes() for name in (SCORES, SUMMARY)] == here
    for module in (case_table, rescore):
        monkeypatch.setattr(module, "MOST_REMEMBERED", 1)
    monkeypatch.delattr(findings, "_remembered")
    Rescorer(elsewhere=elsewhere).rescore(run)
    assert [(folder / name).read_bytes() for name in (SCORES, SUMMARY)] == here
