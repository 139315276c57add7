"""What `run` and `import` end with: the compact table, and what the floors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.cli import console

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


def show_result(folders: Sequence[Path]) -> None:
    """Score the runs with the current parser where they are not yet, and show them."""
    from medbench.report.comparison import overview
    from medbench.report.conclusion import teaching, uneven
    from medbench.scoring.text import CURRENT
    from medbench.steps.compare import Asked, compare_runs
    from medbench.store.runs import RunFolder

    comparison = compare_runs([RunFolder(folder) for folder in folders], CURRENT, Asked(tests=False))
    console.say()
    for part in overview(comparison):
        console.show(part)
    for words in (teaching(comparison), uneven(comparison)):
        if words:
            console.say(f"\n{words}")
