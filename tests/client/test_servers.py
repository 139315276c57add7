"""Several servers of one model: who is asked next, and what a dead or a slow one costs."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, cast

import pytest

from medbench.client.client import Client
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy
from medbench.client.servers import FIRST_REST_S, LONGEST_REST_S, Server, ServerGroup, Servers
from medbench.errors import ProviderDownError, ProviderError
from medbench.executors.local import for_each
from medbench.providers import Provider
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import CallFor, Reply, Request, Response
from medbench.store.ledger import Ledger

FREE = ModelFile(provider="x", price=Price(free=True))
NOBODY = ProviderError("connection", "nothing listens", final=False, sent=False)
WRONG_KEY = ProviderError("auth", "the key is wrong", final=True, status=401, stops=True)
TOO_LONG = ProviderError("too_long", "4,096 tokens at most", final=True, status=400)
BUSY = ProviderError("rate_limit", "too many", final=False, status=429, limited=True)


class Clock:
    """Time that passes only when everybody waits."""

    def __init__(self) -> None:
        self.now = 0.0
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds of this time."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, len(self._sleepers) + id(turn), turn))
        await turn

    async def run(self, work: Sequence[Awaitable[Any]]) -> list[Any]:
        """Do all of that, and return what comes of it."""
        tasks = asyncio.gather(*work, return_exceptions=True)
        while not tasks.done():
            for _ in range(20):
                await asyncio.sleep(0)
            if self._sleepers and not tasks.done():
                self.now, _, turn = heapq.heappop(self._sleepers)
                turn.set_result(None)
        return tasks.result()


class InMemory:
    """A ledger on no disk, whose threads no clock of a test could wait for."""

    has_answer = False

    def find(self, _request: Request, _call_for: CallFor, _sample: int) -> None:
        """Find nothing."""

    async def add(self, response: Response) -> None:
        """Keep nothing."""
        self.has_answer |= response.failure is None


class At(Provider):
    """A server that takes some time, and counts."""

    def __init__(self, clock: Clock, takes_s: float, fails: Callable[[int], ProviderError | None]) -> None:
        self.clock, self.takes_s, self.fails = clock, takes_s, fails
        self.asked, self.now, self.most, self.closed = 0, 0, 0, False

    async def ask(self, request: Request) -> Reply:
        """Answer or fail."""
        self.asked, self.now = self.asked + 1, self.now + 1
        self.most = max(self.most, self.now)
        number = self.asked
        try:
            if error := self.fails(number):
                await self.clock.sleep(0.1)
                raise error
            await self.clock.sleep(self.takes_s)
        finally:
            self.now -= 1
        return Reply(text=f"answer {request.text}")

    async def close(self) -> None:
        """Close."""
        self.closed = True


def _never(_: int) -> None:
    return None


def _group(clock: Clock, limits: Sequence[int], cap: int | None = None) -> ServerGroup:
    servers = (Server(f"http://s{n}", Controller(limit, limit, fixed=True)) for n, limit in enumerate(limits))
    return ServerGroup(tuple(servers), cap, clock=lambda: clock.now)


def _ask_all(
    clock: Clock,
    servers: Sequence[At],
    group: ServerGroup,
    calls: int,
    notes: list[str],
    policy: Policy | None = None,
    as_a_run: bool = False,
) -> list[Response | BaseException]:
    """Ask for so many answers, in the clock's time: all at once, or as a run does, as places become free."""

    async def scene() -> list[Any]:
        client = Client(
            Servers(servers, group),
            FREE,
            cast("Ledger", InMemory()),
            slots=Slots(group),
            policy=policy or Policy(),
            sleep=clock.sleep,
            note=lambda _, words: notes.append(words),
        )
        found: list[Any] = [None] * calls

        async def ask(number: int) -> None:
            request = Request(model="m", text=f"{number}")
            try:
                found[number] = await client.ask(request, CallFor(case_id=f"{number}", stage="single"), 0)
            except ProviderDownError as error:
                found[number] = error

        at_a_time = group.most if as_a_run else calls
        await clock.run([for_each(range(calls), ask, at_a_time=at_a_time, stopped=lambda: False)])
        await client.close()
        return found

    return asyncio.run(scene())


