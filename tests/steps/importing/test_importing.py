"""The step `import`: zeros that meant 'failed' become failures, what was made up unknown."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from medbench.cli.results.import_ import coverage
from medbench.errors import InputError, StoreError, UsageError
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.response import Response
from medbench.schema.run import Output
from medbench.schema.verdict import Verdict
from medbench.steps.importing.importing import Imported, import_runs, read_source
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records
from medbench.store.runs import OUTPUTS, VERDICTS, RunFolder

RESPONSES = "responses.jsonl"


def _rows(folder: Path, *rows: Any) -> Path:
    path = folder / "answers.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def _import(old: Path, bench: BenchmarkFolder, root: Path, system: str | None = None) -> list[Imported]:
    return import_runs(old, bench, root, read_source(old, system), "medbench import")


def _content(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_file_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    """A missing file or folder, and a folder that is no old run, are refused with what to name instead."""
    (tmp_path / "empty").mkdir()
    for name, kind in (("none.jsonl", UsageError), ("none", UsageError), ("empty", InputError)):
        with pytest.raises(kind) as caught:
            read_source(tmp_path / name, "s")
        assert f"{name}'" in caught.value.message
        assert caught.value.hint


@pytest.mark.parametrize("name", [None, "", ".", "..", "../../evil", "a/b", "a b", "-x", "baseline-normal"])
def test_a_system_needs_a_name_that_is_no_path(tmp_path: Path, name: str | None) -> None:
    """The name becomes a folder: none, a path, or one that belongs to a baseline is a usage error."""
    with pytest.raises(UsageError) as caught:
        read_source(_rows(tmp_path, {"case_id": "a", "text": "x"}), name)
    assert "--system" in caught.value.hint


def test_answers_become_a_run(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """By case id or source id; replicates, times and prompts are kept, unknown cases named and left out."""
    path = _rows(
        tmp_path,
        {
            "case_id": "case-000",
            "text": "half \ud800 a character",
            "latency_s": 2,
            "prompt": "p",
            "model": "m-1",
        },
        {"case_id": "SRC-case-001", "text": "second", "replicate": 2},
        {"case_id": "nowhere", "text": "x"},
    )
    (one,) = _import(path, bench, tmp_path / "runs", "mine")
    assert (one.taken, one.left_out, one.was_there) == (2, ("nowhere",), False)
    outputs = list(read_records(one.folder / OUTPUTS, Output))
    assert [(o.case_id, o.replicate, o.text) for o in outputs] == [
        ("case-000", 0, "half \ufffd a character"),
        ("case-001", 2, "second"),
    ]
    responses = {r.response_id: r for r in read_records(one.folder / RESPONSES, Response)}
    first = responses[outputs[0].responses[0]]
    assert (first.latency_s, first.prompt, first.answered) == (2.0, "p", "m-1")
    assert responses[outputs[1].responses[0]].latency_s is None
    assert RunFolder(one.folder).goals() == ((None, 3),)


def test_a_failure_is_no_answer(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """An empty text, or an error, counts as a failure in every sentence; what is not there is missing."""
    path = _rows(
        tmp_path,
        {"case_id": "case-000", "text": ""},
        {"case_id": "case-001", "error": "timeout"},
        {"case_id": "case-001", "text": "a mass", "replicate": 1},
    )
    (one,) = _import(path, bench, tmp_path / "runs", "mine")
    assert (one.taken, one.failures, one.answered, one.failed) == (3, 2, 1, 1)
    assert coverage(replace(one, cases=6)) == (
        "1 of 6 cases have an answer; 1 has failed; 4 are missing and count as not run"
    )
    assert coverage(replace(one, cases=2)) == "1 of 2 cases have an answer; 1 has failed"


def test_importing_again_changes_nothing(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """The same files again: nothing is written. Other files under the same name: refused, nothing touched."""
    path = _rows(tmp_path, {"case_id": "case-000", "text": "x"})
    (one,) = _import(path, bench, tmp_path / "runs", "mine")
    before = _content(tmp_path / "runs")
    (again,) = _import(path, bench, tmp_path / "runs", "mine")
    assert again.was_there
    assert _content(tmp_path / "runs") == before
    _rows(tmp_path, {"case_id": "case-000", "text": "y"})
    with pytest.raises(StoreError, match="is there already") as caught:
        _import(path, bench, tmp_path / "runs", "mine")
    assert "--system" in caught.value.hint
    assert _content(tmp_path / "runs") == before
    assert one.folder == again.folder


def test_answers_to_another_benchmark_are_refused(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """If no case is in the benchmark nothing is written, and the error says how to name the right one."""
    path = _rows(tmp_path, {"case_id": "nowhere", "text": "x"})
    with pytest.raises(InputError, match="'nowhere'") as caught:
        _import(path, bench, tmp_path / "runs", "mine")
    assert "--benchmark" in caught.value.hint
    assert not (tmp_path / "runs").exists()


def test_one_case_by_two_names_is_answered_twice(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A case named once by its id and once by its source's id is found out: neither is dropped in silence."""
    path = _rows(tmp_path, {"case_id": "case-001", "text": "x"}, {"case_id": "SRC-case-001", "text": "y"})
    with pytest.raises(InputError, match="'SRC-case-001' twice"):
        _import(path, bench, tmp_path / "runs", "mine")


