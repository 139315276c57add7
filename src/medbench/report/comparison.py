"""A comparison as tables of at most 100 columns."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.numbers import UNKNOWN, counts, dollars, percent, seconds, share, whole
from medbench.report.table import table

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.comparison import Comparison, Pair, SystemRow
    from medbench.schema.score import Slice

RECALL, PRECISION, F1 = "rouge_l.recall", "rouge_l.precision", "rouge_l.f1"
GOOD, KEY, FINDING_F1 = "rules.good", "rules.key_finding", "finding.f1"
_FEW_PAIRS = 6
_BLIND = {
    "baseline-generic": "a fixed text",
    "baseline-random": "a random text of the same region",
}
STRATA = {"region": "region", "modality": "modality", "images": "images a case"}


def overview(comparison: Comparison) -> Iterator[RenderableType]:
    """What a run or an import ends with: how the calls went, offline metrics, floors."""
    yield Text(
        f"{comparison.benchmark} · {comparison.cases} cases · judge rules · parser {comparison.parser}\n"
    )
    if any(not row.name.startswith("baseline-") for row in comparison.systems):
        yield _calls_in_short(comparison.systems)
        yield Text()
    yield _findings([*comparison.systems, *comparison.floors])


def full(comparison: Comparison) -> Iterator[RenderableType]:
    """What `compare` prints."""
    rows = [*comparison.systems, *comparison.floors]
    yield Text(
        f"{comparison.benchmark} ({comparison.benchmark_digest[:8]}) · {comparison.cases} cases · "
        f"parser {comparison.parser}\n"
    )
    yield _outputs(rows)
    yield Text("\nFindings: the rater 'rules', and F1")
    yield _findings(rows)
    yield Text("\nOffline metrics: mean over outputs; 'unflagged' leaves out outputs with a flag")
    yield _offline(rows)
    yield Text("\nLatency in seconds, and cost")
    yield _calls(comparison.systems)
    for name, title in STRATA.items():
        yield Text(f"\nBy {title}: ROUGE-L recall (n)")
        yield _by(comparison, name)
    if comparison.pairs:
        yield Text(
            "\nPairs: second minus first, mean over the cases that both have (of many, the best floor)"
        )
        yield _pairs(comparison)
    yield Text("\n" + "\n".join(_signatures(comparison)), style="dim")


def teaching(comparison: Comparison) -> str:
    """What the floors say, in words; empty where there is none."""
    rows = {row.name: row for row in (*comparison.floors, *comparison.systems)}
    blind = [
        f"{what} reaches {share(_mean(rows[name], RECALL))}"
        for name, what in _BLIND.items()
        if name in rows and _mean(rows[name], RECALL) is not None
    ]
    if not blind:
        return ""
    looks = "Of the baselines only retrieval looks at the images. " if "baseline-retrieval" in rows else ""
    words = (
        f"{looks}Without looking, {' and '.join(blind)} of ROUGE-L recall: "
        "read every other number against these floors."
    )
    return textwrap.fill(words, 80)


def uneven(comparison: Comparison) -> str:
    """That the rows rest on different cases; empty where they do not."""
    if not any(pair.only_a or pair.only_b for pair in comparison.pairs):
        return ""
    return "The rows rest on different cases: only the pairs of compare are on the same ones."


def caution(comparison: Comparison) -> str:
    """That differences are not tested; empty where there are none."""
    if not comparison.pairs:
        return ""
    return "No interval and no test stand behind these differences in this version: they are no finding."


def _outputs(rows: Sequence[SystemRow]) -> RenderableType:
    return table(
        ["system", "outputs", "failed", "not run", "flagged"],
        (
            [
                _name(row),
                f"{row.n}/{row.wanted}",
                counts(row.failures),
                str(row.not_run or UNKNOWN),
                counts(row.flags),
            ]
            for row in rows
        ),
        left=(0, 2, 4),
        wraps=(2, 4),
    )


def _findings(rows: Sequence[SystemRow]) -> RenderableType:
    return table(
        ["system", "n", "good %", "key finding %", "finding F1", "ROUGE-L recall", "words"],
        (
            [
                _name(row),
                str(row.n),
                percent(_mean(row, GOOD)),
                percent(_mean(row, KEY)),
                share(_mean(row, FINDING_F1)),
                share(_mean(row, RECALL)),
                whole(row.metrics["words"].median if "words" in row.metrics else None),
            ]
            for row in rows
        ),
    )


def _offline(rows: Sequence[SystemRow]) -> RenderableType:
    return table(
        ["system", "n", "ROUGE-L recall", "precision", "F1", "F1 unflagged (n)", "words"],
        (
            [
                _name(row),
                str(row.metrics[F1].n) if F1 in row.metrics else "0",
                share(_mean(row, RECALL)),
                share(_mean(row, PRECISION)),
                share(_mean(row, F1)),
                _unflagged(row, F1),
                whole(row.metrics["words"].median if "words" in row.metrics else None),
            ]
            for row in rows
        ),
    )


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
        ["system", "n", "p50", "p95", "mean", "mean unflagged (n)", "cost"],
        (
            [
                _name(row),
                str(latency.n),
                seconds(latency.median),
                seconds(latency.p95),
                seconds(latency.mean),
                _seconds_unflagged(row),
                _cost(row),
            ]
            for row in rows
            if (latency := row.metrics.get("latency_ms"))
        ),
        left=(0,),
    )


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


def _pairs(comparison: Comparison) -> RenderableType:
    floor = best_floor(comparison)
    few = len(comparison.pairs) <= _FEW_PAIRS
    shown = [
        pair
        for pair in comparison.pairs
        if few or pair.a not in {row.name for row in comparison.floors} or (floor and pair.a == floor.name)
    ]
    return table(
        ["first", "second", "cases", "only one", "recall", "precision", "F1", "latency s"],
        (
            [
                pair.a,
                pair.b,
                str(pair.both),
                str(pair.only_a + pair.only_b or UNKNOWN),
                *(_difference(pair, metric, share) for metric in (RECALL, PRECISION, F1)),
                _difference(pair, "latency_ms", seconds),
            ]
            for pair in shown
        ),
        left=(0, 1),
    )


def best_floor(comparison: Comparison) -> SystemRow | None:
    """The floor with the highest ROUGE-L F1."""
    return max(comparison.floors, key=lambda row: _mean(row, F1) or 0.0, default=None)


def _difference(pair: Pair, metric: str, shown: Callable[[float | None], str]) -> str:
    found = pair.metrics.get(metric)
    if found is None:
        return UNKNOWN
    return shown(found.difference) + (f" ({found.n})" if found.n != pair.both else "")


def _signatures(comparison: Comparison) -> Iterator[str]:
    for name, signature in comparison.signatures.items():
        yield f"{name}: {signature}"


def _name(row: SystemRow) -> str:
    return f"floor: {row.name.removeprefix('baseline-')}" if row.floor else row.name


def _mean(row: SystemRow, metric: str) -> float | None:
    estimate = row.metrics.get(metric)
    return estimate.mean if estimate else None


def _unflagged(row: SystemRow, metric: str) -> str:
    estimate = row.unflagged.metrics.get(metric)
    return f"{share(estimate.mean)} ({estimate.n})" if estimate and estimate.n else UNKNOWN


def _seconds_unflagged(row: SystemRow) -> str:
    estimate = row.unflagged.metrics.get("latency_ms")
    return f"{seconds(estimate.mean)} ({estimate.n})" if estimate and estimate.n else UNKNOWN


def _cost(row: SystemRow) -> str:
    known = dollars(row.cost_usd)
    return f"{known}, {row.cost_unknown} unknown" if row.cost_unknown and row.cost_usd is not None else known
