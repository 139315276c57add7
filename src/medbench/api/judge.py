"""Let judges grade the outputs of runs."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Literal

from medbench.api.arguments import with_arguments_of
from medbench.api.frames import Rows, same_named
from medbench.api.judging_plan import judge_names, plan_judging, runs_to_judge
from medbench.api.progress import judging_hooks
from medbench.api.result import Result
from medbench.errors import UsageError
from medbench.report.blocks import Paragraph
from medbench.report.numbers import counts
from medbench.steps.reading.judge_cards import cards_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence
    from pathlib import Path

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import Runs
    from medbench.report.blocks import Block
    from medbench.schema.batch import Then
    from medbench.schema.results.cards.rater_card import RaterCard
    from medbench.schema.results.judge_result import JudgingResult, Standing
    from medbench.steps.judge.judges import Context
    from medbench.steps.judge.judging_plan import JudgingPlan
    from medbench.store.runs import RunFolder


class JudgeResult(Result):
    """The standing of each rater on each run.

    Its frame has a row for each of them; `compare` has the grades.
    """

    def __init__(self, record: JudgingResult, cards: Sequence[RaterCard]) -> None:
        self.record = record
        self.cards = tuple(cards)
        """Quality of each judge, from its canaries, its replicates and the people who graded too."""

    @property
    def complete(self) -> bool:
        """True if the same call again would have nothing to ask."""
        return not self.record.down and not any(standing.open for standing in self.record.standings)

    @property
    def usd(self) -> float | None:
        """Dollars of this call; None where the cost of a question is unknown."""
        return self.record.spending.account.total().whole

    def to_dict(self) -> dict[str, Any]:
        """Return {'standings': …, 'cards': …, 'spending': …, 'down': …}."""
        return {
            "standings": [asdict(standing) for standing in self.record.standings],
            "cards": [card.model_dump(mode="json") for card in self.cards],
            "spending": self._spending(),
            "down": {rater: error.message for rater, error in self.record.down.items()},
        }

    def _spending(self) -> dict[str, Any]:
        spent = self.record.spending
        texts = {name: getattr(spent, name) for name in ("graded", "failed", "canaries", "asked_twice")}
        return {**texts, **asdict(spent.account.total())}

    def __repr__(self) -> str:
        judged = sum(standing.judged for standing in self.record.standings)
        wanted = sum(standing.wanted for standing in self.record.standings)
        return f"<JudgeResult {judged} of {wanted} verdicts>"

    def _rows(self) -> Rows:
        return Rows(_COLUMNS, [_cells(standing) for standing in self.record.standings])

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.cards import cards
        from medbench.report.judged import closing, standings_table

        yield standings_table(self.record.standings)
        yield from cards(self.cards)
        yield from map(Paragraph, closing(self.record))


def judge(
    runs: Runs | None = None,
    *,
    judge: str | Iterable[str] | None = None,
    rubric: str | Path | None = None,
    context: Context = "none",
    fallback: str | None = None,
    fallback_on: Literal["single", "outage"] = "single",
    replicates: int = 1,
    audit: int | None = None,
    all: bool = False,  # noqa: A002 - the option's name
    stale: bool = False,
    benchmark: BenchmarkName | None = None,
    limit: int | None = None,
    concurrency: int | None = None,
    seed: int = 1,
    max_cost: float | None = None,
    batch: bool = False,
    batch_deadline: float | None = None,
    then: Then | None = None,
    progress: bool = True,
) -> JudgeResult:
    """Let judges grade outputs against references; the same call again judges only what is missing.

    Args:
        runs: Names, folders, or runs; by default those of the benchmark that was run last.
        judge: Models that grade; several are a panel. By default those of medbench.toml, or else
            'gemini-pro' where its key is set.
        rubric: Name or TOML file of the rubric; by default that of medbench.toml, or else 'matched-1'.
        context: 'captions' to tell the judge captions, modality and plane of the images, or 'none'.
        fallback: Model that stands in where the judge gives no readable answer.
        fallback_on: 'outage' if it may stand in for an outage, too, or 'single'.
        replicates: How often each text is judged, up to 100.
        audit: Canaries of each judge in all; by default 40.
        all: Grade the baselines, too.
        stale: Judge anew what the parser now reads otherwise.
        benchmark: Where the runs' benchmark lies now, if it was moved: they are linked to it anew.
        limit: Only so many cases, taken round-robin over the strata.
        concurrency: Most calls at a time, of all judges together.
        seed: Of the order of the two texts, and of the canaries.
        max_cost: Dollars that this call may spend; by default that of medbench.toml, or else 10.
        batch: Ask in batches, at a lower price; the same call again collects. Lists of findings, grades and
            canaries rest on each other, so that each takes a batch of its own.
        batch_deadline: Hours after which a batch is given up; 26 unless said otherwise. Needs `then`.
        then: What a batch that is given up leaves: 'live' asks each question by itself, 'stop' asks none.
        progress: Show on stderr how it goes on.

    Raises:
        UsageError: A name or a number is wrong, there is nothing to grade, or there is no judge.
        InputError: The runs are on several benchmarks, or theirs was changed.
        LockedError: Another process is writing one of the runs.
        KeyboardInterrupt: It was stopped; the same call goes on.
    """
    arguments = locals()
    from medbench.steps.judge.judge import judge_all

    hooks = judging_hooks(progress=arguments.pop("progress"))
    folders, plan = _plan(hooks.watcher.notice, **arguments)
    result = _result(folders, plan, judge_all(plan, hooks))
    if hooks.stop.is_set():
        raise KeyboardInterrupt(_STOPPED)
    return result


@with_arguments_of(judge)
async def judge_async(arguments: dict[str, Any]) -> JudgeResult:
    """Do what `judge` does without blocking: `await` it, in a notebook's cell too.

    Raises:
        CancelledError: It was stopped by Ctrl-C; the same call goes on.
    """
    from medbench.steps.access.stop import cancelled_by_ctrl_c, ending_at_once
    from medbench.steps.judge.judge import judge_async as work

    hooks = judging_hooks(progress=arguments.pop("progress"))
    with cancelled_by_ctrl_c():
        with ending_at_once():
            folders, plan = _plan(hooks.watcher.notice, **arguments)
        result = _result(folders, plan, await work(plan, hooks))
    if hooks.stop.is_set():
        raise asyncio.CancelledError(_STOPPED)
    return result


_STOPPED = "every verdict that came is kept; the same call goes on"


def _plan(
    notice: Callable[[str], None],
    *,
    runs: Runs | None,
    judge: str | Iterable[str] | None,
    all: bool,  # noqa: A002 - the option's name
    benchmark: BenchmarkName | None,
    **options: Any,
) -> tuple[list[RunFolder], JudgingPlan]:
    folders = runs_to_judge(runs, all=all, notice=notice, benchmark=benchmark)
    names = judge_names(judge)
    if not names:
        raise UsageError(
            "no judge: none is named, none stands in medbench.toml, and GEMINI_API_KEY is not set.",
            'judge="NAME"   (all: models()); the free rater rules is there already, see compare()',
        )
    return folders, plan_judging(folders, names, **options)


def _result(folders: Sequence[RunFolder], plan: JudgingPlan, record: JudgingResult) -> JudgeResult:
    return JudgeResult(record, cards_of(folders, [judge.key for judge in plan.judges]))


_COLUMNS = {
    "rater": str,
    "run": str,
    "wanted": int,
    "judged": int,
    "by_fallback": int,
    "open": int,
    "coverage": float,
    "failures": str,
}


def _cells(standing: Standing) -> dict[str, str | float | None]:
    failures = counts(standing.failures) if standing.failures else ""
    return same_named(_COLUMNS, standing) | {"run": standing.system, "failures": failures}
