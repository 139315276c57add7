"""Compare runs on the same cases."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.api.arguments import check_number
from medbench.api.frames import Rows, same_named
from medbench.api.result import RecordResult, Table
from medbench.api.runs import kept_names, named_one_by_one, runs_to_read
from medbench.api.tables import ESTIMATE_COLUMNS, estimate_rows, interval_cells

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.frames import Value
    from medbench.api.runs import Runs
    from medbench.report.blocks import Block
    from medbench.schema.results.comparison import Comparison, Pair, PairedDifference


class CompareResult(RecordResult):
    """Runs side by side. `record` has every number; its frame has a row for each pair of runs and metric."""

    record: Comparison

    @property
    def conclusions(self) -> list[str]:
        """The result of each pair, in words: those that `medbench compare` begins with."""
        from medbench.report.compare.conclusion import conclusions

        return [str(paragraph.text) for paragraph in conclusions(self.record)]

    @property
    def rater(self) -> str | None:
        """The rater that counts; None where nothing was graded."""
        return self.record.rater

    @property
    def signatures(self) -> dict[str, str]:
        """Scorer to its signature: how its numbers were computed."""
        return self.record.signatures

    @property
    def estimates(self) -> Table:
        """A row for each system, part of the benchmark and metric: mean, 95 % interval, n, missing.

        The grades of the rater that counts are the metrics 'good', 'partial', 'poor' and 'key_finding'.
        """
        rows: list[dict[str, Value]] = []
        for system in (*self.record.systems, *self.record.floors):
            if system.graded:
                grades = {name: getattr(system.graded, name) for name in _GRADES}
                signatures = {"controls": f"rater:{system.graded.rater}"}
                rows += estimate_rows(system.name, grades, signatures)
            rows += estimate_rows(system.name, system.metrics, self.signatures)
            for stratum, parts in system.by.items():
                for value, part in parts.items():
                    rows += estimate_rows(system.name, part.metrics, self.signatures, stratum, value)
        return Table(f"Estimates on {self.record.benchmark}", Rows(ESTIMATE_COLUMNS, rows))

    def __repr__(self) -> str:
        names = ", ".join(system.name for system in self.record.systems)
        return f"<CompareResult {self.record.benchmark}: {names}>"

    def _rows(self) -> Rows:
        return pair_table(self.record)

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.compare.summary import summary
        from medbench.report.glossary import explained

        yield from explained(summary(self.record))


def pair_table(comparison: Comparison) -> Rows:
    """Return a row for each pair and metric."""
    return Rows(_COLUMNS, [row for pair in comparison.pairs for row in _pair_rows(pair)])


def compare(
    runs: Runs | None = None,
    *,
    judge: str | None = None,
    against: str | None = None,
    offline: bool = False,
    margin: float | None = None,
    exact: bool = False,
    min_coverage: float = 0.95,
    look: int | None = None,
    benchmark: BenchmarkName | None = None,
    force: bool = False,
) -> CompareResult:
    """Compare systems on the same cases. The baselines on these cases stand beside them as floors.

    Args:
        runs: Names, folders, or runs; by default all runs of the benchmark that was run last. A run that was
            not named one by one is left out where it is incomplete beside others, or on another benchmark.
        judge: The rater that counts; by default the one judge there is; without one, finding F1
            above chance decides.
        against: The system that the others are compared with; by default the first.
        offline: Leave verdicts aside: findings and metrics only.
        margin: Points within which two are equivalent; by default 5 for grades and 2 for other metrics.
        exact: Clopper-Pearson intervals of grades, wider and never too narrow, instead of Wilson's.
        min_coverage: Share of cases judged for both that a conclusion needs, from 0 to 1.
        look: This is the k-th planned look as cases come in: tests at .05 / (k (k + 1)) and intervals of
            differences to match, so that all looks together make at most 5 % false claims.
        benchmark: Where the runs' benchmark lies now, if it was moved; it is not noted in them.
        force: Compare what cannot be compared, and say so.

    Raises:
        UsageError: There is no such run, rater or system, or there are several judges and none is named.
        InputError: The runs are on different benchmarks, or were scored or graded in different ways.
    """
    from medbench.steps.compare.compare import compare_runs
    from medbench.steps.compare.inputs import CompareOptions

    runs = kept_names(runs)
    check_number("margin", margin, 0)
    check_number("min_coverage", min_coverage, 0, 1)
    check_number("look", look, 1)
    options = CompareOptions(
        named=named_one_by_one(runs),
        judge=judge,
        against=against,
        offline=offline,
        force=force,
        margin=None if margin is None else margin / 100,
        min_coverage=min_coverage,
        look=look,
        intervals="clopper-pearson" if exact else "wilson",
    )
    with runs_to_read(runs, benchmark) as folders:
        return CompareResult(compare_runs(folders, None, options))


_GRADES = ("good", "partial", "poor", "key_finding")
_COLUMNS = {
    "a": str,
    "b": str,
    "metric": str,
    "difference": float,
    "low": float,
    "high": float,
    "n": int,
    "p": float,
    "p_holm": float,
    "higher": int,
    "lower": int,
    "test": str,
    "interval": str,
    "approximate": str,
    "outcome": str,
    "conclusion": str,
}


def _pair_rows(pair: Pair) -> Iterator[dict[str, Value]]:
    """Yield a row for each metric; the conclusion stands at the metric that it is about."""
    differences: dict[str, PairedDifference] = {}
    if pair.graded:
        differences = {"good": pair.graded.good, "grade": pair.graded.ordinal}
        if pair.graded.key_finding:
            differences["key_finding"] = pair.graded.key_finding
    differences |= pair.metrics
    about = pair.conclusion.metric if pair.conclusion else None
    for metric, difference in differences.items():
        yield {
            "a": pair.a,
            "b": pair.b,
            "metric": metric,
            **_difference_cells(difference),
            **(_conclusion_cells(pair) if metric == about else {}),
        }
    if about is not None and about not in differences:
        yield {"a": pair.a, "b": pair.b, "metric": about, "n": 0, **_conclusion_cells(pair)}


def _difference_cells(difference: PairedDifference) -> dict[str, Value]:
    return same_named(_COLUMNS, difference) | interval_cells(difference.interval)


def _conclusion_cells(pair: Pair) -> dict[str, Value]:
    from medbench.report.compare.conclusion import sentence

    assert pair.conclusion is not None
    return {"outcome": pair.conclusion.outcome, "conclusion": sentence(pair, pair.conclusion)}
