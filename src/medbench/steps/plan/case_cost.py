"""The cost of one more case: of its calls as the runs at hand paid for them, and of judging them."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.sentences import counted
from medbench.steps.access.judging_cost import CANARIES, Questions, expected_question, judging_forecast
from medbench.steps.judge.dry_run import settled_canaries
from medbench.steps.judge.judges import judges_of
from medbench.steps.reading.spending import spent_on_answers
from medbench.store.summary import summary_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.config import Settings
    from medbench.schema.model import Expect
    from medbench.steps.judge.judges import Judge
    from medbench.store.runs import RunFolder


@dataclass(frozen=True, slots=True)
class CaseCost:
    """The mean of one system's case."""

    system: str
    usd: float | None
    """Dollars of its calls; None where a cost of a call is unknown."""
    seconds: float | None
    """Seconds of the calls; None where none was timed."""


def case_cost(run: RunFolder, system: str) -> CaseCost:
    """Return what one case of the run of a system took."""
    summary = summary_of(run)
    if summary is None or not summary.outputs:
        return CaseCost(system, None, None)
    latency = summary.everything.metrics.get("latency_ms")
    spent = spent_on_answers(run, summary)
    return CaseCost(
        system=system,
        usd=None if spent.whole is None else spent.whole / summary.outputs,
        seconds=latency.mean / 1000 if latency and latency.mean is not None else None,
    )


@dataclass(frozen=True, slots=True)
class JudgingCost:
    """The judging of cases to come, by the judge or the panel that graded the runs at hand."""

    rater: str
    judges: tuple[tuple[Judge, Expect, int], ...]
    """Each judge with what to expect of a question to it, and the canaries that it still lacks."""

    @property
    def source(self) -> str:
        """The records that the cost rests on, in words."""
        outputs = sum(expect.outputs for _, expect, _ in self.judges)
        recorded = counted(outputs, "recorded verdict")
        return recorded if outputs else "; ".join(expect.source for _, expect, _ in self.judges)

    def usd(self, systems: int, cases: int) -> float | None:
        """Return the dollars of grading so many new cases of so many systems; None where one is unknown."""
        at = dt.datetime.now(dt.UTC)
        costs = []
        for number, (judge, expect, canaries) in enumerate(self.judges):
            lists = bool(judge.rubric.listing) and not number  # the first judge lists for all of them
            questions = Questions(((systems * cases, None),), cases if lists else 0, canaries if cases else 0)
            costs.append(judging_forecast(judge.model, expect, questions, concurrency=None, at=at).usd)
        return None if None in costs else math.fsum(usd or 0.0 for usd in costs)


def judging_cost(rater: str | None, runs: Sequence[RunFolder], settings: Settings) -> JudgingCost | None:
    """Return what judging by the rater that graded these runs costs; None where it is not a model's."""
    judges = judges_of(rater, settings) if rater else []
    if rater is None or not judges:
        return None
    root = runs[0].path.parent.parent
    return JudgingCost(
        rater,
        tuple(
            (
                judge,
                expected_question(judge.model, judge.rubric.digest, root),
                max(0, CANARIES - len(settled_canaries(judge, runs))),
            )
            for judge in judges
        ),
    )
