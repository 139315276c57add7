"""One call a case: the prompt and the images that the system sends; or one call an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.choice import EACH, chosen
from medbench.pipelines import Call, Result
from medbench.pipelines import Pipeline as Base
from medbench.schema.response import MODEL
from medbench.scoring.parsing.parts import joined

if TYPE_CHECKING:
    from medbench.pipelines import Tools
    from medbench.schema.case import Case

STAGE = "single"


class Pipeline(Base):
    """Asks the model once; with `--images each` once an image, and joins the answers."""

    roles = (MODEL,)

    def __init__(self, tools: Tools) -> None:
        super().__init__(tools)
        self._images = tools.stage(MODEL).images or "all"

    def plan(self, case: Case, replicate: int) -> list[Call]:
        """Return one call, or one an image."""
        images = chosen(case.images, self._images)
        apart = self._images == EACH
        groups = [(image,) for image in images] if apart and images else [images]
        return [
            self._tools.call(
                MODEL,
                case,
                replicate,
                self._tools.filled(MODEL, case, group),
                group,
                stage=f"{STAGE}-{number}" if apart else STAGE,
            )
            for number, group in enumerate(groups, 1)
        ]

    async def answer(self, case: Case, replicate: int) -> Result:
        """Return the model's text; without the answer to one image there is none at all."""
        responses = await self._tools.ask_each(self.plan(case, replicate))
        texts = [response.text for response in responses if response.text is not None]
        return Result.of(responses, joined(texts) if len(texts) == len(responses) else None)
