"""A pair: a finding of the reference and that of the output, with the outcome."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, NamedTuple, get_args

if TYPE_CHECKING:
    from medbench.scoring.extraction.observed import Finding

Outcome = Literal["correct", "partial", "missed", "invented", "unverifiable", "contradicted"]
OUTCOMES: Final[tuple[Outcome, ...]] = get_args(Outcome)
ErrorName = Literal[
    "concept", "malignancy", "negation", "certainty", "history", "side", "site", "size", "severity", "count",
    "change", "conflict", "side_omitted", "site_omitted", "size_omitted",
]  # fmt: skip
ERRORS: Final[tuple[ErrorName, ...]] = get_args(ErrorName)


class Pair(NamedTuple):
    """One finding of the reference, of the output, or of both."""

    outcome: Outcome
    """Right, partly right, missed, invented, unverifiable or contradicted."""
    credit: float
    """0 to 1."""
    reference: Finding | None
    """The reference's finding; None where only the output has it."""
    output: Finding | None
    """The output's finding; None where it was missed."""
    errors: tuple[ErrorName, ...] = ()
    """Names of the attributes that differ or are omitted; 'conflict' where the output says both."""
    because: Finding | None = None
    """A statement that a place is normal, which denies or covers it."""