def test_one_dead_and_one_slow_of_three_cost_what_they_must() -> None:
    """Every call is answered, as fast as the two that live can, and the dead one fails a handful of calls."""
    clock, notes = Clock(), list[str]()
    servers = [At(clock, 1.0, _never), At(clock, 4.0, _never), At(clock, 1.0, lambda _: NOBODY)]
    found = _ask_all(clock, servers, _group(clock, [8, 8, 8]), 400, notes)
    assert all(isinstance(one, Response) and one.text for one in found)
    dead = servers[2].asked
    assert 8 <= dead <= 8 + 6, "those in flight, and one more after each rest"
    # 8 a second of one and 8 in four seconds of the other: 10 a second together.
    assert 400 / 10 <= clock.now <= 1.1 * 400 / 10
    by = [one.server for one in found if isinstance(one, Response)]
    assert (by.count("http://s0"), by.count("http://s1"), by.count("http://s2")) == (
        servers[0].asked,
        servers[1].asked,
        0,
    )
    assert servers[0].asked == pytest.approx(4 * servers[1].asked, rel=0.1)
    assert notes[0] == "24 → 16 calls at a time: nothing listens"
    assert all(server.closed for server in servers)


def test_a_limit_is_of_each_and_the_cap_of_all() -> None:
    """No server has more in flight than its limit, and all together no more than was asked for."""
    clock = Clock()
    servers = [At(clock, 1.0, _never), At(clock, 1.0, _never)]
    _ask_all(clock, servers, _group(clock, [3, 5]), 40, [])
    assert (servers[0].most, servers[1].most) == (3, 5)
    servers = [At(clock, 1.0, _never), At(clock, 1.0, _never)]
    _ask_all(clock, servers, _group(clock, [3, 5], cap=4), 40, [])
    assert servers[0].most + servers[1].most == 4


def test_a_server_that_comes_back_is_asked_again() -> None:
    """A server that starts late is tried with one call after each rest, and then with as many as it takes."""
    clock, notes = Clock(), list[str]()

    def until_ten(_: int) -> ProviderError | None:
        return NOBODY if clock.now < 10 else None

    late = At(clock, 1.0, until_ten)
    found = _ask_all(clock, [At(clock, 1.0, _never), late], _group(clock, [4, 4]), 200, notes)
    assert all(isinstance(one, Response) and one.text for one in found)
    by_late = sum(isinstance(one, Response) and one.server == "http://s1" for one in found)
    assert late.asked - by_late <= 4 + 4, "the first four, then after 1, 2, 4 and 8 s"
    assert by_late > 40
    assert late.most == 4
    assert notes[-1] == "5 → 8 calls at a time"


def test_a_server_that_refuses_all_is_left_out_and_the_others_go_on() -> None:
    """A wrong key at one address fails no call; at the last address that is left it stops the work."""
    clock, notes = Clock(), list[str]()
    servers = [At(clock, 1.0, _never), At(clock, 1.0, lambda _: WRONG_KEY)]
    found = _ask_all(clock, servers, _group(clock, [2, 2]), 20, notes)
    assert all(isinstance(one, Response) and one.text for one in found)
    assert servers[1].asked == 2, "those in flight"
    assert "http://s1 is asked no more: the key is wrong" in notes[0]
    servers = [At(clock, 1.0, lambda _: WRONG_KEY), At(clock, 1.0, lambda _: WRONG_KEY)]
    found = _ask_all(clock, servers, _group(clock, [1, 1]), 20, notes)
    assert servers[0].asked + servers[1].asked <= 4
    assert sum(isinstance(one, ProviderDownError) for one in found) >= 16


def test_what_one_server_refuses_alone_is_asked_at_another() -> None:
    """No call fails for a server that is set up otherwise; none is answered twice; it is soon left out."""
    clock, notes = Clock(), list[str]()
    servers = [At(clock, 1.0, _never), At(clock, 1.0, lambda _: TOO_LONG), At(clock, 1.0, _never)]
    found = _ask_all(clock, servers, _group(clock, [4, 4, 4]), 120, notes, as_a_run=True)
    answered = [one for one in found if isinstance(one, Response) and one.text]
    assert len(answered) == servers[0].asked + servers[2].asked == 120
    assert 4 <= servers[1].asked <= 6, "those in flight, and one after its rest"
    said = [one for one in notes if "http://s1 is asked no more: it refused " in one]
    assert len(said) == 1
    assert "calls in a row that others answered, the last: 4,096 tokens at most" in said[0]
    tries = [[(each.outcome, each.status) for each in one.attempts] for one in answered]
    assert tries.count([("too_long", 400), ("ok", None)]) == servers[1].asked
    assert {one.cost.usd for one in answered if one.cost} == {0.0}


class Reads(At):
    """A server that refuses some texts."""

    refuses: ProviderError = TOO_LONG

    async def ask(self, request: Request) -> Reply:
        """Answer all but the texts 7 and 20."""
        if request.text in {"7", "20"}:
            self.asked += 1
            raise self.refuses
        return await super().ask(request)


