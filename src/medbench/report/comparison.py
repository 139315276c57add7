"""A comparison as tables of at most 100 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.cards import card_line, cards, has_canaries
from medbench.report.conclusion import NAMES, WIDTH
from medbench.report.numbers import (
    UNKNOWN,
    between,
    counts,
    dollars,
    mean,
    p_value,
    percent,
    points,
    rate,
    seconds,
    share,
    whole,
)
from medbench.report.table import printable, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.comparison import Comparison, Pair, PairedDifference, StratumTable, SystemRow
    from medbench.schema.score import Slice

FINDING, RECALL, F1 = "finding.f1", "rouge_l.recall", "rouge_l.f1"
SHOWN = (FINDING, RECALL, F1)
STRATA = {
    "region": "region",
    "modality": "modality",
    "images": "images a case",
    "reference": "length of the reference",
}
LISTED = 8
"""Cases that a list names at most; --json has all."""


def overview(comparison: Comparison) -> Iterator[RenderableType]:
    """What a run or an import ends with: how the calls went, grades by rules, offline metrics, floors."""
    by_rules = " · judge rules" if _has(comparison, "rules.good") else ""
    yield Text(
        f"{comparison.benchmark} · {comparison.cases} cases{by_rules} · parser {comparison.parser} · "
        "95 % intervals (~ approximate)\n"
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
        metrics.remove(F1)
        header.remove(NAMES[F1])
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
    for pair in comparison.pairs:
        if pair.conclusion is not None:
            yield Text(f"\n{pair.b} minus {pair.a}, on the cases that both have")
            yield _tests(pair)
    for found in comparison.strata:
        yield Text(f"\nBy {STRATA.get(found.by, found.by)}: {NAMES.get(found.metric, found.metric)}")
        yield _stratum(found)
        yield Text(_interaction(found))
    if len(comparison.systems) == 1:
        for name, title in STRATA.items():
            yield Text(f"\nBy {title}: ROUGE-L recall (n)")
            yield _by(comparison, name)
    yield from _cases(comparison)
    yield from _judgings(comparison)
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
            yield _line(f"{row.name}: {counts(row.graded.missing)}; none of them counts as poor.")


def _cards(comparison: Comparison) -> Iterator[RenderableType]:
    """The card of the judge that counts, whole where it has one; the others in one line each."""
    whole = [card for card in comparison.cards if card.rater == comparison.rater and has_canaries(card)]
    yield from cards(whole)
    for card in comparison.cards:
        if card not in whole:
            yield Text(card_line(card))


def _offline(comparison: Comparison) -> RenderableType:
    metrics = [metric for metric in SHOWN if _has(comparison, metric)]
    lines: list[list[str | Text]] = []
    for row in comparison.systems:
        lines.append([row.name, *(mean(row.metrics.get(metric)) for metric in metrics), _flags(row)])
        if row.flagged:
            cells = [mean(row.unflagged.metrics.get(metric)) for metric in metrics]
            lines.append([f"  without flagged ({row.unflagged.n})", *cells, ""])
    lines += [
        [_name(floor), *(mean(floor.metrics.get(metric)) for metric in metrics), _flags(floor)]
        for floor in comparison.floors
    ]
    for row in comparison.systems:
        if f"swap.{RECALL}" in row.metrics:
            cells = [mean(row.metrics.get(f"swap.{metric}")) for metric in metrics]
            lines.append([f"floor: {row.name}, other cases", *cells, ""])
    cut = next((name for row in comparison.systems for name in row.metrics if name.startswith("first")), None)
    for row in comparison.systems if cut else ():
        words = str(cut).removeprefix("first").partition(".")[0]
        for name, title in (
            (cut, f"{row.name}, {words} words"),
            (f"generic.{RECALL}", "floor: a fixed text as long"),
        ):
            shown = [mean(row.metrics.get(name or "")) if metric == RECALL else "" for metric in metrics]
            lines.append([title, *shown, ""])
    return table(
        ["offline", *(NAMES[metric] for metric in metrics), "flagged"],
        lines,
        left=(0, len(metrics) + 1),
        wraps=(0, len(metrics) + 1),
    )


def _tests(pair: Pair) -> RenderableType:
    rows: list[tuple[str, PairedDifference | None, bool]] = []
    if pair.graded:
        rows += [
            ("good, points", pair.graded.good, True),
            ("key finding, points", pair.graded.key_finding, True),
            ("higher grade, points", pair.graded.ordinal, True),
        ]
    rows += [(NAMES[metric], pair.metrics.get(metric), False) for metric in SHOWN]
    rows += [
        (f"{NAMES[RECALL]}, {name.removeprefix('first').partition('.')[0]} words", found, False)
        for name, found in pair.metrics.items()
        if name.startswith("first")
    ]
    return table(
        ["metric", "n", "difference", "higher", "lower", "test", "mid-p", "p", "Holm"],
        (
            [
                name,
                str(found.n),
                _difference(found, rates=rates),
                str(found.higher),
                str(found.lower),
                found.test or UNKNOWN,
                p_value(found.p_mid),
                p_value(found.p),
                p_value(found.p_holm),
            ]
            for name, found, rates in rows
            if found is not None
        ),
        left=(0, 5),
    )


def _difference(found: PairedDifference, *, rates: bool) -> str:
    value = points(found.difference) if rates else share(found.difference, 3)
    return f"{value} {between(found.interval, of_points=rates)}".rstrip()


def _stratum(found: StratumTable) -> RenderableType:
    graded = found.metric == "good"
    show = rate if graded else mean
    return table(
        [found.by, "n", found.a, found.b, "difference", "pooled", "Holm"],
        (
            [
                part.value,
                str(part.n),
                show(part.a),
                show(part.b),
                points(part.difference.difference) if graded else share(part.difference.difference, 2),
                points(part.pooled) if graded else share(part.pooled, 2),
                p_value(part.difference.p_holm),
            ]
            for part in found.parts
        ),
        wraps=(0,),
    )


def _interaction(found: StratumTable) -> str:
    if found.p is None:
        return ""
    adjusted = p_value(found.p_holm)
    if found.p_holm is not None and found.p_holm <= 0.05:
        return f"The difference is not the same in all of them (interaction p = {adjusted})."
    return f"None demonstrably differs from the others (interaction p = {adjusted}): name no weakest one."


def _cases(comparison: Comparison) -> Iterator[RenderableType]:
    for pair in comparison.pairs:
        if pair.conclusion is None or pair.graded is None:
            continue
        yield Text("\nCases to look at (medbench show CASE)")
        for title, found in (
            (f"only {pair.a} good", pair.graded.only_a),
            (f"only {pair.b} good", pair.graded.only_b),
            ("neither good", pair.graded.neither),
        ):
            if found:
                more = f" … and {len(found) - LISTED} more" if len(found) > LISTED else ""
                yield _line(f"  {title} ({len(found)}): {', '.join(found[:LISTED])}{more}")


def _judgings(comparison: Comparison) -> Iterator[RenderableType]:
    for found in comparison.judgings:
        kappa, quadratic = (
            f"{share(one.value, 2)} {between(one.interval, of_points=False)}".rstrip()
            for one in (found.kappa, found.quadratic)
        )
        yield Text()
        yield _line(
            f"{found.a} and {found.b} graded {found.n} outputs both and agree on {found.same}: "
            f"kappa {kappa}, quadratic {quadratic}, AC1 {share(found.ac1.value, 2)}."
        )
        for system, case, one, other in found.flips[:LISTED]:
            yield _line(f"  {system} {case}: {one} → {other}")
        if len(found.flips) > LISTED:
            yield Text(f"  … and {len(found.flips) - LISTED} more")


def _line(text: str) -> Text:
    """A text, broken where the table above it ends."""
    indent = " " * (len(text) - len(text.lstrip()) + 2)
    return Text(textwrap.fill(printable(text), WIDTH, subsequent_indent=indent, break_on_hyphens=False))


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
    return table(header, (line(row) for row in rows), left=(0, 2, 3), wraps=(2, 3))


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
    return f"${row.cost_usd / (good.mean * row.graded.wanted):.3f}" if row.graded else UNKNOWN


def _by(comparison: Comparison, stratum: str) -> RenderableType:
    rows = [*comparison.systems, *comparison.floors]
    values = sorted({value for row in rows for value in row.by.get(stratum, {})})
    return table(
        ["system", *values],
        ([_name(row), *(_cell(row.by.get(stratum, {}).get(value)) for value in values)] for row in rows),
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
