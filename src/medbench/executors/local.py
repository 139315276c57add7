"""Works through jobs in this process, several at a time."""

from __future__ import annotations

import asyncio
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

J = TypeVar("J")


async def for_each(
    jobs: Iterable[J], do: Callable[[J], Awaitable[None]], *, at_a_time: int, stopped: Callable[[], bool]
) -> None:
    """Do each job once, in the order of `jobs`, which are taken as places become free.

    An error of a job ends the work once the jobs in flight have ended, and is raised.

    Args:
        jobs: The jobs.
        do: Does one of them.
        at_a_time: Jobs in flight at the same time.
        stopped: True once no other job is to begin.
    """
    remaining = iter(jobs)
    errors: list[BaseException] = []

    async def worker() -> None:
        while not (stopped() or errors):
            # Taking a job may fail too, and must not leave those in flight behind.
            try:
                for job in islice(remaining, 1):
                    await do(job)
                    break
                else:
                    return
            except Exception as error:  # noqa: BLE001 - raised below, when nothing is in flight any more
                errors.append(error)
            # A job that never waits must not keep Ctrl-C from being seen.
            await asyncio.sleep(0)

    await asyncio.gather(*(worker() for _ in range(at_a_time)))
    if errors:
        raise errors[0]
