"""Machines joined by Ray. Ray places processes and carries what goes between them; it retries nothing."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from medbench.errors import UsageError
from medbench.executors.cluster.in_order import map_on
from medbench.executors.cluster.starting import START_S, not_started
from medbench.executors.cluster.wire import WorkerLostError
from medbench.executors.cluster.worker import Worker

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from medbench.executors.cluster.crew import RemoteWorker
    from medbench.executors.cluster.wire import Answer, Joined, Source
    from medbench.schema.response import Request

J = TypeVar("J")
R = TypeVar("R")

REACHED_S: Final = 10.0
"""Seconds in which the head of a cluster must take a connection."""
STORE_BYTES: Final = 200 << 20
"""Shared memory of a cluster of this machine alone, where the default would be a third of all memory."""
_ONCE: Final = {"max_restarts": 0, "max_task_retries": 0, "num_cpus": 1, "scheduling_strategy": "SPREAD"}
"""Options of a worker: what it was doing when it died is decided here, never done again by Ray."""


class RayCluster:
    """A Ray cluster that this machine is part of, or one of this machine alone.

    Args:
        address: HOST:PORT of its head; None to start one here, which ends with the command.
    """

    def __init__(self, address: str | None = None) -> None:
        self._address = address
        self._joined = False

    def __enter__(self) -> Self:
        self.join()
        return self

    def __exit__(self, *_: object) -> None:
        self.leave()

    async def connect(self) -> None:
        """Join the cluster.

        Raises:
            UsageError: There is none at the address.
        """
        await asyncio.to_thread(self.join)

    def join(self) -> None:
        """Join the cluster, from code that is not async.

        Raises:
            UsageError: There is none at the address.
        """
        os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
        # Of a node that dies Ray prints the last log among what the command says; read when it is loaded.
        os.environ.setdefault("RAY_DEDUP_LOGS_SKIP_REGEX", ".")
        import ray

        if ray.is_initialized():  # by the caller's own script, whose cluster it stays
            return
        self._check_reachable()
        own: dict[str, Any] = {"include_dashboard": False, "object_store_memory": STORE_BYTES}
        try:
            ray.init(
                address=self._address or "local",
                log_to_driver=False,
                logging_level=logging.CRITICAL,
                **({} if self._address else own),
            )
        except (ConnectionError, RuntimeError, ValueError) as error:
            raise UsageError(
                f"no cluster can be joined at '{self._address or 'this machine'}': {_first_line(error)}.",
                f"ray start --address={self._address}   (here, once)" if self._address else "see Ray's logs",
            ) from None
        self._joined = True

    def _check_reachable(self) -> None:
        """Check that something listens at the address, for which Ray would wait for minutes."""
        if self._address is None:
            return
        host, _, port = self._address.rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=REACHED_S).close()
        except OSError as error:
            raise UsageError(
                f"no cluster is at '{self._address}': {error.strerror or error}.",
                "the address that `ray start --head` printed, on a machine that has joined that cluster",
            ) from None

    def size(self) -> tuple[int, int]:
        """Return the machines of the cluster and its cores."""
        import ray

        machines = sum(bool(node["Alive"]) for node in ray.nodes())
        return machines, int(ray.cluster_resources().get("CPU", 1))

    def cores(self) -> tuple[int, int]:
        """Return how many of its cores no command has taken, and how many there are."""
        import ray

        return int(ray.available_resources().get("CPU", 0)), self.size()[1]

    @staticmethod
    def others() -> tuple[str, ...]:
        """Return the addresses of its machines, but for this one."""
        import ray

        here = ray.get_runtime_context().get_node_id()
        return tuple(
            node["NodeManagerAddress"] for node in ray.nodes() if node["Alive"] and node["NodeID"] != here
        )

    async def start_worker(self) -> RemoteWorker:
        """Start a worker that makes calls.

        Raises:
            NotStartedError: It did not.
        """
        import ray

        actor = ray.remote(_Actor).options(**_ONCE, max_concurrency=1_000).remote()
        worker = _RayWorker(actor)
        try:
            async with asyncio.timeout(START_S):
                await worker.joined()
        except TimeoutError:
            await worker.close()
            raise not_started(*self.cores()) from None
        return worker

    def map_in_order(
        self,
        do: Callable[[J], R],
        make: Callable[[], Callable[[J], R]],
        jobs: Iterable[J],
        *,
        notice: Callable[[str], None],
    ) -> Iterator[R]:
        """Do what `processes.map_in_order` does, on all cores of the cluster that was joined.

        Raises:
            NotStartedError: No worker started.
            StoreError: No worker is left, or several were lost with the same jobs.
        """
        del do
        computers = _RayComputers(make, self)
        try:
            yield from map_on(computers, jobs, notice)
        finally:
            computers.close()

    async def close(self) -> None:
        """Leave the cluster; one that was started here ends."""
        await asyncio.to_thread(self.leave)

    def leave(self) -> None:
        """Leave the cluster, from code that is not async."""
        if self._joined:
            import ray

            self._joined = False
            ray.shutdown()


class _Actor(Worker):
    """A worker that knows its machine."""

    @staticmethod
    def machine() -> tuple[str, str]:
        """Return the id and the address of its machine."""
        import ray

        return ray.get_runtime_context().get_node_id(), ray.util.get_node_ip_address()


class _RayWorker:
    """A worker as an actor."""

    def __init__(self, actor: Any) -> None:
        self._actor = actor

    async def joined(self) -> Joined:
        import ray

        node, address = await self._result(self._actor.machine.remote())
        joined: Joined = await self._result(self._actor.joined.remote())
        is_here = node == ray.get_runtime_context().get_node_id()
        return joined if is_here else joined._replace(address=address)

    async def prepare(self, number: int, source: Source) -> str:
        lacks: str = await self._result(self._actor.prepare.remote(number, source))
        return lacks

    async def ask(self, number: int, request: Request, carried: Mapping[str, bytes]) -> Answer:
        answer: Answer = await self._result(self._actor.ask.remote(number, request, carried))
        return answer

    async def close(self) -> None:
        import ray

        with suppress(WorkerLostError, TimeoutError):
            async with asyncio.timeout(5):
                await self._result(self._actor.close.remote())
        ray.kill(self._actor)

    @staticmethod
    async def _result(reference: Any) -> Any:
        """Return what a call gave; one that is given up here is ended there."""
        import ray
        from ray.exceptions import RayActorError, RayTaskError

        try:
            return await reference
        except asyncio.CancelledError:
            ray.cancel(reference)
            raise
        except RayTaskError as error:
            raise error.cause or error from None
        except RayActorError as error:
            raise WorkerLostError(_first_line(error)) from None


class _Computer:
    """Computes what it is sent, on one core of some machine."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]]) -> None:
        self._do = make()

    def compute(self, batch: Sequence[Any]) -> list[Any]:
        return [self._do(job) for job in batch]


