"""The text of a pool case of the same region, chosen blindly: what knowing the region alone is worth."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from medbench.pipelines import Pipeline as Base
from medbench.pipelines import Result

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case


class Pipeline(Base):
    """Draws a pool case by the case's own name, so that the same line gives the same text."""

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return a pool text of the case's region."""
        texts = drawn_texts(self._tools, case, replicate)
        return Result(text=texts[0]) if texts else Result.without_pool_case(case)


def drawn_texts(tools: Tools, case: Case, replicate: int) -> list[str]:
    """Return the pool texts of the case's region, beginning with the one that its name draws."""
    texts = tools.pool_texts(case.region)
    key = f"{tools.system.settings.get('seed', 1)}|{case.case_id}|{replicate}"
    number = int.from_bytes(hashlib.sha256(key.encode()).digest()[:8]) % max(len(texts), 1)
    return texts[number:] + texts[:number]
