"""Pool cases that are like the case are shown with their texts, as examples."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast, get_args

from medbench.errors import UsageError
from medbench.pipelines import Call, Result
from medbench.pipelines import Pipeline as Base
from medbench.pipelines._pool import AT_A_TIME, By, PoolIndex
from medbench.schema.response import MODEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.pipelines import Tools
    from medbench.pipelines._pool import Neighbour
    from medbench.schema.case import Case

_LONGEST = 4_000
"""Characters of an example's text that a plan counts with: longer ones are cut, and said to be."""


class Pipeline(Base):
    """Asks once, with the texts of the `k` pool cases nearest by picture, history, both or region."""

    roles = (MODEL,)
    prompts = {MODEL: "few-shot"}  # noqa: RUF012 - never changed
    gives = {MODEL: frozenset({"examples"})}  # noqa: RUF012 - never changed
    settings = {"k": 2, "by": "picture"}  # noqa: RUF012 - never changed

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._index = PoolIndex(tools)
        self._places = asyncio.Semaphore(AT_A_TIME)
        self._k, self._by = int(tools.system.settings["k"]), _checked(str(tools.system.settings["by"]))

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call, with examples as long as they may be."""
        return [self._call(case, replicate, "x" * (self._k * (_LONGEST + 40)))]

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the model's text; the notes say which pool cases it was shown, and how like they are."""
        if not self._tools.pool:
            return Result.without_pool_case(case)
        async with self._places:
            nearest = await asyncio.to_thread(self._index.nearest, case, len(self._tools.pool), self._by)
        shown = [one for one in nearest if not one.is_the_same_picture][: self._k]
        if not shown:
            return Result.without_pool_case(case)
        response = await self._tools.ask(self._call(case, replicate, _examples(shown)))
        neighbours = [[one.example.case.case_id, round(one.likeness, 4)] for one in shown]
        return Result.of([response], response.text, neighbours=neighbours)

    def _call(self, case: Case, replicate: int, examples: str) -> Call:
        images = self._tools.chosen(MODEL, case)
        text = self._tools.filled(MODEL, case, images, examples=examples)
        return self._tools.call(MODEL, case, replicate, text, images)


def _checked(by: str) -> By:
    if by not in get_args(By):
        raise UsageError(f"examples cannot be chosen by '{by}'.", f"--set by={' | by='.join(get_args(By))}")
    return cast("By", by)


def _examples(shown: Sequence[Neighbour]) -> str:
    texts = [f"Example {number}:\n{_cut(one.example.text)}" for number, one in enumerate(shown, 1)]
    return "\n\n".join(texts)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} […]"
