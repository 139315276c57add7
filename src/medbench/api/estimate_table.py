"""The table of estimates: a row for each part of a benchmark and metric, with interval, n and signature."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.api.frames import Rows
from medbench.api.result import Table
from medbench.registry import scorers

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from medbench.api.frames import Value
    from medbench.schema.score import Estimate, Interval, Slice, Summary

COLUMNS = {
    "run": str,
    "stratum": str,
    "value": str,
    "metric": str,
    "mean": float,
    "low": float,
    "high": float,
    "n": int,
    "missing": int,
    "median": float,
    "p95": float,
    "interval": str,
    "approximate": str,
    "signature": str,
}


def estimate_table(summary: Summary) -> Table:
    """Return the estimates of a run: over all outputs (stratum 'all'), without a flag, and each part."""
    parts: list[tuple[str, str, Slice]] = [
        ("all", "all", summary.everything),
        ("all", "unflagged", summary.unflagged),
    ]
    parts += [(name, value, part) for name, values in summary.by.items() for value, part in values.items()]
    rows = [
        row
        for stratum, value, part in parts
        for row in estimate_rows(summary.system, part.metrics, summary.signatures, stratum, value)
    ]
    return Table(f"Estimates of {summary.system}", Rows(COLUMNS, rows))


def estimate_rows(
    run: str,
    metrics: Mapping[str, Estimate],
    signatures: Mapping[str, str],
    stratum: str = "all",
    value: str = "all",
) -> Iterator[dict[str, Value]]:
    """Yield a row for each metric of one part."""
    scorer_of = {metric: name for name, module in scorers().items() for metric in module.METRICS}
    for metric, estimate in metrics.items():
        yield {
            "run": run,
            "stratum": stratum,
            "value": value,
            "metric": metric,
            "mean": estimate.mean,
            "n": estimate.n,
            "missing": estimate.missing,
            "median": estimate.median,
            "p95": estimate.p95,
            "signature": signatures.get(scorer_of.get(metric, "controls")),
            **interval_cells(estimate.interval),
        }


def interval_cells(interval: Interval | None) -> dict[str, Value]:
    """Return the ends of a 95 % interval, how it was computed, and why its level may be missed."""
    if interval is None:
        return {}
    return {
        "low": interval.low,
        "high": interval.high,
        "interval": interval.method,
        "approximate": interval.approximate,
    }
