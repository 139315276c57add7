"""Results of an experiment: its forecast before, and its end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from medbench.api.compare import pair_table
from medbench.api.frames import Rows
from medbench.api.result import Result
from medbench.report.blocks import Paragraph
from medbench.report.experiment import declarations, declared, forecast_screen, outcome
from medbench.report.show.probes import probe_card
from medbench.report.show.screening import screening_cards
from medbench.report.show.stages import stage_table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from medbench.api.experiments.planning import ExperimentPlan
    from medbench.api.exports.page import ReportFile
    from medbench.report.blocks import Block
    from medbench.schema.experiment import Seal
    from medbench.schema.results.cards.probe_card import ProbeCard
    from medbench.schema.results.comparison import Comparison
    from medbench.schema.results.dry_run import Plan
    from medbench.schema.results.judge_result import JudgingResult
    from medbench.schema.results.stage_table import StageTable
    from medbench.steps.run.unit import Outcome


class ExperimentForecast(Result):
    """The calls and dollars of an experiment; its frame has a row for each system."""

    def __init__(self, plan: ExperimentPlan, record: Plan) -> None:
        self.plan = plan
        self.record = record

    @property
    def usd(self) -> float | None:
        """Dollars that are expected, judging included; None where a price is unknown."""
        parts = [one.forecast.usd for one in self.record.systems if one.forecast]
        if self.record.judging and self.plan.experiment.judge:
            parts.append(self.record.judging.usd)
        known = [part for part in parts if part is not None]
        return sum(known) if len(known) == len(parts) else None

    @property
    def left(self) -> int:
        """Outputs that are still to be asked for."""
        return sum(one.left for one in self.record.systems if one.forecast)

    def to_dict(self) -> dict[str, Any]:
        """Return {'experiment', 'systems', 'pairs', 'usd'}."""
        names = list(self.plan.systems)
        return {"experiment": self.plan.name, "systems": names, "pairs": self.plan.pairs, "usd": self.usd}

    def __repr__(self) -> str:
        return f"<ExperimentForecast {self.plan.name}: {len(self.plan.systems)} systems>"

    def _rows(self) -> Rows:
        kinds = {"system": str, "left": int, "calls": int, "usd": float}
        return Rows(
            kinds,
            [
                {
                    "system": one.folder.rpartition("/")[2],
                    "left": one.left,
                    "calls": one.forecast.calls,
                    "usd": one.forecast.usd,
                }
                for one in self.record.systems
                if one.forecast
            ],
        )

    def blocks(self) -> Iterator[Block]:
        """Yield what is shown of it."""
        plan = self.plan
        yield from declared(plan.name, plan.experiment, plan.pairs)
        cases = plan.benchmark.head.cases
        asked = min(plan.run.limit or cases, cases)
        judged = self.record if plan.experiment.judge else replace(self.record, judging=None)
        yield from forecast_screen(judged, self.usd, plan.run.max_cost or 0.0, asked, plan.experiment)

    def _blocks(self) -> Iterator[Block]:
        return self.blocks()


class ExperimentResult(Result):
    """An experiment as far as it was conducted; its frame has a row for each pair and metric."""

    def __init__(
        self,
        plan: ExperimentPlan,
        seal: Seal,
        outcomes: Sequence[Outcome],
        judged: JudgingResult | None,
        comparison: Comparison | None,
        *,
        stages: tuple[StageTable, ...] = (),
        cards: tuple[ProbeCard, ...] = (),
        stopped: bool,
    ) -> None:
        self.plan = plan
        self.seal = seal
        """Declarations, with their times."""
        self.outcomes = tuple(outcomes)
        """How each system ended."""
        self.judged = judged
        self.comparison = comparison
        """The comparison that was declared; None where there is nothing to compare."""
        self.stages = stages
        """Gain of each stage, for each system that works in stages."""
        self.cards = cards
        """Results of the probes of each system."""
        self.stopped = stopped
        """True if Ctrl-C ended it."""

    @property
    def complete(self) -> bool:
        """True if the same call again would have nothing to ask."""
        open_verdicts = self.judged is not None and (
            bool(self.judged.down) or any(one.open for one in self.judged.standings)
        )
        return not self.stopped and not open_verdicts and not any(one.run.left for one in self.outcomes)

    def report_page(
        self, out: str | Path, *, images: Literal["full", "thumb", "none"] = "thumb"
    ) -> ReportFile | None:
        """Write the comparison and its cases as one page, as `mb.report_page` does; None without one."""
        from medbench.api.exports.page import write_page

        if self.comparison is None:
            return None
        question, declared = self.plan.experiment.question, declarations(self.seal)
        return write_page(
            self.comparison,
            Path(out),
            images,
            experiment=self.plan.seal_path,
            question=question,
            declared=declared,
        )

    def to_dict(self) -> dict[str, Any]:
        """Return {'experiment', 'declared', 'comparison', 'stages', 'probes'}."""
        return {
            "experiment": self.plan.name,
            "declared": json.loads(self.seal.model_dump_json())["declared"],
            "comparison": json.loads(self.comparison.model_dump_json()) if self.comparison else None,
            "stages": [table.model_dump(mode="json") for table in self.stages],
            "probes": [card.model_dump(mode="json") for card in self.cards],
        }

    def __repr__(self) -> str:
        state = "complete" if self.complete else "not complete"
        return f"<ExperimentResult {self.plan.name}: {', '.join(self.plan.systems)}; {state}>"

    def _rows(self) -> Rows:
        return pair_table(self.comparison) if self.comparison else Rows({}, [])

    def blocks(self) -> Iterator[Block]:
        """Yield what is shown of it."""
        if self.comparison is None:
            yield Paragraph("Nothing to compare yet.")
            return
        plan = self.plan
        yield from outcome(plan.name, plan.experiment, self.seal, self.comparison, plan.pairs)
        yield from screening_cards(self.comparison.screening)
        for found in self.stages:
            yield from stage_table(found)
        for card in self.cards:
            yield from probe_card(card)

    def _blocks(self) -> Iterator[Block]:
        return self.blocks()
