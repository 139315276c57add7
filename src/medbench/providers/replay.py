"""Answers from a recorded run: nothing is sent and nothing is paid."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.schema.response import Reply, Request, Usage
from medbench.schema.run import Output
from medbench.store.jsonl import read_with_offsets

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


class Provider:
    """Finds a recorded output by the case key of the request."""

    def __init__(self, model: ModelFile, folder: Path) -> None:
        del folder
        self._outputs = Path(model.base_url or "") / "outputs.jsonl"
        self._where = {
            f"{output.case_id}/{output.replicate}": offset
            for offset, output in read_with_offsets(self._outputs, Output)
            if output.text is not None
        }

    async def ask(self, request: Request) -> Reply:
        """The recorded text of this case and replicate."""
        offset = self._where.get(request.case_key)
        if offset is None:
            raise ProviderError(
                "not_recorded", f"the recorded run has no output for '{request.case_key}'", final=True
            )
        with self._outputs.open("rb") as file:
            file.seek(offset)
            recorded = Output.from_line(file.readline(), str(self._outputs))
        return Reply(text=recorded.text or "", usage=Usage(source="replay"), measured=False)
