"""A comparison on one screen: what is clear, the table that carries it, costs, what to read with care."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, row, table
from medbench.report.cards import card_line
from medbench.report.compare.comparison import cost_of_a_good_case, name_of, paid, title
from medbench.report.compare.conclusion import cautions, conclusions, floors, premises
from medbench.report.numbers import (
    DASH,
    RECALL,
    UNKNOWN,
    about_chance,
    between,
    cell,
    column_name,
    counts,
    is_of_points,
    latencies,
    metric_name,
    p_value,
    percent,
    points,
    rate,
    share,
)
from medbench.scoring.controls import above
from medbench.sentences import counted, p_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block, Row, Span, Table
    from medbench.schema.results.comparison import (
        ClearDifference,
        Comparison,
        PairedDifference,
        Ranked,
        SystemRow,
    )

_METRICS = (above("finding.f1"), "finding.f1", "finding.key")
"""The metrics of the table where nothing is graded."""
_SYSTEMS_IN_FULL = 2
"""More systems are ranked and held against one reference, instead of a conclusion for each pair."""
_LEVEL = 0.05
_DECIDED = frozenset({"better", "worse", "equivalent"})
_CLEAR = ("good", "key_finding", above("finding.f1"), "finding.f1", "rouge_l.recall", "rouge_l.f1")
"""The metrics in the order in which clear differences are told: what counts, then words."""


def summary(comparison: Comparison) -> Iterator[Block]:
    """Yield the screen of `compare`."""
    yield title(comparison)
    yield Blank()
    decided = any(pair.conclusion and pair.conclusion.outcome in _DECIDED for pair in comparison.pairs)
    if _many(comparison):
        yield from (Paragraph(premise, hang=0) for premise in premises(comparison))
        yield from _clear(comparison)
        yield from _ranked(comparison)
    elif decided:
        yield from (*conclusions(comparison), *_clear(comparison))
    else:
        yield from (*_clear(comparison), *conclusions(comparison))
    yield Blank()
    yield from results(comparison)
    yield Blank()
    yield from _calls(comparison)
    yield from _with_care(comparison)


def overview(comparison: Comparison) -> Iterator[Block]:
    """Yield the screen that `run` and `import` end with: how the calls went, then the results. No test."""
    yield title(comparison)
    yield Blank()
    yield from _calls(comparison)
    yield from results(comparison)


def _many(comparison: Comparison) -> bool:
    return len(comparison.systems) > _SYSTEMS_IN_FULL and comparison.ranking is not None


def _clear(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield the largest clear difference of each metric, but for the one that the conclusion is about."""
    told = {
        (pair.conclusion.metric, frozenset((pair.a, pair.b)))
        for pair in comparison.pairs
        if pair.conclusion and pair.conclusion.outcome in _DECIDED and not _many(comparison)
    }
    clear = [one for one in comparison.clear if (one.metric, frozenset((one.higher, one.lower))) not in told]
    largest = {one.metric: one for one in reversed(clear)}
    if not largest:
        return
    more = len(clear) - len(largest)
    rest = f"; {more} more between other systems: --pairs" if more else ""
    yield Paragraph(
        f"Clear differences (p by Holm over all metrics{' and pairs' * _many(comparison)}{rest}):"
    )
    for metric in _CLEAR:
        if metric in largest:
            yield Paragraph(
                f"  {_difference(largest[metric])}{_at_equal_length(comparison, largest[metric])}."
            )


def clear_table(comparison: Comparison) -> Iterator[Block]:
    """Yield every clear difference between any two systems, the largest first."""
    if comparison.clear:
        yield Blank()
        yield table(
            ["clearly above", "below", "metric", "difference", "Holm"],
            (
                [one.higher, one.lower, metric_name(one.metric), _size(one), p_value(one.difference.p_holm)]
                for one in comparison.clear
            ),
            left=(0, 1, 2),
            wraps=(0, 1, 2),
        )


def _difference(one: ClearDifference) -> str:
    p = p_text(one.difference.p_holm or 0.0)
    return f"{metric_name(one.metric)}: {one.higher} above {one.lower} by {_size(one)}, {p}"


def _size(one: ClearDifference) -> str:
    of_points = one.metric in {"good", "key_finding"} or is_of_points(one.metric)
    value = one.difference.difference
    size = f"{points(value).removeprefix('+')} points" if of_points else share(value, 2)
    return f"{size} {between(one.difference.interval, of_points=of_points)}".rstrip()


