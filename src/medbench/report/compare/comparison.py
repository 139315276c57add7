"""A comparison as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, row, table
from medbench.report.numbers import (
    FINDINGS,
    OTHERS,
    RECALL,
    about_chance,
    cell,
    column_name,
    counts,
    mean,
    percent,
    rate,
)
from medbench.scoring.controls import above, swapped
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.report.blocks import Block, Row, Table
    from medbench.schema.results.comparison import Comparison, SystemRow
    from medbench.schema.score import Estimate


def title(comparison: Comparison) -> Paragraph:
    """Return what is compared: benchmark, cases, judge and parser."""
    word = "graded by" if comparison.rater == "rules" else "judge"
    judge = f" · {word} {comparison.rater}" if comparison.rater else ""
    return Paragraph(
        f"{comparison.benchmark} ({comparison.benchmark_digest[:8]}) · "
        f"{counted(comparison.cases, 'case')}{judge} · parser {comparison.parser}"
    )


def _findings(comparison: Comparison) -> Iterator[Block]:
    """Yield the findings of each system and floor, and what 'above chance' is."""
    metrics = _metrics(comparison, FINDINGS)
    rows: list[Row] = []
    for system in comparison.systems:
        rows.append(_line(name_of(system), system, metrics, str(system.n)))
        rows += _controls(system, metrics, "")
    rows += [_line(name_of(floor), floor, metrics, str(floor.n)) for floor in comparison.floors]
    yield table(["system", "n", *map(column_name, metrics)], rows, wraps=(0,))
    if above("finding.f1") in metrics:
        yield Paragraph(about_chance(comparison.signatures))


def tables(comparison: Comparison) -> Iterator[Block]:
    """Yield the tables of `compare --full`: grades, findings, words and calls of every system and floor."""
    systems = [*comparison.systems, *comparison.floors]
    if any(system.graded for system in systems):
        yield _graded(systems)
        yield Blank()
    yield from _findings(comparison)
    yield Blank()
    yield from _others(comparison)
    for system in systems:
        if system.flags:
            yield Paragraph(f"{name_of(system)}: flagged {counts(system.flags)}.")


def _graded(systems: Sequence[SystemRow]) -> Table:
    people = any(system.graded and system.graded.reviewed for system in systems)
    by_rules = any(system.graded and system.graded.rater == "rules" for system in systems)
    good = "rules %" if by_rules else "good %"
    header = ["system", "judged", good, "partial %", "poor %", "key finding %", "missing poor/good"]
    return table(
        [*header, *(["as people %"] if people else [])],
        (
            [
                name_of(system),
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


def _others(comparison: Comparison) -> Iterator[Block]:
    """Yield the rules and ROUGE-L of each system with its own controls below it, then of the floors."""
    metrics = _metrics(comparison, OTHERS)
    rows: list[Row] = []
    for system in comparison.systems:
        rows.append(_line(name_of(system), system, metrics))
        rows += (*_controls(system, metrics), *_lengths(system, metrics))
    rows += [_line(name_of(floor), floor, metrics) for floor in comparison.floors]
    yield table(["rules, ROUGE-L", *map(column_name, metrics)], rows, wraps=(0,))
    if "rules.good" in metrics:
        yield Paragraph("rules: good by a stated rule, which does not agree with judges enough to decide.")


def _line(name: str, system: SystemRow, metrics: Sequence[str], *n: str) -> Row:
    return row(name, *n, *(cell(metric, system.metrics.get(metric)) for metric in metrics))


def _controls(system: SystemRow, metrics: Sequence[str], *n: str) -> Iterator[Row]:
    """Yield the numbers without the flagged outputs, and those on other cases' references."""
    others = {metric: system.metrics.get(swapped(metric)) for metric in metrics}
    parts: list[tuple[str, Mapping[str, Estimate | None]]] = []
    if system.flagged:
        parts.append((f"without flagged ({system.unflagged.n})", system.unflagged.metrics))
    if any(others.values()):
        parts.append(("floor: other cases", others))
    for title, estimates in parts:
        found = (cell(metric, one) if (one := estimates.get(metric)) else "" for metric in metrics)
        yield row(title, *n, *found, detail=True)


def _lengths(system: SystemRow, metrics: Sequence[str]) -> Iterator[Row]:
    """Yield recall at equal length: of the first words, and of a fixed text."""
    cut = next((name for name in system.metrics if name.startswith("first")), None)
    if cut is not None:
        words = cut.removeprefix("first").partition(".")[0]
        for name, title in ((cut, f"first {words} words"), (f"generic.{RECALL}", "floor: a text as long")):
            cells = (mean(system.metrics.get(name)) if metric == RECALL else "" for metric in metrics)
            yield row(title, *cells, detail=True)


def _metrics(comparison: Comparison, metrics: Sequence[str]) -> list[str]:
    return [metric for metric in metrics if _has(comparison, metric)]


def _has(comparison: Comparison, metric: str) -> bool:
    return any(
        metric in system.metrics and system.metrics[metric].n
        for system in (*comparison.systems, *comparison.floors)
    )


def name_of(system: SystemRow) -> str:
    """Return the name of a row; a baseline that others are read against is called a floor."""
    return f"floor: {system.name.removeprefix('baseline-')}" if system.floor else system.name
