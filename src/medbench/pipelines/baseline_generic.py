"""A fixed report that finds a bit of everything: what a system scores that has the tone and sees nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.scoring.generic_text import TEXT

if TYPE_CHECKING:
    from medbench.schema.case import Case


class Pipeline(Base):
    """Says the same of every case, without looking."""

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the fixed text."""
        del case, replicate
        return Result(text=TEXT)
