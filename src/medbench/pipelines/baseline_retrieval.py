"""The text of the pool case whose image is nearest: what looking is worth without understanding."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.pipelines._pool import AT_A_TIME, PoolIndex

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case


class Pipeline(Base):
    """Compares small grey thumbnails of every image of the case with every image of the pool."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._index = PoolIndex(tools)
        self._places = asyncio.Semaphore(AT_A_TIME)

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the text of the pool case with the most similar image."""
        del replicate
        async with self._places:
            nearest = await asyncio.to_thread(self._index.nearest, case, 1, "picture")
        return Result(text=nearest[0].example.text) if nearest else Result.without_pool_case(case)
