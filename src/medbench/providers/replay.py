"""Answers from a recorded run: nothing is sent and nothing is paid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.providers import Provider as Base
from medbench.schema.response import Reply, Request, Response, Usage
from medbench.store.jsonl import read_at, read_with_offsets
from medbench.store.outputs import OutputIndex
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile


class Provider(Base):
    """Finds what a run recorded for a case and replicate by the case key of the request."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        folder = Path(model.base_url or "")
        self._outputs, self._responses = OutputIndex(folder), folder / RESPONSES
        self._offsets = {
            response.response_id: offset for offset, response in read_with_offsets(self._responses, Response)
        }

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return none: nothing is sent."""
        del model
        return ()

    async def ask(self, request: Request) -> Reply:
        """Return the recorded text, with the facts of the call; a recorded failure fails again."""
        case_id, _, replicate = request.case_key.rpartition("/")
        try:
            output = self._outputs.output(case_id, int(replicate))
        except (KeyError, ValueError):
            reason = f"the recorded run has no output for '{request.case_key}'"
            raise ProviderError("not_recorded", reason, final=False, later=True) from None
        if output.failure is not None:
            raise ProviderError(
                output.failure.kind, output.failure.reason, final=output.failure.final, later=True
            )
        last = self._response(output.responses[-1]) if output.responses else None
        return Reply(
            text=output.text or "",
            answered=last.answered if last else None,
            finish_reason=last.finish_reason if last else "stop",
            prompt=last.prompt if last else None,
            images_sent=last.images_sent if last else None,
            usage=Usage(source="replay"),
            measured=False,
        )

    def _response(self, response_id: str) -> Response:
        with self._responses.open("rb") as file:
            return read_at(file, self._offsets[response_id], Response)
