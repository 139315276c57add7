"""What a session of `run` would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.schema.response import Request


@dataclass(frozen=True, slots=True)
class PlannedSystem:
    """One system, before anything is sent."""

    folder: str
    """The run folder."""
    wanted: int
    """Case-replicates asked for."""
    left: int
    """Those that have no output that stands."""
    images: int
    """Images of the cases that are left."""
    free: bool
    """Whether no model is asked."""
    example: Request | None
    """The first call, as it would go out."""
