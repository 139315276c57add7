"""`medbench show`."""

from __future__ import annotations

from typing import Annotated

import typer

from medbench.cli import console, options
from medbench.sentences import line_of


def show(
    what: Annotated[
        str | None,
        typer.Argument(
            metavar="RUN|CASE", help="A run, or a case by its id or its source's; nothing: all runs."
        ),
    ] = None,
    benchmark: options.Benchmark = None,
    sort: Annotated[
        str, typer.Option(help="Order of all runs: primary, name, date, cost or n.", metavar="BY")
    ] = "primary",
    full: Annotated[bool, typer.Option("--full", help="Print long texts in full.")] = False,
    spent: Annotated[
        bool, typer.Option("--spent", help="What was paid: for what, by model, run and day.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the numbers of --spent for machines.")] = False,
) -> int:
    """Show all runs, one run, or one case with every output.

    \b
      medbench show                     all runs, the best first
      medbench show baseline-generic    one run
      medbench show MPX2185             one case, by the id of its source
      medbench show --spent             what was paid, reused answers apart
    """
    from medbench.errors import UsageError
    from medbench.store.benchmark import find_benchmark
    from medbench.store.runs import reading_with

    if spent:
        return _show_spent(what, json=json)
    if json:
        raise UsageError("--json is for --spent here.", "medbench show --spent --json")
    if benchmark is None:
        return _show(what, sort, full=full)
    folder = find_benchmark(benchmark)
    folder.check()
    with reading_with((), folder):
        return _show(what, sort, full=full)


def _show(what: str | None, sort: str, *, full: bool) -> int:
    from pathlib import Path

    from medbench.config import load_settings
    from medbench.errors import UsageError
    from medbench.report.show.case import one_case
    from medbench.report.show.run import one_run
    from medbench.report.show.runs import leaderboard
    from medbench.steps.show.show import show_case, show_run, standing_of
    from medbench.store.runs import find_runs, last_benchmark_folder, runs_in
    from medbench.store.seals import changed_grades

    root = Path(load_settings().defaults.runs)
    if what is None:
        last_benchmark_folder(root)
        states = [standing_of(run) for run in runs_in(root)]
        console.show(*leaderboard(states, sort))
        unfinished = next((state.command for state in states if state.left), None)
        console.say_next(
            (unfinished, "goes on") if unfinished else ("medbench compare", "the last benchmark's")
        )
        return 0
    try:
        found = find_runs([what], root)
    except UsageError:
        found = runs_in(root)
        parts = one_case(show_case(what, root), whole=full)
    else:
        if len(found) > 1:
            console.show(*leaderboard([standing_of(run) for run in found], sort))
            console.say_next((line_of("compare", what), "the runs side by side"))
            return 0
        parts = one_run(show_run(found[0]))
    for changed in changed_grades(found):
        console.say(f"Note: {changed}")
    console.show(*parts)
    return 0


def _show_spent(run: str | None, *, json: bool) -> int:
    from dataclasses import asdict
    from json import dumps
    from pathlib import Path

    from medbench.api.tables import spent_table
    from medbench.config import load_settings
    from medbench.report.show.spent import spent_screen
    from medbench.steps.reading.spending import account_under

    account = account_under(Path(load_settings().defaults.runs), run)
    if json:
        typer.echo(dumps({**spent_table(account).to_dict(), "total": asdict(account.total())}, indent=1))
    else:
        console.show(*spent_screen(account))
    return 0
