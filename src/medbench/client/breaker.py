"""Stops asking a provider that is dead: the rest stays not run, instead of failing one by one."""

from __future__ import annotations

from dataclasses import dataclass, field

IN_A_ROW = 8
"""Failed tries in a row before a provider can be given up."""
ALIKE_IN_A_ROW = 6
"""Calls in a row that are refused for the same kind of reason before a provider is given up."""


@dataclass(slots=True)
class Breaker:
    """Opens when nothing but failures came for long enough; once open it stays open for the session."""

    started: float
    """Start of the session, in seconds of the client's clock."""
    in_a_row: int = 0
    """Failed tries since the last answer."""
    why: str | None = None
    """The reason why it is open; None while it is closed."""
    refuses: bool = False
    """True if it is open because every call would be refused alike, not for an outage."""
    alike: int = 0
    """Calls in a row that were refused for the same kind of reason, whatever came of tries between."""
    _last_answer: float | None = field(default=None)
    _refused_as: str | None = field(default=None)
    _misled: tuple[float, int] | None = field(default=None)
    """Start and length of the row of answers that are none, up to now."""

    @property
    def has_answer(self) -> bool:
        """True if an answer came in this session."""
        return self._last_answer is not None

    def answered(self, now: float) -> None:
        """Note that an answer came."""
        self.in_a_row, self._last_answer = 0, now
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
        self.in_a_row += 1
        begun, in_a_row = self.started if self._last_answer is None else self._last_answer, self.in_a_row
        if misled:
            first, length = self._misled or (now, 0)
            begun, in_a_row = first, length + 1
        self._misled = (begun, in_a_row) if misled else None
        if self.why is None and in_a_row >= IN_A_ROW and now - begun >= patience_s:
            self.why = f"{kind} for {now - begun:.0f} s, {in_a_row} tries in a row, the last: {reason}"

    def stop(self, reason: str) -> None:
        """Give up at once: every other call would fail the same way."""
        self.refuses = self.refuses or self.why is None
        self.why = self.why or reason
