"""Fill in the defaults of judging: what the command line and the Python API have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, get_args

from medbench.api.arguments import check_batch, check_number, check_word, split_names
from medbench.api.runs import kept_names, named_one_by_one, open_runs
from medbench.config import load_settings
from medbench.errors import InputError, UsageError
from medbench.prompts.rubrics import RUBRIC
from medbench.sentences import counted, line_of
from medbench.steps.access.batches import DEADLINE_H
from medbench.steps.access.judging_cost import CANARIES
from medbench.steps.judge.checks import no_need_of_judge
from medbench.steps.judge.judges import Context, Judge, judges_named, usual_judges
from medbench.steps.judge.judging_plan import JudgingPlan

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence
    from pathlib import Path

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import Runs
    from medbench.schema.batch import Then
    from medbench.store.runs import RunFolder

MOST_REPLICATES = 100


def runs_to_judge(
    runs: Runs | None,
    *,
    all: bool,  # noqa: A002 - the option's name
    notice: Callable[[str], None],
    benchmark: BenchmarkName | None = None,
) -> list[RunFolder]:
    """Return the runs that have something to grade, without the baselines unless they are wanted.

    Args:
        runs: Names, folders, or runs; None for those of the benchmark that was run last.
        all: The baselines, too.
        notice: Takes what a person should know of what was left out.
        benchmark: Where the runs' benchmark lies now; None where it was not moved.

    Raises:
        InputError: The runs are on several benchmarks.
        UsageError: There is no such run, or nothing to grade.
    """
    runs = kept_names(runs)
    named = open_runs(runs, benchmark=benchmark)
    first = named[0].head.benchmark
    for run in named:
        if run.head.benchmark.digest != first.digest:
            raise InputError(
                f"{named[0].path} ran on '{first.name}', {run.path} on '{run.head.benchmark.name}'.",
                f"{line_of('judge', named[0].path.parent)}   (one benchmark at a time)",
            )
    floors = [run for run in named if run.head.system.is_floor]
    asked = named if all else [run for run in named if not run.head.system.is_floor]
    named_ones = named_one_by_one(runs)
    asked = [run for run in asked if not run.head.system.probe or run.path.resolve() in named_ones]
    kept = [run for run in asked if any(output.failure is None for output in run.outputs())]
    if asked and not kept:
        names = ", ".join(f"'{run.name}'" for run in asked[:3]) + " …" * (len(asked) > 3)
        what = "has no output" if len(asked) == 1 else "have no outputs"
        raise UsageError(f"{names} {what} to grade.", "medbench show   (all runs, and what is missing)")
    if not kept:
        raise UsageError(
            f"{named[0].path.parent} holds baselines alone, which the free rater `rules` grades.",
            "the same line with --all lets the judge grade them, too",
        )
    if runs is None or (floors and not all):
        where = f"No RUN named: {named[0].path.parent}, " if runs is None else ""
        left = " (the baselines are graded by rules, free; --all pays)" if floors and not all else ""
        notice(f"{where}{counted(len(kept), 'system')}{left}.")
    for run in asked:
        if run not in kept:
            notice(f"{run.path} has no output yet: there is nothing to grade.")
    return kept


def judge_names(judge: str | Iterable[str] | None) -> list[str]:
    """Return the names of the judges; without any those of medbench.toml, or the usual one with a key."""
    return split_names(judge) or list(usual_judges(load_settings()))


class Raters(NamedTuple):
    """Who grades."""

    judges: tuple[Judge, ...]
    fallback: Judge | None
    """Judge that stands in where one gives no readable answer; None without."""


def raters_named(
    judges: Sequence[str],
    *,
    rubric: str | Path | None = None,
    context: Context = "none",
    fallback: str | None = None,
) -> Raters:
    """Return the judges of these names and their fallback, without one that of medbench.toml.

    Raises:
        UsageError: A name is wrong, or a judge would stand in for itself.
    """
    config = load_settings()
    words = str(rubric or config.defaults.rubric or RUBRIC)
    named = judges_named(judges, config, words, context)
    if not fallback:
        config.check_trusted("defaults.fallback")
    second_name = fallback or config.defaults.fallback
    second = judges_named([second_name], config, words, context)[0] if second_name else None
    if second and second.model in [judge.model for judge in named]:
        raise UsageError(f"'{second.name}' cannot stand in for itself.", "--fallback OTHER")
    return Raters(tuple(named), second)


def plan_judging(
    runs: Sequence[RunFolder],
    judges: Sequence[str],
    *,
    rubric: str | Path | None = None,
    context: Context = "none",
    fallback: str | None = None,
    fallback_on: Literal["single", "outage"] = "single",
    replicates: int = 1,
    audit: int | None = None,
    stale: bool = False,
    limit: int | None = None,
    concurrency: int | None = None,
    seed: int = 1,
    max_cost: float | None = None,
    batch: bool = False,
    batch_deadline: float | None = None,
    then: Then | None = None,
) -> JudgingPlan:
    """Return the plan of judging some runs by some judges; the arguments are those of `api.judge.judge`.

    Raises:
        UsageError: A name or a number is wrong, or there is nothing that a judge would grade.
        InputError: The benchmark was changed.
    """
    check_word("context", context, get_args(Context))
    check_word("fallback_on", fallback_on, ("single", "outage"))
    check_number("replicates", replicates, 1, MOST_REPLICATES)
    check_number("audit", audit, 0)
    check_number("limit", limit, 1)
    check_number("concurrency", concurrency, 1)
    check_number("max_cost", max_cost, 0)
    check_batch(batch=batch, deadline=batch_deadline, then=then)
    config = load_settings()
    raters = raters_named(judges, rubric=rubric, context=context, fallback=fallback)
    benchmark = runs[0].benchmark()
    benchmark.check()
    if (refusal := no_need_of_judge(benchmark)) is not None:
        raise refusal
    return JudgingPlan(
        runs=tuple(run.path for run in runs),
        judges=raters.judges,
        fallback=raters.fallback,
        fallback_on=fallback_on,
        replicates=replicates,
        seed=seed,
        stale=stale,
        limit=limit,
        canaries=CANARIES if audit is None else audit,
        concurrency=concurrency or config.defaults.concurrency,
        max_cost=config.max_cost if max_cost is None else max_cost,
        must_hold=max_cost is not None or not config.max_cost,
        batch=batch,
        batch_deadline_h=DEADLINE_H if batch_deadline is None else batch_deadline,
        batch_then=then,
    )
