"""Table of a pipeline's stages: quality, money and time of each, and what changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Heading, Paragraph, table
from medbench.report.numbers import UNKNOWN, cell, cost, paired

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block, Span
    from medbench.schema.results.stage_table import StageChange, StageRow, StageTable
    from medbench.schema.score import Estimate


def stage_table(found: StageTable) -> Iterator[Block]:
    """Yield the stages, each scored as if it were the output, then what each makes of the one before it."""
    yield Heading(f"Stages of {found.system} ({found.outputs} outputs)")
    yield table(
        ["stage", "n", "key finding %", "finding F1", "calls", "paid", "reused", "median s", "reused s"],
        (_stage(stage) for stage in found.stages),
        wraps=(0,),
    )
    yield table(
        ["key finding", "n", "repaired", "broke", "left right", "left wrong", "points", "finding F1"],
        (_change(change) for change in found.changes),
        wraps=(0,),
    )
    yield Paragraph("Repaired: missed before, named after; broke: the other way round.")


def _stage(stage: StageRow) -> list[str | Span]:
    return [
        stage.role,
        f"{stage.f1.n:,}",
        cell("finding.key", stage.key),
        cell("finding.f1", stage.f1),
        f"{stage.calls:,}" if stage.calls else UNKNOWN,
        cost(stage.usd, stage.unknown) if stage.calls else UNKNOWN,
        f"{stage.reused:,}: {cost(stage.reused_usd, stage.reused_unknown)}" if stage.reused else UNKNOWN,
        _median(stage.seconds),
        _median(stage.reused_seconds),
    ]


def _median(estimate: Estimate) -> str:
    return UNKNOWN if estimate.median is None else f"{estimate.median:.1f}"


def _change(change: StageChange) -> list[str]:
    return [
        f"{change.earlier} to {change.later}",
        f"{change.n:,}",
        str(len(change.repaired)),
        str(len(change.broken)),
        str(change.left_right),
        str(change.left_wrong),
        paired(change.key, of_points=True) if change.key else UNKNOWN,
        paired(change.f1, of_points=False) if change.f1 else UNKNOWN,
    ]
