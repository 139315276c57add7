"""A comparison as tables of at most 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.cards import card_line, cards, has_canaries
from medbench.report.conclusion import NAMES, RECALL
from medbench.report.numbers import (
    UNKNOWN,
    by_size,
    counts,
    dollars,
    mean,
    percent,
    rate,
    seconds,
    share,
    whole,
)
from medbench.report.pairs import STRATA, cases_to_look_at, differences, judgings
from medbench.report.profile import SHOWN
from medbench.report.table import printable, table
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.results.comparison import Comparison, SystemRow
    from medbench.schema.score import Slice


def overview(comparison: Comparison) -> Iterator[RenderableType]:
    """What a run or an import ends with: how the calls went, grades by rules, offline metrics, floors."""
    by_rules = " · judge rules" if _has(comparison, "rules.good") else ""
    yield Text(
        f"{comparison.benchmark} · {counted(comparison.cases, 'case')}{by_rules} · parser "
        f"{comparison.parser} · 95 % intervals (~ approximate)\n"
    )
    if any(not row.name.startswith("baseline-") for row in comparison.systems):
        yield _calls_in_short(comparison.systems)
        yield Text()
    yield _in_short(comparison)


def _in_short(comparison: Comparison) -> RenderableType:
    metrics = [metric for metric in SHOWN if _has(comparison, metric)]
    rules = _has(comparison, "rules.good")
    header = ["system", "n", *(["good %", "key finding %"] if rules else [])]
    header += [*(NAMES[metric] for metric in metrics), *([] if rules else ["words"])]

    def line(row: SystemRow) -> list[str | Text]:
        grades = [rate(row.metrics.get(f"rules.{name}")) for name in ("good", "key_finding")] if rules else []
        words = [] if rules else [whole(row.metrics["words"].median if "words" in row.metrics else None)]
        return [
            _name(row),
            str(row.n),
            *grades,
            *(mean(row.metrics.get(metric)) for metric in metrics),
            *words,
        ]

    # With grades there are columns enough: recall, which anybody's report quotes, stays, F1 goes.
    if rules and len(metrics) > 2:
        metrics.remove("rouge_l.f1")
        header.remove(NAMES["rouge_l.f1"])
    return table(header, (line(row) for row in (*comparison.systems, *comparison.floors)), wraps=(0,))


def full(comparison: Comparison) -> Iterator[RenderableType]:
    """The tables that `compare` prints below its conclusions."""
    rows = [*comparison.systems, *comparison.floors]
    if any(row.graded for row in rows):
        yield _graded(rows)
        yield from _missing(comparison.systems)
        yield from _cards(comparison)
        yield Text()
    yield _offline(comparison)
    yield Text("\nLatency in seconds, and cost")
    yield _calls(comparison.systems)
    yield from differences(comparison)
    if len(comparison.systems) == 1:
        for name, title in STRATA.items():
            yield Text(f"\nBy {title}: ROUGE-L recall (n)")
            yield _by(comparison, name)
    yield from cases_to_look_at(comparison)
    yield from judgings(comparison)
    signatures = [*comparison.signatures.values(), comparison.resampling]
    yield Text("\n" + printable("\n".join(signatures)), style="dim")


def _graded(rows: Sequence[SystemRow]) -> RenderableType:
    people = any(row.graded and row.graded.reviewed for row in rows)
    header = ["system", "judged", "good %", "partial %", "poor %", "key finding %", "missing poor/good"]
    return table(
        [*header, *(["as people %"] if people else [])],
        (
            [
                _name(row),
                f"{row.graded.good.n}/{row.graded.wanted}",
                rate(row.graded.good),
                rate(row.graded.partial),
                rate(row.graded.poor),
                rate(row.graded.key_finding),
                f"{percent(row.graded.good_if_missing_poor)} / {percent(row.graded.good_if_missing_good)}",
                *([rate(row.graded.reviewed)] if people else []),
            ]
            for row in rows
            if row.graded
        ),
        wraps=(0,),
    )


def _missing(rows: Sequence[SystemRow]) -> Iterator[RenderableType]:
    for row in rows:
        if row.graded and row.graded.missing:
            missing = counted(sum(row.graded.missing.values()), "case has", "cases have")
            why = counts(row.graded.missing)
            yield Text(f"{row.name}: {missing} no grade, which is not poor ({why}).")


def _cards(comparison: Comparison) -> Iterator[RenderableType]:
    """The card of the judge that counts, whole where it has one; the others in one line each."""
    whole = [card for card in comparison.cards if card.rater == comparison.rater and has_canaries(card)]
    yield from cards(whole)
    for card in comparison.cards:
        if card not in whole:
            yield Text(card_line(card))


def _offline(comparison: Comparison) -> RenderableType:
    """Each system with its own controls below it, then the floors."""
    metrics = [metric for metric in SHOWN if _has(comparison, metric)]
    lines = [line for row in comparison.systems for line in _offline_lines(row, metrics)]
    lines += [
        [_name(floor), *(mean(floor.metrics.get(metric)) for metric in metrics), _flags(floor)]
        for floor in comparison.floors
    ]
    last = len(metrics) + 1
    return table(
        ["offline", *(NAMES[metric] for metric in metrics), "flagged"], lines, left=(0, last), wraps=(0, last)
    )


def _offline_lines(row: SystemRow, metrics: Sequence[str]) -> Iterator[list[str | Text]]:
    yield [row.name, *(mean(row.metrics.get(metric)) for metric in metrics), _flags(row)]
    if row.flagged:
        cells = [mean(row.unflagged.metrics.get(metric)) for metric in metrics]
        yield [f"  without flagged ({row.unflagged.n})", *cells, ""]
    if f"swap.{RECALL}" in row.metrics:
        yield ["  floor: other cases", *(mean(row.metrics.get(f"swap.{metric}")) for metric in metrics), ""]
    cut = next((name for name in row.metrics if name.startswith("first")), None)
    if cut is not None:
        words = cut.removeprefix("first").partition(".")[0]
        for name, title in (
            (cut, f"  first {words} words"),
            (f"generic.{RECALL}", "  floor: a text as long"),
        ):
            shown = [mean(row.metrics.get(name)) if metric == RECALL else "" for metric in metrics]
            yield [title, *shown, ""]


def _calls_in_short(rows: Sequence[SystemRow]) -> RenderableType:
    def line(row: SystemRow) -> list[str]:
        latency = row.metrics.get("latency_ms")
        return [
            row.name,
            f"{row.n}/{row.wanted}",
            counts(row.failures),
            counts(row.flags),
            seconds(latency.median if latency else None),
            seconds(latency.p95 if latency else None),
            _cost(row),
        ]

    header = ["system", "outputs", "failed", "flagged", "s p50", "p95", "cost"]
    return table(header, (line(row) for row in rows), left=(0, 2, 3), wraps=(0, 2, 3))


def _calls(rows: Sequence[SystemRow]) -> RenderableType:
    return table(
        ["system", "outputs", "failed", "p50", "p95", "mean", "mean unflagged", "cost", "a good case"],
        (
            [
                row.name,
                f"{row.n}/{row.wanted}",
                counts(row.failures),
                seconds(latency.median if latency else None),
                seconds(latency.p95 if latency else None),
                seconds(latency.mean if latency else None),
                _seconds_unflagged(row),
                _cost(row),
                _a_good_case(row),
            ]
            for row in rows
            for latency in [row.metrics.get("latency_ms")]
        ),
        left=(0, 2),
        wraps=(0, 2),
    )


def _a_good_case(row: SystemRow) -> str:
    good = row.graded.good if row.graded else None
    if good is None or not good.mean or row.cost_usd is None or row.cost_unknown:
        return UNKNOWN
    return dollars(row.cost_usd / (good.mean * row.graded.wanted)) if row.graded else UNKNOWN


def _by(comparison: Comparison, stratum: str) -> RenderableType:
    rows = [*comparison.systems, *comparison.floors]
    values = sorted({value for row in rows for value in row.by.get(stratum, {})}, key=by_size)
    return table(
        [stratum, *(_name(row) for row in rows)],
        ([value, *(_cell(row.by.get(stratum, {}).get(value)) for row in rows)] for value in values),
        wraps=(0,),
    )


def _cell(part: Slice | None) -> str:
    estimate = part.metrics.get(RECALL) if part else None
    return f"{share(estimate.mean)} ({estimate.n})" if estimate and estimate.n else UNKNOWN


def _has(comparison: Comparison, metric: str) -> bool:
    return any(
        metric in row.metrics and row.metrics[metric].n for row in (*comparison.systems, *comparison.floors)
    )


def _flags(row: SystemRow) -> str:
    return counts(row.flags)


def _name(row: SystemRow) -> str:
    return f"floor: {row.name.removeprefix('baseline-')}" if row.floor else row.name


def _seconds_unflagged(row: SystemRow) -> str:
    estimate = row.unflagged.metrics.get("latency_ms")
    return f"{seconds(estimate.mean)} ({estimate.n})" if estimate and estimate.n else UNKNOWN


def _cost(row: SystemRow) -> str:
    known = dollars(row.cost_usd)
    return f"{known}, {row.cost_unknown} unknown" if row.cost_unknown and row.cost_usd is not None else known
