"""Answers with the prompt it was given: for tests and for seeing what would be sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from medbench.images.recorded import read_recorded
from medbench.schema.response import Reply, Request

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.model import ModelFile


class Provider:
    """Reads and checks the images as a network provider would, and sends nothing."""

    def __init__(self, model: ModelFile, folder: Path) -> None:
        del model
        self._folder = folder

    async def ask(self, request: Request) -> Reply:
        """The prompt's own text."""
        for image in request.images:
            await asyncio.to_thread(read_recorded, self._folder, image)
        return Reply(
            text=request.text,
            answered="echo",
            finish_reason="stop",
            images_sent=tuple(image.sha256 for image in request.images),
        )
