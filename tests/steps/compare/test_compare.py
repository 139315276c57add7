"""The step `compare`: one benchmark, one parser, pairs on the cases that both have."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from exhaustive import bounded
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from medbench.errors import InputError
from medbench.registry import shipped_models
from medbench.schema.response import Failure
from medbench.schema.run import Event, Output, System
from medbench.schema.score import Score
from medbench.scoring.parsing.text import CURRENT, OLD
from medbench.steps.compare.compare import compare_runs
from medbench.steps.rescore.rescore import Rescorer
from medbench.store.benchmark import BenchmarkFolder
from medbench.store.jsonl import read_records, write_one, write_records
from medbench.store.runs import EVENTS, HEAD, OUTPUTS, SCORES, RunFolder, new_head
from medbench.store.summary import summary_of


def _run(
    folder: Path, bench: BenchmarkFolder, outputs: Mapping[tuple[int, int], str | None], family: str = "other"
) -> RunFolder:
    folder.mkdir(parents=True, exist_ok=True)
    pipeline = folder.name if family == "baseline" else "single"
    system = System(name=folder.name, family=family, pipeline=pipeline)
    failure = Failure(kind="timeout", reason="r", final=True)
    lines = [
        Output(
            case_id=f"case-{case:03d}",
            case_digest="d",
            replicate=replicate,
            text=text,
            failure=None if text else failure,
        )
        for (case, replicate), text in outputs.items()
    ]
    write_one(folder / HEAD, new_head(folder, bench, system, "medbench run"))
    write_records(folder / OUTPUTS, lines)
    write_records(folder / EVENTS, [Event(at="2026", kind="started", pid=1, replicates=2)])
    return RunFolder(folder)


ALL = {(case, 0): f"A mass in case-00{case}." for case in range(6)}
OUTPUTS_MADE = st.dictionaries(
    st.tuples(st.integers(0, 5), st.integers(0, 1)),
    st.sampled_from([None, "a mass", "No effusion is seen.", "x"]),
)


@settings(max_examples=bounded(100, 10), suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(OUTPUTS_MADE, min_size=2, max_size=3))
def test_pairs_equal_brute_force(
    bench: BenchmarkFolder,
    tmp_path: Path,
    made: list[dict[tuple[int, int], str | None]],
) -> None:
    """Counts of cases and mean differences of case means, recomputed from the scores by dictionaries."""
    names = [f"s{n}" for n in range(len(made))]
    runs = [_run(tmp_path / "runs/bench" / name, bench, one) for name, one in zip(names, made, strict=True)]
    comparison = compare_runs(runs)
    assert [(pair.a, pair.b) for pair in comparison.pairs] == [(names[0], name) for name in names[1:]]
    for pair in comparison.pairs:
        values = {name: _by_case(tmp_path / "runs/bench" / name) for name in (pair.a, pair.b)}
        a, b = (
            {f"case-{case:03d}" for (case, _), text in made[names.index(name)].items() if text}
            for name in (pair.a, pair.b)
        )
        assert (pair.both, pair.only_a, pair.only_b) == (len(a & b), len(a - b), len(b - a))
        assert pair.neither == 6 - len(a | b)
        for metric in ("rouge_l.recall", "rouge_l.f1", "words"):
            differences = [
                _mean(values[pair.b][case, metric]) - _mean(values[pair.a][case, metric])
                for case in sorted(a & b)
            ]
            found = pair.metrics.get(metric)
            assert (found is None) == (not differences)
            if found:
                assert found.difference == pytest.approx(_mean(differences), abs=1e-12)
                assert found.n == len(differences)


def _by_case(folder: Path) -> dict[tuple[str, str], list[float]]:
    values: dict[tuple[str, str], list[float]] = {}
    for score in read_records(folder / SCORES, Score):
        for metric, value in score.scores.items():
            if value is not None:
                values.setdefault((score.case_id, metric), []).append(value)
    return values


def _mean(values: list[float]) -> float:
    return math.fsum(values) / len(values)


def test_floors_stand_beside_without_being_named(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Baselines in the same folder are floors of a named system; among themselves they are systems."""
    root = tmp_path / "runs/bench"
    floor = _run(root / "baseline-normal", bench, ALL, "baseline")
    system = _run(root / "mine", bench, ALL)
    comparison = compare_runs([system])
    assert [row.name for row in comparison.systems] == ["mine"]
    assert [row.name for row in comparison.floors] == ["baseline-normal"]
    assert [(pair.a, pair.b) for pair in comparison.pairs] == [("baseline-normal", "mine")]
    alone = compare_runs([floor])
    assert [row.name for row in alone.systems] == ["baseline-normal"]
    assert alone.floors == ()


