"""Files in OpenAI's batch format that another program answers, such as `vllm run-batch`, without a server."""

from __future__ import annotations

import asyncio
import os
import shutil
from pathlib import Path
from shlex import quote
from typing import TYPE_CHECKING, Final

from medbench.errors import ProviderError, UsageError
from medbench.providers import BatchState, Missing
from medbench.providers import Provider as Base
from medbench.providers._http.images import ImageEncoder
from medbench.providers._http.service import Service
from medbench.providers._openai.batches import ChatBatches
from medbench.providers._openai.settings import KNOWN, check_settings

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

_EXAMPLE: Final = 'base_url = "batches"   # a folder'


class Provider(Base):
    """Writes the requests of a batch to a folder, and reads the answers that are put beside them."""

    takes_schema = True
    only_batches = True
    known_settings = KNOWN

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        check_settings(model)
        if not model.base_url or "://" in model.base_url:
            raise UsageError(f"the model file of '{model.id}' names no folder for its batches.", _EXAMPLE)
        self._folder = Path(model.base_url)

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return a folder that is not named."""
        return None if model.base_url else Missing("folder", _EXAMPLE)

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return none: nothing leaves this machine."""
        del model
        return ()

    def batches(self) -> FolderBatches:
        """Return the batches in the folder."""
        return FolderBatches(self._folder, self._model, self._pictures)

    async def ask(self, request: Request) -> Reply:
        """Refuse: nobody answers now."""
        reason = f"'{request.model}' answers files of requests only; try --batch"
        raise ProviderError("setting", reason, final=False, stops=True, sent=False)


class FolderBatches(ChatBatches):
    """Batches as files of a folder: NAME.jsonl, and NAME.out.jsonl that another program writes.

    Args:
        folder: The folder.
        model: The model's file.
        pictures: Reads the images of requests.
    """

    def __init__(self, folder: Path, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(Service(model.id, str(folder)), ImageEncoder(pictures), model.limits)
        self._folder, self._model = folder, model

    async def upload(self, name: str, file: Path) -> str:
        """Upload nothing: `create` takes the file itself."""
        del name, file
        return ""

    async def create(self, name: str, file: Path, uploaded: str) -> str:
        """Put the file into the folder, whole."""
        del uploaded
        await asyncio.to_thread(self._put, name, file)
        return name

    async def find(self, name: str, uploaded: str) -> str | None:
        """Return the name of a batch whose file is there."""
        del uploaded
        return name if await asyncio.to_thread(self._requests(name).is_file) else None

    async def state(self, batch: str) -> BatchState:
        """Return how many requests are answered, and the line that answers them."""
        return await asyncio.to_thread(self._state, batch)

    async def cancel(self, batch: str) -> None:
        """Take what is answered by now for all there is."""
        await asyncio.to_thread(self._cancelled(batch).touch)

    async def download(self, batch: str, to: Path) -> None:
        """Copy the answers."""
        answers = self._answers(batch)
        try:
            if answers.is_file():
                await asyncio.to_thread(shutil.copyfile, answers, to)
            else:
                await asyncio.to_thread(to.write_bytes, b"")
        except OSError as error:
            raise self._unusable(error) from None

    def _put(self, name: str, file: Path) -> None:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = self._folder / f".{name}.partial"
            with file.open("rb") as source, part.open("wb") as target:
                while block := source.read(1 << 20):
                    target.write(block)
                target.flush()
                os.fsync(target.fileno())
            part.replace(self._requests(name))
        except OSError as error:
            raise self._unusable(error) from None

    def _state(self, batch: str) -> BatchState:
        requests, answers = self._requests(batch), self._answers(batch)
        done, wanted = _lines(answers), _lines(requests)
        if self._cancelled(batch).is_file():
            return BatchState(ended=True, words=f"cancelled, {done} of {wanted} done")
        if wanted and done >= wanted:
            return BatchState(ended=True, words=f"{done} of {wanted} done")
        if not wanted:
            return BatchState(ended=True, words=f"its file '{requests}' is gone")
        files = f"-i {quote(str(requests))} -o {quote(str(answers))}"
        command = f"vllm run-batch {files} --model {quote(self._model.id)}"
        return BatchState(ended=False, words=f"{done} of {wanted} done; to answer it: {command}")

    def _requests(self, name: str) -> Path:
        return self._folder / f"{name}.jsonl"

    def _answers(self, name: str) -> Path:
        return self._folder / f"{name}.out.jsonl"

    def _cancelled(self, name: str) -> Path:
        return self._folder / f"{name}.cancelled"

    def _unusable(self, error: OSError) -> ProviderError:
        reason = f"'{self._folder}' cannot be used: {error.strerror or error}"
        return ProviderError("setting", reason, final=False, stops=True, sent=False)


def _lines(path: Path) -> int:
    """Return the number of whole lines of a file; 0 where there is none."""
    try:
        with path.open("rb") as file:
            return sum(line.endswith(b"\n") and bool(line.strip()) for line in file)
    except OSError:
        return 0