@pytest.mark.parametrize(
    ("error", "asked"),
    [
        (TOO_LONG, 2),
        (ProviderError("blocked_prompt", "a filter", final=True, status=400), 1),
        (ProviderError("bad_request", "an error with status 200", final=True, status=200), 1),
    ],
    ids=["of all", "filtered", "may be billed"],
)
def test_what_is_the_requests_own_fault_is_final(error: ProviderError, asked: int) -> None:
    """Another server that answers others refuses it too; a filter, or what may be paid for, is asked once."""
    clock = Clock()
    servers = [Reads(clock, 1.0, _never) for _ in range(3)]
    for one in servers:
        one.refuses = error
    found = _ask_all(clock, servers, _group(clock, [1, 1, 1]), 30, [], as_a_run=True)
    failed = [one for one in found if isinstance(one, Response) and one.failure]
    assert [(one.prompt, len(one.attempts), one.failure.final) for one in failed if one.failure] == [
        ("7", asked, True),
        ("20", asked, True),
    ]
    assert sum(one.asked for one in servers) == 28 + 2 * asked


def test_a_refusal_while_the_others_rest_is_for_another_session() -> None:
    """They may take it: it is neither final nor waited for."""
    clock = Clock()
    group = _group(clock, [1, 1])
    group.servers[1].resting_until = 60.0
    client = Servers([At(clock, 0.0, lambda _: TOO_LONG), At(clock, 0.0, _never)], group)
    (raised,) = asyncio.run(clock.run([client.ask(Request(model="m", text="x"))]))
    assert (raised.final, raised.later, raised.stops, raised.reason) == (False, True, False, TOO_LONG.reason)


def test_when_all_are_dead_the_model_is_given_up_as_a_single_server_is() -> None:
    """Within the patience for a server where nothing listens, and with few calls."""
    clock = Clock()
    servers = [At(clock, 1.0, lambda _: NOBODY) for _ in range(3)]

    found = _ask_all(clock, servers, _group(clock, [2, 2, 2]), 30, [], Policy(refused_s=0))
    assert any(isinstance(one, ProviderDownError) for one in found)
    assert not any(isinstance(one, Response) and one.text for one in found)


def test_too_many_calls_lower_the_limit_of_one_server_alone() -> None:
    """A server that answers 429 takes fewer at a time; the other keeps its limit."""
    clock = Clock()

    busy = At(clock, 1.0, lambda _: BUSY if busy.now > 2 else None)
    group = ServerGroup(
        (Server("http://a", Controller(8, 8)), Server("http://b", Controller(8, 8))), clock=lambda: clock.now
    )
    found = _ask_all(clock, [busy, At(clock, 1.0, _never)], group, 120, [])
    assert all(isinstance(one, Response) and one.text for one in found)
    first, second = group.servers
    assert first.controller.limit < 8
    assert second.controller.limit == 8


def test_rests_double_up_to_a_minute() -> None:
    """Each rest that ends in a failure is twice as long; an answer ends them."""
    server, now, rests = Server("http://a", Controller(4, 4)), 0.0, []
    for _ in range(8):
        server.failed(NOBODY, now)
        server.failed(NOBODY, now)
        rests.append(server.resting_until - now)
        now = server.resting_until
    assert rests == [FIRST_REST_S * 2.0**n for n in range(6)] + [LONGEST_REST_S] * 2
    assert server.limit == 1
    server.answered()
    assert (server.limit, server.failures, server.rests) == (4, 0, 0)


def test_a_single_failure_of_a_server_that_can_be_reached_is_no_reason_to_leave_it_alone() -> None:
    """One 500 in ten calls is normal; three in a row are not."""
    server = Server("http://a", Controller(4, 4))
    wrong = ProviderError("server_error", "500", final=False, status=500)
    server.failed(wrong, 1.0)
    server.failed(wrong, 1.0)
    assert server.resting_until == 0.0
    server.failed(wrong, 1.0)
    assert server.resting_until == 1.0 + FIRST_REST_S


def test_a_server_that_takes_calls_and_answers_none_is_left_alone() -> None:
    """The client's deadline ends a call to it from outside; the next ones go where there are answers."""
    clock = Clock()

    class Silent(At):
        async def ask(self, request: Request) -> Reply:
            self.asked += 1
            await asyncio.Event().wait()
            raise AssertionError

    silent, other = Silent(clock, 0.0, _never), At(clock, 0.0, _never)
    group = _group(clock, [8, 8])
    servers = Servers([silent, other], group)

    async def scene() -> list[str | None]:
        request = Request(model="m", text="x")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await servers.ask(request)
        async with asyncio.timeout(10):
            return [(await clock.run([servers.ask(request)]))[0].server for _ in range(6)]

    assert asyncio.run(scene()) == ["http://s1"] * 6
    assert silent.asked == 1
    assert (group.servers[0].in_flight, group.servers[0].limit) == (0, 1)
    clock.now += FIRST_REST_S
    assert group.least_busy() == 0, "one call tries it again after a rest"
