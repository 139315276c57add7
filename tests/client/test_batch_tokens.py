"""A service is asked for the tokens of each text once, and a batch is sent whatever comes of it."""

from __future__ import annotations

import asyncio

import pytest

from medbench.client import batch_tokens
from medbench.client.batch_file import Wanted
from medbench.client.batch_tokens import Counted, TokenCounter
from medbench.client.patience import Patience
from medbench.errors import ProviderError
from medbench.providers import Batches
from medbench.schema.response import CallFor, Request


class _Service:
    """Counts the characters of a text, and fails as often as it is told to."""

    def __init__(self, fails: dict[str, int] | None = None, counts: bool = True) -> None:
        self.fails, self.counts = fails or {}, counts
        self.asked: list[str] = []
        self.at_once = self.most_at_once = 0

    async def count(self, request: Request) -> int | None:
        self.asked.append(request.text)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(0)
        self.at_once -= 1
        if self.fails.get(request.text, 0) > 0:
            self.fails[request.text] -= 1
            raise ProviderError("unavailable", "the counter is down", final=False, status=503)
        return len(request.text) if self.counts else None


def _calls(*texts: str, system: str | None = None) -> list[Wanted]:
    return [
        Wanted(Request(model="m", text=text, system=system), CallFor(case_id=f"{n}", stage="single"), 0)
        for n, text in enumerate(texts)
    ]


def _counted(service: _Service, calls: list[Wanted]) -> Counted:
    return asyncio.run(_count_of(service, calls))


async def _count_of(service: _Service, calls: list[Wanted]) -> Counted:
    batches: Batches = service  # type: ignore[assignment]
    return await TokenCounter(batches, Patience()).count({each.key: each for each in calls})


def test_each_text_is_counted_once() -> None:
    """Calls with the same text and the same system message share it; others are asked for many at a time."""
    texts = [f"{n:0{n + 1}}" for n in range(60)]
    calls = _calls(*texts, *texts[:5])
    service = _Service()
    found = _counted(service, calls)
    assert sorted(service.asked) == sorted(texts)
    assert found == Counted({each.key: len(each.request.text) for each in calls})
    assert 1 < service.most_at_once <= 16
    service = _Service()
    _counted(service, [*_calls("a"), *_calls("a", system="s")])
    assert service.asked == ["a", "a"]


def test_a_service_that_counts_nothing_is_asked_once() -> None:
    """It says so with the first text."""
    service = _Service(counts=False)
    assert _counted(service, _calls("a", "b", "c")) == Counted()
    assert service.asked == ["a"]
    assert _counted(_Service(), []) == Counted()


@pytest.mark.parametrize("at", [0, 30])
def test_a_failure_is_tried_once_more_and_then_ends_it(at: int) -> None:
    """What was counted by then is kept."""
    texts = [f"text {n}" for n in range(60)]
    found = _counted(_Service({texts[at]: 1}), _calls(*texts))
    assert (len(found.tokens), found.failure) == (60, None)
    service = _Service({texts[at]: 2})
    found = _counted(service, _calls(*texts))
    assert found.failure == "the counter is down"
    assert len(found.tokens) < 60
    assert (len(found.tokens) >= at) == (at > 0) or not found.tokens
    assert service.asked.count(texts[at]) == 2


def test_a_counter_that_never_answers_holds_up_no_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is asked twice, and the batch goes without."""

    class Silent(_Service):
        async def count(self, request: Request) -> int | None:
            self.asked.append(request.text)
            await asyncio.Event().wait()
            return None

    monkeypatch.setattr(batch_tokens, "PATIENCE_S", 0.001)
    service = Silent()
    found = asyncio.run(asyncio.wait_for(_count_of(service, _calls("a", "b")), 5))
    assert (found.tokens, found.failure) == ({}, "no count within 0 s")
    assert service.asked == ["a", "a"]
