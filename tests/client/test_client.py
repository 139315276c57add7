"""The client: one call becomes one line on the disk, whatever the provider does."""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.client.attempt import nothing_said
from medbench.client.client import Client
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy
from medbench.errors import ImageError, ProviderError, StoreError
from medbench.providers import Provider
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import CallFor, Reply, Request, Response, Usage
from medbench.store.jsonl import read_records
from medbench.store.ledger import Ledger
from medbench.store.runs import RESPONSES

REQUEST = Request(model="m", text="the prompt")
FOR = CallFor(case_id="c", replicate=2, stage="single")
FREE, PAID = (
    ModelFile(provider="x", price=Price(free=True)),
    ModelFile(provider="x", price=Price(input=1.0, output=1.0)),
)


class Fake(Provider):
    """A provider that does what it is told, and counts."""

    def __init__(self, does: Callable[[], Any]) -> None:
        self.does = does
        self.asked = 0

    async def ask(self, request: Request) -> Reply:
        """Do it."""
        assert request is REQUEST
        self.asked += 1
        await asyncio.sleep(0)
        reply: Reply = self.does()
        return reply


def _raise(error: BaseException) -> Any:
    raise error


def _ask(folder: Path, fake: Fake, model: ModelFile = PAID, sample: int = 0) -> Response:
    with Ledger(folder) as ledger:
        client = Client(fake, model, ledger, policy=Policy(patience_s=0, refused_s=0))
        return asyncio.run(client.ask(REQUEST, FOR, sample))


def _lines(folder: Path) -> list[Response]:
    return list(read_records(folder / RESPONSES, Response))


def test_an_answer_is_recorded_before_it_is_used(tmp_path: Path) -> None:
    """What comes back is the very line on the disk, with all that the provider said."""
    reply = Reply(
        text="a mass",
        answered="m-001",
        finish_reason="stop",
        thoughts="hm",
        usage=Usage(input=3, output=2, source="provider"),
        images_sent=("0" * 64,),
    )
    response = _ask(tmp_path, Fake(lambda: reply))
    assert _lines(tmp_path) == [response]
    assert (response.text, response.answered, response.finish_reason) == ("a mass", "m-001", "stop")
    assert (response.thoughts, response.usage, response.images_sent) == ("hm", reply.usage, reply.images_sent)
    assert (response.prompt, response.asked, response.call_for) == ("the prompt", "m", FOR)
    assert response.latency_s is not None
    assert [attempt.outcome for attempt in response.attempts] == ["ok"]
    assert response.failure is None


def test_what_is_on_the_disk_is_not_asked(tmp_path: Path) -> None:
    """The same request and sample is answered from the ledger; another sample is asked."""
    fake = Fake(lambda: Reply(text="x"))
    first = _ask(tmp_path, fake)
    assert _ask(tmp_path, fake) == first
    assert fake.asked == 1
    assert _ask(tmp_path, fake, sample=1) != first
    assert fake.asked == 2


@pytest.mark.parametrize(
    ("does", "kind", "final"),
    [
        (lambda: _raise(ProviderError("blocked", "safety", final=True)), "blocked", True),
        (lambda: _raise(ProviderError("timeout", "60 s", final=False)), "timeout", False),
        (lambda: _raise(ImageError("image 'x' was changed")), "image", False),
        (lambda: _raise(ValueError("a fault")), "provider_fault", False),
        (lambda: _raise(ValueError("half \ud800 a character")), "provider_fault", False),
        (lambda: _raise(TimeoutError()), "timeout", False),
        (lambda: None, "provider_fault", False),
        (lambda: "a plain text", "provider_fault", False),
        (lambda: Reply(text=""), "empty", True),
        (lambda: Reply(text=" \n\u3000"), "empty", True),
    ],
)
def test_a_call_that_failed_is_a_failure_with_a_reason(
    tmp_path: Path, does: Callable[[], Any], kind: str, *, final: bool
) -> None:
    """Whatever goes wrong in a provider costs one call: a failure with a kind, no text, no time."""
    fake = Fake(does)
    response = _ask(tmp_path, fake)
    assert response.failure is not None
    assert (response.failure.kind, response.failure.final) == (kind, final)
    assert response.failure.reason
    assert (response.text, response.latency_s) == (None, None)
    assert [attempt.outcome for attempt in response.attempts] == [kind]
    assert _lines(tmp_path) == [response]
    _ask(tmp_path, fake)
    assert fake.asked == (1 if final else 2)


