"""Benchmarks that were moved and run folders that were copied: found by digest, or linked anew."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from medbench.errors import InputError, StoreError
from medbench.schema.run import System
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD, RunFolder, new_head, relink

RUN = "runs/bench/s"


@pytest.fixture
def run(bench: BenchmarkFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """A run beside its benchmark; the working folder is an empty one."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    (tmp_path / RUN).mkdir(parents=True)
    system = System(name="s", family="other", pipeline="single")
    write_one(tmp_path / RUN / HEAD, new_head(tmp_path / RUN, bench, system, "medbench run"))
    return RunFolder(tmp_path / RUN)


@pytest.mark.parametrize(
    "place",
    ["renamed", "runs/bench/s/its-own", "runs/bench/beside", "runs/beside", "here/bench", "here", "shelf/x"],
)
def test_a_moved_benchmark_is_found_by_its_digest(
    bench: BenchmarkFolder, run: RunFolder, tmp_path: Path, place: str
) -> None:
    """Beside the run, around it, in the working folder or under `benchmarks`, whatever its name."""
    (tmp_path / "medbench.toml").write_text('[defaults]\nbenchmarks = "shelf"\n')
    shutil.copytree(bench.path, tmp_path / place, dirs_exist_ok=True)
    shutil.rmtree(bench.path)
    found = run.benchmark()
    assert found.path.resolve() == tmp_path / place
    assert not run.is_linked_to(found)


def test_a_copied_run_finds_the_benchmark_in_the_working_folder(
    bench: BenchmarkFolder, run: RunFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A run folder that was taken elsewhere finds its benchmark where the person works."""
    copied = shutil.copytree(run.path, tmp_path / "far/away/down/s")
    monkeypatch.chdir(bench.path)
    assert RunFolder(copied).benchmark().path.resolve() == bench.path.resolve()


def test_another_benchmark_in_the_old_place_is_not_taken(
    bench: BenchmarkFolder, run: RunFolder, tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """The digest decides: with the right one near, it is taken; without, the wrong one is refused."""
    bench.path.rename(tmp_path / "kept")
    write_benchmark(bench.path, 7)
    assert run.benchmark().path.resolve() == tmp_path / "kept"
    shutil.rmtree(tmp_path / "kept")
    with pytest.raises(StoreError, match=r"is not what .* ran on"):
        run.benchmark()


def test_a_changed_copy_is_passed_over(bench: BenchmarkFolder, run: RunFolder, tmp_path: Path) -> None:
    """A copy whose files are not those of its digest does not count; the message says where it looked."""
    bench.path.rename(tmp_path / "cut")
    cases = tmp_path / "cut/cases.jsonl"
    cases.write_bytes(cases.read_bytes()[:-10])
    with pytest.raises(InputError, match=r"not at .*beside the run or in the working folder") as caught:
        run.benchmark()
    assert "--benchmark FOLDER" in caught.value.hint


def test_a_run_is_linked_anew(bench: BenchmarkFolder, run: RunFolder, tmp_path: Path) -> None:
    """The link is an event: run.json stays, the last link counts, the run is not the last run by it."""
    head, last = (run.path / HEAD).read_bytes(), run.last_event()
    for place in ("far/off/bench", "further/off/bench"):
        new = shutil.copytree(bench.path, tmp_path / place)
        for _ in range(2):
            relink(run, type(bench)(new))
        assert RunFolder(run.path).benchmark().path.resolve() == new
    assert len(list(run.events())) == 2
    assert (run.path / HEAD).read_bytes() == head
    assert run.last_event() == last


def test_a_run_is_linked_to_its_own_benchmark_alone(
    run: RunFolder, tmp_path: Path, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """Another benchmark, or one that was changed, is refused, and nothing is written."""
    other = write_benchmark(tmp_path / "other", 7)
    with pytest.raises(StoreError, match=r"is not what .* ran on") as caught:
        relink(run, other)
    assert "--benchmark with the folder whose digest is" in caught.value.hint
    (other.path / "cases.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match="was changed or cut"):
        relink(run, other)
    assert [path.name for path in run.path.iterdir()] == [HEAD]
