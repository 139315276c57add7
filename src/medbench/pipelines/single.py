"""One call a case: the prompt and the images that the system sends; or one call an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.images.choice import EACH, chosen
from medbench.pipelines import Result, Tools
from medbench.prompts.prompt import fill
from medbench.schema.response import CallFor, Request
from medbench.scoring.parsing.parts import joined

if TYPE_CHECKING:
    from medbench.prompts.prompt import Prompt
    from medbench.schema.case import Case
    from medbench.schema.run import System

STAGE = "single"


class Pipeline:
    """Asks the model once; with `--images each` once an image, and joins the answers."""

    def __init__(self, tools: Tools) -> None:
        assert tools.client is not None
        assert tools.prompt is not None
        self._client = tools.client
        self._prompt = tools.prompt
        self._system = tools.system

    async def answer(self, case: Case, replicate: int) -> Result:
        """The model's text, or why there is none: without the answer to one image there is none at all."""
        texts: list[str] = []
        ids: list[str] = []
        sources: set[str | None] = set()
        for number, request in enumerate(requests_for(self._system, self._prompt, case, replicate), 1):
            stage = STAGE if self._system.images != EACH else f"{STAGE}-{number}"
            call_for = CallFor(case_id=case.case_id, replicate=replicate, stage=stage)
            response = await self._client.ask(request, call_for, sample=replicate)
            ids.append(response.response_id)
            sources.add(response.reused_from)
            if response.text is None:
                return Result(failure=response.failure, responses=tuple(ids))
            texts.append(response.text)
        source = sources.pop() if len(sources) == 1 else None
        return Result(text=joined(texts), responses=tuple(ids), reused_from=source)


def requests_for(system: System, prompt: Prompt, case: Case, replicate: int) -> list[Request]:
    """What a system asks for a case: one request, or one an image."""
    assert system.model is not None
    images = chosen(case.images, system.images or "all")
    groups = [(image,) for image in images] if system.images == EACH and images else [images]
    return [
        Request(
            model=system.model.id,
            text=fill(prompt, case, len(group)),
            images=group,
            settings=system.settings,
            case_key=f"{case.case_id}/{replicate}",
        )
        for group in groups
    ]
