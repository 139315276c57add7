"""Conduct an experiment: run what is missing, judge it, compare."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.api.arguments import call_line
from medbench.api.experiments.planning import in_file, plan_experiment, spent_on
from medbench.api.experiments.result import ExperimentForecast, ExperimentResult
from medbench.api.judging_plan import judge_names, plan_judging, raters_named
from medbench.api.progress import judging_hooks, run_hooks
from medbench.api.running.run_plan import forecast_run
from medbench.errors import UsageError
from medbench.sentences import money
from medbench.steps.access.hosts import egress_refusals
from medbench.steps.judge.checks import no_need_of_judge
from medbench.steps.judge.checks import refusals as judge_refusals
from medbench.steps.judge.judges import models_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from medbench.api.experiments.planning import ExperimentPlan
    from medbench.api.judging_plan import Raters
    from medbench.errors import MedbenchError
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.judge_result import JudgingResult
    from medbench.steps.judge.judging_plan import JudgingHooks
    from medbench.steps.run.hooks import RunHooks


def experiment(
    name: str | Path,
    *,
    max_cost: float | None = None,
    concurrency: int | None = None,
    executor: str = "local",
    address: str | None = None,
    out: str | Path | None = None,
    progress: bool = True,
) -> ExperimentResult:
    """Conduct an experiment from a file: run and judge what is missing, then compare; the same call goes on.

    Args:
        name: One that came with medbench, such as 'prompt-ab', or a TOML file of yours.
        max_cost: Dollars that this call may spend at most, within what the experiment may.
        concurrency: Calls at a time.
        executor: Machines that make the calls of its systems: 'local' for this one, or 'ray' for those of a
            Ray cluster. Judges are asked from here.
        address: HOST:PORT of the head of the cluster that this machine is part of; by default one of its own.
        out: Folder of the runs; by default that of medbench.toml, or else 'runs'.
        progress: Show on stderr how it goes on.

    Raises:
        UsageError: The file is wrong, or costs more than it may.
        InputError: The benchmark was changed.
        LockedError: Another process is writing one of the runs.
        KeyboardInterrupt: It was stopped; the same call goes on.
    """
    arguments = locals()
    with run_hooks(progress=arguments.pop("progress")) as hooks:
        line = call_line(experiment, arguments)
        plan = plan_experiment(**arguments, command=line, notice=hooks.watcher.notice)
        result = conduct(plan, hooks, judging_hooks(progress=progress))
    if result.stopped:
        raise KeyboardInterrupt("everything that came is kept; the same call goes on")
    return result


def conduct(plan: ExperimentPlan, hooks: RunHooks, judging: JudgingHooks) -> ExperimentResult:
    """Run, judge and compare the systems of an experiment, as far as its budget goes."""
    from medbench.steps.run.run import run_all
    from medbench.steps.show.probe_card import probe_card
    from medbench.steps.show.stage_table import stage_table

    expected = forecast(plan, hooks.watcher.notice)
    for refusal in refusals(plan, expected, hooks.watcher.notice):
        raise refusal
    seal = plan.declare()
    before = spent_on(plan)
    outcomes = run_all(plan.run, hooks)
    judged = None
    if plan.experiment.judge is not None and not hooks.stop.is_set() and plan.folders():
        judged = _judge(plan, judging, (plan.run.max_cost or 0.0) - (spent_on(plan) - before))
    stopped = hooks.stop.is_set() or judging.stop.is_set()
    comparison = None if stopped or not plan.folders() else compared(plan)
    cards = () if stopped or not plan.experiment.probes else tuple(map(probe_card, plan.folders()))
    stages = () if stopped else tuple(map(stage_table, plan.folders()))
    return ExperimentResult(
        plan,
        seal,
        outcomes,
        judged,
        comparison,
        stages=tuple(filter(None, stages)),
        cards=tuple(filter(None, cards)),
        stopped=stopped,
    )


def forecast(plan: ExperimentPlan, notice: Callable[[str], None]) -> ExperimentForecast:
    """Return what an experiment would send and cost. Nothing is sent or written.

    Raises:
        UsageError: A judge, or what it judges by, is none.
    """
    _raters(plan)
    return ExperimentForecast(plan, forecast_run(plan.run, plan.run.max_cost, notice, _judge_named(plan)))


def refusals(
    plan: ExperimentPlan, expected: ExperimentForecast, notice: Callable[[str], None]
) -> list[MedbenchError]:
    """Return each reason why an experiment cannot begin, before anything is declared or a model is paid.

    Args:
        plan: The experiment.
        expected: What it would send and cost. Without an output to ask for, it may be that no judge is asked
            either, and none has to be ready; where the cases may go holds for each all the same.
        notice: Takes what a person should know.
    """
    found = [_over_budget(plan, expected.usd), *expected.record.refusals]
    raters = _raters(plan)
    if raters is not None:
        nobody = no_need_of_judge(plan.benchmark) or _no_judge(plan, raters)
        found.append(nobody)
        found += egress_refusals(plan.benchmark.head, models_of(*raters))
        asked = raters.judges if expected.left and nobody is None else ()
        fallback = raters.fallback if asked else None
        found += judge_refusals(asked, fallback, plan.run.max_cost, must_hold=True, notice=notice)
    return [error for error in found if error is not None]


def _over_budget(plan: ExperimentPlan, expected: float | None) -> UsageError | None:
    """Return why what is expected to be spent may not be; None where it may."""
    most = plan.run.max_cost or 0.0
    if expected is None or expected <= most:
        return None
    spent = spent_on(plan)
    of_line = plan.run.max_cost_from == "--max-cost"
    more = 1.25 * expected
    wanted = money(more if of_line else spent + more, up=True).lstrip("$").replace(",", "")
    raised = f"--max-cost {wanted}" if of_line else f"max_cost = {wanted} in the file"
    return UsageError(
        f"'{plan.name}' is expected to cost {money(expected, up=True)} more, and {money(most)} may be spent"
        + f" ({money(spent)} of max_cost = {plan.experiment.max_cost:g} are)" * bool(spent)
        + ": nothing was sent.",
        f"{raised}, or fewer systems or cases",
    )


def _no_judge(plan: ExperimentPlan, raters: Raters) -> UsageError | None:
    """Return why nobody grades; None where somebody does."""
    if raters.judges:
        return None
    return UsageError(
        f"'{plan.name}' is to be judged, names no judge, and the usual one has no key: nothing was sent.",
        '[judge] judge = ["NAME"]   (all: medbench models)',
    )


def compared(plan: ExperimentPlan) -> Comparison:
    """Return the comparison that an experiment declares."""
    from medbench.steps.compare.compare import compare_runs
    from medbench.steps.compare.inputs import CompareOptions

    judge = plan.experiment.judge
    margin = plan.experiment.margin
    names = {run.name for run in plan.folders()}
    options = CompareOptions(
        pairs=tuple(pair for pair in plan.pairs if names.issuperset(_asked(pair))),
        primary=plan.experiment.primary,
        offline=judge is None,
        margin=None if margin is None else margin / 100,
        look=plan.experiment.look,
    )
    return compare_runs(plan.folders(), None, options)


def _asked(pair: tuple[str, str]) -> set[str]:
    return {name for name in pair if not name.startswith("baseline-")}


def _judge_named(plan: ExperimentPlan) -> str | None:
    """Return the first judge of an experiment; None where nothing is judged."""
    judge = plan.experiment.judge
    if judge is None:
        return None
    return next(iter(judge.judge or judge_names(None)), None)


def _judge(plan: ExperimentPlan, hooks: JudgingHooks, left: float) -> JudgingResult:
    """Judge what is there for the dollars that are left of this call's."""
    from medbench.steps.judge.judge import judge_all

    judge = plan.experiment.judge
    assert judge is not None
    judging = plan_judging(
        plan.folders(),
        judge.judge or judge_names(None),
        rubric=judge.rubric,
        context=judge.context,
        fallback=judge.fallback,
        replicates=judge.replicates,
        limit=plan.experiment.limit,
        concurrency=plan.run.concurrency,
        max_cost=max(left, 0.0),
    )
    return judge_all(judging.model_copy(update={"max_cost_from": plan.run.max_cost_from}), hooks)


def _raters(plan: ExperimentPlan) -> Raters | None:
    """Return the judges of an experiment; None where nothing is judged."""
    judge = plan.experiment.judge
    if judge is None:
        return None
    names = judge.judge or judge_names(None)
    with in_file(plan.name):
        return raters_named(names, rubric=judge.rubric, context=judge.context, fallback=judge.fallback)
