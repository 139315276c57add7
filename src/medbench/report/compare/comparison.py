"""A comparison as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, row, table
from medbench.report.numbers import (
    FINDINGS,
    OTHERS,
    RECALL,
    UNKNOWN,
    about_chance,
    cell,
    column_name,
    counts,
    groups_of,
    mean,
    of_wanted,
    rate,
    sample,
)
from medbench.scoring.controls import above, swapped
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from medbench.report.blocks import Block, Row, Table
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.system_row import Floor, SystemRow
    from medbench.schema.score import Estimate


_SYSTEMS_IN_FULL = 2


def many(comparison: Comparison) -> bool:
    """Return True for systems that are ranked and held against one reference, instead of pair by pair."""
    return len(comparison.systems) > _SYSTEMS_IN_FULL and comparison.ranking is not None


def family(comparison: Comparison) -> str:
    """Return what the p-values of clear differences, and of the tables of pairs, are adjusted over."""
    pairs = " and pairs" * (len(comparison.systems) > _SYSTEMS_IN_FULL)
    return f"Holm over all metrics{pairs}, {counted(comparison.tests, 'test')}"


def floor_of(comparison: Comparison) -> Floor | None:
    """Return the best floor, for the table; None where that has grades alone, and no floor was graded."""
    if many(comparison) and comparison.rater and not any(row.graded for row in comparison.floors):
        return None
    return comparison.best_floor


def title(comparison: Comparison) -> Paragraph:
    """Return what is compared: benchmark, cases, judge and parser."""
    word = "graded by" if comparison.rater == "rules" else "judge"
    judge = f" · {word} {comparison.rater}" if comparison.rater else ""
    groups = f" / {counted(comparison.topics, 'group')}" * (0 < comparison.topics < comparison.cases)
    return Paragraph(
        f"{comparison.benchmark} ({comparison.benchmark_digest[:8]}) · "
        f"{counted(comparison.cases, 'case')}{groups}{judge} · parser {comparison.parser}"
    )


def tables(comparison: Comparison) -> Iterator[Block]:
    """Yield the tables of `compare --full`: grades, findings and words of every system and floor."""
    systems = [*comparison.systems, *comparison.floors]
    if any(system.graded for system in systems):
        yield _graded(systems)
        yield Blank()
    yield _measured(comparison, "system", _metrics(comparison, FINDINGS))
    if _has(comparison, above("finding.f1")):
        yield Paragraph(about_chance(comparison.signatures))
    yield Blank()
    words = _metrics(comparison, OTHERS)
    yield _measured(comparison, "rules, ROUGE-L", words)
    if "rules.good" in words:
        yield Paragraph("rules: good by a stated rule, which does not agree with judges enough to decide.")
    for system in systems:
        if system.flags:
            yield Paragraph(f"{name_of(system)}: flagged {counts(system.flags)}.")


def _graded(systems: Sequence[SystemRow]) -> Table:
    people = any(system.graded and system.graded.reviewed for system in systems)
    by_rules = any(system.graded and system.graded.rater == "rules" for system in systems)
    good = "rules %" if by_rules else "good %"
    header = ["system", "judged", good, "partial %", "poor %", "key finding %"]
    return table(
        [*header, *(["as people %"] if people else [])],
        (
            [
                name_of(system),
                judged(system),
                *map(rate, (graded.good, graded.partial, graded.poor, graded.key_finding)),
                *([rate(graded.reviewed)] if people else []),
            ]
            for system in systems
            if (graded := system.graded)
        ),
        wraps=(0,),
    )


def _measured(comparison: Comparison, title: str, metrics: Sequence[str]) -> Table:
    """Return the metrics of each system with its own controls below it, then those of the floors."""
    rows: list[Row] = []
    for system in (*comparison.systems, *comparison.floors):
        rows.append(
            row(
                name_of(system),
                sample(system.n, groups_of(system.metrics.values(), comparison.topics)),
                *(cell(metric, system.metrics.get(metric)) for metric in metrics),
            )
        )
        if not system.floor:
            rows += (*_controls(system, metrics, comparison.topics), *_lengths(system, metrics))
    return table([title, "n", *map(column_name, metrics)], rows, wraps=(0,))


def _controls(system: SystemRow, metrics: Sequence[str], topics: int) -> Iterator[Row]:
    """Yield the numbers without the flagged outputs, and those on other cases' references."""
    others = {metric: system.metrics.get(swapped(metric)) for metric in metrics}
    parts: list[tuple[str, str, Mapping[str, Estimate | None]]] = []
    if system.flagged:
        rest = system.unflagged
        parts.append(
            ("without flagged", sample(rest.n, groups_of(rest.metrics.values(), topics)), rest.metrics)
        )
    if any(others.values()):
        parts.append(("on other cases", "", others))
    for title, n, estimates in parts:
        cells = (cell(metric, one) if (one := estimates.get(metric)) else "" for metric in metrics)
        yield row(title, n, *cells, detail=True)


def _lengths(system: SystemRow, metrics: Sequence[str]) -> Iterator[Row]:
    """Yield recall at equal length: of the first words, and of a fixed text."""
    cut = next((name for name in system.metrics if name.startswith("first")), None)
    if cut is not None and RECALL in metrics:
        words = cut.removeprefix("first").partition(".")[0]
        for name, title in ((cut, f"first {words} words"), (f"generic.{RECALL}", "a fixed text")):
            cells = (mean(system.metrics.get(name)) if metric == RECALL else "" for metric in metrics)
            yield row(title, "", *cells, detail=True)


def _metrics(comparison: Comparison, metrics: Sequence[str]) -> list[str]:
    return [metric for metric in metrics if _has(comparison, metric)]


def _has(comparison: Comparison, metric: str) -> bool:
    return any(
        metric in system.metrics and system.metrics[metric].n
        for system in (*comparison.systems, *comparison.floors)
    )


def judged(system: SystemRow) -> str:
    """Return graded of wanted outputs, with the independent groups where they are fewer."""
    if system.graded is None:
        return UNKNOWN
    good = system.graded.good
    return of_wanted(good.n, system.graded.wanted, groups_of([good]))


def name_of(system: SystemRow) -> str:
    """Return the name of a row; a baseline that others are read against is called a floor."""
    return f"floor: {system.name.removeprefix('baseline-')}" if system.floor else system.name
