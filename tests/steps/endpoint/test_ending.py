"""Ctrl-C while an endpoint is put up or taken down, also as the work begins."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from medbench.steps.access.stop import run_anywhere
from medbench.steps.endpoint import ending
from medbench.steps.endpoint.ending import run_patiently, run_until_interrupted


@pytest.fixture
def presses(monkeypatch: pytest.MonkeyPatch) -> list[None]:
    """As many interrupts come before the work has begun, as they may where it has a thread of its own."""
    pressed = list[None]()

    def run(work: Coroutine[Any, Any, Any], interrupt: Callable[[], None]) -> Any:
        for _ in pressed:
            interrupt()
        return run_anywhere(work, interrupt)

    monkeypatch.setattr(ending, "run_anywhere", run)
    return pressed


async def _removed(polls: int = 10) -> str:
    for _ in range(polls):
        await asyncio.sleep(0)
    return "down"


def test_an_interrupt_before_the_work_has_begun_ends_it(presses: list[None]) -> None:
    """It is not forgotten; without one the work comes to its end."""
    assert run_until_interrupted(_removed()) == "down"
    presses.append(None)
    with pytest.raises(KeyboardInterrupt):
        run_until_interrupted(_removed())


def test_what_is_taken_down_hears_the_second_interrupt_only(presses: list[None]) -> None:
    """The first is answered with what it would cost; the second leaves the endpoint up."""
    notices = list[str]()
    presses.append(None)
    assert run_patiently(_removed(), notices.append) == "down"
    assert len(notices) == 1
    presses.append(None)
    with pytest.raises(KeyboardInterrupt):
        run_patiently(_removed(), notices.append)
