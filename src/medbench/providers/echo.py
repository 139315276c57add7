"""Answers with the prompt it was given: for tests and for seeing what would be sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from medbench.providers import Provider as Base
from medbench.schema.response import Reply, Request

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


class Provider(Base):
    """Reads and checks the images as a network provider would, and sends nothing."""

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return none: nothing is sent."""
        del model
        return ()

    async def ask(self, request: Request) -> Reply:
        """Return the prompt's own text."""
        for image in request.images:
            await asyncio.to_thread(self._pictures.read, image)
        return Reply(
            text=request.text,
            answered="echo",
            finish_reason="stop",
            images_sent=tuple(image.sha256 for image in request.images),
        )
