"""Benchmark folders: found by name, refused when they are not what they were."""

from __future__ import annotations

import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.errors import InputError, MedbenchError, RecordError, StoreError, UsageError
from medbench.schema.case import Case
from medbench.store.benchmark import (
    CASES,
    HEAD,
    BenchmarkFolder,
    find_benchmark,
    new_folder,
    temporary_folder,
)


def _edit_head(folder: Path, **changes: object) -> None:
    head: dict[str, Any] = json.loads((folder / HEAD).read_text("utf-8"))
    (folder / HEAD).write_text(json.dumps(head | changes), "utf-8")


def test_an_untouched_benchmark_passes(bench: BenchmarkFolder) -> None:
    """A benchmark as it was frozen passes its own check, and its pool has texts."""
    bench.check()
    assert [case.case_id for case in bench.cases()] == [f"case-{n:03d}" for n in range(6)]
    assert [ref.case_id for ref in bench.references()] == [f"case-{n:03d}" for n in range(6)]
    assert all(example.text for example in bench.pool)
    assert len(bench.pool) == bench.head.pool == 3


@pytest.mark.parametrize("name", ["cases.jsonl", "references.jsonl", "pool/cases.jsonl"])
@pytest.mark.parametrize("change", ["grown", "cut", "gone"])
def test_a_changed_file_is_refused(bench: BenchmarkFolder, name: str, change: str) -> None:
    """A file that grew, was cut or is gone is named, with both digests."""
    path = bench.path / name
    if change == "gone":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes() + b"\n" if change == "grown" else path.read_bytes()[:-20])
    with pytest.raises(InputError, match=rf"{name} .*'[0-9a-f]{{8}}', .* '[0-9a-f]{{8}}'"):
        bench.check()


@pytest.mark.parametrize("changes", [{"files": {}}, {"digest": "0" * 64}])
def test_a_head_that_vouches_for_nothing_is_refused(bench: BenchmarkFolder, changes: dict[str, Any]) -> None:
    """A head without the digests of its files, or with another digest of its own, is not believed."""
    _edit_head(bench.path, **changes)
    with pytest.raises(InputError, match="not that of its files"):
        BenchmarkFolder(bench.path).check()


def test_an_empty_benchmark_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """A benchmark without cases cannot be run: nothing would be measured."""
    with pytest.raises(InputError, match="'none' has no cases"):
        write_benchmark(tmp_path / "none", 0).check()


@pytest.mark.parametrize(
    "file", ["../x.png", "/etc/passwd", "images/../../x.png", "C:\\x.png", "a\\..\\b.png", "file:x"]
)
def test_an_image_path_that_leaves_the_folder_is_refused(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, file: str
) -> None:
    """A benchmark whose digests are right but whose image paths climb out is refused when it is read."""

    def climbing(case: Case) -> Case:
        image = case.images[0].model_copy(update={"file": file})
        return Case.model_validate(case.model_dump() | {"images": (image,), "digest": ""})

    made = write_benchmark(tmp_path / "evil", 2, pool=0, changed=climbing)
    made.check()
    with pytest.raises(InputError) as caught:
        list(made.cases())
    assert f"'{file}'" in caught.value.message


def test_cases_that_were_put_right_are_read_again(bench: BenchmarkFolder) -> None:
    """In a notebook, which lives on: what is remembered of a small benchmark is that of the file as it is."""
    path = bench.path / CASES
    whole = path.read_bytes()
    for content, cases in ((whole, 6), (whole[:-1], 5), (whole, 6)):  # the last line is torn
        path.write_bytes(content)
        assert len(list(BenchmarkFolder(bench.path).cases())) == cases


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/b", "..", ".", "", "a\\b", "a\nb"])
def test_a_benchmark_name_is_no_path(bench: BenchmarkFolder, name: str) -> None:
    """The name becomes a folder of runs: one that is a path is refused, whoever wrote the file."""
    _edit_head(bench.path, name=name)
    with pytest.raises(RecordError, match="field 'name'"):
        BenchmarkFolder(bench.path)


@pytest.mark.parametrize("name", ["phantom-40", "my bench", ".hidden", "läb-1", "a..b"])
def test_ordinary_names_are_names(bench: BenchmarkFolder, name: str) -> None:
    """Names with spaces, dots and letters of any language are fine."""
    _edit_head(bench.path, name=name)
    assert BenchmarkFolder(bench.path).head.name == name


def test_a_benchmark_is_found_by_folder(bench: BenchmarkFolder) -> None:
    """A folder with a head is a benchmark."""
    assert find_benchmark(str(bench.path)).head == bench.head


