"""`rescore --executor ray` where the cluster has no room for a worker: it says so, and ends."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any, Self

import pytest

from medbench.executors.cluster import ray_cluster
from medbench.executors.cluster.in_order import map_on
from medbench.store.runs import SCORES


class FullCluster:
    """A cluster whose four cores are taken, in the place of Ray."""

    count = 4

    def __init__(self, address: str | None) -> None:
        self.address = address

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def others(self) -> tuple[str, ...]:
        """Return no machine but this one."""
        return ()

    def map_in_order(
        self, _do: object, _make: object, jobs: Iterable[Any], *, notice: Callable[[str], None]
    ) -> Iterator[Any]:
        """Give jobs to workers that never start."""
        return map_on(self, jobs, notice)

    def cores(self) -> tuple[int, int]:
        """Return how many are free, and how many there are."""
        return 0, self.count

    def submit(self, worker: int, _batch: Sequence[Any]) -> int:
        """Take a batch."""
        return worker

    def first_of(self, _handles: Sequence[int], most_s: float | None) -> None:
        """Let the time pass."""
        assert most_s is not None, "this would wait for ever"

    def result(self, _handle: int) -> list[Any]:
        """Never come to this."""
        raise AssertionError


@pytest.mark.usefixtures("bench")
def test_a_cluster_without_a_free_core_is_two_lines(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The scores stay as they were, and the run can be scored again."""
    assert medbench("run", "bench", "-m", "baseline-normal").code == 0
    scores = tmp_path / "runs" / "bench" / "baseline-normal" / SCORES
    before = scores.read_bytes()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: ModuleSpec(name, None))
    monkeypatch.setattr(ray_cluster, "RayCluster", FullCluster)
    said = medbench("rescore", "--executor", "ray", "--address", "h:1")
    assert said.code == 2
    words = " ".join(said.err.split())
    assert "Waiting for a worker for up to 180 s: it takes a core, and 0 of 4 are free. Error:" in words
    assert "Error: no machine of the cluster started a worker within 180 s: it takes a core, and" in words
    assert words.endswith("Try: `ray status` says what is taken; then the same line again")
    assert scores.read_bytes() == before
    assert medbench("rescore").code == 0
