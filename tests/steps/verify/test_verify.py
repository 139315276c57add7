"""`verify`: whatever is changed in a run or its benchmark is found, and the file is named."""

from __future__ import annotations

import importlib.util
import io
import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from exhaustive import bounded
from judged_world import hooks, judge, plan_of, planted_reference
from paid_runs import planted_models, usually_asked, write_listing
from systems import Quiet

from medbench.api.compare import compare
from medbench.api.rescore import verify
from medbench.errors import MedbenchError, StoreError
from medbench.schema.base import sealed, split_seal
from medbench.schema.run import SourceFile
from medbench.schema.verdict import Verdict
from medbench.scoring.findings import METHOD
from medbench.steps.judge.judge import judge_all
from medbench.steps.rescore.rescore import Rescorer
from medbench.steps.run.hooks import RunHooks
from medbench.steps.run.run import run_all
from medbench.steps.run.run_plan import RunPlan
from medbench.steps.verify.verify import verify_run
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.chain import NOTHING_BEFORE
from medbench.store.jsonl import Journal, file_digest, write_one
from medbench.store.lock import RunLock
from medbench.store.runs import HEAD, SUMMARY, VERDICTS, RunFolder
from medbench.store.seals import SEALS, changed_grades, sealing
from medbench.store.summary import summary_of

PERSON = Verdict(case_id="case-001", rater="reviewer:ann", rater_kind="reviewer", grade="partial")
TOOL = Path(__file__).parents[3] / "tools/verify_run.py"
FLIPS = bounded(60, 1)
_spec = importlib.util.spec_from_file_location("verify_run", TOOL)
assert _spec is not None
assert _spec.loader is not None
tool = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(tool)


@pytest.fixture(scope="module")
def made(
    tmp_path_factory: pytest.TempPathFactory, write_benchmark: Callable[..., BenchmarkFolder]
) -> RunFolder:
    """A run on six cases, graded by a judge and a person and scored, with a copied setting."""
    folder = tmp_path_factory.mktemp("verify")
    bench = write_benchmark(folder / "bench", reference=planted_reference)
    systems = (usually_asked(),)
    plan = RunPlan(benchmark=bench.address, systems=systems, root=folder / "runs", command="medbench run")
    with planted_models():
        (outcome,) = run_all(plan, RunHooks(Quiet()))
        run = RunFolder(outcome.run.folder)
        (run.path / "imported").mkdir()
        (run.path / "imported/settings.json").write_text('{"temperature": 0}')
        copied = SourceFile(
            file="settings.json", sha256=file_digest(run.path / "imported/settings.json").sha256
        )
        write_one(run.path / HEAD, run.head.model_copy(update={"imported_from": (copied,)}))
        run = RunFolder(run.path)
        judge_all(plan_of(run, judges=(judge(),), canaries=2), hooks())
    with RunLock(run.path), sealing(run.path), Journal(run.path / VERDICTS) as journal:
        journal.append(PERSON)
    write_listing(run.path.parent)
    Rescorer().rescore(run)
    return run


def _files(run: RunFolder) -> list[Path]:
    """The files of a run, its lists and its benchmark; of the images two."""
    bench = run.benchmark().path
    parts = [run.path, run.path.parent / "listings", bench]
    files = [path for part in parts for path in part.rglob("*") if path.is_file() and path.name != ".lock"]
    images = sorted(path for path in files if path.suffix == ".png")
    return sorted(path for path in files if path.stat().st_size and path not in images[1:-1])


def _found(path: Path) -> str:
    """All that verify says of a run, in one text."""
    try:
        return "\n".join(verify_run(RunFolder(path)).problems)
    except MedbenchError as error:
        return error.message


def _by_tool(run: Path) -> tuple[int, str]:
    """Exit code and words of the verifier that needs no medbench."""
    with redirect_stdout(io.StringIO()) as said:
        code = tool.main([str(run)])
    return code, said.getvalue()


@pytest.fixture
def copy(made: RunFolder, tmp_path: Path) -> RunFolder:
    """A copy of the run and its benchmark, to change."""
    shutil.copytree(made.path.parents[2], tmp_path / "copy", dirs_exist_ok=True)
    return RunFolder(tmp_path / "copy" / made.path.relative_to(made.path.parents[2]))


