"""`medbench watch`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from medbench.cli import console, options
from medbench.cli.names import typed_line
from medbench.sentences import line_of

if TYPE_CHECKING:
    from medbench.api.running.watch import WatchResult


def watch(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="MODEL", help="Models to ask today; none: the watched ones, no call is made."),
    ] = None,
    benchmark: Annotated[
        str | None,
        typer.Option(metavar="FOLDER", help="The cases that are asked again.  [phantom-40]"),
    ] = None,
    against: Annotated[
        str | None, typer.Option(metavar="DAY", help="The day to compare with: 2026-11-29.  [the first]")
    ] = None,
    max_cost: options.MaxCost = None,
    dry_run: options.DryRun = False,
    out: options.RunsFolder = None,
    json: options.Json = False,
) -> int:
    """Ask again, and tell if a model has changed under its name.

    \b
      medbench watch gemini-pro                today, beside the first day
      medbench watch                           the watched models; no call is made
      medbench watch gemini-pro --against 2026-11-29

    Exit code 0: no change seen. 1: it changed. 3: too few answers to tell.
    """
    from medbench.api.progress import run_watcher
    from medbench.api.running.watch import WatchResult, days_of, plan_watch, watched_days
    from medbench.steps.run.hooks import RunHooks
    from medbench.steps.run.run import run_all

    if not models:
        return _shown(WatchResult(watched_days(out, against)), json=json)
    plan = plan_watch(
        models, benchmark=benchmark, max_cost=max_cost, out=out, command=typed_line(), notice=console.say
    )
    if dry_run:
        from medbench.cli.run import show_plan

        return show_plan(plan, max_cost, judged=False)
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        outcomes = run_all(plan, hooks)
    if hooks.stop.is_set():
        return console.stopped("everything that came is kept")
    return _shown(WatchResult(days_of(plan, against), outcomes), json=json)


def _shown(result: WatchResult, *, json: bool) -> int:
    import json as to_json

    from medbench.report.watch import watch_screen

    if json:
        typer.echo(to_json.dumps(result.to_dict(), indent=1))
    else:
        console.show(*(block for record in result.records for block in watch_screen(record)))
    for line in result.problems:
        console.say(line)
    changed = [record for record in result.records if record.outcome == "changed"]
    if result.problems:
        console.say_next(("the same line again", "asks for what is missing"))
    elif changed:
        days = changed[0].days
        both = [day.path for day in days if day.day in {changed[0].against, days[-1].day}]
        console.say_next((line_of("compare", *both), "what it means for the findings"))
    else:
        console.say_next(("the same line on another day", "from a timer, say: its exit code tells"))
    return {"changed": 1, "undecided": 3, "first": 0, "same": 0}[result.outcome]
