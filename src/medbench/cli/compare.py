"""`medbench compare`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console


def compare(
    runs: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RUN",
            help="Runs, or folders of runs; none: those of the benchmark that was run last.",
        ),
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers for machines.")] = False,
) -> int:
    """Two or more systems on the same cases.

    \b
      medbench compare                          all runs of the last benchmark
      medbench compare gemini-flash medgemma-4b two of them
      medbench compare runs/* --json            for machines
    """
    from pathlib import Path

    from medbench.config import load_settings
    from medbench.report.comparison import caution, full, teaching, uneven
    from medbench.steps.compare import compare_runs
    from medbench.store.runs import find_runs

    found = find_runs(runs or [], Path(load_settings().defaults.runs))
    if not runs:
        console.say(f"No RUN named: {found[0].path.parent}.")
    comparison = compare_runs(found)
    for path, why in comparison.rescored.items():
        console.say(f"Scored {path} again: {why}.")
    for notice in comparison.notices:
        console.say(f"Note: {notice}")
    if json:
        typer.echo(comparison.model_dump_json(indent=1))
        return 0
    for part in full(comparison):
        console.show(part)
    for words in (teaching(comparison), uneven(comparison), caution(comparison)):
        if words:
            console.say(f"\n{words}")
    if comparison.example:
        console.say(f"Next: medbench show {comparison.example:<17}one case: images, reference, every output")
    return 0