def test_scores_of_another_engine_are_named_by_both(copy: RunFolder) -> None:
    """Between two states of one version as well: no number of theirs is said to be wrong."""
    summary = summary_of(copy)
    assert summary is not None
    now = summary.signatures["findings"]
    then = now.replace(METHOD, "finding:1.0.0|vocab:2026.1.1")
    write_one(
        copy.path / SUMMARY,
        summary.model_copy(update={"signatures": summary.signatures | {"findings": then}}),
    )
    found = verify_run(copy)
    assert found.problems == ()
    (words,) = found.unchecked
    assert words == (
        f"scores: 'findings' was computed by '{then}', and is by '{now}' now; "
        f"medbench rescore {copy.path} makes them anew"
    )


def test_an_untouched_run_holds(made: RunFolder) -> None:
    """Nothing is found, nothing was left unchecked, and every record is counted."""
    found = verify_run(made)
    assert found.problems == found.unchecked == ()
    lines = [
        path.read_bytes().count(b"\n") for path in made.path.glob("*.jsonl") if path.name != "scores.jsonl"
    ]
    assert (found.records, found.unsealed) == (sum(lines) + 2, 0)
    assert {path.name for path in _files(made)} >= {
        "audit.jsonl",
        "events.jsonl",
        "listings.jsonl",
        "scores.jsonl",
        "seals.json",
        "settings.json",
    }


