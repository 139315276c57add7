"""The changes that scoring again has made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph, Span, table
from medbench.report.numbers import SHOWN, UNKNOWN, metric_name, share

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.score import Summary


def rescored(changes: Sequence[tuple[str, Summary | None, Summary]]) -> Iterator[Block]:
    """Yield a line a run, the parser and each number before and after where it changed; then the signatures.

    Args:
        changes: The name of each run, its summary before, if it had one, and after.
    """
    yield table(
        ["system", "n", "parser", *map(metric_name, SHOWN)],
        (
            [name, str(after.outputs), _change(before.parser if before else None, after.parser)]
            + [_change(_mean(before, metric), _mean(after, metric) or UNKNOWN) for metric in SHOWN]
            for name, before, after in changes
        ),
        left=(0, 2),
        wraps=(0, 2),
    )
    signatures = {signature for _, _, after in changes for signature in after.signatures.values()}
    yield Blank()
    yield Paragraph(Span("\n".join(sorted(signatures)), "muted"))


def _mean(summary: Summary | None, metric: str) -> str | None:
    estimate = summary.everything.metrics.get(metric) if summary else None
    return share(estimate.mean) if estimate else None


def _change(before: str | None, after: str) -> str:
    return after if before in {None, after} else f"{before} → {after}"
