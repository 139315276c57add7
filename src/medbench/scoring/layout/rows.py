"""Makes a statement of a row of a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.layout.statement import Statement
from medbench.scoring.layout.status import status_of

if TYPE_CHECKING:
    from medbench.scoring.layout.table import Row


def of_row(row: Row, start: int, end: int) -> Statement:
    """Return what a row says, of its label or of its place."""
    described = ", ".join(filter(None, (row.words, row.place)))
    if row.stance or not row.place:
        words = f"{row.label}: {described}" if described else row.label
        return Statement(start, end, words, row.label, described, row.stance)
    status = status_of(row.label)
    words = f"{row.place}: {row.label}" + (f", {row.words}" if row.words else "")
    if status is not None:
        return Statement(start, end, words, row.place, row.label[status.rest :], status.stance)
    return Statement(start, end, words, row.label, described)
