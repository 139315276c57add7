"""Deployments that nobody is at any more: their process is gone, or nothing came of the request."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from medbench.store.lock import is_running

if TYPE_CHECKING:
    from datetime import datetime

    from medbench.schema.endpoint import Deployment

_LATE: Final = timedelta(minutes=45)
"""Time after which a request that nothing came of is taken for lost: deploying takes 15 to 30 minutes."""


def is_late(deployment: Deployment, now: datetime) -> bool:
    """Return True if a deployment was asked for so long ago that it would be there."""
    return now - deployment.began > _LATE


def is_orphan(deployment: Deployment) -> bool:
    """Return True if the process that was to take a deployment down is gone."""
    intent = deployment.intent
    return deployment.is_open and not intent.stays and not is_running(deployment.pid, intent.process_began)
