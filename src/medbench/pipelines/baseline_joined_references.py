"""Several pool texts of the same region, one after the other: what saying more is worth, without looking."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.pipelines.baseline_random import drawn_texts

if TYPE_CHECKING:
    from medbench.schema.case import Case

JOINED = 3
"""Texts that are joined; the first is that of `baseline-random`."""


class Pipeline(Base):
    """Draws pool cases by the case's own name, so that the same line gives the same text."""

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return pool texts of the case's region."""
        texts = drawn_texts(self._tools, case, replicate)
        return Result(text="\n\n".join(texts[:JOINED])) if texts else Result.without_pool_case(case)
