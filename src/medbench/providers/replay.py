"""Answers from a recorded run: nothing is sent and nothing is paid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from medbench.errors import ProviderError
from medbench.providers import Provider as Base
from medbench.schema.response import Reply, Request, Response, Usage
from medbench.schema.run import Output
from medbench.store.jsonl import read_with_offsets
from medbench.store.runs import OUTPUTS, RESPONSES

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.base import FileRecord
    from medbench.schema.model import ModelFile

R = TypeVar("R", bound="FileRecord")


class Provider(Base):
    """Finds what a run recorded for a case and replicate by the case key of the request."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        folder = Path(model.base_url or "")
        self._outputs, self._responses = folder / OUTPUTS, folder / RESPONSES
        self._texts: dict[str, int] = {}
        self._failures: dict[str, int] = {}
        for offset, output in read_with_offsets(self._outputs, Output):
            if output.text is not None:
                self._texts.setdefault(f"{output.case_id}/{output.replicate}", offset)
            else:
                self._failures[f"{output.case_id}/{output.replicate}"] = offset
        self._calls = {
            response.response_id: offset for offset, response in read_with_offsets(self._responses, Response)
        }

    async def ask(self, request: Request) -> Reply:
        """The recorded text, with what was recorded about the call; a recorded failure fails the same way."""
        offset = self._texts.get(request.case_key, self._failures.get(request.case_key))
        if offset is None:
            reason = f"the recorded run has no output for '{request.case_key}'"
            raise ProviderError("not_recorded", reason, final=False, later=True)
        output = _record_at(self._outputs, offset, Output)
        if output.failure is not None:
            raise ProviderError(
                output.failure.kind, output.failure.reason, final=output.failure.final, later=True
            )
        calls = [_record_at(self._responses, self._calls[name], Response) for name in output.responses]
        return Reply(
            text=output.text or "",
            answered=calls[-1].answered if calls else None,
            finish_reason=calls[-1].finish_reason if calls else "stop",
            prompt=calls[-1].prompt if calls else None,
            images_sent=calls[-1].images_sent if calls else None,
            usage=Usage(source="replay"),
            measured=False,
        )


def _record_at(path: Path, offset: int, kind: type[R]) -> R:
    with path.open("rb") as file:
        file.seek(offset)
        return kind.from_line(file.readline(), f"{path}, byte {offset},")
