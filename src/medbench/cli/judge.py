"""`medbench judge`."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from medbench.cli import console, options
from medbench.cli.names import doctor_line
from medbench.sentences import counted, line_of

if TYPE_CHECKING:
    from medbench.schema.results.dry_run import Ceiling
    from medbench.schema.results.judge_result import JudgingForecast, JudgingResult
    from medbench.steps.judge.judging_plan import JudgingPlan
    from medbench.store.runs import RunFolder

_FALLBACK = "another model where it cannot"


def judge(
    runs: options.Runs = None,
    judge: Annotated[
        list[str] | None,
        typer.Option(
            "--judge",
            help="Models that grade, with commas or repeated; several are a panel.",
            show_default="gemini-pro",
        ),
    ] = None,
    rubric: Annotated[
        str | None, typer.Option(help="Name or TOML file of the rubric.", show_default="matched-1")
    ] = None,
    context: Annotated[
        Literal["none", "captions"],
        typer.Option(help="Hidden facts for the judge: captions, modality and plane of the sent images."),
    ] = "none",
    fallback: Annotated[
        str | None, typer.Option(help="Model that stands in where the judge gives no readable answer.")
    ] = None,
    fallback_on: Annotated[
        Literal["single", "outage"],
        typer.Option("--fallback-on", help="What it may stand in for: single verdicts, or an outage too."),
    ] = "single",
    replicates: Annotated[int, typer.Option(min=1, max=100, help="How often each text is judged.")] = 1,
    audit: Annotated[
        int | None, typer.Option(min=0, help="Canaries that each judge is tested with.", show_default="40")
    ] = None,
    all_: options.WithBaselines = False,
    stale: Annotated[
        bool, typer.Option("--stale", help="Judge again the texts that the parser now reads differently.")
    ] = False,
    benchmark: options.MovedBenchmark = None,
    limit: options.Limit = None,
    concurrency: options.Concurrency = None,
    seed: Annotated[int, typer.Option(help="Seed for the order of the two texts and for the canaries.")] = 1,
    max_cost: options.MaxCost = None,
    batch: options.Batch = False,
    batch_deadline: options.BatchDeadline = None,
    then: options.Then = None,
    dry_run: options.DryRun = False,
    min_coverage: Annotated[
        float, typer.Option(min=0, max=1, help="Share of verdicts below which the exit code is 3.")
    ] = options.MIN_COVERAGE,
) -> int:
    """Grade outputs against the references with a judge model.

    \b
      medbench judge                                      all runs of the last benchmark
      medbench judge --judge NAME --fallback OTHER        another model where the judge cannot be read
      medbench judge --judge A,B,C                        a panel: the majority
    """
    from medbench.api.judging_plan import judge_names, plan_judging, runs_to_judge
    from medbench.api.progress import JudgingLines
    from medbench.api.running.run_plan import most_from
    from medbench.cli.result import check_refusals, end_dry_run
    from medbench.config import load_settings
    from medbench.steps.judge.checks import plan_refusals
    from medbench.steps.judge.dry_run import dry_run as forecast_of
    from medbench.steps.judge.judge import judge_all
    from medbench.steps.judge.judging_plan import JudgingHooks

    folders = runs_to_judge(runs or None, all=all_, notice=console.say, benchmark=benchmark)
    names = judge_names(judge)
    if not names:
        console.say(
            "No judge: none is named, none stands in medbench.toml, and GEMINI_API_KEY is not set.\n"
            "The free rater `rules` is there already: compare shows its grades. A key adds gemini-pro, "
            "which matches the findings one by one, grades good / partial / poor and says why.\n"
        )
        console.say_next(
            ("export GEMINI_API_KEY=…", "for gemini-pro"),
            ("medbench judge --judge NAME", "another model; medbench models lists them"),
        )
        return 2
    plan = plan_judging(
        folders,
        names,
        rubric=rubric,
        context=context,
        fallback=fallback,
        fallback_on=fallback_on,
        replicates=replicates,
        audit=audit,
        stale=stale,
        limit=limit,
        concurrency=concurrency,
        seed=seed,
        max_cost=max_cost,
        batch=batch,
        batch_deadline=batch_deadline,
        then=then,
    )
    say_plan = partial(_say_plan, plan, folders, most_from(load_settings(), max_cost))
    if dry_run:
        forecast = forecast_of(plan)
        ceiling = say_plan(forecast, show=True)
        console.say("Nothing was sent or written.")
        check_refusals(plan_refusals(plan, forecast, console.say))
        return end_dry_run(ceiling)
    hooks = JudgingHooks(JudgingLines(console.talk()), planned=partial(say_plan, show=False))
    judged = judge_all(plan, hooks)
    return _finish(plan, folders, judged, min_coverage, stopped=hooks.stop.is_set())


def _say_plan(
    plan: JudgingPlan, runs: list[RunFolder], most_from: str, forecast: JudgingForecast, *, show: bool
) -> Ceiling:
    """Say what judges and the fallback would be asked, and return the ceiling."""
    from medbench.report.blocks import Blank
    from medbench.report.dry_run import ceiling_line
    from medbench.report.judged import plan_line
    from medbench.report.request import request_in_full
    from medbench.schema.results.dry_run import Ceiling
    from medbench.steps.judge.judges import warnings

    for words in dict.fromkeys(words for one in forecast.raters for words in one.unreadable if show):
        console.say(words)
    for one in forecast.raters:
        console.say(plan_line(one))
        if show and one.example is not None:
            console.show(request_in_full(f"One question to {one.name}", one.example), Blank())
    ceiling = Ceiling.over(math.inf if plan.max_cost is None else plan.max_cost, most_from, forecast.raters)
    console.say(ceiling_line(ceiling))
    for warning in warnings(plan.judges, plan.fallback, [run.head.system for run in runs]):
        console.say(f"Note: {warning}")
    console.say()
    return ceiling


def _finish(
    plan: JudgingPlan, runs: list[RunFolder], judged: JudgingResult, min_coverage: float, *, stopped: bool
) -> int:
    from medbench.report.cards import cards
    from medbench.report.judged import closing, standings_table
    from medbench.steps.reading.judge_cards import cards_of

    console.say()
    console.show(standings_table(judged.standings))
    console.show(*cards(cards_of(runs, [judge.key for judge in plan.judges])))
    for line in closing(judged):
        console.say(line)
    if stopped:
        return console.stopped("every verdict that came is kept")
    still = sum(standing.open for standing in judged.standings if standing.rater != judged.panel)
    thin = [standing for standing in judged.standings if standing.coverage < min_coverage]
    for row in thin:
        console.say(
            f"{row.system}: {row.judged} of {counted(row.wanted, 'output is', 'outputs are')} judged "
            f"by {row.rater}; --min-coverage is {min_coverage:.2f}."
        )
    if judged.waiting:
        console.say_next(("the same line again", "collects what came by then"))
        return 3
    if still or judged.down:
        failed = next((standing.failed_case for standing in judged.standings if standing.failed_case), None)
        other = [(f"medbench show {failed}", "why it has no grade")] if failed else []
        names = [judge.name for judge in plan.judges if judge.rater in judged.down][:1]
        other += map(doctor_line, names)
        other += [] if plan.fallback else [("the same line with --fallback NAME", _FALLBACK)]
        console.say_next(("the same line again", "judges what is missing"), *other)
        return 3
    side_by_side = (_compare_line(plan, runs, judged), "the systems side by side")
    if thin:
        console.say_next(side_by_side if plan.fallback else ("the same line with --fallback NAME", _FALLBACK))
        return 3
    console.say_next(
        side_by_side,
        ("medbench review sheet --sample 60", "people's grades correct the judge's"),
    )
    return 0


def _compare_line(plan: JudgingPlan, runs: list[RunFolder], judged: JudgingResult) -> str:
    """Return the line that compares by these grades; it names their rater where others graded too."""
    from medbench.steps.reading.raters import raters_of

    names = {key: name for key, name in raters_of(runs).names.items() if not key.name.startswith("reviewer:")}
    if len(names) < 2:
        return line_of("compare")
    panel = [name for key, name in names.items() if key.name == judged.panel]
    own = [names[judge.key] for judge in plan.judges if judge.key in names]
    return line_of("compare", "--judge", (panel or own)[-1]) if panel or own else line_of("compare")