def test_the_verifier_without_medbench_finds_the_same_root(made: RunFolder) -> None:
    """It needs no package, is short enough to read, and agrees in the number of records and the root."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(TOOL), str(made.path)], capture_output=True, text=True, check=False
    )
    found = verify_run(made)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.split() == [
        *f"{made.path}: all {found.records} records hold 0 unsealed root {found.root}".split()
    ]
    assert len(TOOL.read_text("utf-8").splitlines()) <= 150


def test_any_flipped_byte_is_located(made: RunFolder) -> None:
    """In every file of the run, its lists and its benchmark, wherever a bit flips: the file is named."""
    chance = random.Random(14)
    missed = []
    assert _found(made.path) == ""
    for path in _files(made):
        data = path.read_bytes()
        for place in {*chance.sample(range(len(data)), min(FLIPS, len(data))), len(data) - 1}:
            path.write_bytes(
                data[:place] + bytes([data[place] ^ 1 << chance.randrange(8)]) + data[place + 1 :]
            )
            found = _found(made.path)
            # Whose digest was changed cannot be told from another benchmark in its place.
            located = path.name in found or f"{path.parent} is not what" in found
            if not located or not ("listings" in str(path) or _by_tool(made.path)[0]):
                missed.append((path, place, found))
        path.write_bytes(data)
    assert not missed
    assert (_found(made.path), _by_tool(made.path)[0]) == ("", 0)


def test_any_flipped_bit_of_a_seal_is_noticed_without_medbench(copy: RunFolder) -> None:
    """A record with a damaged seal is no older record without one, in each file of a single record."""
    for name in ("run.json", "summary.json", "seals.json"):
        path = copy.path / name
        data = path.read_bytes()
        start = data.rindex(b',\n "seal"')
        for place in range(start, len(data)):
            for bit in (1, 2, 4, 8, 16, 32, 64, 128):
                path.write_bytes(data[:place] + bytes([data[place] ^ bit]) + data[place + 1 :])
                assert _by_tool(copy.path)[0] == 1, (name, place, bit)
        path.write_bytes(data)
    assert _by_tool(copy.path)[0] == 0


LINES: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "first-deleted": lambda lines: lines[1:],
    "middle-deleted": lambda lines: lines[: len(lines) // 2] + lines[len(lines) // 2 + 1 :],
    "last-deleted": lambda lines: lines[:-1],
    "doubled": lambda lines: [*lines, lines[-1]],
    "swapped": lambda lines: [lines[1], lines[0], *lines[2:]],
    "torn": lambda lines: [*lines[:-1], lines[-1][:-9]],
    "emptied": lambda lines: [],
}


@pytest.mark.parametrize("name", ["responses", "outputs", "verdicts", "events", "audit"])
def test_lines_that_are_missing_or_moved_are_located(copy: RunFolder, name: str) -> None:
    """Deleted, doubled and swapped lines, and a file that is cut, torn, emptied or gone, are named."""
    path = copy.path / f"{name}.jsonl"
    data = path.read_bytes()
    lines = data.splitlines(keepends=True)
    for change in (how for how in LINES if len(lines) > 1 or how != "swapped"):
        path.write_bytes(b"".join(LINES[change](lines)))
        assert path.name in _found(copy.path), change
        assert path.name in _by_tool(copy.path)[1], change
    path.unlink()
    assert path.name in _found(copy.path)
    assert path.name in _by_tool(copy.path)[1]


def test_a_line_after_a_kill_is_allowed(copy: RunFolder) -> None:
    """Whole lines after the noted end, and a torn one behind them, are those of a session that was killed."""
    with Journal(copy.path / VERDICTS) as journal:
        journal.append(PERSON)
    with (copy.path / VERDICTS).open("ab") as file:
        file.write(b'{"case_id":"ca')
    assert _found(copy.path) == ""
    assert _by_tool(copy.path)[0] == 0


FORGERIES = {
    "answer": ("outputs", b"FINDINGS", b"FINDINGZ", "does not follow from its answers"),
    "answer-and-response": ("responses", b"FINDINGS", b"FINDINGZ", "does not follow from its answers"),
    "request": ("responses", b'"request_digest":"', b'"request_digest":"0', "answers no request of case"),
    "grade": ("verdicts", b'"grade":"poor"', b'"grade":"good"', "another grade than the answer of the judge"),
    "quote": ("verdicts", b'\\"rating\\": \\"poor', b'\\"rating\\": \\"good', "quotes another answer"),
    "case": ("outputs", b'"case_digest":"', b'"case_digest":"0', "is not that of the benchmark"),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_change_that_is_sealed_anew_contradicts_the_rest(copy: RunFolder, name: str) -> None:
    """Who changes a record and all seals after it still has other records against him, and another root."""
    before = verify_run(copy).root
    file, old, new, words = FORGERIES[name]
    path = copy.path / f"{file}.jsonl"
    seal, lines, changed = NOTHING_BEFORE, [], False
    for line in path.read_bytes().splitlines():
        body = split_seal(line)[0]
        if old in body and not changed:
            body, changed = body.replace(old, new), True
            if b"digest" in new:
                at = body.index(new) + len(new) + 63
                body = body[:at] + body[at + 1 :]
        sealed_line, seal = sealed(body, seal)
        lines.append(sealed_line)
    assert changed
    path.write_bytes(b"".join(lines))
    (copy.path / SEALS).unlink()
    found = verify_run(copy)
    assert words in "\n".join(found.problems)
    assert found.root != before


def test_a_changed_grade_is_named_where_it_is_read(copy: RunFolder, medbench: Callable[..., Any]) -> None:
    """`compare` and `show` say which line was changed; `verify` ends with 1."""
    path = copy.path / VERDICTS
    path.write_bytes(path.read_bytes().replace(b'"grade":"poor"', b'"grade":"good"', 1))
    assert [what for what in compare([copy.path]).record.notices if f"{path}, line 2, was changed" in what]
    assert changed_grades([copy])
    assert verify([copy.path]).record.hold is False
    said = medbench("verify", copy.path)
    assert said.code == 1
    assert "line 2" in said.words


def test_a_moved_benchmark_is_read_and_nothing_is_written(copy: RunFolder, tmp_path: Path) -> None:
    """The root is that of the place where the run began; a foreign benchmark is refused."""
    root = verify_run(copy).root
    moved = copy.benchmark().path.rename(tmp_path / "elsewhere")
    files = {path: path.read_bytes() for path in copy.path.parent.rglob("*") if path.is_file()}
    (verified,) = verify(copy, benchmark=moved).record.runs
    assert (verified.problems, verified.root) == ((), root)
    assert {path: path.read_bytes() for path in copy.path.parent.rglob("*") if path.is_file()} == files
    with pytest.raises(StoreError, match="is not what"):
        verify(copy, benchmark="phantom-40")


def test_an_older_run_is_unsealed_and_holds(copy: RunFolder) -> None:
    """Files that an older medbench wrote have no seals: they are read, counted and said to be unsealed."""
    sealed_files = [path for path in copy.path.iterdir() if path.suffix in {".json", ".jsonl"}]
    for path in sealed_files:
        if path.suffix == ".jsonl":
            path.write_bytes(b"".join(split_seal(line)[0] + b"\n" for line in path.read_bytes().splitlines()))
        else:
            path.write_bytes(split_seal(path.read_bytes())[0] + b"\n")
    (copy.path / SEALS).unlink()
    Rescorer().rescore(copy)
    (copy.path / SUMMARY).write_bytes(split_seal((copy.path / SUMMARY).read_bytes())[0] + b"\n")
    found = verify_run(copy)
    assert found.problems == ()
    assert found.unsealed == found.records
    assert "unsealed" in str(verify([copy.path]))
    assert _by_tool(copy.path)[0] == 0