def test_a_wrong_name_is_answered_with_the_nearest(
    bench: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A mistyped name says which benchmark was perhaps meant; one like no other lists them."""
    monkeypatch.chdir(bench.path.parent)
    with pytest.raises(UsageError) as caught:
        find_benchmark("bensh")
    assert caught.value.hint == "'bench'"
    with pytest.raises(UsageError) as caught:
        find_benchmark("qqqqqqqqqq")
    assert "bench" in caught.value.hint


def test_a_folder_without_a_head_is_no_benchmark(tmp_path: Path) -> None:
    """A folder that holds no benchmark.json, as after a killed build, is not taken for whole."""
    (tmp_path / "half").mkdir()
    with pytest.raises(InputError, match=r"without benchmark\.json"):
        find_benchmark(str(tmp_path / "half"))


@pytest.mark.parametrize("name", ["embedded:../phantom-40", "embedded:", "embedded:..", "a\0b"])
def test_an_embedded_name_leads_nowhere_else(name: str) -> None:
    """'embedded:' takes plain names only."""
    with pytest.raises(UsageError):
        find_benchmark(name)


def test_a_new_folder_is_whole_or_not_there(tmp_path: Path) -> None:
    """A folder whose filling fails leaves nothing behind; one that succeeds has its name and its files."""

    def fail(error: Exception) -> None:
        with new_folder(tmp_path / "deep" / "b") as made:
            (made / "x").write_text("half")
            raise error

    with pytest.raises(StoreError, match=r"b' cannot be written: No space left"):
        fail(OSError(errno.ENOSPC, "No space left on device"))
    with pytest.raises(ValueError, match="other"):
        fail(ValueError("other"))
    assert list((tmp_path / "deep").iterdir()) == []
    with new_folder(tmp_path / "deep" / "b") as made:
        (made / "x").write_text("whole")
    assert (tmp_path / "deep" / "b" / "x").read_text() == "whole"
    assert [entry.name for entry in (tmp_path / "deep").iterdir()] == ["b"]


def test_a_new_folder_replaces_nothing(tmp_path: Path) -> None:
    """A target with anything in it, or a file, is refused; an empty folder is taken."""
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").touch()
    (tmp_path / "file").touch()
    (tmp_path / "empty").mkdir()
    for name in ("full", "file"):
        with pytest.raises(StoreError, match=f"{name}' is there already"), new_folder(tmp_path / name):
            raise AssertionError
    with new_folder(tmp_path / "empty") as made:
        (made / "y").touch()
    assert (tmp_path / "empty" / "y").is_file()


def test_two_that_make_the_same_folder_do_not_mix(tmp_path: Path) -> None:
    """If the target appears while a folder is being filled, the later one is refused and removed."""

    def late() -> None:
        with new_folder(tmp_path / "b") as slow:
            (slow / "slow").touch()
            with new_folder(tmp_path / "b") as fast:
                (fast / "fast").touch()

    with pytest.raises(MedbenchError):
        late()
    assert [entry.name for entry in (tmp_path / "b").iterdir()] == ["fast"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["b"]


DIES = """
import os
from medbench.store.benchmark import temporary_folder
with temporary_folder("test") as folder:
    (folder / "patient.png").write_bytes(b"pixels")
    os._exit(9)
"""


def test_what_a_killed_command_left_in_a_temporary_folder_goes_with_the_next(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures of patients may be in it: nobody else can read them, and the next of its kind removes them.

    Those of a process that lives stay, and those of one that has just made them.
    """
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr("medbench.store.lock._FRESH_S", 3_600.0)  # however long this test is made to wait
    subprocess.run([sys.executable, "-c", DIES], env=os.environ | {"TMPDIR": str(tmp_path)}, check=False)
    (left,) = tmp_path.iterdir()
    assert [file.name for file in left.iterdir()] == ["patient.png"]
    assert left.stat().st_mode & 0o077 == 0
    with temporary_folder("test") as mine:
        assert {left, mine} == {*tmp_path.iterdir()}, "it might be another one's that has not locked it yet"
        os.utime(left, (0, 0))
        os.utime(mine, (0, 0))
        with temporary_folder("test") as second:
            assert {mine, second} == {*tmp_path.iterdir()}
    assert list(tmp_path.iterdir()) == []


def test_an_error_of_the_work_in_a_temporary_folder_is_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that cannot be read is not taken for a folder that cannot be written."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with pytest.raises(FileNotFoundError), temporary_folder("test"):
        (tmp_path / "gone").read_bytes()
    assert list(tmp_path.iterdir()) == []
