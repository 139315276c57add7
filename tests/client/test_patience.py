"""What is tried again, after how long, and when a provider is given up. Nothing sleeps for real."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from pathlib import Path

import pytest

from medbench.client.breaker import IN_A_ROW, Breaker
from medbench.client.client import Client
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy
from medbench.errors import ProviderDownError, ProviderError
from medbench.providers import Provider
from medbench.schema.model import ModelFile
from medbench.schema.response import Attempt, CallFor, Failure, Reply, Request, Response
from medbench.store.jsonl import read_records
from medbench.store.ledger import Ledger
from medbench.store.runs import RESPONSES

MODEL = ModelFile(provider="x:y", id="m")
OVERLOADED = ProviderError("unavailable", "503: overloaded", final=False, status=503)
LIMITED = ProviderError("rate_limit", "429", final=False, status=429, wait_s=7.0, limited=True)
LOST = ProviderError("connection", "closed in mid-body", final=False)
BLOCKED = ProviderError("blocked", "safety", final=True)
WRONG_KEY = ProviderError("unauthorized", "401: wrong key", final=False, status=401, stops=True)


class Script(Provider):
    """A provider that says one thing after the other; the last for ever."""

    def __init__(self, *says: ProviderError | str) -> None:
        self.says = list(says)
        self.asked = 0

    async def ask(self, request: Request) -> Reply:
        """The next line of the script."""
        said = self.says[min(self.asked, len(self.says) - 1)]
        self.asked += 1
        if isinstance(said, ProviderError):
            raise said
        return Reply(text=said)


def _ask(
    folder: Path, script: Script, *cases: str, policy: Policy | None = None, slots: Slots | None = None
) -> tuple[list[Response | ProviderDownError], list[float]]:
    waits: list[float] = []

    async def sleep(seconds: float) -> None:
        waits.append(seconds)

    async def ask_all(client: Client) -> list[Response | ProviderDownError]:
        found: list[Response | ProviderDownError] = []
        for case in cases or ("a",):
            try:
                found.append(
                    await client.ask(Request(model="m", text=case), CallFor(case_id=case, stage="s"), 0)
                )
            except ProviderDownError as error:
                found.append(error)
        return found

    folder.mkdir(exist_ok=True)
    with Ledger(folder) as ledger:
        policy = policy or Policy(chance=random.Random(1))
        client = Client(script, MODEL, ledger, slots=slots, policy=policy, sleep=sleep)
        return asyncio.run(ask_all(client)), waits


def _outcomes(response: Response | ProviderDownError) -> Sequence[str]:
    assert isinstance(response, Response)
    return [one.outcome for one in response.attempts]


def test_what_may_pass_is_tried_again(tmp_path: Path) -> None:
    """Each try and each wait is in the ledger; the time of the answer is the answering try's alone."""
    (found,), waits = _ask(tmp_path, Script(LOST, OVERLOADED, "a mass"))
    assert isinstance(found, Response)
    assert (found.text, _outcomes(found)) == ("a mass", ["connection", "unavailable", "ok"])
    assert [round(one.wait_s, 2) for one in found.attempts] == [*(round(wait, 2) for wait in waits), 0]
    assert found.latency_s == found.attempts[-1].took_s
    assert [one.status for one in found.attempts] == [None, 503, None]


@pytest.mark.parametrize("error", [BLOCKED, WRONG_KEY, ProviderError("image", "x", final=False, later=True)])
def test_what_cannot_pass_is_tried_once(tmp_path: Path, error: ProviderError) -> None:
    """A blocked answer, a wrong key, a changed image: one try, no wait; only the first is final."""
    script = Script(error)
    (found,), waits = _ask(tmp_path, script)
    assert (script.asked, waits) == (1, [])
    assert isinstance(found, Response)
    assert found.failure is not None
    assert (found.failure.kind, found.failure.final) == (error.kind, error is BLOCKED)


def test_the_service_decides_how_long_to_wait(tmp_path: Path) -> None:
    """A wait that was asked for is kept, and a little more, so that not all come back at once."""
    _, waits = _ask(tmp_path, Script(LIMITED, LIMITED, "a mass"))
    assert all(7.0 <= wait <= 7.25 for wait in waits)
    assert len(waits) == 2


def test_waits_double_up_to_the_longest(tmp_path: Path) -> None:
    """From a quarter of a second, or two after an overload, with chance in them."""
    policy = Policy(patience_s=10_000, chance=random.Random(3))
    _, lost = _ask(
        tmp_path / "a", Script(*[LOST] * 5, "x"), policy=Policy(refused_s=10_000, chance=random.Random(3))
    )
    _, overloaded = _ask(tmp_path / "b", Script(*[OVERLOADED] * 9, "x"), policy=policy)
    for number, wait in enumerate(lost):
        assert 0.125 * 2**number <= wait <= 0.25 * 2**number
    for number, wait in enumerate(overloaded):
        assert min(60, 2.0 * 2**number) / 2 <= wait <= min(60, 2.0 * 2**number)


