"""Ask a model the same cases on a day, and compare the day with earlier ones."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.api.arguments import call_line
from medbench.api.frames import Rows, same_named
from medbench.api.progress import run_hooks
from medbench.api.result import Result
from medbench.api.running.run_plan import plan_run
from medbench.api.running.run_result import missing_outputs
from medbench.config import load_settings
from medbench.errors import InputError, UsageError
from medbench.steps.watch import ASKED, watched
from medbench.steps.watch import watch as compared
from medbench.store.benchmark import DEFAULT, find_benchmark
from medbench.store.runs import WATCH_FOLDER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.running.run_plan import Models
    from medbench.report.blocks import Block
    from medbench.schema.results.watch import Watch, WatchedDay, WatchOutcome
    from medbench.steps.run.run_plan import RunPlan
    from medbench.steps.run.unit import Outcome


class WatchResult(Result):
    """Watched systems. `records` has every number; its frame has a row for each day of each."""

    def __init__(self, records: Sequence[Watch], outcomes: Sequence[Outcome] = ()) -> None:
        self.records = tuple(records)
        self.outcomes = tuple(outcomes)
        """How the asking ended, system by system; none where it was compared only."""

    @property
    def outcome(self) -> WatchOutcome:
        """The worst result of the last day: 'changed', 'undecided', 'first' or 'same'."""
        found = {record.outcome for record in self.records}
        order: tuple[WatchOutcome, ...] = ("changed", "undecided", "first", "same")
        return next(outcome for outcome in order if outcome in found)

    @property
    def problems(self) -> list[str]:
        """Sentences that say what is missing of today's answers and why; empty where nothing is."""
        return [line for outcome in self.outcomes for line in missing_outputs(outcome)]

    def to_dict(self) -> dict[str, Any]:
        """Return {'systems': …, 'problems': …}, each system with its days."""
        systems = [json.loads(record.model_dump_json()) for record in self.records]
        return {"systems": systems, "problems": self.problems}

    def __repr__(self) -> str:
        return f"<WatchResult {', '.join(f'{one.system}: {one.outcome}' for one in self.records)}>"

    def _rows(self) -> Rows:
        rows = [_row(record, day) for record in self.records for day in record.days]
        return Rows(_COLUMNS, rows)

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.watch import watch_screen

        for record in self.records:
            yield from watch_screen(record)


def watch(
    models: Models | None = None,
    *,
    benchmark: BenchmarkName | None = None,
    against: str | None = None,
    max_cost: float | None = None,
    out: str | Path | None = None,
    progress: bool = True,
) -> WatchResult:
    """Ask models the same cases today, and tell if one of them is no longer what it was under its name.

    Every case is asked twice, so that what answers vary within a day is the measure for what they differ
    between days. The same call on the same day goes on, or compares again.

    Args:
        models: Names, as of `run`; None for all that were watched, which are compared and not asked.
        benchmark: The cases; by default the drawn ones of 'phantom-40', which show no patient.
        against: The day to compare with, such as '2026-11-29'; by default the first.
        max_cost: Dollars that this call may spend at most; by default that of medbench.toml, or else 10.
        out: Folder of the runs; by default that of medbench.toml, or else 'runs'.
        progress: Show on stderr how it goes on.

    Raises:
        UsageError: A name is wrong, names no model, or something that a model needs is missing.
        InputError: No model was named, and none was watched.
        KeyboardInterrupt: It was stopped; the same call goes on.
    """
    arguments = locals()
    from medbench.steps.run.run import run_all

    if models is None:
        return WatchResult(watched_days(out, against))

    with run_hooks(progress=arguments.pop("progress")) as hooks:
        plan = plan_watch(
            models,
            benchmark=benchmark,
            max_cost=max_cost,
            out=out,
            command=call_line(watch, arguments),
            notice=hooks.watcher.notice,
        )
        outcomes = run_all(plan, hooks)
    if hooks.stop.is_set():
        raise KeyboardInterrupt("what came is kept; the same call goes on")
    return WatchResult(days_of(plan, against), outcomes)


def plan_watch(
    models: Models,
    *,
    benchmark: BenchmarkName | None,
    max_cost: float | None,
    out: str | Path | None,
    command: str,
    notice: Callable[[str], None],
) -> RunPlan:
    """Return the plan of today's answers: a run in a folder of the day, without the baselines.

    Raises:
        UsageError: A name is wrong, or names no model.
    """
    root = Path(out or load_settings().defaults.runs)
    day = f"{datetime.now(UTC):%Y-%m-%d}"
    plan = plan_run(
        benchmark or DEFAULT,
        models,
        replicates=ASKED,
        max_cost=max_cost,
        out=root / WATCH_FOLDER / day,
        command=command,
        notice=notice,
    )
    asked = tuple(one for one in plan.systems if one.stages)
    if not asked:
        raise UsageError("a baseline never changes: there is nothing to watch.", "medbench models")
    return plan.model_copy(update={"systems": asked, "is_watch": True})


def days_of(plan: RunPlan, against: str | None) -> list[Watch]:
    """Return the days of the systems of a plan, each compared with one of them."""
    root, name = plan.root.parent.parent, find_benchmark(plan.benchmark).head.name
    return [compared(root, name, one.system.name, against) for one in plan.systems]


def watched_days(out: str | Path | None, against: str | None) -> list[Watch]:
    """Return the days of all systems that were watched, each compared with one of them.

    Raises:
        InputError: There are none.
    """
    root = Path(out or load_settings().defaults.runs)
    found = watched(root)
    if not found:
        raise InputError(f"nothing is watched in '{root}'.", "medbench watch NAME   (all: medbench models)")
    return [compared(root, *names, against) for names in found]


def _row(record: Watch, day: WatchedDay) -> dict[str, Any]:
    interval = day.interval
    return same_named(_COLUMNS, day) | {
        "system": record.system,
        "benchmark": record.benchmark,
        "against": record.against,
        "failed": sum(day.failures.values()),
        "models": ", ".join(day.models) or None,
        "low": interval.low if interval else None,
        "high": interval.high if interval else None,
    }


_COLUMNS = {
    "system": str,
    "benchmark": str,
    "day": str,
    "against": str,
    "outcome": str,
    "models": str,
    "answers": int,
    "failed": int,
    "cases": int,
    "same_texts": int,
    "within": float,
    "across": float,
    "low": float,
    "high": float,
    "p": float,
    "usd": float,
}
