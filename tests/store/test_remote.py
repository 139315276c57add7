"""Runs in a bucket: read as those on a disk, never written, and each failure one sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run

import medbench as mb
from medbench.__main__ import _code
from medbench.errors import InputError, StoreError, UsageError
from medbench.steps.rescore.rescore import Rescorer
from medbench.store import remote
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.lock import RunLock
from medbench.store.runs import find_runs

fsspec = pytest.importorskip("fsspec")


@pytest.fixture
def bucket(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    """Two scored runs and their benchmark in a bucket in memory; nothing of them is on the disk."""
    monkeypatch.setattr(remote, "SCHEMES", {**remote.SCHEMES, "memory": "fsspec"})
    files = fsspec.filesystem("memory")
    bench = write_benchmark(tmp_path / "here/bench", 6)
    for name, grades in (("a", "ggoo--"), ("b", "gggoo-")):
        Rescorer().rescore(graded_run(tmp_path / "here/runs/bench" / name, bench, grades))
    here = mb.compare([tmp_path / "here/runs/bench"], judge="judge-1")
    files.put(str(tmp_path / "here"), "/lab", recursive=True)
    (tmp_path / "here").rename(tmp_path / "gone")
    monkeypatch.chdir(tmp_path)
    yield here
    files.store.clear()
    files.pseudo_dirs[:] = [""]
    remote.fetched.cache_clear()


def test_a_comparison_in_a_bucket_is_that_on_a_disk(bucket: Any) -> None:
    """Every number of every pair and row; the benchmark beside the runs is found as well."""
    there = mb.compare("memory://lab/runs/bench", judge="judge-1")
    assert there.record.pairs == bucket.record.pairs
    assert [row.metrics for row in there.record.systems] == [row.metrics for row in bucket.record.systems]
    assert not there.record.notices
    assert mb.runs("memory://lab/runs/bench/a").names == ["a"]


def test_nothing_is_written_to_a_bucket(bucket: Any, tmp_path: Path) -> None:
    """Neither to a copy of its runs, where it would be lost, nor to an address."""
    (run,) = find_runs(["memory://lab/runs/bench/a"], tmp_path)
    for folder in (run.path, type(tmp_path)("gs://bucket/runs"), type(tmp_path)("s3://bucket")):
        with pytest.raises(StoreError, match="in a bucket"):
            RunLock(folder).__enter__()
    with pytest.raises(StoreError, match="nothing is written"):
        mb.rescore("memory://lab/runs/bench/a", progress=False)


def test_a_wrong_name_is_one_sentence(bucket: Any) -> None:
    """A folder without runs, and one that is not there."""
    for name in ("memory://lab/bench", "memory://nowhere/runs"):
        with pytest.raises(UsageError, match=f"no run is at '{name}'"):
            mb.compare(name)


def test_what_a_service_says_is_shown_in_one_line(
    bucket: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Bad credentials and whatever else: the error of the library, without its traceback."""

    def refused(*_: object, **__: object) -> None:
        raise PermissionError("Anonymous caller does not\nhave storage.objects.list access.")

    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "find", refused)
    with pytest.raises(InputError, match=r"cannot be read: Anonymous caller does not have .* access\.\n"):
        find_runs(["memory://lab/runs"], tmp_path)


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Whether fsspec is missing or what it needs for this service."""
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(UsageError, match="gcsfs, which reads it, is not installed") as caught:
        find_runs(["gs://bucket/runs"], tmp_path)
    assert caught.value.hint == 'pip install "medbench[cloud]"'


def test_a_name_that_leaves_the_copy_is_refused(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """A bucket may hold any names."""
    names = ["/lab/runs/run.json", "/lab/runs/../../../x.json"]
    monkeypatch.setattr(fsspec.get_filesystem_class("memory"), "find", lambda *_, **__: names)
    with pytest.raises(InputError, match="outside its folder"):
        remote.fetched("memory://lab/runs")


def test_show_of_an_address_names_no_case(capsys: pytest.CaptureFixture[str]) -> None:
    """What keeps it from being read is said, and not that no case has that name."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "fsspec", None)
        patch.setattr(sys, "argv", ["medbench", "show", "s3://bucket/runs"])
        assert _code() == 2
    assert "s3fs, which reads it, is not installed" in capsys.readouterr().err
