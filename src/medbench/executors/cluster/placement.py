"""Where a command works: on this machine, or on those of a cluster."""

from __future__ import annotations

import importlib.util
from typing import TYPE_CHECKING, Final, Literal, get_args

from medbench.errors import UsageError
from medbench.offline import is_offline, refused
from medbench.registry import unknown
from medbench.schema.base import Record

if TYPE_CHECKING:
    from medbench.executors.cluster.ray_cluster import RayCluster

Executor = Literal["local", "ray"]
"""This machine, or the machines of a Ray cluster."""
EXTRA: Final = "pip install 'medbench[ray]'"


class Placement(Record):
    """Where a command works, as it was asked for; never from a file."""

    executor: Executor = "local"
    """Name of the executor that does the work."""
    address: str | None = None
    """HOST:PORT of the head of a cluster that this machine is part of; None for a cluster of this machine."""

    def cluster(self) -> RayCluster | None:
        """Return the cluster, which is yet to be joined; None where the work is done here."""
        if self.executor == "local":
            return None
        from medbench.executors.cluster.ray_cluster import RayCluster

        return RayCluster(self.address)


def placement_of(executor: str, address: str | None) -> Placement:
    """Return where to work, checked before anything is begun.

    Raises:
        UsageError: There is no such executor, it isn't installed, or the address isn't one.
    """
    if executor not in get_args(Executor):
        raise unknown("executor", executor, get_args(Executor), option="--executor ")
    if executor == "local":
        if address is not None:
            raise UsageError(
                f"--address '{address}' is that of a cluster, and none was asked for.",
                f"--executor ray --address {address}",
            )
        return Placement()
    if is_offline():
        raise refused("a cluster")
    if importlib.util.find_spec("ray") is None:
        raise UsageError("--executor ray needs Ray, which is not installed.", EXTRA)
    if address is not None and not _is_address(address):
        raise UsageError(
            f"--address '{address}' is not HOST:PORT.",
            "the address that `ray start --head` prints, on a machine that has joined that cluster",
        )
    return Placement(executor="ray", address=address)


def _is_address(text: str) -> bool:
    host, colon, port = text.rpartition(":")
    return bool(host and colon) and "/" not in host and port.isdecimal() and 0 < int(port) < 65_536
