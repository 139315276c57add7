"""Write what a hospital has to know of one system on one side of paper."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from medbench.api.frames import Rows, same_named
from medbench.api.result import RecordResult
from medbench.api.runs import runs_to_read
from medbench.errors import UsageError
from medbench.store.jsonl import atomic_file

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.api.benchmarks import BenchmarkName
    from medbench.api.runs import RunName
    from medbench.report.blocks import Block
    from medbench.schema.results.cards.decision_card import DecisionCard, UrgentFindings


class CardResult(RecordResult):
    """A decision card. `record` has every number; its frame has a row for each region, and one for all."""

    record: DecisionCard

    def __repr__(self) -> str:
        return f"<CardResult {self.record.row.name}: {self.record.urgent.findings} urgent findings>"

    def _rows(self) -> Rows:
        return Rows(_COLUMNS, [_cells(one) for one in (*self.record.regions, self.record.urgent)])

    def _blocks(self) -> Iterator[Block]:
        from medbench.report.card.card import card_screen

        yield from card_screen(self.record)


def decision_card(
    run: RunName,
    out: str | Path | None = None,
    *,
    judge: str | None = None,
    benchmark: BenchmarkName | None = None,
) -> CardResult:
    """Return what a hospital has to know of one system, and write it as one side of paper.

    Args:
        run: The run.
        out: The file, HTML; one that is there is replaced. None to write nothing.
        judge: The rater that counts, as for `compare`.
        benchmark: Where the run's benchmark lies now, if it was moved.

    Raises:
        UsageError: The name leads to no run or to several, or the system asks no model.
        InputError: The benchmark is gone or was changed.
    """
    from medbench.report.card.card import card_page
    from medbench.steps.compare.compare import compare_runs
    from medbench.steps.compare.inputs import CompareOptions
    from medbench.steps.show.decision_card import decision_card as card_of

    with runs_to_read(run, benchmark) as folders:
        systems = [folder for folder in folders if not folder.head.system.probe] or folders
        comparison = compare_runs(systems, None, CompareOptions(judge=judge))
    if len(comparison.systems) != 1:
        names = ", ".join(row.name for row in comparison.systems[:4])
        problem = f"a card is of one system, and '{run}' holds {len(comparison.systems)}: {names}."
        raise UsageError(problem, "name one of them")
    record = card_of(comparison)
    if out is not None:
        with atomic_file(Path(out)) as file:
            file.write(card_page(record).encode())
    return CardResult(record)


def _cells(one: UrgentFindings) -> dict[str, Any]:
    missed, invented = one.missed.interval, one.invented.interval
    return same_named(_COLUMNS, one) | {
        "region": one.region or "all",
        "missed": one.missed.mean,
        "missed_low": missed.low if missed else None,
        "missed_high": missed.high if missed else None,
        "invented": one.invented.mean,
        "invented_low": invented.low if invented else None,
        "invented_high": invented.high if invented else None,
    }


_COLUMNS = {
    "region": str,
    "outputs": int,
    "findings": int,
    "missed": float,
    "missed_low": float,
    "missed_high": float,
    "wrong": int,
    "invented": float,
    "invented_low": float,
    "invented_high": float,
}
