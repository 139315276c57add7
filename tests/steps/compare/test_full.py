"""What compare concludes: from grades, from missing verdicts, from several systems, raters and strata."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from graded_runs import graded_run, verdict
from screens import printed

from medbench.errors import InputError, UsageError
from medbench.report.compare.conclusion import conclusions
from medbench.schema.case import Case
from medbench.schema.reference import Reference
from medbench.schema.results.comparison import Comparison
from medbench.steps.compare.compare import compare_runs
from medbench.steps.compare.inputs import CompareOptions
from medbench.store.benchmark import CASES, REFERENCES, BenchmarkFolder


def _compared(folder: Path, bench: BenchmarkFolder, grades: dict[str, str], **asked: Any) -> Comparison:
    runs = [graded_run(folder / "runs/many" / name, bench, letters) for name, letters in grades.items()]
    return compare_runs(runs, None, CompareOptions(**asked))


def test_better_takes_the_test_the_interval_and_six_pairs(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Twelve wins to one is better, in either order of naming; 5 to 0 is not, whatever mid-p says."""
    comparison = _compared(tmp_path, many, {"a": "g" + "o" * 39, "b": "o" + "g" * 12 + "o" * 27})
    found, graded = comparison.pairs[0].conclusion, comparison.pairs[0].graded
    assert found is not None
    assert graded is not None
    assert (found.outcome, found.metric, found.n, found.wanted) == ("better", "good", 40, 40)
    assert (len(graded.only_a), len(graded.only_b), graded.both, len(graded.neither)) == (1, 12, 0, 27)
    assert graded.good.p == pytest.approx(0.00341796875)
    assert graded.only_a == ("case-000",)
    turned = _compared(tmp_path, many, {"b": "o" + "g" * 12 + "o" * 27, "a": "g" + "o" * 39})
    assert turned.pairs[0].conclusion is not None
    assert turned.pairs[0].conclusion.outcome == "worse"
    few = _compared(tmp_path / "few", many, {"a": "o" * 40, "b": "g" * 5 + "o" * 35}).pairs[0]
    assert few.conclusion is not None
    assert few.graded is not None
    assert few.graded.good.p_mid == pytest.approx(0.03125)
    assert few.conclusion.outcome == "inconclusive"
    assert "5 discordant pairs" in few.conclusion.reasons[0]
    assert any(reason.startswith("borderline") for reason in few.conclusion.reasons)


