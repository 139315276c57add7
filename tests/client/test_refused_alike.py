"""A refusal that every call gets is of the server: a handful of calls, and nothing final is left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from medbench.client.breaker import ALIKE_IN_A_ROW
from medbench.client.client import Client
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy
from medbench.errors import ProviderDownError, ProviderError
from medbench.providers import Provider
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import CallFor, Reply, Request, Response
from medbench.store.jsonl import read_records
from medbench.store.ledger import Ledger
from medbench.store.runs import RESPONSES

MODEL = ModelFile(provider="x", price=Price(free=True))


class Scripted(Provider):
    """A provider that refuses the calls whose numbers are named, and answers the others."""

    def __init__(self, refused: set[int], kind: str = "bad_request") -> None:
        self.refused, self.kind, self.asked = refused, kind, 0

    async def ask(self, request: Request) -> Reply:
        """Refuse or answer, by the number in the prompt."""
        self.asked += 1
        number = int(request.text)
        await asyncio.sleep(0)
        if number in self.refused:
            raise ProviderError(self.kind, f"no {number}", final=True, status=400)
        return Reply(text="clear")


async def _at_once(_: float) -> None:
    """Wait for nothing."""


def session(folder: Path, provider: Provider, calls: int, at_a_time: int = 1, patience_s: float = 0) -> int:
    """Ask so many calls, one for each case; return how many were left when the provider was given up."""

    async def work(client: Client) -> int:
        async def one(number: int) -> int:
            request = Request(model="m", text=str(number))
            try:
                await client.ask(request, CallFor(case_id=str(number), replicate=0, stage="single"), 0)
            except ProviderDownError:
                return 1
            return 0

        return sum(await asyncio.gather(*map(one, range(calls))))

    with Ledger(folder) as ledger:
        slots = Slots(Controller(limit=at_a_time, most=at_a_time, fixed=True))
        client = Client(
            provider, MODEL, ledger, slots=slots, policy=Policy(patience_s=patience_s), sleep=_at_once
        )
        return asyncio.run(work(client))


def lines(folder: Path) -> list[Response]:
    """Return the lines of the ledger."""
    return list(read_records(folder / RESPONSES, Response))


@pytest.mark.parametrize("at_a_time", [1, 2])
def test_a_refusal_of_all_stops_and_is_not_final(tmp_path: Path, at_a_time: int) -> None:
    """Forty calls are refused alike: few are sent, and once the server is mended all forty are answered."""
    broken = Scripted(set(range(40)))
    assert session(tmp_path, broken, 40, at_a_time) >= 40 - ALIKE_IN_A_ROW - at_a_time
    assert broken.asked <= 8
    assert not any(line.failure and line.failure.final for line in lines(tmp_path))
    assert session(tmp_path, Scripted(set()), 40) == 0
    assert sum(line.failure is None for line in lines(tmp_path)) == 40


def test_a_refusal_of_one_is_final(tmp_path: Path) -> None:
    """Where others are answered, the refusal is of this case, and is not asked for again."""
    provider = Scripted({7})
    assert session(tmp_path, provider, 10) == 0
    assert session(tmp_path, provider, 10) == 0
    assert provider.asked == 10


def test_a_refusal_of_the_first_is_asked_once_more(tmp_path: Path) -> None:
    """Before the first answer nobody knows whose fault it is; the next session does."""
    provider = Scripted({0})
    for asked in (10, 11, 11):
        session(tmp_path, provider, 10)
        assert provider.asked == asked


def test_refusals_of_different_kinds_do_not_add_up(tmp_path: Path) -> None:
    """Cases that are each refused for a reason of their own do not stop the run."""

    class Mixed(Scripted):
        async def ask(self, request: Request) -> Reply:
            self.kind = "too_long" if int(request.text) % 2 else "blocked_prompt"
            return await super().ask(request)

    assert session(tmp_path, Mixed(set(range(1, 30))), 30) == 0


def test_an_account_that_runs_dry_on_the_way_stops(tmp_path: Path) -> None:
    """After answers, refusals alike in a row end the session; at most one of them is final."""
    dry = Scripted(set(range(5, 40)))
    assert session(tmp_path, dry, 40) > 20
    assert sum(line.failure is not None and line.failure.final for line in lines(tmp_path)) <= 1


class _Paged(Provider):
    """A provider that gets a page for the calls whose numbers are named, once each."""

    def __init__(self, pages: set[int]) -> None:
        self.pages, self.asked = pages, 0

    async def ask(self, request: Request) -> Reply:
        """Answer, or show the page."""
        self.asked += 1
        await asyncio.sleep(0)
        if int(request.text) in self.pages:
            self.pages.discard(int(request.text))
            raise ProviderError("html", "a page", final=False, status=200)
        return Reply(text="clear")


def test_a_page_at_a_wrong_address_is_no_outage(tmp_path: Path) -> None:
    """A server that only ever shows a page is given up after a few calls, none of them tried again."""
    wrong = _Paged(set(range(40)))
    assert session(tmp_path, wrong, 40, patience_s=60) == 40 - ALIKE_IN_A_ROW
    assert wrong.asked == ALIKE_IN_A_ROW


def test_a_page_of_a_server_that_answers_is_tried_again(tmp_path: Path) -> None:
    """A proxy shows one while it restarts: the call is asked again in the same session."""
    provider = _Paged({5, 7})
    assert session(tmp_path, provider, 10, patience_s=60) == 0
    assert provider.asked == 12
    assert all(line.failure is None for line in lines(tmp_path))