def test_patience_ends(tmp_path: Path) -> None:
    """A call is given up before the wait that would be too long; it stays open for the same line again."""
    script = Script(OVERLOADED)
    (found,), waits = _ask(tmp_path, script, policy=Policy(patience_s=20, chance=random.Random(1)))
    assert sum(waits) <= 20
    assert isinstance(found, Response)
    assert found.failure is not None
    assert not found.failure.final
    assert len(found.attempts) == script.asked == len(waits) + 1


def test_a_wrong_key_stops_everything(tmp_path: Path) -> None:
    """The first call says why, and is in the ledger; the others are not sent and stay not run."""
    script = Script(WRONG_KEY)
    found, _ = _ask(tmp_path, script, "a", "b", "c")
    assert script.asked == 1
    assert isinstance(found[0], Response)
    assert all(isinstance(one, ProviderDownError) and "wrong key" in one.message for one in found[1:])
    assert isinstance(found[1], ProviderDownError)
    assert found[1].hint.startswith("once that is put right"), "a wrong key comes back by itself never"
    assert len(list(read_records(tmp_path / RESPONSES, Response))) == 1


def test_a_dead_provider_is_given_up() -> None:
    """Eight failures in a row and long silence: open. An answer in between closes the account."""
    breaker = Breaker(started=0.0)
    for number in range(IN_A_ROW + 5):
        breaker.failed("unavailable", "503", now=float(number), patience_s=300)
    assert breaker.why is None, "many failures at once are no outage"
    breaker.answered(now=290.0)
    for number in range(IN_A_ROW):
        breaker.failed("unavailable", "503", now=300.0 + number, patience_s=300)
    assert breaker.why is None, "it answered not long ago"
    breaker.failed("unavailable", "503", now=600.0, patience_s=300)
    assert breaker.why is not None
    assert "310 s" in breaker.why
    assert not breaker.refuses
    breaker.stop("a wrong key")
    assert not breaker.refuses, "the first reason stands"


def test_a_refusal_delays_its_own_call_and_cuts_the_limit(tmp_path: Path) -> None:
    """The place in flight is free while a call waits; the limit is cut once."""
    slots = Slots(Controller(limit=10, most=64))
    _ask(tmp_path, Script(LIMITED, "a mass"), slots=slots)
    assert (slots.controller.limit, slots.in_flight) == (7, 0)


def test_each_failed_try_is_kept_with_its_reason(tmp_path: Path) -> None:
    """In one line and cut where it is long; an answer has none, nor has a line of an older version."""
    loud = ProviderError("unavailable", "503:\n" + "x" * 5000, final=False, status=503)
    _ask(tmp_path, Script(loud, LOST, "a mass"))
    (line,) = read_records(tmp_path / RESPONSES, Response)
    first, second, last = line.attempts
    assert first.reason is not None
    assert first.reason.startswith("503: xxx")
    assert len(first.reason) < 1000
    assert (second.reason, last.reason) == (LOST.reason, None)
    raw = (tmp_path / RESPONSES).read_text("utf-8")
    assert raw.count('"reason":') == 2, "left out where there is none"
    assert Attempt(start="2026", queued_s=0, took_s=1, outcome="timeout").reason is None


def test_what_the_service_said_is_kept_where_nothing_more_is_sent(tmp_path: Path) -> None:
    """Ctrl-C while a call waits for another try: the reason is the service's, and that it was stopped."""

    async def stopped(_: float) -> None:
        raise ProviderDownError("stopped by Ctrl-C", "the same line again goes on")

    async def ask() -> None:
        with Ledger(tmp_path) as ledger:
            client = Client(Script(OVERLOADED), MODEL, ledger, sleep=stopped)
            await client.ask(Request(model="m", text="t"), CallFor(case_id="c", stage="s"), 0)

    with pytest.raises(ProviderDownError):
        asyncio.run(ask())
    (line,) = read_records(tmp_path / RESPONSES, Response)
    assert line.failure == Failure(
        kind="unavailable", reason="503: overloaded (given up: stopped by Ctrl-C)", final=False
    )


def test_a_try_has_a_deadline(tmp_path: Path) -> None:
    """A service that hangs costs one try, as a time-out."""

    class Hangs(Script):
        async def ask(self, request: Request) -> Reply:
            if not self.asked:
                self.asked = 1
                await asyncio.Event().wait()
            return Reply(text="late")

    (found,), _ = _ask(tmp_path, Hangs(), policy=Policy(deadline_s=0.01))
    assert isinstance(found, Response)
    assert (found.text, _outcomes(found)) == ("late", ["timeout", "ok"])


def test_a_call_may_be_limited_in_its_tries(tmp_path: Path) -> None:
    """With four tries at most, the fourth failure is the call's, however patient the policy is."""

    class Dead(Script):
        async def ask(self, request: Request) -> Reply:
            raise OVERLOADED

    async def no_sleep(_: float) -> None:
        return None

    async def once() -> Response:
        with Ledger(tmp_path) as ledger:
            client = Client(Dead(), MODEL, ledger, policy=Policy(most_tries=4), sleep=no_sleep)
            return await client.ask(Request(model="m", text="t"), CallFor(case_id="c", stage="judge"), 0)

    response = asyncio.run(once())
    assert len(response.attempts) == 4
    assert response.failure is not None
    assert response.failure.kind == "unavailable"
