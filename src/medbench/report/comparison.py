"""A comparison as tables of at most 100 columns."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Heading, Paragraph, Span, row, table
from medbench.report.cards import card_line, cards, has_canaries
from medbench.report.numbers import (
    RECALL,
    SHOWN,
    UNKNOWN,
    cost,
    counts,
    dollars,
    latencies,
    mean,
    metric_name,
    percent,
    rate,
    seconds,
    share,
    whole,
)
from medbench.report.pairs import STRATA, agreement, cases_to_look_at, differences
from medbench.sentences import by_size, counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block, Row, Table
    from medbench.schema.results.comparison import Comparison, SystemRow
    from medbench.schema.score import Estimate, Slice


def title(comparison: Comparison) -> Paragraph:
    """Return what is compared: benchmark, cases, judge and parser."""
    judge = f" · judge {comparison.rater}" if comparison.rater else ""
    return Paragraph(
        f"{comparison.benchmark} ({comparison.benchmark_digest[:8]}) · "
        f"{counted(comparison.cases, 'case')}{judge} · parser {comparison.parser}"
    )


def overview(comparison: Comparison) -> Iterator[Block]:
    """Yield what a run or an import ends with: how the calls went, then grades by rules and metrics."""
    by_rules = " · judge rules" if _has(comparison, "rules.good") else ""
    yield Paragraph(
        f"{comparison.benchmark} · {counted(comparison.cases, 'case')}{by_rules} · parser "
        f"{comparison.parser} · 95 % intervals (~ approximate)"
    )
    yield Blank()
    if any(not system.name.startswith("baseline-") for system in comparison.systems):
        yield _calls_in_short(comparison.systems)
        yield Blank()
    yield _in_short(comparison)


def _calls_in_short(systems: Sequence[SystemRow]) -> Table:
    return table(
        ["system", "outputs", "failed", "flagged", "s p50", "p95", "cost"],
        (
            [
                system.name,
                f"{system.n}/{system.wanted}",
                counts(system.failures),
                counts(system.flags),
                *latencies(system.metrics.get("latency_ms"))[:2],
                cost(system.cost_usd, system.cost_unknown),
            ]
            for system in systems
        ),
        left=(0, 2, 3),
        wraps=(0, 2, 3),
    )


def _in_short(comparison: Comparison) -> Table:
    metrics = _metrics(comparison)
    grades = ["rules.good", "rules.key_finding"] if _has(comparison, "rules.good") else []
    # Grades take two columns: recall, which other reports quote, stays, and F1 goes.
    if grades and len(metrics) > 2:
        metrics.remove("rouge_l.f1")

    def cells(system: SystemRow) -> Iterator[str | Span]:
        yield from (_name(system), str(system.n))
        yield from (rate(system.metrics.get(grade)) for grade in grades)
        yield from (mean(system.metrics.get(metric)) for metric in metrics)
        if not grades:
            yield whole(system.metrics["words"].median if "words" in system.metrics else None)

    header = ["system", "n", *(["good %", "key finding %"] if grades else []), *map(metric_name, metrics)]
    return table(
        header if grades else [*header, "words"],
        ([*cells(system)] for system in (*comparison.systems, *comparison.floors)),
        wraps=(0,),
    )


def full(comparison: Comparison) -> Iterator[Block]:
    """Yield the tables that `compare` prints below its conclusions."""
    systems = [*comparison.systems, *comparison.floors]
    if any(system.graded for system in systems):
        yield _graded(systems)
        yield from _without_grade(comparison.systems)
        yield from _cards(comparison)
        yield Blank()
    yield _offline(comparison)
    yield Heading("Latency in seconds, and cost")
    yield _calls(comparison.systems)
    yield from differences(comparison)
    if len(comparison.systems) == 1:
        for name, title in STRATA.items():
            yield Heading(f"By {title}: ROUGE-L recall (n)")
            yield _by(systems, name)
    yield from cases_to_look_at(comparison)
    yield from agreement(comparison)
    yield Blank()
    yield Paragraph(Span("\n".join([*comparison.signatures.values(), comparison.resampling]), "muted"))


def _graded(systems: Sequence[SystemRow]) -> Table:
    people = any(system.graded and system.graded.reviewed for system in systems)
    header = ["system", "judged", "good %", "partial %", "poor %", "key finding %", "missing poor/good"]
    return table(
        [*header, *(["as people %"] if people else [])],
        (
            [
                _name(system),
                f"{graded.good.n}/{graded.wanted}",
                *map(rate, (graded.good, graded.partial, graded.poor, graded.key_finding)),
                f"{percent(graded.good_if_missing_poor)} / {percent(graded.good_if_missing_good)}",
                *([rate(graded.reviewed)] if people else []),
            ]
            for system in systems
            if (graded := system.graded)
        ),
        wraps=(0,),
    )


def _without_grade(systems: Sequence[SystemRow]) -> Iterator[Block]:
    for system in systems:
        if system.graded and system.graded.missing:
            missing = counted(sum(system.graded.missing.values()), "case has", "cases have")
            reasons = counts(system.graded.missing)
            yield Paragraph(f"{system.name}: {missing} no grade, which is not poor ({reasons}).")


def _cards(comparison: Comparison) -> Iterator[Block]:
    """Yield the card of the judge that counts, whole where it has one, and the others in a line each."""
    tested = [card for card in comparison.cards if card.rater == comparison.rater and has_canaries(card)]
    yield from cards(tested)
    for card in comparison.cards:
        if card not in tested:
            yield Paragraph(card_line(card))


def _offline(comparison: Comparison) -> Table:
    """Build the table of metrics: each system with its own controls below it, then the floors."""
    metrics = _metrics(comparison)
    rows = [line for system in comparison.systems for line in _offline_rows(system, metrics)]
    rows += [_metrics_row(_name(floor), floor, metrics) for floor in comparison.floors]
    last = len(metrics) + 1
    return table(["offline", *map(metric_name, metrics), "flagged"], rows, left=(0, last), wraps=(0, last))


def _metrics_row(name: str, system: SystemRow, metrics: Sequence[str]) -> Row:
    return row(name, *(mean(system.metrics.get(metric)) for metric in metrics), counts(system.flags))


def _offline_rows(system: SystemRow, metrics: Sequence[str]) -> Iterator[Row]:
    def control(title: str, estimates: Sequence[Estimate | None]) -> Row:
        return row(title, *map(mean, estimates), "", detail=True)

    yield _metrics_row(system.name, system, metrics)
    if system.flagged:
        unflagged = system.unflagged
        yield control(f"without flagged ({unflagged.n})", [unflagged.metrics.get(name) for name in metrics])
    if f"swap.{RECALL}" in system.metrics:
        yield control("floor: other cases", [system.metrics.get(f"swap.{name}") for name in metrics])
    cut = next((name for name in system.metrics if name.startswith("first")), None)
    if cut is not None:
        words = cut.removeprefix("first").partition(".")[0]
        for name, title in ((cut, f"first {words} words"), (f"generic.{RECALL}", "floor: a text as long")):
            cells = (mean(system.metrics.get(name)) if metric == RECALL else "" for metric in metrics)
            yield row(title, *cells, "", detail=True)


def _calls(systems: Sequence[SystemRow]) -> Table:
    return table(
        ["system", "outputs", "failed", "p50", "p95", "mean", "mean unflagged", "cost", "a good case"],
        (
            [
                system.name,
                f"{system.n}/{system.wanted}",
                counts(system.failures),
                *latencies(system.metrics.get("latency_ms")),
                _seconds_unflagged(system),
                cost(system.cost_usd, system.cost_unknown),
                _cost_of_a_good_case(system),
            ]
            for system in systems
        ),
        left=(0, 2),
        wraps=(0, 2),
    )


def _seconds_unflagged(system: SystemRow) -> str:
    latency = system.unflagged.metrics.get("latency_ms")
    return f"{seconds(latency.mean)} ({latency.n})" if latency and latency.n else UNKNOWN


def _cost_of_a_good_case(system: SystemRow) -> str:
    graded = system.graded
    if graded is None or not graded.good.mean or system.cost_usd is None or system.cost_unknown:
        return UNKNOWN
    return dollars(system.cost_usd / (graded.good.mean * graded.wanted))


def _by(systems: Sequence[SystemRow], stratum: str) -> Table:
    values = sorted({value for system in systems for value in system.by.get(stratum, {})}, key=by_size)
    return table(
        [stratum, *map(_name, systems)],
        (
            [value, *(_recall(system.by.get(stratum, {}).get(value)) for system in systems)]
            for value in values
        ),
        wraps=(0,),
    )


def _recall(part: Slice | None) -> str:
    estimate = part.metrics.get(RECALL) if part else None
    return f"{share(estimate.mean)} ({estimate.n})" if estimate and estimate.n else UNKNOWN


def _metrics(comparison: Comparison) -> list[str]:
    return [metric for metric in SHOWN if _has(comparison, metric)]


def _has(comparison: Comparison, metric: str) -> bool:
    return any(
        metric in system.metrics and system.metrics[metric].n
        for system in (*comparison.systems, *comparison.floors)
    )


def _name(system: SystemRow) -> str:
    return f"floor: {system.name.removeprefix('baseline-')}" if system.floor else system.name
