"""Workers of a cluster that calls are given to, and the provider that gives them its calls."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from medbench.errors import MedbenchError, ProviderError, UsageError
from medbench.executors.cluster.homes import home_of, share_of, workers_for
from medbench.executors.cluster.starting import LATE_S, QUIET_S, STARTS, waited_for
from medbench.executors.cluster.wire import NotStartedError, Source, WorkerLostError, own_version
from medbench.providers import Provider
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from medbench.executors.cluster.wire import Answer, Joined
    from medbench.images.recorded import Pictures
    from medbench.providers import Batches, Missing
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Reply, Request

LOST: Final = "worker_lost"
"""Kind of the failure of a call whose worker is gone."""
REPLACED: Final = 3
"""Times that the workers are replaced, before a cluster is given up that loses one after the other."""


class RemoteWorker(Protocol):
    """A worker on a machine of the cluster. Every method raises `WorkerLostError` where it is gone."""

    async def joined(self) -> Joined:
        """Return who it is, once it has started."""

    async def prepare(self, number: int, source: Source) -> str:
        """Prepare for a model; returns what is missing there, or ''."""

    async def ask(self, number: int, request: Request, carried: Mapping[str, bytes]) -> Answer:
        """Make a call."""

    async def close(self) -> None:
        """End it."""


class Cluster(Protocol):
    """Machines that workers can be started on."""

    async def connect(self) -> None:
        """Join it.

        Raises:
            UsageError: It cannot be joined.
        """

    def size(self) -> tuple[int, int]:
        """Return its machines and its cores."""

    def cores(self) -> tuple[int, int]:
        """Return how many of its cores nothing has taken, and how many there are."""

    async def start_worker(self) -> RemoteWorker:
        """Start a worker on the machine that has the fewest.

        Raises:
            NotStartedError: No machine has room for one, or it did not start.
        """

    async def close(self) -> None:
        """Leave it."""


class _Member(NamedTuple):
    remote: RemoteWorker
    machine: str


class Crew:
    """The workers of a command on one benchmark, which belong to one event loop.

    Args:
        cluster: Where they are.
        folder: The benchmark, whose images a machine may have or not.
        shipped: True if it came with medbench, so that an installer may have linked its files.
        allow: Takes the host of another machine that is to get the cases, and how, in words that begin a
            message; raises a UsageError where the terms of the benchmark do not allow it.
        notice: Takes what a person should know.
    """

    def __init__(
        self,
        cluster: Cluster,
        folder: Path,
        *,
        shipped: bool,
        allow: Callable[[str, str], None],
        notice: Callable[[str], None],
    ) -> None:
        self._cluster, self._allow, self._notice = cluster, allow, notice
        self._folder, self._shipped = folder.resolve(), shipped
        self._sources: list[Source] = []
        self._members: dict[str, _Member] = {}
        self._calls: dict[str, int] = {}
        """Worker to the calls that it has in flight."""
        self._wanted = self._most = 0
        """Workers, and the calls that each may have in flight."""
        self._names = itertools.count(1)
        self._replacements = 0
        self._starting: set[asyncio.Task[None]] = set()
        self._failures_said: set[str] = set()
        self._changed = asyncio.Event()
        self._closed = False

    def provider(self, local: Provider, model: ModelFile, pictures: Pictures) -> Provider:
        """Return a provider that gives the calls of another one to the workers.

        One that sends nothing is returned as it is: what it reads lies here.
        """
        if type(local).hosts(model) == ():
            return local
        self._sources.append(Source(model, self._folder, self._shipped))
        return RemoteProvider(self, len(self._sources) - 1, local, model, pictures)

    async def start(self, calls: int) -> None:
        """Start workers for so many calls at a time, unless every model is asked from here.

        Those that take much longer than the first join when they have started.

        Raises:
            UsageError: The cluster cannot be joined, no worker started, or something that a model needs is
                missing where one did.
        """
        if not self._sources:
            return
        await self._cluster.connect()
        machines, cores = self._cluster.size()
        self._wanted = wanted = workers_for(calls, machines, cores)
        await self._start_first(wanted)
        coming = len(self._starting)
        self._most = share_of(calls, len(self._members) + coming)
        here = sorted({member.machine for member in self._members.values()})
        on = counted(len(here), "machine")
        made = f"Calls are made by {counted(len(self._members), 'worker')} on {on}: {', '.join(here[:5])}"
        self._notice(f"{made}; {coming} more may join, not started yet." if coming else f"{made}.")

    async def _start_first(self, wanted: int) -> None:
        started = [self._start_another() for _ in range(wanted)]
        done, late = await asyncio.wait(started, timeout=QUIET_S, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._notice(waited_for(*self._cluster.cores()))
        while late and not self._members and not _unfit(started):
            _, late = await asyncio.wait(late, return_when=asyncio.FIRST_COMPLETED)
        if late and self._members:
            await asyncio.wait(late, timeout=LATE_S)
        if error := _unfit(started):
            raise error
        if not self._members:
            await asyncio.gather(*started)
        for task in started:
            task.add_done_callback(self._say_failed)

    def _start_another(self) -> asyncio.Task[None]:
        """Start a worker, which takes calls once it has started; nothing waits for it here."""
        task = asyncio.create_task(self._start_one())
        self._starting.add(task)
        task.add_done_callback(self._started)
        return task

    def _started(self, task: asyncio.Task[None]) -> None:
        self._starting.discard(task)
        self._changed.set()
        if not task.cancelled():
            task.exception()  # one that nobody reads would be logged with its traceback

    def _say_failed(self, task: asyncio.Task[None]) -> None:
        """Say once why a worker did not start, or gets no calls though it came while others were at work."""
        error = None if task.cancelled() else task.exception()
        if error is None:
            return
        what = "did not start" if isinstance(error, NotStartedError) else "that started later gets no calls"
        said = f"A worker {what}: {error.message if isinstance(error, MedbenchError) else error}"
        if said not in self._failures_said:
            self._failures_said.add(said)
            self._notice(said)

    async def _start_one(self) -> None:
        for starts_left in reversed(range(STARTS)):
            try:
                await self._start_once()
            except WorkerLostError as error:
                if not starts_left:
                    raise NotStartedError(
                        f"a worker ended as it began, {counted(STARTS, 'time')} in a row: {error}.",
                        "see the logs of Ray",
                    ) from None
            else:
                return

    async def _start_once(self) -> None:
        remote = await self._cluster.start_worker()
        joined = await remote.joined()
        self._check_allowed(joined)
        if joined.version != (version := own_version()):
            raise UsageError(
                f"medbench is {joined.version} on {joined.machine}, and {version} here.",
                f"pip install medbench=={version}   (there)",
            )
        for number, source in enumerate(self._sources):
            if lacks := await remote.prepare(number, source):
                raise UsageError(
                    f"'{source.model.id}' cannot be asked from {joined.machine}: {lacks}.",
                    "set it in the environment of that machine, then start Ray there again",
                )
        name = f"{joined.machine}/{next(self._names)}"
        self._members[name], self._calls[name] = _Member(remote, joined.machine), 0
        self._changed.set()

    def _check_allowed(self, joined: Joined) -> None:
        if joined.address:
            self._allow(joined.address, f"the machine {joined.machine} of the cluster makes calls")
            for proxy in joined.proxies:
                self._allow(proxy, f"the machine {joined.machine} sends through a proxy")

    async def ask(self, number: int, request: Request, pictures: Pictures) -> Reply:
        """Make a call on one of the workers.

        Raises:
            ProviderError: There is no usable answer, or the worker was lost with the call.
        """
        name = await self._place(request.case_key.rpartition("/")[0])
        member = self._members[name]
        self._calls[name] += 1
        try:
            answer = await member.remote.ask(number, request, {})
            if answer.lacks:
                carried = await asyncio.to_thread(_read, pictures, request, answer.lacks)
                answer = await member.remote.ask(number, request, carried)
        except WorkerLostError as error:
            self._lose(name, error)
            # The request may have been on its way, and be billed.
            reason = f"the worker on {member.machine} is gone: {error}"
            raise ProviderError(LOST, reason, final=False) from None
        finally:
            if name in self._calls:
                self._calls[name] -= 1
            self._changed.set()
        if answer.reply is not None:
            return answer.reply
        if answer.failed is not None:
            raise answer.failed.error()
        reason = f"the worker on {member.machine} did not take {counted(len(answer.lacks), 'image')}"
        raise ProviderError("image", reason, final=False, later=True, sent=False)

    async def _place(self, case_id: str) -> str:
        """Wait for a worker that takes another call."""
        while True:
            name = home_of(case_id, self._calls, self._most)
            if name is not None:
                return name
            if not self._members and not self._starting:
                reason = "no worker of the cluster is left"
                raise ProviderError(LOST, reason, final=False, stops=True, sent=False)
            self._changed.clear()
            await self._changed.wait()

    def _lose(self, name: str, error: WorkerLostError) -> None:
        """Take a worker off the list, and start another one in its place."""
        member = self._members.pop(name, None)
        self._calls.pop(name, None)
        if member is None or self._closed:
            return
        self._notice(f"A worker on {member.machine} is gone ({error}); its calls are made again by others.")
        if self._replacements < REPLACED * self._wanted:
            self._replacements += 1
            self._start_another().add_done_callback(self._say_failed)

    async def close(self) -> None:
        """End the workers, and leave the cluster."""
        self._closed = True
        for task in tuple(self._starting):
            task.cancel()
        await asyncio.gather(*self._starting, return_exceptions=True)
        closing = (member.remote.close() for member in self._members.values())
        await asyncio.gather(*closing, return_exceptions=True)
        self._members.clear()
        self._calls.clear()
        await self._cluster.close()


class RemoteProvider(Provider):
    """A provider whose calls are made by the workers of a cluster.

    Args:
        crew: The workers.
        number: Name of the model among those of the crew.
        local: The provider, as it would ask from here; batches and lists are its own.
        model: The model's file.
        pictures: Reads the images that a worker lacks.
    """

    def __init__(
        self, crew: Crew, number: int, local: Provider, model: ModelFile, pictures: Pictures
    ) -> None:
        super().__init__(model, pictures)
        self._crew, self._number, self._local = crew, number, local

    async def ask(self, request: Request) -> Reply:
        """Ask once, on one of the workers.

        Raises:
            ProviderError: There is no usable answer, or the worker was lost with the call.
        """
        return await self._crew.ask(self._number, request, self._pictures)

    def batches(self) -> Batches | None:
        """Return the service's batches, which are sent and collected from here."""
        return self._local.batches()

    def missing_for_batches(self) -> Missing | None:
        """Return what they need that is not there."""
        return self._local.missing_for_batches()

    def why_no_batches(self) -> str | None:
        """Return why there are none."""
        return self._local.why_no_batches()

    async def listed(self) -> tuple[str, ...] | None:
        """Return the ids that the service lists as its models."""
        return await self._local.listed()

    async def close(self) -> None:
        """Close what is open here; the crew ends its workers."""
        await self._local.close()


def _unfit(started: list[asyncio.Task[None]]) -> BaseException | None:
    """Return why a worker that came is not one to give calls to."""
    errors = (task.exception() for task in started if task.done() and not task.cancelled())
    return next((each for each in errors if each and not isinstance(each, NotStartedError)), None)


def _read(pictures: Pictures, request: Request, wanted: tuple[str, ...]) -> dict[str, bytes]:
    """Return images of a request: sha256 to bytes.

    Raises:
        ImageError: One of them cannot be read.
    """
    return {image.sha256: pictures.read(image) for image in request.images if image.sha256 in wanted}
