"""Answers with the prompt it was given: for tests and for seeing what would be sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from medbench.schema.response import Reply, Request

if TYPE_CHECKING:
    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile


class Provider:
    """Reads and checks the images as a network provider would, and sends nothing."""

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        del model
        self._pictures = pictures

    async def ask(self, request: Request) -> Reply:
        """The prompt's own text."""
        for image in request.images:
            await asyncio.to_thread(self._pictures.read, image)
        return Reply(
            text=request.text,
            answered="echo",
            finish_reason="stop",
            images_sent=tuple(image.sha256 for image in request.images),
        )
