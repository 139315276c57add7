"""How a deployment stands, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.sentences import money
from medbench.steps.endpoint.meter import bill

if TYPE_CHECKING:
    from datetime import datetime

    from medbench.steps.endpoint.standing import Standing

_STATES = {
    "intended": "asked for, and nothing more is known",
    "deploying": "being put up",
    "up": "up",
    "failed": "did not come up",
    "removing": "being taken down, or left half taken down",
    "removed": "gone",
}


def state_words(standing: Standing, now: datetime) -> str:
    """Return the state, for how long and for how much: 'up, 34 min, $0.65 so far ($1.15 an hour)'."""
    deployment = standing.deployment
    if deployment is None:
        on = "up, or coming up" if standing.found.endpoints else "a model without an endpoint, which is free"
        return f"{on}; hours and price stand where it was put up"
    words = f"{_STATES[deployment.state]}, {bill(deployment, now)}"
    return f"{words} so far ({money(deployment.intent.usd_hour)} an hour)" if deployment.is_open else words


def place_words(standing: Standing) -> str:
    """Return machine, location and project, with the ids of what is there."""
    parts = [standing.deployment.machine] if standing.deployment else []
    parts += [standing.place.location, f"project {standing.place.project}"]
    ids = [f"endpoint {name.rpartition('/')[2]}" for name in standing.found.endpoints]
    ids += [f"model {name.rpartition('/')[2]}" for name in standing.found.models]
    return ", ".join([*parts, *ids])


def remark_on(standing: Standing) -> str:
    """Return what a person should know beside; '' for nothing."""
    deployment = standing.deployment
    if deployment is None:
        return ""
    if standing.is_orphan:
        return f"ORPHAN: process {deployment.pid}, which was to take it down, is gone."
    if deployment.is_open and not deployment.intent.stays:
        return f"Process {deployment.pid} takes it down at its end."
    return deployment.said
