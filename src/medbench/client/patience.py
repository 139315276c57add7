"""The time that a service of batches has for its answers; a watcher is told what is waited for."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING, Final, TypeVar

from medbench import deadline
from medbench.client.waits import Waits
from medbench.errors import ProviderError

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path
    from typing import Any

T = TypeVar("T")
SHORTEST_S: Final = 5.0
"""Seconds for a question to a service that was silent for `deadline.ANSWER_S` before."""


class Patience:
    """The time for all questions to one service: what was waited for one in vain, the next ones have not.

    Each has a few seconds all the same, so that one question which is never answered hides no other answer.

    Args:
        waits: Told what is waited for.
    """

    def __init__(self, waits: Waits | None = None) -> None:
        self._waits = waits or Waits()
        self._silent_s = 0.0

    async def in_time(self, call: Coroutine[Any, Any, T], what: str, seconds: float | None = None) -> T:
        """Return what a call returns.

        Args:
            call: The call.
            what: What is asked for, as a message says it.
            seconds: Seconds for it; None for what silence has left of the usual time.

        Raises:
            ProviderError: It did not end in time, or failed.
        """
        began = monotonic()
        usual = deadline.ANSWER_S
        most = max(min(SHORTEST_S, usual), usual - self._silent_s) if seconds is None else seconds
        try:
            with self._waits.on("batch", most, words=what):
                found = await deadline.in_time(call, what, most)
        except ProviderError as error:
            if error.kind == "timeout" and seconds is None:
                self._silent_s += monotonic() - began
            raise
        self._waits.answered()
        return found

    async def downloaded(self, call: Coroutine[Any, Any, T], to: Path) -> T:
        """Return what a call returns that writes a file, as long as the file grows.

        Raises:
            ProviderError: It did not grow as fast as on a slow line, or the call failed.
        """
        with self._waits.on("batch", words="end of the download"):
            return await deadline.downloaded_in_time(call, to)
