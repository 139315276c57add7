"""One family of tests: what is clear in one place is clear in every other."""

from __future__ import annotations

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run

from medbench.schema.results.comparison import Comparison, Pair, PairedDifference
from medbench.stats.holm import holm
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.family import TESTED
from medbench.steps.compare.inputs import CompareOptions
from medbench.store.benchmark import BenchmarkFolder

pytestmark = pytest.mark.usefixtures("few_draws")
GRADES = {
    "a": "g" * 24 + "o" * 16,
    "b": "o" * 34 + "g" * 6,
    "c": "gpo-" * 10,
    "d": "o" * 40,
}


def _tests(pair: Pair) -> dict[str, PairedDifference]:
    graded = pair.graded and {"good": pair.graded.good, "key_finding": pair.graded.key_finding}
    known = {**pair.metrics, **(graded or {})}
    return {metric: one for metric, one in known.items() if one is not None}


def _clear(comparison: Comparison) -> set[tuple[frozenset[str], str]]:
    return {(frozenset((one.higher, one.lower)), one.metric) for one in comparison.clear}


def _compared(
    many: BenchmarkFolder, folder: Path, names: str, floors: tuple[str, ...] = (), **how: Any
) -> Any:
    root = folder / "runs/many"
    for name in floors:
        graded_run(root / name, many, "o" * 40, pipeline=name)
    runs = [graded_run(root / name, many, GRADES[name]) for name in names]
    return compare_runs(runs, None, CompareOptions(**how))


@pytest.mark.parametrize("names", ["ab", "ac", "bd", "abc", "bda", "abcd"])
@pytest.mark.parametrize("coverage", [0.95, 0.5])
def test_what_the_table_of_pairs_calls_clear_is_a_clear_difference(
    many: BenchmarkFolder, tmp_path: Path, names: str, coverage: float
) -> None:
    """And the other way round, in every metric of every pair that the table shows."""
    compared = _compared(many, tmp_path, names, min_coverage=coverage)
    clear = _clear(compared)
    shown = {
        (frozenset((pair.a, pair.b)), metric): one.p_holm
        for pair in compared.pairs
        for metric, one in _tests(pair).items()
    }
    assert bool(clear) == (names != "bd"), "six discordant pairs among several tests"
    for place, p_holm in shown.items():
        assert (place in clear) == (p_holm is not None and p_holm <= 0.05), place
    for one in compared.clear:
        place = (frozenset((one.higher, one.lower)), one.metric)
        assert shown.get(place, one.difference.p_holm) == one.difference.p_holm


def test_the_family_is_every_metric_of_every_pair(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Its p-values are those of Holm over all of them, each pair compared by itself."""
    together = _compared(many, tmp_path, "bda")
    alone = [
        pair for a, b in combinations("bda", 2) for pair in _compared(many, tmp_path / (a + b), a + b).pairs
    ]
    p_values = [one.p for pair in alone for metric in TESTED if (one := _tests(pair).get(metric))]
    assert None not in p_values
    assert together.tests == len(p_values) > 3
    adjusted = [p for p in holm([p for p in p_values if p is not None]) if p <= 0.05]
    assert sorted(one.difference.p_holm for one in together.clear) == pytest.approx(sorted(adjusted))


def test_a_metric_that_too_few_cases_have_raises_no_other_p(many: BenchmarkFolder, tmp_path: Path) -> None:
    """C has grades of three cases in four: they are tested where that is enough."""
    few = _compared(many, tmp_path / "few", "ac")
    (pair,) = few.pairs
    assert pair.graded is not None
    assert pair.graded.good.p is not None
    assert pair.graded.good.p_holm is None
    enough = _compared(many, tmp_path / "enough", "ac", min_coverage=0.5)
    assert enough.pairs[0].graded.good.p_holm is not None
    assert enough.tests == few.tests + 2


def test_a_difference_in_the_order_has_one_p(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Held against one of the systems, it is that by which the letters are given."""
    compared = _compared(many, tmp_path, "abcd", against="a", min_coverage=0.5)
    p_values = {}
    for one, other in combinations("abcd", 2):
        (pair,) = _compared(many, tmp_path / (one + other), one + other).pairs
        assert pair.graded is not None
        p_values[one + other] = pair.graded.good.p
    adjusted = dict(zip(p_values, holm([*p_values.values()]), strict=True))
    assert compared.ranking.reference == "a"
    held = {one.name: one.difference.p_holm for one in compared.ranking.systems if one.difference}
    assert held == pytest.approx({name: adjusted["a" + name] for name in "bcd"})


def test_a_pair_with_another_floor_is_a_family_by_itself(many: BenchmarkFolder, tmp_path: Path) -> None:
    """A single system is held against the best floor, whose tests are the clear differences."""
    floors = ("baseline-generic", "baseline-normal")
    compared = _compared(many, tmp_path, "a", floors)
    reference = compared.ranking.reference
    assert {name for place, _ in _clear(compared) for name in place} <= {"a", reference}
    for pair in compared.pairs:
        tested = {metric: one for metric, one in _tests(pair).items() if metric in TESTED}
        p_values = [one.p for one in tested.values() if one.p is not None]
        assert [one.p_holm for one in tested.values()] == pytest.approx(holm(p_values))
