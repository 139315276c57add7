"""Workers that calls are given to: what happens with a call, and where one of them is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_cluster import FakeCluster, Shown

from medbench.errors import ProviderError, UsageError
from medbench.executors.cluster import crew
from medbench.executors.cluster.crew import LOST, REPLACED, Crew
from medbench.images.recorded import Pictures
from medbench.providers import Provider
from medbench.providers.echo import Provider as Echo
from medbench.schema.model import ModelFile
from medbench.schema.response import Reply, Request
from medbench.store.benchmark import BenchmarkFolder

MODEL = ModelFile(provider="fake_cluster:Shown", id="m")


class World:
    """A crew on a cluster that a test may change before it starts."""

    def __init__(self, benchmark: BenchmarkFolder, model: ModelFile = MODEL) -> None:
        self.benchmark = benchmark
        self.cluster = FakeCluster()
        self.notices: list[str] = []
        self.allowed: list[str] = []
        self.pictures = Pictures(benchmark.path)
        self.crew = Crew(
            self.cluster, benchmark.path, shipped=False, allow=self.allow, notice=self.notices.append
        )
        self.provider: Provider = self.crew.provider(Shown(model, self.pictures), model, self.pictures)

    def allow(self, host: str, what: str) -> None:
        """Allow machines but for one."""
        if host == "9.9.9.9":
            raise UsageError(f"{what}; the cases may not go there.", "none")
        self.allowed.append(host)

    def requests(self, count: int = 24) -> Iterator[Request]:
        """Return requests for the cases of the benchmark, again and again."""
        cases = list(self.benchmark.cases())
        for number in range(count):
            case = cases[number % len(cases)]
            yield Request(
                model="m", text="?", images=case.images, case_key=f"{case.case_id}/{number // len(cases)}"
            )

    def go(self, work: Callable[[], Awaitable[Any]], calls: int = 8) -> Any:
        """Start the crew, do some work, close it."""

        async def scene() -> Any:
            try:
                await self.crew.start(calls)
                return await work()
            finally:
                await self.crew.close()

        return asyncio.run(scene())

    async def ask_all(self, count: int = 24) -> list[Reply | BaseException]:
        """Ask all at the same time."""
        asked = (self.provider.ask(request) for request in self.requests(count))
        return await asyncio.gather(*asked, return_exceptions=True)


@pytest.fixture
def world(bench: BenchmarkFolder) -> World:
    """A crew of two machines on a benchmark of six cases."""
    return World(bench)


@pytest.fixture(autouse=True)
def _answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Shown, "error", None)


def test_workers_answer_as_the_provider_here(world: World) -> None:
    """Each case is shown its own images, which travel once to the one worker that has the case."""

    async def work() -> list[Any]:
        return [await world.provider.ask(request) for request in world.requests()]

    there = world.go(work)
    local = Shown(MODEL, world.pictures)
    here = [asyncio.run(local.ask(request)) for request in world.requests()]
    assert [reply.text for reply in there] == [reply.text for reply in here]
    images = [image.sha256 for case in world.benchmark.cases() for image in case.images]
    assert sorted(name for worker in world.cluster.workers for name in worker.carried) == sorted(images)
    assert all(worker.asked for worker in world.cluster.workers)
    assert not world.cluster.is_connected
    assert world.notices[0].startswith("Calls are made by 2 workers on 2 machines: node-0, node-1")


def test_nothing_travels_to_a_machine_that_has_the_files(world: World) -> None:
    """A shared disk is used."""
    world.cluster.shares_disk = True
    assert all(isinstance(reply, Reply) for reply in world.go(world.ask_all))
    assert not any(worker.carried for worker in world.cluster.workers)


def test_a_lost_worker_costs_its_calls_in_flight_and_is_replaced(world: World) -> None:
    """They fail in a way that may pass and may have been billed; what is asked then is answered."""
    world.cluster.kills_at = 10

    async def work() -> tuple[list[Any], list[Any]]:
        return await world.ask_all(), await world.ask_all(12)

    first, second = world.go(work)
    lost = [reply for reply in first if isinstance(reply, ProviderError)]
    assert 0 < len(lost) <= 16
    assert {(error.kind, error.final, error.stops, error.sent) for error in lost} == {
        (LOST, False, False, True)
    }
    assert all(isinstance(reply, Reply) for reply in second)
    assert len(world.cluster.workers) == 3
    assert sum("is gone (it was killed)" in notice for notice in world.notices) == 1


def test_with_no_worker_left_the_provider_stops(world: World) -> None:
    """Nothing was sent, and every other call would fail the same way."""
    world.cluster.rooms = 2

    async def work() -> list[Any]:
        for worker in world.cluster.workers:
            worker.killed.set()
        await world.ask_all()
        return await world.ask_all(3)

    for error in world.go(work):
        assert isinstance(error, ProviderError)
        assert (error.kind, error.stops, error.sent) == (LOST, True, False)


def test_a_cluster_that_kills_every_worker_is_given_up(world: World) -> None:
    """Workers are replaced, but not for ever."""

    async def work() -> None:
        for _ in range(60):
            for worker in world.cluster.workers:
                worker.killed.set()
            await world.ask_all(4)
            await asyncio.gather(*world.crew._starting)

    world.go(work)
    assert len(world.cluster.workers) == 2 + 2 * REPLACED


def test_a_worker_that_is_lost_as_it_begins_is_started_once_more(world: World) -> None:
    """On a machine that has just died; where each of them is lost, that is said before anything is sent."""
    world.cluster.stillborn = 1
    assert all(isinstance(reply, Reply) for reply in world.go(world.ask_all))
    assert len(world.cluster.workers) == 3
    world.cluster.stillborn = 100
    with pytest.raises(UsageError, match="ended as it began, 2 times in a row: its machine died"):
        world.go(world.ask_all)


@pytest.mark.parametrize("late", [{1}, {0}, {0, 2}])
def test_workers_that_take_long_are_not_waited_for_and_join_when_they_come(
    world: World, monkeypatch: pytest.MonkeyPatch, late: set[int]
) -> None:
    """A cluster counts a machine that has just died, where no worker starts; those that did go on."""
    monkeypatch.setattr(crew, "LATE_S", 0.05)
    world.cluster.machines = world.cluster.core_count = 3
    world.cluster.late = {number: asyncio.Event() for number in late}

    async def work() -> tuple[list[Any], list[Any]]:
        first = await world.ask_all()
        for event in world.cluster.late.values():
            event.set()
        await asyncio.gather(*world.crew._starting)
        return first, await world.ask_all(60)

    first, second = world.go(work)
    assert all(isinstance(reply, Reply) for reply in first + second)
    assert all(worker.asked for worker in world.cluster.workers)
    came = 3 - len(late)
    assert world.notices[0].startswith(f"Calls are made by {came} worker")
    assert world.notices[0].endswith(f"; {len(late)} more may join, not started yet.")
    assert len(world.notices) == 1


def test_a_worker_that_never_starts_holds_up_neither_the_work_nor_its_end(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is given up when the command ends."""
    monkeypatch.setattr(crew, "LATE_S", 0.05)
    world.cluster.late = {0: asyncio.Event()}
    assert all(isinstance(reply, Reply) for reply in world.go(world.ask_all))
    assert not world.crew._starting


