"""What may stand side by side: one benchmark, one way of scoring; what is stale is scored like the others."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from graded_runs import graded_run

from medbench.errors import InputError, MedbenchError, RecordError, StoreError
from medbench.scoring.parsing.text import CURRENT, OLD
from medbench.steps.compare.comparable import (
    check_benchmark,
    check_one_benchmark,
    check_one_method,
    floors_beside,
    fresh_summaries,
)
from medbench.steps.compare.side_by_side import side_by_side
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import REFERENCES, BenchmarkFolder
from medbench.store.jsonl import write_one
from medbench.store.runs import HEAD, OUTPUTS, SCORES, RunFolder


@pytest.fixture
def make(bench: BenchmarkFolder, tmp_path: Path) -> Callable[[str], RunFolder]:
    """A function that makes a run of that name; 'baseline-…' is a floor."""

    def run(name: str) -> RunFolder:
        made = graded_run(tmp_path / "runs/bench" / name, bench, "gggooo")
        if name.startswith("baseline"):
            system = made.head.system.model_copy(update={"family": "baseline", "pipeline": name})
            write_one(made.path / HEAD, made.head.model_copy(update={"system": system}))
        return RunFolder(made.path)

    return run


def test_a_benchmark_that_is_gone_is_said_and_one_that_was_changed_is_refused(
    make: Callable[[str], RunFolder], bench: BenchmarkFolder
) -> None:
    """Gone, the numbers of the last scoring stand; changed, they would be numbers of something else."""
    run = make("a")
    assert check_benchmark(run) == ()
    path = bench.path / REFERENCES
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"mass", b"cyst"))
    with pytest.raises(InputError, match="was changed"):
        check_benchmark(run)
    path.write_bytes(kept)
    shutil.rmtree(bench.path)
    (notice,) = check_benchmark(run)
    assert "The numbers are those of the last scoring." in notice


def test_another_benchmark_in_its_place_is_refused(
    make: Callable[[str], RunFolder], bench: BenchmarkFolder, write_benchmark: Callable[..., BenchmarkFolder]
) -> None:
    """A folder of the same name that holds other cases is not what the run ran on."""
    run = make("a")
    shutil.rmtree(bench.path)
    write_benchmark(bench.path, 7)
    with pytest.raises(StoreError, match="is not what"):
        check_benchmark(run)


def test_runs_of_two_benchmarks_need_force(
    make: Callable[[str], RunFolder], write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """By digest, not by name; forced, each pair of benchmarks is named once."""
    other = write_benchmark(tmp_path / "other/bench", 7)
    others = [graded_run(tmp_path / "runs2/bench" / name, other, "g" * 7) for name in "xy"]
    runs = [make("a"), make("b"), *others]
    assert check_one_benchmark(runs[:2]) == ()
    with pytest.raises(InputError, match="cannot be compared"):
        check_one_benchmark(runs)
    (remark,) = check_one_benchmark(runs, force=True)
    assert "are two benchmarks" in remark


def test_floors_come_by_themselves_and_only_beside_a_system(
    make: Callable[[str], RunFolder], write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Those of the same benchmark that are not named already; baselines among themselves have none."""
    system, named, floor = make("a"), make("baseline-normal"), make("baseline-generic")
    elsewhere = write_benchmark(tmp_path / "elsewhere", 3)
    stray = graded_run(tmp_path / "runs/bench/baseline-stray", elsewhere, "ggg")
    head = stray.head.system.model_copy(update={"family": "baseline"})
    write_one(stray.path / HEAD, stray.head.model_copy(update={"system": head}))
    assert [run.name for run in floors_beside([system, named])] == [floor.name]
    assert [run.name for run in floors_beside([system])] == [floor.name, named.name]
    assert floors_beside([named]) == []


