"""A value of JSON that is being read, with where it stands."""

from __future__ import annotations

from typing import Any


class Node:
    """A value of the JSON, with where it stands."""

    __slots__ = ("end", "keys", "start", "value")

    def __init__(self, value: Any, start: int, end: int) -> None:
        self.value = value
        """A text, number, truth, None, or a list of nodes."""
        self.keys: list[str] | None = None
        """The keys of an object's nodes; None for anything else."""
        self.start = start
        self.end = end
