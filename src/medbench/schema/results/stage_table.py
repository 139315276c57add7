"""Gain of each stage of a pipeline that works in a chain."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.results.comparison import PairedDifference
from medbench.schema.score import Estimate


class StageRow(Record):
    """The answers of one stage, scored as outputs are, and what they took."""

    role: str
    """Role of the stage."""
    key: Estimate
    """Share of answers that name the key finding."""
    f1: Estimate
    """Finding F1."""
    calls: int
    """Calls that this run paid for, failed ones included."""
    usd: float | None
    """Dollars of these calls, as far as they are known; None where nothing is known."""
    unknown: int
    """Those of unknown cost."""
    reused: int
    """Answers that another run paid for."""
    reused_usd: float
    """Dollars of these, as far as they are known."""
    reused_unknown: int
    """Those of unknown cost."""
    seconds: Estimate
    """Seconds of the answers that this run asked for."""
    reused_seconds: Estimate
    """Seconds of those that another run asked for."""


class StageChange(Record):
    """Change from the answer before a stage to the answer after it, over outputs of which both are scored."""

    earlier: str
    """Role of the stage before."""
    later: str
    """Role of the stage."""
    repaired: tuple[str, ...]
    """Case of each output whose key finding the earlier one misses and the later one names."""
    broken: tuple[str, ...]
    """Case of each output whose key finding the earlier one names and the later one misses."""
    left_right: int
    """Outputs of which both name the key finding."""
    left_wrong: int
    """Outputs of which both miss it."""
    key: PairedDifference | None = None
    """Later minus earlier in the share of key findings, by case; None where there are no pairs."""
    f1: PairedDifference | None = None
    """Later minus earlier in finding F1, by case."""

    @property
    def n(self) -> int:
        """Outputs of which it is known whether both name the key finding."""
        return len(self.repaired) + len(self.broken) + self.left_right + self.left_wrong


class StageTable(Record):
    """The stages of one system, over the outputs that have a text."""

    system: str
    """Name of the system."""
    outputs: int
    """Outputs with a text."""
    stages: tuple[StageRow, ...]
    """In the order in which they are asked."""
    changes: tuple[StageChange, ...]
    """From each stage to the next."""
