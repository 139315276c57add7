"""Several samples of one answer, and what most of them say."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Call, Result
from medbench.pipelines import Pipeline as Base
from medbench.schema.response import MODEL
from medbench.scoring.consensus import consensus

if TYPE_CHECKING:
    from medbench.schema.case import Case

_APART = 100
"""Samples of one repeat of a case before those of the next: fewer samples are the first of more."""


class Pipeline(Base):
    """Asks the same `samples` times; with a temperature above 0 the answers differ."""

    roles = (MODEL,)
    settings = {"samples": 5}  # noqa: RUF012 - never changed
    reads_findings = True

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call a sample."""
        images = self._tools.chosen(MODEL, case)
        text = self._tools.filled(MODEL, case, images)
        return [
            self._tools.call(MODEL, case, replicate, text, images, sample=replicate * _APART + number)
            for number in range(int(self._tools.system.settings["samples"]))
        ]

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the sentences whose findings most samples have; the notes say how many have each."""
        responses = await self._tools.ask_each(self.plan(case, replicate))
        if responses[-1].text is None:
            return Result.of(responses, None)
        agreed = consensus([response.text or "" for response in responses])
        return Result.of(responses, agreed.text, agreement=agreed.shares)
