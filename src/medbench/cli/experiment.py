"""`medbench run FILE.toml`, and `medbench configs`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.cli import console
from medbench.sentences import counted, line_of

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.api.experiments.planning import ExperimentPlan
    from medbench.api.experiments.result import ExperimentResult


def run_experiment(
    name: str,
    *,
    max_cost: float | None,
    concurrency: int | None,
    executor: str,
    address: str | None,
    out: Path | None,
    dry_run: bool,
    min_coverage: float,
) -> int:
    """Conduct an experiment, or show what it would take."""
    from medbench.api.experiments.conduct import conduct, forecast, refusals
    from medbench.api.experiments.planning import plan_experiment
    from medbench.api.progress import JudgingLines, run_watcher
    from medbench.cli.names import typed_line
    from medbench.cli.result import check_refusals, end_dry_run
    from medbench.steps.judge.judging_plan import JudgingHooks
    from medbench.steps.run.hooks import RunHooks

    plan = plan_experiment(
        name,
        command=typed_line(),
        notice=console.say,
        max_cost=max_cost,
        concurrency=concurrency,
        executor=executor,
        address=address,
        out=out,
    )
    if dry_run:
        planned = forecast(plan, console.say)
        console.show(*planned.blocks())
        console.say("Nothing was sent or written.")
        check_refusals(refusals(plan, planned, console.say))
        return end_dry_run(planned.record.ceiling, plan.run.max_cost_from)
    with run_watcher(console.talk()) as watching:
        hooks = RunHooks(watching)
        result = conduct(plan, hooks, JudgingHooks(JudgingLines(console.talk())))
    return _finish(plan, result, min_coverage)


def _finish(plan: ExperimentPlan, result: ExperimentResult, min_coverage: float) -> int:
    from medbench.api.running.run_result import missing_outputs
    from medbench.report.judged import closing

    if result.stopped:
        return console.stopped("everything that came is kept")
    console.show(*result.blocks())
    for outcome in result.outcomes:
        for line in missing_outputs(outcome):
            console.say(line)
    for line in closing(result.judged) if result.judged else ():
        console.say(line)
    where = plan.run.root / plan.benchmark.head.name
    if not result.complete:
        console.say(
            "Next: the same line again asks for what is missing; where dollars ended it, with a higher "
            f"{plan.run.max_cost_from}"
        )
        return 3
    if page := result.report_page(plan.page):
        for line in page.terms:
            console.say(line)
        size = f"{counted(page.cases, 'case')}, {page.bytes / 1e6:.1f} MB"
        console.say(f"Wrote {page.path} ({size}, works offline).")
    console.say_next(
        (line_of("compare", *(where / name for name in plan.systems[:2])), "every number of two of them"),
    )
    thin = [one for one in result.outcomes if plan.systems and one.coverage < min_coverage]
    return 3 if thin else 0


def configs() -> int:
    """List the experiments that came with medbench.

    \b
      medbench run prompt-ab --dry-run            what one of them would send and cost
      medbench run my-experiment.toml             one of your own
    """
    import itertools

    from medbench.registry import shipped_names
    from medbench.report.experiment import configs_screen
    from medbench.steps.experiment.read import CONFIGS, read_experiment

    rows = []
    for name in shipped_names(CONFIGS):
        found = read_experiment(name).experiment
        grid = len(list(itertools.product(*found.grid.values()))) if found.grid else 0
        rows.append((name, found.question, found.max_cost, grid + len(found.systems)))
    console.show(*configs_screen(rows))
    console.say_next(("medbench run NAME --dry-run", "what it would send and cost"))
    return 0