def test_two_systems_are_held_against_every_floor_of_medbench(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """However many baselines medbench has, two systems have numbers beside each; three have counts alone."""
    root = tmp_path / "runs/bench"
    floors = [name for name in shipped_models() if name.startswith("baseline-")]
    for name in floors:
        _run(root / name, bench, ALL, "baseline")
    systems = [_run(root / name, bench, ALL) for name in ("a", "b", "c")]
    beside = [pair for pair in compare_runs(systems[:2]).pairs if pair.a in floors]
    assert len(beside) == 2 * len(floors)
    assert all(pair.metrics["rouge_l.f1"].n == 6 for pair in beside)
    assert all(not pair.metrics for pair in compare_runs(systems).pairs if pair.a in floors)


def test_runs_of_different_benchmarks_are_refused(
    write_benchmark: Callable[..., BenchmarkFolder], bench: BenchmarkFolder, tmp_path: Path
) -> None:
    """Numbers against different references are never put side by side, whatever the benchmarks are called."""
    other = write_benchmark(tmp_path / "other" / "bench", 7)
    one = _run(tmp_path / "runs/bench/a", bench, ALL)
    two = _run(tmp_path / "runs2/bench/b", other, ALL)
    with pytest.raises(InputError, match="cannot be compared"):
        compare_runs([one, two])


def test_runs_scored_in_different_ways_are_refused(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Two parsers on two runs: refused, with the line that scores both alike; then they can be compared."""
    one, two = (_run(tmp_path / "runs/bench" / name, bench, ALL) for name in "ab")
    Rescorer(OLD).rescore(one)
    Rescorer(CURRENT).rescore(two)
    with pytest.raises(InputError, match=f"'{OLD}'.*'{CURRENT}'") as caught:
        compare_runs([one, two])
    assert f"--parser {OLD}" in caught.value.hint
    Rescorer(OLD).rescore(two)
    assert compare_runs([one, two]).parser == OLD


def test_what_is_stale_is_scored_again_and_said(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """A run whose outputs changed is scored anew with its own parser; one that is fresh is left alone."""
    one, two = (_run(tmp_path / "runs/bench" / name, bench, ALL) for name in "ab")
    Rescorer(OLD).rescore(one)
    first = compare_runs([one, two])
    assert list(first.rescored) == [str(two.path)], "never scored: it takes the parser of the others"
    assert first.parser == OLD
    before = (one.path / SCORES).stat().st_mtime_ns
    path = two.path / OUTPUTS
    path.write_bytes(path.read_bytes().replace(b"A mass", b"A cyst"))
    again = compare_runs([one, two])
    assert list(again.rescored) == [str(two.path)]
    assert "outputs have changed" in again.rescored[str(two.path)]
    assert (one.path / SCORES).stat().st_mtime_ns == before
    summary = summary_of(two)
    assert summary is not None
    assert summary.parser == OLD


def test_two_runs_of_one_name_are_told_apart(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """Where short names are the same, the whole paths stand in the table, and the pair is not with itself."""
    one = _run(tmp_path / "runs/bench/a", bench, ALL)
    two = _run(tmp_path / "more/bench/a", bench, {(0, 0): "x"})
    comparison = compare_runs([one, two])
    assert [row.name for row in comparison.systems] == [str(one.path), str(two.path)]
    (pair,) = comparison.pairs
    assert (pair.both, pair.only_a, pair.only_b) == (1, 5, 0)


def test_the_numbers_for_machines_have_the_shape_of_the_issue(bench: BenchmarkFolder, tmp_path: Path) -> None:
    """systems: name, n, failures, metrics with mean, median, p95, n, missing; by region the same."""
    run = _run(tmp_path / "runs/bench/a", bench, ALL | {(1, 0): None})
    said: dict[str, Any] = compare_runs([run]).model_dump(mode="json")
    (system,) = said["systems"]
    assert (system["name"], system["n"], system["failures"]) == ("a", 5, {"timeout": 1})
    names = {"rouge_l.recall", "rouge_l.precision", "rouge_l.f1", "latency_ms", "cost_usd"}
    assert names <= set(system["metrics"])
    for metrics in (system["metrics"], *(part["metrics"] for part in system["by"]["region"].values())):
        assert all(
            set(metrics[name]) == {"mean", "median", "p95", "n", "missing", "interval"} for name in names
        )
    assert said["pairs"] == []
    assert system["metrics"]["rouge_l.f1"]["missing"] == 7, "twelve were wanted, five have a text"
