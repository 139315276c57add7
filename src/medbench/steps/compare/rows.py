"""The runs of a comparison before anything is tested: names, order, rows, cases asked for, and warnings."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.choice import NO_IMAGES
from medbench.registry import unknown
from medbench.schema.results.system_row import SystemRow
from medbench.steps.reading.outputs import other_models
from medbench.steps.reading.spending import spent_on_answers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.schema.run import System
    from medbench.schema.score import Summary
    from medbench.store.runs import RunFolder


def reference_first(systems: list[str], against: str | None) -> list[str]:
    """Return the systems with the one named by --against first.

    Raises:
        UsageError: It is none of them.
    """
    if against is None:
        return systems
    if against not in systems:
        raise unknown("system of these runs", against, systems, option="--against ")
    return [against, *(name for name in systems if name != against)]


def row_of(name: str, run: RunFolder, summary: Summary, *, floor: bool) -> SystemRow:
    """Return the row of a run in the tables."""
    spent = spent_on_answers(run, summary)
    return SystemRow(
        name=name,
        path=str(run.path),
        floor=floor,
        n=summary.outputs,
        wanted=summary.wanted,
        not_run=summary.not_run,
        failures=summary.failures,
        flags=summary.flags,
        flagged=summary.flagged,
        other_models=other_models(run) if "other_model" in summary.flags else (),
        cost_usd=spent.known,
        cost_unknown=spent.unknown,
        cost_reused_usd=spent.reused_usd,
        cost_reused_unknown=spent.reused_unknown,
        cost_up_usd=spent.up_usd,
        metrics=summary.everything.metrics,
        unflagged=summary.unflagged,
        by=summary.by,
    )


def _images_sent(system: System) -> str:
    """Return which images of a case the models of a system are sent; empty where that is unknown."""
    choices = dict.fromkeys(stage.images for stage in system.stages if stage.images is not None)
    return "+".join(choice for choice in choices if choice != NO_IMAGES or len(choices) == 1)


def other_images(runs: Sequence[RunFolder]) -> Iterator[str]:
    """Yield a warning where the systems were not sent the same images."""
    sent = {images for run in runs if (images := _images_sent(run.head.system))}
    if len(sent) > 1:
        yield f"The systems were not sent the same images of a case: {', '.join(sorted(sent))}."
