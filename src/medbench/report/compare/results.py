"""The systems of a comparison as one table, the best first, and how their calls went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, flush, table
from medbench.report.compare.comparison import floor_of, judged, many, name_of
from medbench.report.numbers import (
    ANSWERS,
    SECONDS,
    UNKNOWN,
    about_chance,
    by_others,
    cell,
    column_name,
    cost,
    counts,
    groups_of,
    is_of_points,
    latencies,
    metric_name,
    p_value,
    paired,
    rate,
    sample,
    used_and_up,
)
from medbench.schema.results.system_row import in_order
from medbench.scoring.controls import above
from medbench.sentences import counted, money

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from medbench.report.blocks import Block, Span
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.system_row import Floor, SystemRow

_METRICS = (above("finding.f1"), "finding.f1", "finding.key")
"""The metrics of the table where nothing is graded."""


def results(comparison: Comparison) -> Iterator[Block]:
    """Yield the systems, the best first, with the best baseline below them, and what the columns mean."""
    ordered = in_order(comparison.systems, comparison.ordered_by)
    others = [row for row in comparison.systems if row not in ordered]
    floor = floor_of(comparison)
    systems = (*ordered, *others, *([floor.row] if floor else []))
    columns = _columns(comparison)
    rows = [[show(system) for show in columns.values()] for system in systems]
    yield table([*columns], rows, wraps=(0,))
    if any(isinstance(cell, str) and " / " in cell for cells in rows for cell in cells):
        yield flush("After the slash: independent groups (cases of one topic or patient are one).")
    for line in _legend(comparison, floor):
        yield flush(line)


def _columns(comparison: Comparison) -> dict[str, Callable[[SystemRow], str | Span]]:
    """Return the columns by their names, each with the cell of a system."""
    rows = (*comparison.systems, *comparison.floors)
    graded = any(system.graded for system in comparison.systems)
    columns: dict[str, Callable[[SystemRow], str | Span]] = {"system": name_of}
    ranking = comparison.ranking if many(comparison) else None
    if ranking:
        groups = {one.name: one.groups for one in ranking.systems}
        columns["group"] = lambda row: groups.get(row.name, "")
    if graded:
        columns["judged"] = judged
        good = "rules %" if comparison.rater == "rules" else "good %"
        columns[good] = lambda row: rate(row.graded.good if row.graded else None)
    else:
        columns["n"] = lambda row: sample(row.n, groups_of(row.metrics.values(), comparison.topics))
        metrics = [ranking.metric] if ranking else _metrics_of(rows)
        for metric in metrics:
            columns[column_name(metric)] = lambda row, metric=metric: cell(metric, row.metrics.get(metric))  # type: ignore[misc] # a default
    if ranking:
        of_points = graded or is_of_points(ranking.metric)
        held = {one.name: one.difference for one in ranking.systems}
        minus = f"minus {ranking.reference.removeprefix('baseline-')}"
        columns[minus] = lambda row: paired(one, of_points=of_points) if (one := held.get(row.name)) else ""
        columns["Holm"] = lambda row: p_value(one.p_holm) if (one := held.get(row.name)) else ""
    elif graded:
        columns["key finding %"] = lambda row: rate(row.graded.key_finding if row.graded else None)
        columns["finding F1"] = lambda row: cell("finding.f1", row.metrics.get("finding.f1"))
    return columns


def _metrics_of(rows: tuple[SystemRow, ...]) -> list[str]:
    """Return the metrics of the table; where questions were asked, those that any row has a number of."""
    if not any((one := row.metrics.get(ANSWERS[0])) and one.n for row in rows):
        return [name for name in _METRICS if _has(rows, name)]
    numbers = {name for row in rows for name, one in row.metrics.items() if one.n}
    return [name for name in (above("answer.right"), "answer.right", *_METRICS) if name in numbers]


def _has(rows: tuple[SystemRow, ...], metric: str) -> bool:
    return any(metric in row.metrics for row in rows)


def _legend(comparison: Comparison, floor: Floor | None) -> Iterator[str]:
    order = comparison.ranking
    if many(comparison) and order:
        overall = comparison.omnibus
        alike = ", and all share one where the test of all at once does not tell them apart"
        gaps = ", or too few cases have both" * any(one.not_compared for one in order.systems)
        by = f" (Holm over {counted(order.tests, 'pair')})"
        among = any(row.name == order.reference for row in comparison.systems)
        yield (
            f"Systems that share a letter cannot be told apart{by * bool(order.tests)}{gaps}"
            f"{alike * bool(overall and overall.p > comparison.alpha)}; minus: difference to "
            f"{order.reference} on the cases of both, and its p "
            f"({'of the same pairs' if among else 'Holm over the systems'})."
        )
    if floor and len(comparison.floors) > 1:
        yield f"Floor: best of {len(comparison.floors)} baselines by {metric_name(floor.by)}."
    if not any(row.graded for row in comparison.systems) and _has(comparison.systems, above("finding.f1")):
        yield about_chance(comparison.signatures)


def calls(comparison: Comparison) -> Iterator[Block]:
    """Yield how the calls of each system went, in seconds and dollars; nothing where no model was asked."""
    if all(system.name.startswith("baseline-") for system in comparison.systems):
        return
    graded = any(system.graded for system in comparison.systems)
    yield table(
        ["system", "n", "failed", "flagged", *SECONDS, "cost", *["a good case"] * graded],
        (
            [
                system.name,
                f"{system.n}/{system.wanted}",
                counts(system.failures),
                str(system.flagged or UNKNOWN),
                *latencies(system.metrics.get("latency_ms")),
                _paid(system),
                *[_cost_of_a_good_case(system)] * graded,
            ]
            for system in comparison.systems
        ),
        left=(0, 2),
        wraps=(0, 2),
    )
    for system in comparison.systems:
        if others := system.flags.get("other_model"):
            said = by_others(others, system.n, system.other_models)
            yield flush(f"{system.name}: {said}. They are flagged.")
    yield Blank()


def _cost_of_a_good_case(system: SystemRow) -> str:
    usd = system.usd_a_good_case()
    if usd is None:
        return UNKNOWN
    return used_and_up(money(usd), system.cost_up_usd / system.good_outputs())


def _paid(system: SystemRow) -> str:
    """Return what a run paid for its answers, the hours of its endpoints, and what other runs paid."""
    reused = f" + {money(system.cost_reused_usd)} reused" if system.cost_reused_usd else ""
    return used_and_up(cost(system.cost_usd, system.cost_unknown), system.cost_up_usd) + reused
