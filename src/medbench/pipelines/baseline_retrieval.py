"""The text of the pool case whose image is nearest: what looking is worth without understanding."""

from __future__ import annotations

import asyncio
from functools import cached_property
from threading import Lock
from typing import TYPE_CHECKING, Any

from medbench.images.fingerprint import similarities
from medbench.images.load import read_image
from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.schema.response import Failure

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.pipelines import Tools
    from medbench.schema.case import Case


_AT_A_TIME = 4
"""Cases whose images are held in memory at the same time: one may have 64 million pixels."""


class Pipeline(Base):
    """Compares small grey thumbnails of every image of the case with every image of the pool."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._places = asyncio.Semaphore(_AT_A_TIME)
        self._reading = Lock()

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the text of the pool case with the most similar image."""
        del replicate
        if not self._tools.pool:
            return Result(
                failure=Failure(kind="no_pool_case", reason="the benchmark has no pool", final=True)
            )
        async with self._places:
            return Result(text=await asyncio.to_thread(self._nearest, case))

    def _nearest(self, case: Case) -> str:
        with self._reading:  # the first thread reads the pool, the others wait for it
            owners, pool = self._pool
        best, text = -2.0, ""
        for one in _fingerprints(case, self._tools.pictures):
            alike = similarities(one, pool)
            place = int(alike.argmax())
            if alike[place] > best:
                best, text = float(alike[place]), self._tools.pool[owners[place]].text
        return text

    @cached_property
    def _pool(self) -> tuple[list[int], Any]:
        import numpy as np

        owners: list[int] = []
        rows = []
        for number, example in enumerate(self._tools.pool):
            for row in _fingerprints(example.case, self._tools.pool_pictures):
                owners.append(number)
                rows.append(row)
        return owners, np.stack(rows)


def _fingerprints(case: Case, pictures: Pictures) -> list[Any]:
    return [read_image(pictures.read(image), image.file).fingerprint for image in case.images]
