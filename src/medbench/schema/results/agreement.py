"""How far two raters of the same outputs agree."""

from __future__ import annotations

from medbench.schema.base import Record
from medbench.schema.score import Interval
from medbench.schema.verdict import Grade


class Coefficient(Record):
    """One measure of agreement."""

    value: float | None
    """1 is full agreement, 0 chance; None where chance alone would agree always."""
    interval: Interval | None
    """95 % interval, topics being drawn as one."""


class Judgings(Record):
    """Two raters of the same outputs."""

    a: str
    """The one rater."""
    b: str
    """The other."""
    n: int
    """Outputs that both graded; the repeats of a case are one, by their mean grade."""
    repeats: bool = False
    """True if a case has several of them."""
    same: int
    """Of those with the same grade."""
    kappa: Coefficient
    """Cohen's kappa of good, partial, poor."""
    quadratic: Coefficient
    """The same with quadratic weights."""
    ac1: Coefficient
    """Gwet's AC1."""
    table: dict[Grade, dict[Grade, int]]
    """Grade of the one to grade of the other to the number of such outputs."""
    flips: tuple[tuple[str, str, str, str], ...]
    """System, case, grade of the one, grade of the other, where they differ: 100 of each system at most, the
    first in the order of the cases."""
