"""Minutes and dollars while something is up, said once a minute."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.sentences import money

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from medbench.schema.endpoint import Deployment


def length(seconds: float) -> str:
    """Return a time as '34 min', '2 h 5 min', '40 s'."""
    if seconds < 60:
        return f"{seconds:.0f} s"
    hours, minutes = divmod(int(seconds // 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"


def bill(deployment: Deployment, now: datetime) -> str:
    """Return how long a deployment is up and what that costs: '34 min, $0.65'."""
    return f"{length(deployment.seconds(now))}, {money(deployment.usd(now))}"


class Meter:
    """Says what a deployment has cost so far, once each so many minutes."""

    def __init__(
        self,
        deployment: Deployment,
        now: Callable[[], datetime],
        notice: Callable[[str], None],
        every_s: float = 60.0,
    ) -> None:
        self._deployment, self._now, self._notice, self._every_s = deployment, now, notice, every_s
        self._said = int(deployment.seconds(now()) // every_s)

    def tell(self, doing: str) -> None:
        """Say what is being done, for how long and for how much, unless that was said a moment ago."""
        number = int(self._deployment.seconds(self._now()) // self._every_s)
        if number > self._said:
            self._said = number
            words = bill(self._deployment, self._now())
            self._notice(f"  {self._deployment.intent.model}: {doing}, {words}")
