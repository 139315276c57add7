"""Stops asking a provider that is dead: the rest stays not run, instead of failing one by one."""

from __future__ import annotations

from typing import NamedTuple

IN_A_ROW = 8
"""Failed tries in a row before a provider can be given up."""
ALIKE_IN_A_ROW = 6
"""Calls in a row that are refused for the same kind of reason before a provider is given up."""


class _Row(NamedTuple):
    """Failed tries, one after the other."""

    begun: float
    """Time of the client's clock from which they count."""
    length: int = 0

    def longer(self) -> _Row:
        """Return the row with one more."""
        return self._replace(length=self.length + 1)


class Breaker:
    """Opens when nothing but failures came for long enough; once open it stays open for the session.

    Args:
        started: Start of the session, in seconds of the client's clock.
    """

    def __init__(self, started: float) -> None:
        self.why: str | None = None
        """The reason why it is open; None while it is closed."""
        self.refuses = False
        """True if it is open because every call would be refused alike, not for an outage."""
        self.alike = 0
        """Calls in a row that were refused for the same kind of reason, whatever came of tries between."""
        self.has_answer = False
        """True if an answer came in this session."""
        self._refused_as: str | None = None
        self._failed = _Row(started)
        """The tries since the last answer."""
        self._misled: _Row | None = None
        """The last of them, where each was one of something that is no answer."""

    def answered(self, now: float) -> None:
        """Note that an answer came."""
        self.has_answer, self._failed = True, _Row(now)
        self.alike, self._refused_as = 0, None

    def refused(self, kind: str, reason: str) -> None:
        """Note that a call was refused in a way that trying again does not mend."""
        self.alike = self.alike + 1 if kind == self._refused_as else 1
        self._refused_as = kind
        if self.alike >= ALIKE_IN_A_ROW:
            self.stop(f"{self.alike} calls in a row were refused, the last: {reason}")

    def failed(self, kind: str, reason: str, now: float, patience_s: float, *, misled: bool = False) -> None:
        """Note that a try failed that might have worked.

        Args:
            kind: Kind of the failure.
            reason: What happened, in words.
            now: The client's clock.
            patience_s: Seconds without any answer after which the provider is given up.
            misled: True if something came that is no answer, of a server that never gave one. Then the row of
                such failures counts alone: what came before it was an outage.
        """
        self._failed = self._failed.longer()
        self._misled = (self._misled or _Row(now)).longer() if misled else None
        begun, length = self._misled or self._failed
        if self.why is None and length >= IN_A_ROW and now - begun >= patience_s:
            self.why = f"{kind} for {now - begun:.0f} s, {length} tries in a row, the last: {reason}"

    def stop(self, reason: str) -> None:
        """Give up at once: every other call would fail the same way."""
        self.refuses = self.refuses or self.why is None
        self.why = self.why or reason
