"""Pool cases that are like the case are shown as examples, with their texts, or with an image each too."""

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
    from medbench.schema.case import Case, Example, Image

_LONGEST = 4_000
"""Characters of an example's text that a plan counts with: longer ones are cut, and said to be."""


class Pipeline(Base):
    """Asks once, with the texts of the `k` pool cases nearest by picture, history, both or region.

    With `example_images` the first image of each goes before those of the case; a model that is sent none of
    the case is sent none of these.
    """

    roles = (MODEL,)
    prompts = {MODEL: "few-shot"}  # noqa: RUF012 - never changed
    gives = {MODEL: frozenset({"examples"})}  # noqa: RUF012 - never changed
    settings = {"k": 2, "by": "picture", "example_images": False}  # noqa: RUF012 - never changed

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._index = PoolIndex(tools)
        self._places = asyncio.Semaphore(AT_A_TIME)
        settings = tools.system.settings
        self._k, self._by = int(settings["k"]), _checked(str(settings["by"]))
        self._with_images = bool(settings["example_images"])

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call, with examples as long as they may be."""
        with_image = [one for one in self._tools.pool if one.case.images]
        images = self._images_of(case, with_image[: self._k])
        return [self._call(case, replicate, "x" * (self._k * (_LONGEST + 60) + 160), images)]

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the model's text; the notes say which pool cases it was shown, and how like they are."""
        if not self._tools.pool:
            return Result.without_pool_case(case)
        async with self._places:
            nearest = await asyncio.to_thread(self._index.nearest, case, len(self._tools.pool), self._by)
        shown = [one for one in nearest if not one.is_the_same_picture][: self._k]
        if not shown:
            return Result.without_pool_case(case)
        images = self._images_of(case, [one.example for one in shown])
        text = _examples([one.example for one in shown], with_images=bool(images))
        response = await self._tools.ask(self._call(case, replicate, text, images))
        neighbours = [[one.example.case.case_id, round(one.likeness, 4)] for one in shown]
        return Result.of([response], response.text, neighbours=neighbours)

    def _images_of(self, case: Case, examples: Sequence[Example]) -> tuple[Image, ...]:
        """Return the first image of each example; none where the model is sent none of the case."""
        if not self._with_images or not self._tools.chosen(MODEL, case):
            return ()
        return tuple(self._tools.of_pool(one.case.images[0]) for one in examples if one.case.images)

    def _call(self, case: Case, replicate: int, examples: str, before: tuple[Image, ...]) -> Call:
        images = self._tools.chosen(MODEL, case)
        text = self._tools.filled(MODEL, case, images, examples=examples)
        return self._tools.call(MODEL, case, replicate, text, (*before, *images))


def _checked(by: str) -> By:
    if by not in get_args(By):
        raise UsageError(f"examples cannot be chosen by '{by}'.", f"--set by={' | by='.join(get_args(By))}")
    return cast("By", by)


def _examples(shown: Sequence[Example], *, with_images: bool) -> str:
    """Return the examples as text; where their images are sent, numbered, and whose the others are."""
    texts, number = [], 0
    for place, one in enumerate(shown, 1):
        note = ""
        if with_images and one.case.images:
            number += 1
            note = f" (image {number})"
        texts.append(f"Example {place}{note}:\n{_cut(one.text)}")
    if number:
        first = "Image 1 is of the example" if number == 1 else f"Images 1 to {number} are of the examples"
        texts.append(
            f"{first}; the images after {'it' if number == 1 else 'them'} are of the patient at hand."
        )
    return "\n\n".join(texts)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} […]"
