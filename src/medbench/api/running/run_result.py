"""The result of a run: its runs, how each of them ended, and what it would send and cost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.api.frames import Rows, same_named
from medbench.api.result import Result
from medbench.api.runs import RunList
from medbench.report.blocks import Paragraph
from medbench.report.numbers import counts
from medbench.schema.account import Account
from medbench.scoring.parsing.text import CURRENT
from medbench.sentences import counted
from medbench.store.runs import HEAD, RunFolder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.report.blocks import Block
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.dry_run import Forecast, Plan, PlannedSystem
    from medbench.steps.run.unit import Outcome


class RunResult(RunList):
    """The runs of one call. Its frame has a row for each case and replicate of every system."""

    def __init__(self, folders: Iterable[RunFolder], outcomes: Sequence[Outcome] = ()) -> None:
        super().__init__(folders)
        self.outcomes = tuple(outcomes)
        """How each system ended: what is missing, why, and what it took."""

    @property
    def complete(self) -> bool:
        """True if the same call again would have nothing to ask."""
        return not any(outcome.run.left for outcome in self.outcomes)

    @property
    def usd(self) -> float | None:
        """Dollars of this call; None where the cost of a call is unknown."""
        return spent_by(self.outcomes).total().whole

    @property
    def problems(self) -> list[str]:
        """Sentences that say what is missing and why; empty where nothing is."""
        return [line for outcome in self.outcomes for line in missing_outputs(outcome)]

    def __repr__(self) -> str:
        left = sum(outcome.run.left for outcome in self.outcomes)
        state = f"{counted(left, 'output')} missing" if left else "complete"
        return f"<RunResult {len(self)}: {', '.join(self.names)}; {state}>"

    def _rows(self) -> Rows:
        return self.outputs().rows

    def to_dict(self) -> dict[str, Any]:
        """Return {'runs': …, 'outputs': …, 'problems': …}."""
        return {**super().to_dict(), "outputs": self.outputs().to_dict()["rows"], "problems": self.problems}

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.compare.conclusion import floors
        from medbench.report.compare.summary import overview
        from medbench.steps.compare.run_table import scored_rows

        comparison, faults = scored_rows([run.folder for run in self]) if self else (None, [])
        if comparison is not None:
            yield from overview(comparison)
            yield from map(Paragraph, scoring_notes(comparison))
            yield from floors(comparison)
        yield from (Paragraph(f"Not in the table: {fault}") for fault in faults)
        yield from map(Paragraph, self.problems)


def spent_by(outcomes: Iterable[Outcome]) -> Account:
    """Return what these systems paid in one call."""
    account = Account()
    for outcome in outcomes:
        account.merge(outcome.spent)
    return account


def begun_folders(outcomes: Iterable[Outcome]) -> list[RunFolder]:
    """Return the folders of the systems that were begun."""
    folders = [outcome.run.folder for outcome in outcomes]
    return [RunFolder(folder) for folder in folders if (folder / HEAD).is_file()]


def missing_outputs(outcome: Outcome) -> Iterator[str]:
    """Yield what the same line asks for again, and why the first of it failed; nothing where all is done."""
    run = outcome.run
    if not run.left:
        return
    reasons = [counts(outcome.open_failures)] * bool(outcome.open_failures)
    reasons += [f"waiting for {counted(outcome.waiting, 'batch', 'batches')}"] * bool(outcome.waiting)
    why = "; ".join(reasons) or "not run"
    wanted = counted(run.wanted, "output is", "outputs are")
    final = run.done.final_failures
    others = f"; {final.total()} more failed for good ({counts(final)})" * bool(final)
    yield f"{run.folder.name}: {run.left} of {wanted} missing ({why}){others}."
    if outcome.first_reason:
        yield f"  the first: {outcome.first_reason}"


def scoring_notes(comparison: Comparison) -> Iterator[str]:
    """Yield that runs are scored by another parser than the current one, or in different ways."""
    if comparison.parser != CURRENT:
        yield (
            f"Scored with parser '{comparison.parser}', as the runs beside them; "
            f"for '{CURRENT}': medbench rescore --parser {CURRENT}"
        )
    for way in comparison.forced:
        yield f"{way}: do not compare these rows."


class DryRun(Result):
    """The calls that a run would make, and their cost.

    `record` has every number; its frame has a row for each system.
    """

    def __init__(self, record: Plan) -> None:
        self.record = record

    def to_dict(self) -> dict[str, Any]:
        """Return the rows of its frame, what judging would take, and the most that may be spent."""
        judging = self.record.judging
        return {
            "systems": [*self._rows()],
            "judging": _forecast_cells(judging) if judging else None,
            "problems": self.problems,
            "most_usd": None if self.record.most_usd == float("inf") else self.record.most_usd,
        }

    @property
    def problems(self) -> list[str]:
        """Sentences that say why the run would be refused; empty where it would not."""
        return [str(refusal) for refusal in self.record.refusals]

    def __repr__(self) -> str:
        calls = sum(system.forecast.calls for system in self.record.systems if system.forecast)
        return f"<DryRun {self.record.benchmark}: {counted(calls, 'call')}>"

    def _rows(self) -> Rows:
        return Rows(_COLUMNS, [_system_cells(system) for system in self.record.systems])

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.dry_run import plan_screen

        yield from plan_screen(self.record)
        yield from map(Paragraph, self.problems)


_COLUMNS = {
    "run": str,
    "wanted": int,
    "left": int,
    "reused": int,
    "images": int,
    "calls": int,
    "tokens_in": float,
    "tokens_out": float,
    "usd": float,
    "most_usd": float,
    "minutes_low": float,
    "minutes_high": float,
}


def _system_cells(system: PlannedSystem) -> dict[str, Any]:
    free = {"calls": 0, "usd": 0.0, "most_usd": 0.0}
    asked = _forecast_cells(system.forecast) if system.forecast else free
    return same_named(_COLUMNS, system) | {"run": Path(system.folder).name} | asked


def _forecast_cells(forecast: Forecast) -> dict[str, Any]:
    low, high = forecast.minutes or (None, None)
    return same_named(_COLUMNS, forecast) | {"minutes_low": low, "minutes_high": high}
