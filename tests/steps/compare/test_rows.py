"""The rows of a comparison before anything is tested: names, order, cases asked for, warnings."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run

from medbench.errors import UsageError
from medbench.schema.run import Event, ModelUse
from medbench.steps.compare.rows import (
    other_images,
    reference_first,
    row_of,
)
from medbench.steps.compare.tables import wanted_by_run
from medbench.steps.reading.score_columns import cases_of
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, RunFolder


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path) -> RunFolder:
    """A run of six cases, of which one failed."""
    return graded_run(tmp_path / "runs/bench/a", bench, "ggoo-x")


def test_the_reference_system_comes_first() -> None:
    """The others keep their order; a name that is none of them is answered with the nearest."""
    assert reference_first(["a", "b", "c"], None) == ["a", "b", "c"]
    assert reference_first(["a", "b", "c"], "c") == ["c", "a", "b"]
    with pytest.raises(UsageError, match="'medgema'") as caught:
        reference_first(["medgemma", "gemini"], "medgema")
    assert "--against medgemma" in caught.value.hint


def test_a_row_has_its_denominators(run: RunFolder) -> None:
    """What was wanted, what has a text, what failed; a part of the benchmark has them as well."""
    row = row_of("a", run, Rescorer().rescore(run), floor=False)
    assert (row.n, row.wanted, row.not_run, row.failures) == (5, 6, 0, {"timeout": 1})
    assert sum(part.n for part in row.by["region"].values()) == 5
    assert row.graded is None


def _asked(run: RunFolder, *sessions: tuple[int | None, int]) -> None:
    events = [
        Event(at="2026", kind="started", pid=1, limit=limit, replicates=replicates)
        for limit, replicates in sessions
    ]
    write_records(run.path / EVENTS, events)


def test_the_cases_asked_for_are_those_of_all_sessions(run: RunFolder, bench: BenchmarkFolder) -> None:
    """A session with a limit asks for part of them, a larger one for more; without a benchmark, for all."""
    cases = cases_of([run])
    for sessions, wanted in (([(2, 1)], 2), ([(2, 1), (4, 2)], 4), ([(2, 1), (None, 1)], 6)):
        _asked(run, *sessions)
        assert int(wanted_by_run({"a": run}, cases)["a"].sum()) == wanted
    _asked(run, (2, 1))
    shutil.rmtree(bench.path)
    assert wanted_by_run({"a": run}, cases)["a"].tolist() == [True] * 6


@pytest.mark.parametrize(
    ("images", "warned"),
    [(("all", "all"), False), (("all", None), False), (("all", "first"), True), (("all", "none"), True)],
)
def test_other_images_are_named_where_they_are_known(
    bench: BenchmarkFolder, tmp_path: Path, images: tuple[Any, ...], warned: bool
) -> None:
    """A system that was sent none of them, such as a baseline, does not differ in them."""
    runs = []
    for name, sent in zip("ab", images, strict=True):
        run = graded_run(tmp_path / "runs/bench" / name, bench, "g")
        model = ModelUse(name=name, provider="echo", id=name)
        system = run.head.system.model_copy(update={"model": model, "images": sent})
        write_one(run.path / HEAD, run.head.model_copy(update={"system": system}))
        runs.append(RunFolder(run.path))
    assert bool(list(other_images(runs))) == warned
