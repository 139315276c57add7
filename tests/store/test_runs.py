"""Run folders: what stands in one, and finding them by name."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.errors import InputError, NewerRecordError, StoreError, UsageError
from medbench.schema.run import Event, System
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one, write_records
from medbench.store.runs import EVENTS, HEAD, RunFolder, check_same, find_runs, new_head, runs_in


def _run(folder: Path, bench: BenchmarkFolder, at: str = "2026-01-01", **event: Any) -> RunFolder:
    folder.mkdir(parents=True)
    system = System(name=folder.name, family="other", pipeline="single")
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    write_records(folder / EVENTS, [Event(at=at, kind="started", pid=1, **event)])
    return RunFolder(folder)


def _names(found: list[RunFolder]) -> list[str]:
    return [run.path.as_posix() for run in found]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([], ()),
        ([{"limit": 3}], ((3, 1),)),
        ([{"limit": 3}, {"limit": 2, "replicates": 4}, {"limit": 3}], ((3, 1), (2, 4))),
        ([{"limit": 3}, {"limit": None}], ((3, 1), (None, 1))),
    ],
)
def test_a_run_knows_what_it_was_asked_for(
    bench: BenchmarkFolder,
    tmp_path: Path,
    events: list[dict[str, Any]],
    expected: tuple[tuple[int | None, int], ...],
) -> None:
    """What each session wanted, each pair once; the denominator is made of their union."""
    run = _run(tmp_path / "runs/bench/s", bench)
    write_records(run.path / EVENTS, [Event(at="x", kind="started", pid=1, **event) for event in events])
    assert run.goals() == expected


def test_runs_are_found_by_folder_and_by_short_name(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder, a folder above, SYSTEM, BENCHMARK and BENCHMARK/SYSTEM all lead there; each run once."""
    monkeypatch.chdir(tmp_path)
    root = tmp_path / "runs"
    for name in ("one", "two"):
        _run(root / "bench" / name, bench)
    both = [(root / "bench" / name).as_posix() for name in ("one", "two")]
    assert _names(find_runs(["one"], root)) == both[:1]
    assert _names(find_runs(["bench/two"], root)) == both[1:]
    assert _names(find_runs(["bench"], root)) == both
    assert _names(find_runs([str(root)], root)) == both
    assert _names(find_runs(["two", "bench", str(root / "bench" / "one")], root)) == both[::-1]
    assert _names(find_runs([], root)) == both


def test_no_name_means_the_benchmark_that_was_run_last(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Without a name, and for short names, the runs of the benchmark with the latest event are meant."""
    for name, at in (("old", "2026-01-01"), ("new", "2026-03-01"), ("older", "2025-01-01")):
        _run(tmp_path / "runs" / name / "s", write_benchmark(tmp_path / name, 1, pool=0), at)
    assert _names(find_runs([], tmp_path / "runs")) == [(tmp_path / "runs/new/s").as_posix()]
    assert _names(find_runs(["s"], tmp_path / "runs")) == [(tmp_path / "runs/new/s").as_posix()]


def test_a_wrong_run_is_answered_with_the_nearest(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A name that leads to no run is quoted, and the nearest one offered."""
    _run(tmp_path / "runs/bench/gemini-flash", bench)
    with pytest.raises(UsageError) as caught:
        find_runs(["gemini-flush"], tmp_path / "runs")
    assert "'gemini-flush'" in caught.value.message
    assert "gemini-flash" in caught.value.hint


def test_runs_with_a_comma_between_are_taken_apart(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """As models are typed; where one of them is not a run, the nearest name is offered as ever."""
    for name in ("a", "b"):
        _run(tmp_path / "runs/bench" / name, bench)
    with pytest.raises(UsageError) as caught:
        find_runs(["a,b"], tmp_path / "runs")
    assert caught.value.hint == "a space between them: a b"
    with pytest.raises(UsageError) as caught:
        find_runs(["a,c"], tmp_path / "runs")
    assert "space" not in caught.value.hint


def test_no_runs_is_a_sentence(tmp_path: Path) -> None:
    """Where nothing was run yet, the error says how to get a first result."""
    for names, kind in (([], InputError), (["x"], UsageError)):
        with pytest.raises(kind) as caught:
            find_runs(names, tmp_path / "runs")
        assert caught.value.hint


def test_a_half_made_run_is_not_found(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The folder of a run whose making was killed is not taken for a run."""
    run = _run(tmp_path / "runs/bench/s", bench)
    shutil.copytree(run.path, run.path.with_name(".t.abc.partial"))
    assert _names(runs_in(tmp_path / "runs")) == [run.path.as_posix()]
    assert _names(runs_in(tmp_path / "runs/bench")) == [run.path.as_posix()]


def test_a_run_finds_its_benchmark_from_anywhere(
    bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The link is relative to the run: moving runs and benchmark together, or changing folder, keeps it."""
    run = _run(tmp_path / "runs/bench/s", bench)
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert run.benchmark().head == bench.head
    shutil.copytree(bench.path, tmp_path / "moved/bench")
    shutil.copytree(tmp_path / "runs", tmp_path / "moved/runs")
    shutil.rmtree(bench.path)
    assert RunFolder(tmp_path / "moved/runs/bench/s").benchmark().head == bench.head
    with pytest.raises(InputError, match=r"the benchmark 'bench' of .*s is not at '.*bench' any more"):
        run.benchmark()


def test_a_benchmark_that_cannot_be_read_is_not_called_gone(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A head of a newer medbench is refused as such, not as a benchmark that is not there."""
    run = _run(tmp_path / "runs/bench/s", bench)
    head = json.loads((bench.path / "benchmark.json").read_text())
    (bench.path / "benchmark.json").write_text(json.dumps(head | {"schema_version": 7}))
    with pytest.raises(NewerRecordError, match="schema version '7'"):
        run.benchmark()


def test_a_run_of_another_benchmark_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder], bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """A run goes with the digest of its benchmark, not with its name or place."""
    run = _run(tmp_path / "runs/bench/s", bench)
    other = write_benchmark(tmp_path / "other" / "bench", 7)
    with pytest.raises(StoreError, match=r"is not what .* ran on"):
        check_same(other, run)
