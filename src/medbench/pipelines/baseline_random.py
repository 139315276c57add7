"""The text of a pool case of the same region, chosen blindly: what knowing the region alone is worth."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result
from medbench.schema.response import Failure

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case


class Pipeline(Base):
    """Draws a pool case by the case's own name, so that the same line gives the same text."""

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._texts: dict[str, list[str]] = {}
        for example in tools.pool:
            self._texts.setdefault(example.case.region, []).append(example.text)
        self._seed = tools.system.settings.get("seed", 1)

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return a pool text of the case's region."""
        texts = self._texts.get(case.region)
        if not texts:
            reason = f"the pool has no case of region '{case.region}'"
            return Result(failure=Failure(kind="no_pool_case", reason=reason, final=True))
        key = f"{self._seed}|{case.case_id}|{replicate}"
        number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8])
        return Result(text=texts[number % len(texts)])
