"""What `run` and `import` end with: the compact table, and what the floors say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.cli import console

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from medbench.schema.results.comparison import Comparison


def show_result(folders: Sequence[Path]) -> None:
    """Score the runs where they are not yet, in the way of those beside them, and show them."""
    from medbench.report.comparison import overview
    from medbench.report.conclusion import floors
    from medbench.steps.compare.compare import rows_of
    from medbench.store.runs import RunFolder

    comparison = rows_of([RunFolder(folder) for folder in folders])
    console.say()
    console.show(*overview(comparison))
    for notice in _about_the_way(comparison):
        console.say(f"\n{notice}")
    for paragraph in floors(comparison):
        console.say()
        console.say(paragraph)


def _about_the_way(comparison: Comparison) -> Iterator[str]:
    """Whether the runs are scored by another parser than medbench's own, and which of them by yet another."""
    from medbench.scoring.parsing.text import CURRENT

    if comparison.parser != CURRENT:
        yield (
            f"Scored with parser '{comparison.parser}', as the runs beside them; "
            f"for '{CURRENT}': medbench rescore --parser {CURRENT}"
        )
    for said in comparison.forced:
        yield f"{said}: do not compare these rows."
