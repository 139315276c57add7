"""What scoring again changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.numbers import share
from medbench.report.table import table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.score import Summary

METRICS = ("finding.f1", "rouge_l.recall", "rouge_l.f1")


def rescored(changes: Sequence[tuple[str, Summary | None, Summary]]) -> Iterator[RenderableType]:
    """A line a run: the parser, and each number before and after where it changed."""
    yield table(
        ["system", "n", "parser", "finding F1", "ROUGE-L recall", "ROUGE-L F1"],
        (
            [name, str(after.outputs), _change(before.parser if before else None, after.parser)]
            + [_change(_mean(before, metric), _mean(after, metric) or "-") for metric in METRICS]
            for name, before, after in changes
        ),
        left=(0, 2),
        wraps=(0, 2),
    )
    signatures = {signature for _, _, after in changes for signature in after.signatures.values()}
    yield Text("\n" + "\n".join(sorted(signatures)), style="dim")


def _mean(summary: Summary | None, metric: str) -> str | None:
    estimate = summary.everything.metrics.get(metric) if summary else None
    return share(estimate.mean) if estimate else None


def _change(before: str | None, after: str) -> str:
    return after if before in {None, after} else f"{before} → {after}"
