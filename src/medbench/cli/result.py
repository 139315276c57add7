"""The end of `run` and `import`: the compact table, and what the floors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.cli import console

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.store.runs import RunFolder


def show_result(runs: Sequence[RunFolder]) -> None:
    """Score the runs where they are not yet, in the way of those beside them, and show them."""
    from medbench.api.run_result import scoring_notes
    from medbench.report.compare.conclusion import floors
    from medbench.report.compare.summary import overview
    from medbench.steps.compare.compare import rows_of

    comparison = rows_of(runs)
    console.say()
    console.show(*overview(comparison))
    for notice in scoring_notes(comparison):
        console.say(f"\n{notice}")
    for paragraph in floors(comparison):
        console.say()
        console.say(paragraph)
