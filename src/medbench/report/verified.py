"""Screen of `verify`: its results run by run."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Blank, Paragraph
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.report.blocks import Block
    from medbench.schema.results.verified import Verified, VerifiedRun

_MOST = 10
"""Problems of a run that are shown."""


def verified(result: Verified) -> Iterator[Block]:
    """Yield a sentence for each run, what does not hold and what was not checked, and its root."""
    for number, run in enumerate(result.runs):
        if number:
            yield Blank()
        yield from _run(run)


def _run(run: VerifiedRun) -> Iterator[Block]:
    if run.problems:
        yield Paragraph(f"{run.run}: {counted(len(run.problems), 'thing does', 'things do')} not hold.")
        for problem in run.problems[:_MOST]:
            yield Paragraph(f"  {problem}")
        if len(run.problems) > _MOST:
            yield Paragraph(f"  … and {len(run.problems) - _MOST:,} more: --json has all of them")
    else:
        yield Paragraph(f"{run.run}: all {counted(run.records, 'record')} hold.")
    if run.unsealed:
        unsealed = counted(run.unsealed, "record is", "records are")
        yield Paragraph(f"  {unsealed} unsealed: an older medbench wrote without digests")
    for what in run.unchecked:
        yield Paragraph(f"  not checked: {what}")
    if run.root:
        yield Paragraph(f"  root {run.root}")