class _RayComputers:
    """Actors that compute, one a core."""

    def __init__(self, make: Callable[[], Callable[[Any], Any]], cluster: RayCluster) -> None:
        import ray

        self._cluster = cluster
        kind = ray.remote(_Computer).options(**_ONCE)
        shared = ray.put(make)  # once to each machine, however many workers it has
        self._actors = [kind.remote(shared) for _ in range(cluster.size()[1])]

    @property
    def count(self) -> int:
        return len(self._actors)

    def submit(self, worker: int, batch: Sequence[Any]) -> Any:
        return self._actors[worker].compute.remote(batch)

    def cores(self) -> tuple[int, int]:
        return self._cluster.cores()

    @staticmethod
    def first_of(handles: Sequence[Any], most_s: float | None) -> Any | None:
        import ray

        ready, _ = ray.wait(list(handles), num_returns=1, timeout=most_s)
        return ready[0] if ready else None

    @staticmethod
    def result(handle: Any) -> list[Any]:
        import ray
        from ray.exceptions import RayActorError, RayTaskError

        try:
            results: list[Any] = ray.get(handle)
        except RayTaskError as error:
            raise error.cause or error from None
        except RayActorError as error:
            raise WorkerLostError(_first_line(error)) from None
        return results

    def close(self) -> None:
        import ray

        for actor in self._actors:
            ray.kill(actor)


def _first_line(error: BaseException) -> str:
    return str(error).strip().partition("\n")[0].removesuffix(".") or type(error).__name__
