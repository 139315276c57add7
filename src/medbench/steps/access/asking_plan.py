"""The part of a plan that `run` and `judge` have in common: how much is asked, at what cost, in which way."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.batch import Then
from medbench.steps.access.batches import DEADLINE_H, BatchChoice


class AskingPlan(Record):
    """How much one call of a command asks, what that may cost, and whether it goes in batches."""

    limit: int | None = None
    """Cases; None for all."""
    concurrency: int | None = None
    """Calls at a time; None for the model file's number, or what is found by trying."""
    max_cost: float | None = None
    """Dollars that the models may cost together; None for no limit."""
    must_hold: bool = True
    """True if `max_cost` was asked for: it holds, or nothing is sent. False for that of the settings."""
    max_cost_from: str = "--max-cost"
    """Option or key that sets `max_cost`, as a hint names it."""
    batch: bool = False
    """Send what is to be asked in batches, and collect what came of those before."""
    batch_deadline_h: float = DEADLINE_H
    """Hours after which a batch is given up, where `batch_then` says what happens then."""
    batch_then: Then | None = None
    """Fate of the requests that a batch leaves when it is given up; None to give up none."""

    @property
    def batches(self) -> BatchChoice:
        """Choices about batches."""
        if self.batch_then is None:
            return BatchChoice(self.batch)
        return BatchChoice(self.batch, self.batch_deadline_h, self.batch_then)