def test_an_empty_answer_keeps_what_it_took(tmp_path: Path) -> None:
    """The usage and finish reason of an empty answer, which was paid for, are recorded with the failure."""
    response = _ask(
        tmp_path,
        Fake(lambda: Reply(text="", finish_reason="max_tokens", usage=Usage(output=0, thoughts=900))),
    )
    assert response.finish_reason == "max_tokens"
    assert response.usage.thoughts == 900


@pytest.mark.parametrize(
    ("reply", "kind", "says"),
    [
        (Reply(text=""), "empty", "an empty text"),
        (Reply(text="", finish_reason="length"), "empty", "max_tokens was spent"),
        (
            Reply(text="", finish_reason="length", usage=Usage(thoughts=1512)),
            "thoughts_only",
            "max_tokens was spent on 1,512 tokens of thoughts; try a higher max_tokens",
        ),
        (Reply(text="", finish_reason="length", thoughts="Hm."), "thoughts_only", "was spent on thoughts;"),
        (Reply(text="", finish_reason="stop", thoughts="Hm."), "thoughts_only", "nothing but thoughts;"),
        (Reply(text="", usage=Usage(thoughts=0)), "empty", "an empty text"),
    ],
)
def test_an_empty_answer_says_what_was_spent(reply: Reply, kind: str, says: str) -> None:
    """Tokens of thoughts, or an end at max_tokens, tell what to change."""
    failure = nothing_said(reply)
    assert (failure.kind, failure.final) == (kind, True)
    assert says in failure.reason


def test_cost_is_nothing_or_unknown(tmp_path: Path) -> None:
    """A free model costs 0, any other is unknown until priced; time that was not measured is unknown."""
    free = _ask(tmp_path, Fake(lambda: Reply(text="x", measured=False)), FREE)
    assert free.cost is not None
    assert (free.cost.usd, free.latency_s) == (0.0, None)
    assert _ask(tmp_path, Fake(lambda: Reply(text="x")), PAID, sample=1).cost is None


def test_nothing_is_used_that_could_not_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the response cannot be put on the disk, the error is raised instead of the answer."""
    import os

    (tmp_path / RESPONSES).touch()
    monkeypatch.setattr(os, "fsync", lambda _: _raise(OSError(28, "No space left on device")))
    with pytest.raises(StoreError, match="No space left"):
        _ask(tmp_path, Fake(lambda: Reply(text="x")))
    assert _lines(tmp_path) == []


def test_a_store_error_of_a_provider_is_not_swallowed(tmp_path: Path) -> None:
    """A provider that cannot read its own store (replay) stops the run instead of failing every case."""
    with pytest.raises(StoreError, match="gone"):
        _ask(tmp_path, Fake(lambda: _raise(StoreError("gone"))))


def test_a_place_is_held_until_the_answer_is_on_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the disk syncs, as many answers wait for it as there are places, and nothing more is sent."""
    go_on = threading.Event()
    monkeypatch.setattr(os, "fsync", lambda _: go_on.wait(10))
    fake = Fake(lambda: Reply(text="x"))

    async def go() -> None:
        with Ledger(tmp_path) as ledger:
            slots = Slots(Controller(limit=3, most=3, fixed=True))
            client = Client(fake, PAID, ledger, slots=slots)
            tasks = [asyncio.create_task(client.ask(REQUEST, FOR, sample)) for sample in range(9)]
            for _ in range(100):
                await asyncio.sleep(0)
            assert (fake.asked, slots.in_flight) == (3, 3)
            assert len(_lines(tmp_path)) == 3, "a kill now would lose nothing"
            go_on.set()
            await asyncio.gather(*tasks)
            assert (fake.asked, slots.in_flight) == (9, 0)

    (tmp_path / RESPONSES).touch()  # a new file would have its folder synced
    asyncio.run(go())
