"""No network: `medbench --offline`, or MEDBENCH_OFFLINE in the environment."""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import Final

from medbench.errors import UsageError

VARIABLE: Final = "MEDBENCH_OFFLINE"
OPTION: Final = "--offline"
_REACHING_OUT: Final = frozenset(
    f"socket.{name}"
    for name in (
        "connect",
        "getaddrinfo",
        "gethostbyname",
        "gethostbyaddr",
        "getnameinfo",
        "sendto",
        "sendmsg",
    )
)
"""Audit events of Python before a socket reaches anything, by whichever library."""


def is_offline() -> bool:
    """Return True if nothing may be sent."""
    return os.environ.get(VARIABLE, "").strip().lower() not in {"", "0", "false", "no"}


@cache
def install_guard() -> None:
    """Refuse every socket of this process while it is offline, loopback too; never taken out again."""
    sys.addaudithook(_refuse)


def _refuse(event: str, arguments: tuple[object, ...], events: frozenset[str] = _REACHING_OUT) -> None:
    # A default, since events still come while Python ends and takes the names of modules away.
    if event not in events or not is_offline():
        return
    target = arguments[-1] if event.startswith(("socket.connect", "socket.send")) else arguments[0]
    if os.name == "nt" and isinstance(target, tuple) and target[0] in {"127.0.0.1", "::1"}:
        return  # the event loop of Windows wakes itself through such a connection
    raise refused(f"a connection to '{target}'")


def refused(what: str) -> UsageError:
    """Return the error for what would need a network."""
    return UsageError(
        f"{what} is refused: {OPTION} allows no network, not even this machine's.",
        f"leave out {OPTION} or {VARIABLE}",
    )
