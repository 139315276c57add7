"""`medbench rescore` and `medbench verify`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console, options
from medbench.sentences import counted, line_of


def rescore(
    runs: options.Runs = None,
    parser: Annotated[
        str | None,
        typer.Option(help="Parser of the outputs; without it the current one.", metavar="NAME"),
    ] = None,
    swap: Annotated[
        str,
        typer.Option(help="Cases of the swap control: region (up to 20 of the same region) or any (all)."),
    ] = "region",
    finding: Annotated[
        int | None,
        typer.Option(help="Version of the finding metric; without it the current one.", metavar="N"),
    ] = None,
    benchmark: options.MovedBenchmark = None,
    executor: options.Executor = "local",
    address: options.Address = None,
) -> int:
    """Parse and score again what is already paid for.

    \b
      medbench rescore                                     all runs of the last benchmark
      medbench rescore runs/b --parser report-2026-02      as the report of February 2026 did
      medbench rescore --finding 1                         the numbers of the first finding metric
      medbench rescore --swap any                          the swap control over all other cases
    """
    import time

    from medbench.api import rescore as api
    from medbench.api.runs import open_runs
    from medbench.report.rescored import rescored

    folders = open_runs(runs or None, benchmark=benchmark)
    if not runs:
        console.say(f"No RUN named: {folders[0].path.parent}.")
    begun = time.perf_counter()
    result = api.rescore(
        folders, parser=parser, swap=swap, finding=finding, executor=executor, address=address
    )
    changes = result.changes
    seconds = time.perf_counter() - begun
    for change in changes:
        if change.died:
            console.say(
                f"Process {change.died}, which was writing {change.run.path}, is gone: run goes on there."
            )
    console.show(*rescored([(name, change.before, change.after) for name, change in result.by_name()]))
    outputs = sum(change.after.outputs for change in changes)
    console.say(
        f"\n{counted(len(changes), 'run')}, {counted(outputs, 'output')}, nothing sent ({seconds:.1f} s)."
    )
    console.say_next((line_of("compare", *(runs or [])), "the systems side by side"))
    return 0


def verify(
    runs: options.Runs = None,
    benchmark: options.Benchmark = None,
    json: options.Json = False,
) -> int:
    """Check a run's records, and print a root to publish.

    \b
      medbench verify                     all runs of the last benchmark
      medbench verify runs/b/gemini-flash one of them, from the benchmark to the scores
      medbench verify --json              for machines

    Ends with 1 where something does not hold. tools/verify_run.py does so without medbench.
    """
    from medbench.api import rescore as api
    from medbench.api.runs import open_runs
    from medbench.report.verified import verified

    folders = open_runs(runs or None)
    if not runs:
        console.say(f"No RUN named: {folders[0].path.parent}.")
    with console.working(f"Checking the records of {counted(len(folders), 'run')} …"):
        result = api.verify(folders, benchmark=benchmark).record
    if json:
        typer.echo(result.model_dump_json(indent=1))
    else:
        console.show(*verified(result))
    return 0 if result.hold else 1