def _at_equal_length(comparison: Comparison, one: ClearDifference) -> str:
    """Say what is left of a difference in recall once the outputs are cut to one length."""
    if one.metric != RECALL:
        return ""
    for pair in comparison.pairs:
        cut = next((metric for name, metric in pair.metrics.items() if name.startswith("first")), None)
        if {pair.a, pair.b} == {one.higher, one.lower} and cut and cut.interval:
            vanishes = cut.interval.low <= 0 <= cut.interval.high
            size = share(cut.difference if pair.b == one.higher else -cut.difference, 2)
            return f"; at equal length {size}" + ": it pays for length, do not quote it" * vanishes
    return ""


def results(comparison: Comparison) -> Iterator[Block]:
    """Yield the systems, the best first, with the best baseline below them, and what the columns mean."""
    order = {one.name: one for one in comparison.ranking.systems} if comparison.ranking else {}
    places = {name: place for place, name in enumerate(order)}
    systems = sorted(
        comparison.systems, key=lambda row: (places.get(row.name, len(places)), _by_findings(row))
    )
    floor = _floor(comparison)
    shown = [*systems, *([floor] if floor else [])]
    if any(system.graded for system in comparison.systems):
        yield _graded(comparison, shown, order)
    else:
        yield _measured(comparison, shown, order)
    for line in _legend(comparison, floor):
        yield Paragraph(line, hang=0)


def _floor(comparison: Comparison) -> SystemRow | None:
    """Return the baseline that stands in the table: the one that all are held against, else the best."""
    reference = comparison.ranking.reference if comparison.ranking else ""
    named = [row for row in comparison.floors if row.name == reference]
    return next(iter(named or sorted(comparison.floors, key=_by_findings)), None)


def _by_findings(row: SystemRow) -> float:
    estimate = row.metrics.get(above("finding.f1")) or row.metrics.get("finding.f1")
    return -(estimate.mean or 0.0) if estimate else 0.0


def _graded(comparison: Comparison, shown: Sequence[SystemRow], order: dict[str, Ranked]) -> Table:
    many = _many(comparison)
    good = "rules %" if comparison.rater == "rules" else "good %"
    header = ["system", *["group"] * many, "judged", good, *_last_columns(comparison)]

    def cells(system: SystemRow) -> Iterator[str | Span]:
        graded = system.graded
        yield f"{graded.good.n}/{graded.wanted}" if graded else "-"
        yield rate(graded.good if graded else None)
        if many:
            yield from _against(order.get(system.name), of_points=True)
        else:
            yield rate(graded.key_finding if graded else None)
            yield cell("finding.f1", system.metrics.get("finding.f1"))

    return table(
        header, (_row(system, order if many else None, cells(system)) for system in shown), wraps=(0,)
    )


def _last_columns(comparison: Comparison) -> list[str]:
    if _many(comparison) and comparison.ranking:
        return [f"minus {comparison.ranking.reference.removeprefix('baseline-')}", "Holm"]
    return ["key finding %", "finding F1"]


def _measured(comparison: Comparison, shown: Sequence[SystemRow], order: dict[str, Ranked]) -> Table:
    many = _many(comparison)
    metrics = [metric for metric in _METRICS if any(metric in row.metrics for row in shown)]
    primary = comparison.ranking.metric if comparison.ranking else ""
    if many:
        metrics = [metric for metric in metrics if metric != "finding.key"][:1]
    if primary and primary not in metrics:
        metrics = [primary, *metrics[1:]]
    header = ["system", *["group"] * many, "n", *map(column_name, metrics)]
    header += _last_columns(comparison) if many else []

    def cells(system: SystemRow) -> Iterator[str | Span]:
        yield str(system.n)
        yield from (cell(metric, system.metrics.get(metric)) for metric in metrics)
        if many:
            yield from _against(order.get(system.name), of_points=is_of_points(primary))

    return table(
        header, (_row(system, order if many else None, cells(system)) for system in shown), wraps=(0,)
    )


def _row(system: SystemRow, order: dict[str, Ranked] | None, cells: Iterator[str | Span]) -> Row:
    groups = [] if order is None else [order[system.name].groups if system.name in order else ""]
    return row(name_of(system), *groups, *cells)


