"""A fixed report that finds a bit of everything: what a system scores that has the tone and sees nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Result, Tools
from medbench.scoring.generic_text import TEXT

if TYPE_CHECKING:
    from medbench.schema.case import Case


class Pipeline:
    """Says the same of every case, without looking."""

    def __init__(self, tools: Tools) -> None:
        del tools

    async def answer(self, case: Case, replicate: int) -> Result:
        """The fixed text."""
        del case, replicate
        return Result(text=TEXT)
