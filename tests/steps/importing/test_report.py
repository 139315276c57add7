"""A report page is an archive: its runs come back byte for byte, and what is there is left as it is."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import medbench as mb
from medbench.errors import StoreError, UsageError
from medbench.steps.importing.report import import_page
from medbench.steps.verify.verify import verify_run
from medbench.store.runs import RunFolder

pytestmark = pytest.mark.usefixtures("away")
NAMES = ["paid", "old"]


def _files(folder: Path, *, images: bool = True) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for part in ("runs", "bench")
        for path in (folder / part).rglob("*")
        if path.is_file() and path.name != ".lock" and (images or path.suffix != ".png")
    }


def test_runs_come_back_byte_for_byte(home: Path, away: Path) -> None:
    """Every file of runs, floors, listings and benchmark but the images; `verify` holds as it did at home."""
    runs = mb.import_report(home / "none.html")
    assert runs.names[:2] == NAMES
    assert {"baseline-normal", "baseline-retrieval"} <= set(runs.names)
    assert _files(away) == _files(home, images=False)
    assert {"runs/bench/paid/audit.jsonl", "runs/bench/listings/listings.jsonl"} <= _files(away).keys()
    for run in runs:
        there = verify_run(RunFolder(home / "runs/bench" / run.name))
        here = verify_run(run.folder)
        assert (here.problems, here.root) == (there.problems, there.root) == ((), here.root)
        assert (here.records, here.unsealed) == (there.records, there.unsealed)
        assert sum(what.startswith("images: 9 of 9 files not here.") for what in here.unchecked) == 1
    retrieved = verify_run(runs["baseline-retrieval"].folder).unchecked
    assert any("outputs of 6 cases: they follow from images" in what for what in retrieved)
    assert runs["old"].folder.path.joinpath("verdicts.jsonl").read_bytes().count(b"seal") == 0


@pytest.mark.parametrize("images", ["none", "full"])
def test_the_page_again_has_the_same_bytes(home: Path, away: Path, images: Any) -> None:
    """What came back makes the same page to the byte; with images='full' the images came back, too."""
    mb.import_report(home / f"{images}.html")
    assert mb.report_page(NAMES, "again.html", images=images).missing == ()
    assert Path("again.html").read_bytes() == (home / f"{images}.html").read_bytes()
    if images == "full":
        wanted = {name: data for name, data in _files(home).items() if not name.startswith("bench/pool/im")}
        assert _files(away) == wanted
        (verified,) = mb.verify("paid").record.runs
        assert [what[:37] for what in verified.unchecked] == ["images of the pool: 4 of 4 files not "]


def test_commands_take_the_runs(home: Path, medbench: Callable[..., Any]) -> None:
    """`import`, then `show`, `compare`, `rescore`, `verify`: as with runs that were made here."""
    said = medbench("import", home / "thumb.html")
    assert said.code == 0, said.err
    assert "runs/bench/paid 9 files, byte for byte" in said.words
    assert "of its 9 images 9 are not in the page and known by their digests" in said.words
    assert medbench("verify").code == 0
    before = mb.compare(NAMES).to_dict()
    for line in ("show", "show paid", "show case-001", "compare paid old", "rescore", "verify"):
        assert medbench(*line.split()).code == 0, line
    assert mb.compare(NAMES).to_dict() == before
    assert "is there already, with the same records" in medbench("import", home / "thumb.html").words


def test_it_says_what_it_cannot_take(home: Path, medbench: Callable[..., Any]) -> None:
    """An option that a page has itself is refused, and answers still need a benchmark."""
    assert "has its own benchmark" in medbench("import", home / "none.html", "--benchmark", "b").err
    assert "has its own system" in medbench("import", home / "none.html", "--system", "s").err
    Path("answers.csv").write_text("case_id,text\n")
    assert "--benchmark NAME" in medbench("import", "answers.csv", "--system", "s").err
    with pytest.raises(UsageError):
        mb.import_report("nothing.html")


def test_the_method_names_the_archive(home: Path) -> None:
    """The page says which runs it gives back, and the root of each; one without says that."""
    text = (home / "none.html").read_text("utf-8")
    root = verify_run(RunFolder(home / "runs/bench/paid")).root
    assert f"<dd>{root}</dd>" in text
    assert "medbench import report.html, then medbench verify" in text
    assert "gives no run back from this page" in (home / "without.html").read_text("utf-8")


def test_a_run_that_is_there_is_left_as_it_is(home: Path, away: Path) -> None:
    """With the same records, or with more behind them, it stays; with others all of the page is refused."""
    mb.import_report(home / "none.html")
    before = {path: path.stat().st_mtime_ns for path in away.rglob("*")}
    mb.import_report(home / "none.html")
    assert {path: path.stat().st_mtime_ns for path in away.rglob("*")} == before
    events = away / "runs/bench/paid/events.jsonl"
    events.write_bytes(events.read_bytes() + b'{"torn')
    restored = import_page(home / "none.html", Path("runs"))
    assert all(run.was_there for run in restored.runs)
    shutil.rmtree(away / "runs/bench/old")
    events.write_bytes(events.read_bytes()[1:])
    with pytest.raises(StoreError, match=r"its 'events.jsonl' is not that of the page"):
        mb.import_report(home / "none.html")
    assert not (away / "runs/bench/old").exists()


def test_another_benchmark_of_that_name_is_left_as_it_is(home: Path, away: Path) -> None:
    """Neither is it overwritten, nor do runs appear that would be read with it."""
    (away / "bench").mkdir()
    (away / "bench/benchmark.json").write_text("{}")
    with pytest.raises(StoreError, match="bench' is there already"):
        mb.import_report(home / "none.html")
    assert [path.name for path in away.rglob("*") if path.is_file()] == ["benchmark.json"]


def test_a_benchmark_that_is_here_is_used(home: Path, away: Path) -> None:
    """With its images, wherever it is found by its digest; the page's copy is not written."""
    shutil.copytree(home / "bench", away / "mine")
    restored = import_page(home / "none.html", Path("runs"))
    assert [(str(one.path), one.was_there) for one in restored.benchmarks] == [("mine", True)]
    assert not Path("bench").exists()
    assert verify_run(RunFolder(away / "runs/bench/paid")).unchecked == ()
