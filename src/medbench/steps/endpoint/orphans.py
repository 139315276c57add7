"""Deployments whose process was to take them down, and is gone."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.store.lock import is_running

if TYPE_CHECKING:
    from medbench.schema.endpoint import Deployment


def is_orphan(deployment: Deployment) -> bool:
    """Return True if the process that was to take a deployment down is gone."""
    intent = deployment.intent
    return deployment.is_open and not intent.stays and not is_running(deployment.pid, intent.process_began)