def test_what_is_fresh_is_left_alone_and_what_is_stale_says_why(make: Callable[[str], RunFolder]) -> None:
    """Never scored, outputs changed, scores changed: each is scored again for its own reason."""
    runs = [make(name) for name in "abcd"]
    for run in runs[:3]:
        Rescorer().rescore(run)
    kept = (runs[0].path / SCORES).stat().st_mtime_ns
    outputs = runs[1].path / OUTPUTS
    outputs.write_bytes(outputs.read_bytes().replace(b"A mass", b"A cyst"))
    (runs[2].path / SCORES).write_bytes(b"")
    summaries, rescored, _ = fresh_summaries(runs, [], None)
    assert rescored == {
        str(runs[1].path): "its outputs have changed",
        str(runs[2].path): "its scores are not those of its summary",
        str(runs[3].path): "it was not scored yet",
    }
    assert [summary.outputs for summary in summaries] == [6] * 4
    assert (runs[0].path / SCORES).stat().st_mtime_ns == kept
    assert fresh_summaries(runs, [], None).rescored == {}


def test_a_run_that_was_never_scored_follows_the_others(make: Callable[[str], RunFolder]) -> None:
    """Its parser and swap are those of the first that was scored: of the named runs, else beside them."""
    beside = make("beside")
    Rescorer(OLD, "any").rescore(beside)
    alone = make("a")
    (summary,) = fresh_summaries([alone], [], None).summaries
    assert (summary.parser, summary.swap) == (OLD, "any")
    first = make("first")
    Rescorer(CURRENT).rescore(first)
    _, second = fresh_summaries([first, make("second")], [], None).summaries
    assert (second.parser, second.swap) == (CURRENT, "region")


def test_floors_follow_and_named_runs_keep_their_own_way(make: Callable[[str], RunFolder]) -> None:
    """A floor that was not named is scored as the runs are; two named runs are refused later, not changed."""
    old, new, floor = make("old"), make("new"), make("baseline-normal")
    Rescorer(OLD).rescore(old)
    Rescorer(CURRENT).rescore(new)
    Rescorer(CURRENT).rescore(floor)
    summaries, rescored, _ = fresh_summaries([old, new], [floor], None)
    assert [summary.parser for summary in summaries] == [OLD, CURRENT, OLD]
    assert rescored == {str(floor.path): f"it was scored with parser '{CURRENT}', the others with '{OLD}'"}
    with pytest.raises(InputError, match=f"with parsers '{OLD}' and '{CURRENT}'") as caught:
        check_one_method([old, new], summaries[:2])
    assert f"--parser {OLD} --swap region" in caught.value.hint


def test_a_parser_that_is_asked_for_goes_to_all(make: Callable[[str], RunFolder]) -> None:
    """Each run that was scored otherwise is scored again, and then they are alike."""
    runs = [make("a"), make("b")]
    Rescorer(OLD).rescore(runs[0])
    summaries, rescored, _ = fresh_summaries(runs, [], CURRENT)
    assert len(rescored) == 2
    assert check_one_method(runs, summaries) == ()


def test_a_run_that_cannot_be_scored_is_returned_with_its_error(make: Callable[[str], RunFolder]) -> None:
    """Or its error is raised; what the caller knows of other runs stays as it is."""
    good, torn = make("a"), make("torn")
    with (torn.path / OUTPUTS).open("a", encoding="utf-8") as file:
        file.write('{"case_id": 1}\n' * 2)
    known: dict[Path, MedbenchError] = {}
    beside = side_by_side([good, torn], None, {}, force=False, passing_over=known)
    assert [run.path for run in beside.named] == [good.path]
    assert [*beside.failed] == [torn.path]
    assert [*beside.rescored] == [str(good.path)]
    assert known == {}
    with pytest.raises(RecordError):
        side_by_side([good, torn], None, {}, force=False)


def test_scores_in_another_way_need_force(make: Callable[[str], RunFolder]) -> None:
    """The signatures that differ are named, whatever they are of."""
    runs = [make("a"), make("b")]
    summaries = [Rescorer().rescore(runs[0]), Rescorer(swap="any").rescore(runs[1])]
    with pytest.raises(InputError, match=r"in different ways \(controls\)"):
        check_one_method(runs, summaries)
    (remark,) = check_one_method(runs, summaries, force=True)
    assert remark.endswith("is scored in another way than " + f"{runs[0].path}: controls")
