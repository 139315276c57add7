"""One call a case: the prompt and the case's images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.pipelines import Result, Tools
from medbench.prompts import fill
from medbench.schema.response import CallFor, Request

if TYPE_CHECKING:
    from medbench.prompts import Prompt
    from medbench.schema.case import Case
    from medbench.schema.run import System


class Pipeline:
    """Asks the model once."""

    def __init__(self, tools: Tools) -> None:
        assert tools.client is not None
        assert tools.prompt is not None
        self._client = tools.client
        self._prompt = tools.prompt
        self._system = tools.system

    async def answer(self, case: Case, replicate: int) -> Result:
        """The model's text, or why there is none."""
        request = request_for(self._system, self._prompt, case, replicate)
        call_for = CallFor(case_id=case.case_id, replicate=replicate, stage="single")
        response = await self._client.ask(request, call_for, sample=replicate)
        return Result(text=response.text, failure=response.failure, responses=(response.response_id,))


def request_for(system: System, prompt: Prompt, case: Case, replicate: int) -> Request:
    """What a system asks for a case."""
    assert system.model is not None
    return Request(
        model=system.model.id,
        text=fill(prompt, case),
        images=case.images,
        settings=system.settings,
        case_key=f"{case.case_id}/{replicate}",
    )