def test_equivalent_takes_a_narrow_interval(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Without a difference 200 cases are equivalent within 5 points, but not within half a point."""
    bench = write_benchmark(tmp_path / "many", 200)
    half = "g" * 100 + "o" * 100
    comparison = _compared(tmp_path, bench, {"a": half, "b": half})
    assert comparison.pairs[0].conclusion is not None
    assert comparison.pairs[0].conclusion.outcome == "equivalent"
    narrow = _compared(tmp_path, bench, {"a": half, "b": half}, margin=0.005)
    assert narrow.pairs[0].conclusion is not None
    assert narrow.pairs[0].conclusion.outcome == "inconclusive"
    assert narrow.pairs[0].conclusion.pairs_needed is None


def test_an_inconclusive_pair_says_how_many_it_takes(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Eight wins to five of 40: the number of pairs for that difference and discordance."""
    comparison = _compared(tmp_path, many, {"a": "g" * 5 + "o" * 35, "b": "o" * 5 + "g" * 8 + "o" * 27})
    found = comparison.pairs[0].conclusion
    assert found is not None
    assert found.outcome == "inconclusive"
    assert found.difference == pytest.approx(0.075)
    assert found.pairs_needed is not None
    assert 440 < found.pairs_needed < 480


def test_missing_verdicts_are_bounded_and_never_poor(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Timed-out verdicts leave the denominator, are named, and the two extremes stand beside the rate."""
    comparison = _compared(
        tmp_path,
        many,
        {"a": "g" * 2 + "o" * 28 + "t" * 10, "b": "o" * 2 + "g" * 14 + "o" * 14 + "t" * 5 + "-x-x-"},
    )
    first, second = (row.graded for row in comparison.systems)
    assert first is not None
    assert second is not None
    assert (first.good.n, first.good.missing) == (30, 10)
    assert first.poor.mean == pytest.approx(28 / 30)
    assert (first.good_if_missing_poor, first.good_if_missing_good) == (2 / 40, 12 / 40)
    assert second.missing == {
        "no verdict: timeout": 5,
        "no verdict: not judged": 3,
        "no output: timeout": 2,
    }
    pair = comparison.pairs[0]
    assert pair.graded is not None
    assert pair.conclusion is not None
    bounds = pair.graded.if_missing
    assert bounds is not None
    assert (pair.graded.n, pair.graded.unpaired) == (30, 10)
    assert (bounds.lowest, bounds.highest) == pytest.approx(((12 - 10) / 40, (12 + 10) / 40))
    assert bounds.turns
    assert pair.conclusion.outcome == "withheld", "30 of 40 cases are fewer than 95 %"
    assert "depends on the verdicts that are missing" in " ".join(pair.conclusion.reasons)
    told = _compared(
        tmp_path, many, {"a": "g" * 2 + "o" * 37 + "t", "b": "o" * 2 + "g" * 20 + "o" * 18}, min_coverage=0.9
    )
    assert told.pairs[0].conclusion is not None
    assert told.pairs[0].conclusion.outcome == "better"
    assert told.pairs[0].graded is not None
    assert told.pairs[0].graded.if_missing is not None
    assert not told.pairs[0].graded.if_missing.turns


def test_cases_of_one_topic_count_as_one(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Twelve wins in two topics are two wins: no test can be significant, and the interval is wide."""

    def topic(case: Case) -> Reference:
        number = int(case.case_id[-3:])
        name = f"t{number // 6}" if number < 12 else f"u{number}"
        return Reference(case_id=case.case_id, source_id=case.case_id, text="A mass.", topic=name)

    alone = write_benchmark(tmp_path / "alone/many", 40)
    together = write_benchmark(tmp_path / "together/many", 40, reference=topic)
    grades = {"a": "o" * 40, "b": "g" * 12 + "o" * 28}
    (one,) = _compared(tmp_path / "alone", alone, grades).pairs
    (two,) = _compared(tmp_path / "together", together, grades).pairs
    assert one.graded is not None
    assert two.graded is not None
    assert one.graded.good.p == pytest.approx(2 / 2**12)
    assert two.graded.good.p == pytest.approx(0.5)
    assert two.graded.design_effect > 3
    assert one.graded.good.interval is not None
    assert two.graded.good.interval is not None
    assert two.graded.good.interval.low < one.graded.good.interval.low
    assert two.graded.good.interval.clusters == 30


def test_more_than_two_systems_are_tested_at_once_first(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Pairs are with the reference system, adjusted over the pairs, and need the test of all of them."""
    grades = {"a": "o" * 40, "b": "g" * 14 + "o" * 26, "c": "o" * 20 + "g" * 8 + "o" * 12}
    comparison = _compared(tmp_path, many, grades)
    assert [(pair.a, pair.b) for pair in comparison.pairs] == [("a", "b"), ("a", "c")]
    assert comparison.omnibus is not None
    assert comparison.omnibus.p < 0.01
    assert [pair.conclusion.outcome for pair in comparison.pairs if pair.conclusion] == ["better", "better"]
    against = _compared(tmp_path, many, grades, against="c")
    assert [(pair.a, pair.b) for pair in against.pairs] == [("c", "a"), ("c", "b")]
    with pytest.raises(UsageError, match="no system of these runs is called 'd'"):
        _compared(tmp_path, many, grades, against="d")
    alike = {"a": "gogo" * 10, "b": "oggo" * 10, "c": "ogog" * 10}
    same = _compared(tmp_path / "alike", many, alike)
    assert same.omnibus is not None
    assert same.omnibus.p > 0.05
    assert same.pairs[0].conclusion is not None
    assert "not shown to differ at all" in " ".join(same.pairs[0].conclusion.reasons)
    (declared,) = _compared(tmp_path / "alike", many, alike, pairs=(("a", "b"),)).pairs
    assert declared.conclusion is not None
    assert "not shown to differ at all" not in " ".join(declared.conclusion.reasons)


def test_several_judges_are_told_apart(many: BenchmarkFolder, tmp_path: Path) -> None:
    """With two judges one must be named; both are then shown, how far they agree, and where they do not."""
    second = [
        verdict(f"case-{n:03d}", "p" if n < 4 else "g" if n < 20 else "o", "judge-2") for n in range(40)
    ]
    runs = [
        graded_run(tmp_path / "runs/many" / name, many, "g" * 20 + "o" * 20, more=second)
        for name in ("a", "b")
    ]
    with pytest.raises(UsageError, match="2 raters graded these runs: judge-1, judge-2"):
        compare_runs(runs)
    with pytest.raises(UsageError, match="no rater of these runs is called 'judge-3'"):
        compare_runs(runs, None, CompareOptions(judge="judge-3"))
    comparison = compare_runs(runs, None, CompareOptions(judge="judge-2"))
    assert comparison.rater == "judge-2"
    judgings = next(one for one in comparison.judgings if "rules" not in {one.a, one.b})
    assert (judgings.a, judgings.b, judgings.n, judgings.same) == ("judge-1", "judge-2", 80, 72)
    assert len(judgings.flips) == 8
    assert judgings.flips[0] == ("a", "case-000", "good", "partial")
    offline = compare_runs(runs, None, CompareOptions(offline=True))
    assert (offline.rater, offline.systems[0].graded) == (None, None)
    named = compare_runs(runs, None, CompareOptions(judge="rules"))
    assert (named.rater, named.systems[0].graded is None) == ("rules", False)


def test_systems_that_different_raters_graded_are_refused(many: BenchmarkFolder, tmp_path: Path) -> None:
    """No rater in common is an error; forced, each counts by its own and the table says so."""
    runs = [
        graded_run(tmp_path / "runs/many/a", many, "g" * 40),
        graded_run(tmp_path / "runs/many/b", many, "o" * 40, rater="judge-2"),
    ]
    with pytest.raises(InputError, match="graded by different raters"):
        compare_runs(runs)
    forced = compare_runs(runs, None, CompareOptions(force=True))
    assert forced.rater is None
    assert "a by judge-1, b by judge-2" in forced.forced[0]
    one_judged = compare_runs([runs[0], graded_run(tmp_path / "runs/many/c", many, "-" * 40)])
    assert one_judged.rater is None
    assert one_judged.pairs[0].conclusion is not None
    assert one_judged.pairs[0].conclusion.metric != "good"
    assert "no judge counts: judge-1 did not grade c" in one_judged.notices[-1]


def test_different_benchmarks_share_what_is_the_same(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path
) -> None:
    """Forced, only cases with the same images and reference are paired, and the table says so."""
    one = write_benchmark(tmp_path / "one", 20)
    two = write_benchmark(tmp_path / "two", 30)
    runs = [
        graded_run(tmp_path / "runs/one/a", one, "g" * 20),
        graded_run(tmp_path / "runs/two/b", two, "o" * 30),
    ]
    comparison = compare_runs(runs, None, CompareOptions(force=True))
    assert comparison.pairs[0].graded is not None
    assert comparison.pairs[0].graded.n == 20
    assert "two benchmarks" in comparison.forced[0]


@pytest.mark.parametrize("what", ["reference", "history"])
def test_a_case_that_differs_between_benchmarks_is_not_paired(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, what: str
) -> None:
    """Another reference or another history of the same case is another case."""

    def reference(case: Case) -> Reference:
        text = (
            "Normal." if (what, case.case_id) == ("reference", "case-003") else f"A mass in {case.case_id}."
        )
        return Reference(case_id=case.case_id, source_id=case.case_id, text=text)

    def changed(case: Case) -> Case:
        if (what, case.case_id) != ("history", "case-003"):
            return case
        return case.model_validate(case.model_dump() | {"history": "Another.", "digest": ""})

    plain = write_benchmark(
        tmp_path / "one",
        20,
        reference=lambda case: Reference(
            case_id=case.case_id, source_id=case.case_id, text=f"A mass in {case.case_id}."
        ),
    )
    other = write_benchmark(tmp_path / "two", 20, reference=reference, changed=changed)
    runs = [
        graded_run(tmp_path / "runs/one/a", plain, "g" * 20),
        graded_run(tmp_path / "runs/two/b", other, "o" * 20),
    ]
    for order in (runs, runs[::-1]):
        pair = compare_runs(order, None, CompareOptions(force=True)).pairs[0]
        assert pair.both == 19


@pytest.mark.parametrize("name", [REFERENCES, CASES])
def test_a_changed_benchmark_shares_nothing(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, name: str
) -> None:
    """Forced beside another benchmark, one that was changed after its runs were scored pairs no case."""
    one, two = (write_benchmark(tmp_path / folder, cases) for folder, cases in (("one", 20), ("two", 21)))
    runs = [
        graded_run(tmp_path / "runs/one/a", one, "g" * 20),
        graded_run(tmp_path / "runs/two/b", two, "o" * 21),
    ]
    assert compare_runs(runs, None, CompareOptions(force=True)).pairs[0].both == 20
    path = two.path / name
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:10]))
    assert compare_runs(runs, None, CompareOptions(force=True)).pairs[0].both == 0


def test_runs_whose_benchmark_is_gone_are_compared(many: BenchmarkFolder, tmp_path: Path) -> None:
    """The cases of their scores stand for it, each as a topic of its own."""
    runs = [graded_run(tmp_path / "runs/many" / name, many, "g" * 40) for name in "ab"]
    before = compare_runs(runs).pairs[0]
    shutil.rmtree(many.path)
    comparison = compare_runs(runs)
    assert comparison.pairs[0].both == before.both == 40
    assert comparison.topics == 40
    assert "last scoring" in comparison.notices[0]


def test_judge_replicates_count_by_their_median(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Of three gradings of one output the middle one counts, of two the lower; the first of a kind stands."""
    again = [verdict("case-000", "g", "judge-1", judge_replicate=n) for n in (1, 2)]
    again += [verdict("case-001", "g", "judge-1", judge_replicate=1), verdict("case-002", "g", "judge-1")]
    first = graded_run(tmp_path / "runs/many/a", many, "o" * 40, more=again)
    second = graded_run(tmp_path / "runs/many/b", many, "o" * 40)
    comparison = compare_runs([first, second])
    graded = comparison.systems[0].graded
    assert graded is not None
    assert graded.good.mean == pytest.approx(1 / 40)
    assert graded.key_finding.mean == pytest.approx(1 / 40), "one of two is no majority"


def test_repeats_of_a_case_are_one_case(many: BenchmarkFolder, tmp_path: Path) -> None:
    """With three repeats rates rest on 120 outputs, tests and intervals on 40 cases."""
    runs = [
        graded_run(tmp_path / "runs/many/a", many, "goo" * 10 + "ooo" * 30, replicates=3),
        graded_run(tmp_path / "runs/many/b", many, "ggo" * 20 + "ooo" * 20, replicates=3),
    ]
    comparison = compare_runs(runs)
    pair = comparison.pairs[0]
    assert pair.graded is not None
    assert pair.graded.n == 40
    assert pair.graded.good.difference == pytest.approx((10 * 1 / 3 + 10 * 2 / 3) / 40)
    assert len(pair.graded.only_b) == 20
    assert pair.graded.good.interval is not None
    assert pair.graded.good.interval.method == "bca+t"
    assert pair.conclusion is not None
    assert pair.conclusion.outcome == "better"
    graded = comparison.systems[1].graded
    assert graded is not None
    assert graded.good.n == 120
    assert graded.good.mean == pytest.approx(40 / 120)
    assert graded.good.interval is not None
    assert graded.good.interval.clusters == 40
    assert graded.good.interval.high - graded.good.interval.low > 0.17, "wider than that of 120 cases"


def test_people_correct_the_judge(many: BenchmarkFolder, tmp_path: Path) -> None:
    """Where people graded a sample of both, rates and difference stand corrected beside the judge's."""
    people = [
        verdict(f"case-{n:03d}", "g" if n % 4 == 0 else "o", "dr-a", kind="reviewer") for n in range(0, 40, 2)
    ]
    runs = [
        graded_run(tmp_path / "runs/many/a", many, "gggo" * 10, more=people),
        graded_run(tmp_path / "runs/many/b", many, "gooo" * 10, more=people),
    ]
    comparison = compare_runs(runs)
    assert comparison.rater == "judge-1"
    graded, pair = comparison.systems[0].graded, comparison.pairs[0].graded
    assert graded is not None
    assert graded.reviewed is not None
    assert graded.good.mean == pytest.approx(0.75)
    assert graded.reviewed.mean is not None
    assert graded.reviewed.mean < 0.65
    assert graded.reviewed.interval is not None
    assert graded.reviewed.interval.method == "ppi"
    assert pair is not None
    assert pair.reviewed is not None
    assert pair.reviewed.difference > pair.good.difference
    alone = compare_runs(runs, None, CompareOptions(judge="dr-a"))
    assert alone.rater == "dr-a"
    assert alone.systems[0].graded is not None
    assert alone.systems[0].graded.reviewed is None


def test_strata_are_tested_before_one_is_named(many: BenchmarkFolder, tmp_path: Path) -> None:
    """All wins in one region of three: the interaction is found, and pooling leaves the regions apart."""
    wins = "".join("g" if n % 3 == 0 else "o" for n in range(40))
    comparison = _compared(tmp_path, many, {"a": "o" * 40, "b": wins})
    table = next(table for table in comparison.strata if table.by == "region")
    assert table.p is not None
    assert table.p_holm is not None
    assert table.p <= table.p_holm < 0.01
    assert [(part.value, part.n, part.difference.difference) for part in table.parts] == [
        ("Abdomen", 13, 0.0),
        ("Head", 14, 1.0),
        ("Thorax", 13, 0.0),
    ]
    even = _compared(tmp_path / "even", many, {"a": "o" * 40, "b": "gggggoooooo" * 3 + "ggggooo"})
    table = next(table for table in even.strata if table.by == "region")
    assert table.p_holm is not None
    assert table.p_holm > 0.05
    spread = [part.pooled for part in table.parts]
    apart = [part.difference.difference for part in table.parts]
    assert max(spread) - min(spread) < max(apart) - min(apart)


def test_without_grades_the_conclusion_is_about_the_metric(
    write_benchmark: Callable[..., BenchmarkFolder], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where nobody graded F1 above chance decides; where no case has both outputs there is no conclusion."""
    monkeypatch.setattr("medbench.steps.reading.grades.grades_of", lambda *_: {})
    bench = write_benchmark(tmp_path / "many", 12)
    comparison = _compared(tmp_path, bench, {"a": "-" * 12, "b": "-" * 12})
    assert comparison.rater is None
    assert comparison.pairs[0].conclusion is not None
    assert comparison.pairs[0].conclusion.metric == "above_chance.finding.f1"
    assert "this is about the metric alone" in " ".join(printed(*conclusions(comparison)).split())
    nothing = _compared(tmp_path / "x", bench, {"a": "-" * 6 + "x" * 6, "b": "x" * 6 + "-" * 6})
    assert nothing.pairs[0].conclusion is not None
    assert nothing.pairs[0].conclusion.outcome == "nothing"
