"""Watches what the endpoints of a run cost while it goes on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.sentences import money
from medbench.steps.endpoint.meter import Meter
from medbench.store.deployments import DeploymentBook

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.client.waits import Waiting
    from medbench.endpoints.clock import Clock
    from medbench.steps.run.hooks import Pace, RunHooks
    from medbench.store.outputs import OutputIndex

_EVERY_S = 600.0


class MeteredWatcher:
    """Passes everything on, says every ten minutes what is up, and stops the run at its ceiling.

    Args:
        hooks: The run's own.
        names: Names of the deployments of this run.
        most: Dollars that these may cost; None for any.
        clock: The time.
    """

    def __init__(self, hooks: RunHooks, names: Sequence[str], most: float | None, clock: Clock) -> None:
        self._hooks, self._most, self._clock = hooks, most, clock
        self._deployments = DeploymentBook().open(names)
        self._meters = [Meter(each, clock.now, hooks.watcher.notice, _EVERY_S) for each in self._deployments]
        self.over_ceiling = False

    def notice(self, text: str) -> None:
        """Pass it on."""
        self._hooks.watcher.notice(text)

    def begin(self, name: str, about: str, done: OutputIndex, wanted: int) -> None:
        """Pass it on."""
        self._hooks.watcher.begin(name, about, done, wanted)

    def output(self, name: str, failure: str | None, pace: Pace | None) -> None:
        """Pass it on, and look at the clock."""
        self._hooks.watcher.output(name, failure, pace)
        self._look_at_clock()

    def waiting(self, name: str, waiting: Waiting) -> None:
        """Pass it on, and look at the clock: what is up costs while nothing is answered, too."""
        self._hooks.watcher.waiting(name, waiting)
        self._look_at_clock()

    def end(self, name: str) -> None:
        """Pass it on."""
        self._hooks.watcher.end(name)

    def _look_at_clock(self) -> None:
        for meter in self._meters:
            meter.tell("up")
        usd = sum(each.usd(self._clock.now()) for each in self._deployments)
        if self._most is not None and usd >= self._most and not self.over_ceiling:
            self.over_ceiling = True
            self.notice(
                f"Stopping: the endpoints have cost {money(usd)}, and {money(self._most)} may be spent."
            )
            self._hooks.stop.set()