def _against(one: Ranked | None, *, of_points: bool) -> tuple[str, str]:
    if one is None or one.difference is None:
        return "", ""
    value = one.difference.difference
    ends = between(one.difference.interval, of_points=of_points)
    return f"{points(value) if of_points else share(value, 2)} {ends}", p_value(one.difference.p_holm)


def _legend(comparison: Comparison, floor: SystemRow | None) -> Iterator[str]:
    order = comparison.ranking
    if _many(comparison) and order:
        yield (
            f"Systems that share a letter cannot be told apart (Holm over {counted(order.tests, 'pair')}); "
            f"minus: difference to {order.reference} on the cases of both, and its p (Holm over the systems)."
        )
    if floor and len(comparison.floors) > 1:
        yield f"Floor: the best of {len(comparison.floors)} baselines; compare --full has all."
    if not any(system.graded for system in comparison.systems) and any(
        above("finding.f1") in system.metrics for system in comparison.systems
    ):
        yield about_chance(comparison.signatures)


def _calls(comparison: Comparison) -> Iterator[Block]:
    """Yield how the calls of each system went, in seconds and dollars; nothing where no model was asked."""
    if all(system.name.startswith("baseline-") for system in comparison.systems):
        return
    graded = any(system.graded for system in comparison.systems)
    yield table(
        ["system", "outputs", "failed", "flagged", "s p50", "p95", "cost", *["a good case"] * graded],
        (
            [
                system.name,
                f"{system.n}/{system.wanted}",
                counts(system.failures),
                str(system.flagged or UNKNOWN),
                *latencies(system.metrics.get("latency_ms"))[:2],
                paid(system),
                *[cost_of_a_good_case(system)] * graded,
            ]
            for system in comparison.systems
        ),
        left=(0, 2),
        wraps=(0, 2),
    )
    yield Blank()


def _ranked(comparison: Comparison) -> Iterator[Paragraph]:
    """Yield who is first, who cannot be told from it, and how all stand against the reference."""
    order = comparison.ranking
    assert order is not None
    first, *others = order.systems
    beside = [one.name for one in others if set(one.groups) & set(first.groups)]
    apart = f"not told apart from it: {', '.join(beside)}" if beside else "clearly ahead of all others"
    yield Paragraph(f"First by {metric_name(order.metric)}: {first.name}; {apart}.", hang=2)
    if comparison.omnibus is not None and comparison.omnibus.p > _LEVEL:
        return
    clear = {
        word: [one.name for one in order.systems if one.difference and _side(one.difference) == sign]
        for word, sign in (("above it", 1), ("below it", -1), ("not told apart", 0))
    }
    parts = [f"{word}: {', '.join(names)}" for word, names in clear.items() if names]
    yield Paragraph(f"Held against {order.reference}: {'; '.join(parts)}.", hang=2)


def _side(difference: PairedDifference) -> int:
    """Return 1 or -1 for a system that is clearly above or below the reference, 0 for one that is neither."""
    if difference.p_holm is None or difference.p_holm > _LEVEL:
        return 0
    return 1 if difference.difference > 0 else -1


def _with_care(comparison: Comparison) -> Iterator[Paragraph]:
    incomplete = [
        f"{system.name} {counts(graded.missing)} (good {percent(graded.good_if_missing_poor)}"
        f"{DASH}{percent(graded.good_if_missing_good)} %)"
        for system in comparison.systems
        if (graded := system.graded) and graded.missing
    ]
    if incomplete:
        yield Paragraph(
            f"Cases without a grade, which is not poor: {'; '.join(incomplete)}; in brackets with all of "
            "them poor or all good."
        )
    reviewed = [
        f"{system.name} {shown if isinstance(shown, str) else shown.text} %"
        for system in comparison.systems
        if system.graded and system.graded.reviewed and (shown := rate(system.graded.reviewed))
    ]
    if reviewed:
        yield Paragraph(f"As people would grade, by the sample that they graded: good {', '.join(reviewed)}.")
    for card in comparison.cards:
        if card.rater == comparison.rater:
            yield Paragraph(card_line(card))
    uneven = {table.by for table in comparison.strata if table.p_holm is not None and table.p_holm <= _LEVEL}
    for by in sorted(uneven):
        yield Paragraph(
            f"A difference is not the same in all parts by {by} (interaction, Holm p < .05): --by {by}."
        )
    yield from cautions(comparison, length=False)
    yield from floors(comparison)