def test_a_changed_benchmark_takes_no_answers(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Answers are only linked to a benchmark that is what it was."""
    (bench.path / "references.jsonl").write_bytes(b"")
    with pytest.raises(InputError, match=r"references\.jsonl"):
        _import(_rows(tmp_path, {"case_id": "case-000", "text": "x"}), bench, tmp_path / "runs", "mine")


@pytest.fixture
def seed_benchmark(
    shared: Path, write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> Callable[[Path], BenchmarkFolder]:
    """A function that makes a small benchmark with the source ids of an old run."""

    def make(old: Path) -> BenchmarkFolder:
        uids = [case["uid"] for case in json.loads((old / "raw_responses.json").read_text("utf-8"))]

        def reference(case: Case) -> Reference:
            if case.case_id.startswith("pool"):
                return Reference(case_id=case.case_id, source_id=case.case_id, text="a text")
            return Reference(case_id=case.case_id, source_id=uids[int(case.case_id[-3:])], text="a text")

        return write_benchmark(tmp_path / f"of-{old.name}", len(uids), reference=reference)

    return make


def test_the_seed_run_is_read_as_it_was(
    shared: Path, seed_benchmark: Callable[[Path], BenchmarkFolder], tmp_path: Path
) -> None:
    """40 answers; verdict failures 4+4 (time-outs) and 3+2 (connection); made-up counts unknown."""
    old = shared / "data/seed_run"
    medgemma, gemini = _import(old, seed_benchmark(old), tmp_path / "runs")
    assert (medgemma.folder.name, gemini.folder.name) == ("medgemma-4b", "gemini-3-flash-preview")
    failed: Counter[tuple[str, str, str]] = Counter()
    for one in (medgemma, gemini):
        assert one.taken == len(list(read_records(one.folder / OUTPUTS, Output))) == 20
        verdicts = list(read_records(one.folder / VERDICTS, Verdict))
        assert len(verdicts) == one.verdicts + one.ungraded == 40
        assert one.ungraded == sum(verdict.grade is None for verdict in verdicts) > 0
        assert all((verdict.grade is None) == (verdict.failure is not None) for verdict in verdicts)
        failed.update((one.folder.name, v.rater, v.failure.kind) for v in verdicts if v.failure)
    assert failed == {
        ("medgemma-4b", "at_00d5287", "timeout"): 4,
        ("gemini-3-flash-preview", "at_00d5287", "timeout"): 4,
        ("medgemma-4b", "at_HEAD_a23975b", "connection"): 3,
        ("gemini-3-flash-preview", "at_HEAD_a23975b", "connection"): 2,
    }
    for one, tokens in ((medgemma, False), (gemini, True)):
        responses = list(read_records(one.folder / RESPONSES, Response))
        assert all((r.usage.output is not None) == tokens for r in responses), "counts that were made up"
        assert all(r.cost is not None and r.cost.basis.startswith("imported") for r in responses)
        assert all(r.latency_s for r in responses)
    assert any("made up" in note for note in medgemma.recorded.notes)
    assert (medgemma.folder / "imported").is_dir(), "the settings of the old run are kept"
    before = _content(tmp_path / "runs")
    again = _import(old, seed_benchmark_again(medgemma), tmp_path / "runs")
    assert all(one.was_there for one in again)
    assert _content(tmp_path / "runs") == before


def seed_benchmark_again(one: Imported) -> BenchmarkFolder:
    """The benchmark that an imported run belongs to."""
    return RunFolder(one.folder).benchmark()


def test_empty_answers_of_an_old_run_are_failures(
    shared: Path, seed_benchmark: Callable[[Path], BenchmarkFolder], tmp_path: Path
) -> None:
    """Eight of ten Gemini answers of 222216 are empty with zero seconds: failures, no zeros in any mean."""
    old = shared / "data/old_runs/222216"
    medgemma, gemini = _import(old, seed_benchmark(old), tmp_path / "runs")
    outputs = list(read_records(gemini.folder / OUTPUTS, Output))
    assert Counter(o.failure.kind if o.failure else "text" for o in outputs) == {"unrecorded": 8, "text": 2}
    responses = list(read_records(gemini.folder / RESPONSES, Response))
    assert [r.latency_s for r in responses if r.failure] == [None] * 8
    assert [r.cost for r in responses if r.failure] == [None] * 8
    assert not (gemini.folder / VERDICTS).exists(), "verdicts about the diagnosis are left out"
    assert any("left out" in note for note in gemini.recorded.notes)
    assert all(o.text for o in read_records(medgemma.folder / OUTPUTS, Output))


def test_cases_that_are_not_in_the_benchmark_are_left_out(
    shared: Path, seed_benchmark: Callable[[Path], BenchmarkFolder], tmp_path: Path
) -> None:
    """Cases of another draw are named, not dropped in silence, and not imported."""
    bench = seed_benchmark(shared / "data/seed_run")
    imported = _import(shared / "data/old_runs/232354", bench, tmp_path / "runs")
    for one in imported:
        assert one.taken + len(one.left_out) == 10
        assert "MPX1452" in one.left_out
        assert one.taken > 0
