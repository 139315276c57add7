"""Stub until the merge."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from medbench.schema.model import ModelFile
    from medbench.schema.response import Cost, Request, Usage


class Prices:
    """What calls to one model cost."""

    def __init__(self, model: ModelFile) -> None:
        self._model = model

    def cost(self, usage: Usage, *, seconds: float, sharing: int, at: datetime) -> Cost | None:
        """None."""
        return None

    def worst_case(self, request: Request, *, at: datetime) -> float | None:
        """None."""
        return None