def test_with_room_for_one_worker_it_goes_on_with_that(world: World) -> None:
    """Another command has the other core: none is announced that will not come, and it is said why."""
    world.cluster.rooms = 1
    assert all(isinstance(reply, Reply) for reply in world.go(world.ask_all))
    assert world.notices[0] == "Calls are made by 1 worker on 1 machine: node-0."
    assert world.notices[1] == "A worker did not start: no machine of the cluster started a worker."


def test_a_cluster_without_room_is_said(world: World) -> None:
    """Nothing is sent."""
    world.cluster.rooms = 0
    with pytest.raises(UsageError, match="no machine of the cluster started a worker"):
        world.go(world.ask_all)


def test_a_worker_that_comes_later_and_will_not_do_gets_no_calls(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where it is may not get the cases; the work goes on, and it is said."""
    monkeypatch.setattr(crew, "LATE_S", 0.05)
    world.cluster.late = {1: asyncio.Event()}

    async def work() -> list[Any]:
        world.cluster.says = {"address": "9.9.9.9"}
        world.cluster.late[1].set()
        await asyncio.wait(tuple(world.crew._starting))
        return await world.ask_all()

    assert all(isinstance(reply, Reply) for reply in world.go(work))
    assert not world.cluster.workers[1].asked
    assert "gets no calls: the machine node-1 of the cluster makes calls; the cases" in world.notices[1]


def test_what_is_waited_for_is_said_once_no_worker_has_started_for_a_while(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another command has the cores; when one is free, it goes on."""
    monkeypatch.setattr(crew, "QUIET_S", 0.05)
    free = asyncio.Event()
    world.cluster.late = {0: free, 1: free}
    said = world.notices.append

    def notice(words: str) -> None:
        said(words)
        free.set()

    world.crew._notice = notice
    assert all(isinstance(reply, Reply) for reply in world.go(world.ask_all))
    taken = "it takes a core, and 0 of 2 are free"
    assert world.notices[0] == f"Waiting for a worker for up to 180 s: {taken}."
    assert world.notices[1].startswith("Calls are made by 2 workers")
    assert len(world.notices) == 2


def test_a_machine_that_will_not_do_is_said_before_others_have_started(world: World) -> None:
    """A fault that is known is not kept back for a worker that may never come."""
    world.cluster.late = {0: asyncio.Event()}
    world.cluster.says = {"version": "9.9"}
    with pytest.raises(UsageError, match=r"medbench is 9\.9 on node-1"):
        world.go(world.ask_all)


def test_a_worker_has_its_share_of_calls_at_most(world: World) -> None:
    """A hundred calls at once with an account of 40: twenty at a worker, the others wait here."""
    most = 0

    async def work() -> list[Any]:
        nonlocal most
        asking = asyncio.ensure_future(world.ask_all(100))
        while not asking.done():
            most = max(most, *world.crew._calls.values())
            await asyncio.sleep(0)
        return list(asking.result())

    assert all(isinstance(reply, Reply) for reply in world.go(work, calls=40))
    assert most == 20


def test_what_sends_nothing_is_asked_here(world: World) -> None:
    """A replayed run lies on this machine; and no cluster is joined for it."""
    echo = Echo(ModelFile(provider="echo", id="e"), world.pictures)
    idle = Crew(world.cluster, world.benchmark.path, shipped=False, allow=world.allow, notice=print)
    assert idle.provider(echo, ModelFile(provider="echo", id="e"), world.pictures) is echo
    asyncio.run(idle.start(4))
    assert not world.cluster.workers


@pytest.mark.parametrize(
    ("says", "words"),
    [
        ({"version": "9.9"}, "medbench is 9.9 on node-"),
        ({"address": "9.9.9.9"}, "the machine node-0 of the cluster makes calls; the cases may not go there"),
        ({"address": "1.2.3.4", "proxies": ("9.9.9.9",)}, "sends through a proxy; the cases may not"),
    ],
)
def test_a_machine_that_will_not_do_is_named_before_anything_is_sent(
    world: World, says: dict[str, Any], words: str
) -> None:
    """Another version would answer otherwise; terms of a source bind to machines."""
    world.cluster.says = says
    with pytest.raises(UsageError) as raised:
        world.go(world.ask_all)
    assert words in raised.value.message
    assert not any(worker.asked for worker in world.cluster.workers)
    assert not world.cluster.is_connected


def test_a_machine_without_the_key_is_named(bench: BenchmarkFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    """The key is never sent along, so that it must be there."""
    monkeypatch.delenv("CLUSTER_KEY", raising=False)
    world = World(bench, MODEL.model_copy(update={"key_env": "CLUSTER_KEY"}))
    with pytest.raises(UsageError, match=r"'m' cannot be asked from node-\d: no key .export CLUSTER_KEY"):
        world.go(world.ask_all)


def test_a_damaged_image_fails_as_it_does_here(world: World) -> None:
    """The file is not the one that was recorded: nothing of it is sent."""
    for case in world.benchmark.cases():
        (world.benchmark.path / case.images[0].file).write_bytes(b"other")
    for error in world.go(world.ask_all):
        assert type(error).__name__ == "ImageError"


def test_a_call_that_is_given_up_frees_its_place(world: World, tmp_path: Path) -> None:
    """A deadline of the client cancels the call; the worker takes others."""

    async def work() -> dict[str, int]:
        asking = asyncio.ensure_future(world.ask_all(10))
        await asyncio.sleep(0)
        asking.cancel()
        await asyncio.gather(asking, return_exceptions=True)
        await asyncio.sleep(0)
        return dict(world.crew._calls)

    assert set(world.go(work).values()) == {0}
