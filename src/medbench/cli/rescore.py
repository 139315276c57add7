"""`medbench rescore`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console, options
from medbench.sentences import counted


def rescore(
    runs: options.Runs = None,
    parser: Annotated[
        str | None,
        typer.Option(help="How outputs are taken apart; without it the current way.", metavar="NAME"),
    ] = None,
    swap: Annotated[
        str,
        typer.Option(help="Swap control: up to 20 other cases of the same region, or all of any region."),
    ] = "region",
) -> int:
    """Parse and measure again what is already paid for.

    \b
      medbench rescore                                     all runs of the last benchmark
      medbench rescore runs/b --parser report-2026-02      as the report of February 2026 did
      medbench rescore --swap any                          the swap control over all other cases
    """
    import time
    from pathlib import Path
    from typing import cast, get_args

    from medbench.config import load_settings
    from medbench.registry import unknown
    from medbench.report.rescored import rescored
    from medbench.scoring.controls import Swap
    from medbench.scoring.parsing.text import CURRENT
    from medbench.steps.reading.summaries import summary_of
    from medbench.steps.rescore.rescore import Rescorer
    from medbench.store.lock import RunLock
    from medbench.store.runs import find_runs

    found = find_runs(runs or [], Path(load_settings().defaults.runs))
    if not runs:
        console.say(f"No RUN named: {found[0].path.parent}.")
    if swap not in get_args(Swap):
        raise unknown("swap control", swap, get_args(Swap), option="--swap ")
    rescorer = Rescorer(parser or CURRENT, cast("Swap", swap))
    begun = time.perf_counter()
    changes = []
    for run in found:
        with RunLock(run.path) as lock:
            if lock.died:
                console.say(f"Process {lock.died}, which was writing {run.path}, is gone: run goes on there.")
            changes.append((run.name, summary_of(run), rescorer.rescore(run)))
    seconds = time.perf_counter() - begun
    console.show(*rescored(changes))
    outputs = sum(after.outputs for _, _, after in changes)
    console.say(
        f"\n{counted(len(changes), 'run')}, {counted(outputs, 'output')}, nothing sent ({seconds:.1f} s)."
    )
    console.say("Next: medbench compare" + (f" {' '.join(runs)}" if runs else ""))
    return 0
