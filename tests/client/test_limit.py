"""How many calls may be in flight: a controller without a clock, and places handed out in order."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.client.limit import Controller, Slots


def _round(controller: Controller) -> None:
    for _ in range(controller.limit):
        controller.success(controller.limit)


def test_it_doubles_until_the_first_refusal_then_adds_one() -> None:
    """Slow start, then additive increase."""
    controller = Controller(limit=4, most=64)
    _round(controller)
    _round(controller)
    assert controller.limit == 16
    controller.refusal(now=10.0, wait_s=1.0)
    assert controller.limit == 11
    _round(controller)
    assert controller.limit == 12


def test_one_episode_of_refusals_cuts_once() -> None:
    """Calls that were refused together are one sign, not many; a later one is another."""
    controller = Controller(limit=20, most=64)
    for moment in (10.0, 10.1, 10.9):
        controller.refusal(now=moment, wait_s=1.0)
    assert controller.limit == 14
    controller.refusal(now=11.1, wait_s=1.0)
    assert controller.limit == 9


def test_a_limit_that_is_not_used_does_not_grow() -> None:
    """Successes of three calls at a time say nothing about a limit of eight."""
    controller = Controller(limit=8, most=64)
    for _ in range(80):
        controller.success(3)
    assert controller.limit == 8


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 100)), max_size=200), st.booleans())
def test_it_stays_in_its_bounds(events: list[tuple[bool, int]], fixed: bool) -> None:
    """Whatever happens, the limit is from one to the most; a fixed one never moves."""
    controller = Controller(limit=4, most=32, fixed=fixed)
    for number, (answered, in_flight) in enumerate(events):
        if answered:
            controller.success(in_flight)
        else:
            controller.refusal(now=float(number), wait_s=0.5)
        assert controller.limit == 4 if fixed else 1 <= controller.limit <= 32


def test_places_are_given_in_order_and_never_too_many() -> None:
    """No more than the limit at a time; who came first goes first; who is cancelled gives the place on."""
    slots, most, order = Slots(Controller(limit=2, most=2, fixed=True)), 0, list[int]()

    async def one(number: int) -> None:
        nonlocal most
        with slots.place() as place:
            await place.take()
            most = max(most, slots.in_flight)
            order.append(number)
            await asyncio.sleep(0)

    async def all_of_them() -> None:
        tasks = [asyncio.create_task(one(number)) for number in range(6)]
        await asyncio.sleep(0)
        tasks[3].cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    asyncio.run(all_of_them())
    assert most == 2
    assert order == [0, 1, 2, 4, 5]
    assert slots.in_flight == 0


def test_a_grown_limit_lets_the_waiting_in() -> None:
    """Places that a larger limit makes are given out at once."""

    async def scene() -> int:
        slots = Slots(controller := Controller(limit=1, most=8))
        free = asyncio.Event()

        async def hold() -> None:
            with slots.place() as place:
                await place.take()
                await free.wait()

        tasks = [asyncio.create_task(hold()) for _ in range(4)]
        await asyncio.sleep(0)
        controller.limit = 3
        slots.wake()
        await asyncio.sleep(0)
        inside = slots.in_flight
        free.set()
        await asyncio.gather(*tasks)
        return inside

    assert asyncio.run(scene()) == 3


def test_accounts_share_what_a_command_may_have() -> None:
    """Two accounts of three places within two: never three calls at a time, and no place is lost."""

    async def scene() -> tuple[int, int, int]:
        shared = Slots(Controller(limit=2, most=2, fixed=True))
        slots = [Slots(Controller(limit=3, most=3, fixed=True), shared) for _ in range(2)]
        most, done = 0, 0

        async def work(number: int) -> None:
            nonlocal most, done
            with slots[number % 2].place() as place:
                await place.take()
                most = max(most, sum(each.in_flight for each in slots))
                await asyncio.sleep(0)
            done += 1

        tasks = [asyncio.create_task(work(number)) for number in range(12)]
        await asyncio.sleep(0)
        tasks[0].cancel()  # it is in flight
        tasks[4].cancel()  # it has a place of its own, and waits for a shared one
        tasks[10].cancel()  # it waits for its own
        await asyncio.gather(*tasks, return_exceptions=True)
        return most, done, shared.in_flight + sum(each.in_flight for each in slots)

    assert asyncio.run(scene()) == (2, 9, 0)


@pytest.mark.parametrize("limit", [1, 2, 3])
def test_refusals_never_close_the_door(limit: int) -> None:
    """However often it is refused, one call at a time may go."""
    controller = Controller(limit=limit, most=8)
    for moment in range(10):
        controller.refusal(now=float(moment), wait_s=0.1)
    assert controller.limit == 1
