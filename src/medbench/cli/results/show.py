"""`medbench show`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.errors import UsageError
from medbench.sentences import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.store.runs import RunFolder


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
    from medbench.store.remote import is_remote
    from medbench.store.runs import find_runs, last_benchmark_folder, runs_in

    root = Path(load_settings().defaults.runs)
    if what is None:
        last_benchmark_folder(root)
        return _show_list(runs_in(root), sort)
    try:
        found = find_runs([what], root)
    except UsageError:
        if is_remote(what):
            raise
        return _show_case(what, root, full=full)
    return _show_list(found, sort, what) if len(found) > 1 else _show_run(found[0])


def _show_list(runs: Sequence[RunFolder], sort: str, named: str | None = None) -> int:
    from medbench.report.glossary import explained
    from medbench.report.show.runs import leaderboard
    from medbench.steps.show.standing import standing_of

    states = [standing_of(run) for run in runs]
    console.show(*explained(leaderboard(states, sort)))
    unfinished = next((state.command for state in states if state.left), None)
    if named:
        console.say_next((line_of("compare", named), "the runs side by side"))
    elif unfinished:
        console.say_next((unfinished, "goes on"))
    else:
        console.say_next(("medbench compare", "those of the last benchmark, side by side"))
    return 0


def _show_run(run: RunFolder) -> int:
    from medbench.report.glossary import explained
    from medbench.report.show.run import one_run
    from medbench.steps.show.run_view import show_run
    from medbench.store.seals import changed_grades

    parts = one_run(show_run(run))
    for changed in changed_grades([run]):
        console.say(f"Note: {changed}")
    console.show(*explained(parts))
    return 0


def _show_case(name: str, root: Path, *, full: bool) -> int:
    from medbench.report.glossary import explained
    from medbench.report.show.case import one_case
    from medbench.steps.show.case_view import show_case
    from medbench.store.runs import runs_in
    from medbench.store.seals import changed_grades

    parts = one_case(show_case(name, root), whole=full)
    for changed in changed_grades(runs_in(root)):
        console.say(f"Note: {changed}")
    console.show(*explained(parts))
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
