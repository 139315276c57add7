"""What comes in place of an answer: what no waiting mends ends soon, what may pass is waited for."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import pytest
from garbled_server import BROKEN, CUT, GARBLED, PAGES, WHOLE, answer, serving

from medbench.client.client import Client
from medbench.client.retry import Policy
from medbench.errors import ProviderDownError, ProviderError
from medbench.images.recorded import Pictures
from medbench.providers.openai import Provider
from medbench.schema.model import ModelFile
from medbench.schema.response import CallFor, Request, Response
from medbench.store.ledger import Ledger

UNSEEN = {"HTTP/0.9"} | {
    fault for fault in GARBLED if fault.startswith(("a banner", "an error of", "a version"))
}
"""What is taken for a connection that ended early: not even a line of it is HTTP."""
ANSWER = answer(WHOLE)


def _asked(
    folder: Path,
    said: Callable[[int], bytes],
    calls: int = 1,
    *,
    scheme: str = "http",
    policy: Policy | None = None,
) -> tuple[list[Response | ProviderDownError], float]:
    """Ask a server that answers so, one call after the other; return what came, and the seconds of waits."""
    waited = 0.0

    async def sleep(seconds: float) -> None:
        nonlocal waited
        waited += seconds

    async def run() -> list[Response | ProviderDownError]:
        found: list[Response | ProviderDownError] = []
        async with serving(said) as (url, _):
            address = url.replace("http", scheme, 1)
            model = ModelFile(provider="openai", id="med-1", base_url=address, key_env="")
            with Ledger(folder) as ledger:
                patience = policy or Policy(chance=random.Random(1))
                provider = Provider(model, Pictures(folder))
                client = Client(provider, model, ledger, policy=patience, sleep=sleep)
                for number in range(calls):
                    request, call_for = Request(model="m", text=f"{number}"), CallFor(case_id="a", stage="s")
                    try:
                        found.append(await client.ask(request, call_for, number))
                    except ProviderDownError as error:
                        found.append(error)
                await client.close()
        return found

    return asyncio.run(run()), waited


def _failed(response: Response | ProviderDownError) -> tuple[str, int]:
    assert isinstance(response, Response)
    assert response.failure is not None
    assert not response.failure.final, "the same line asks it again"
    return response.failure.kind, len(response.attempts)


@pytest.mark.parametrize("fault", [*GARBLED, *CUT, *PAGES])
def test_where_nothing_was_answered_yet_a_few_tries_tell(tmp_path: Path, fault: str) -> None:
    """Within five seconds, and the reason says what came or where to look."""
    raw = {**GARBLED, **CUT, **PAGES}[fault]
    (found,), waited = _asked(tmp_path, lambda _: raw)
    kind, tries = _failed(found)
    assert kind in ({"connection"} if fault in UNSEEN else {"garbled", "unreadable", "html"})
    assert (tries, waited) <= ((7, 20.0) if fault in UNSEEN else (5, 5.0))


@pytest.mark.parametrize("fault", [*GARBLED, *CUT, *PAGES, *BROKEN])
def test_what_was_sent_may_be_billed(tmp_path: Path, fault: str) -> None:
    """The request was read to its end: no such failure is one of a call that was never sent."""
    raw = {**GARBLED, **CUT, **PAGES, **BROKEN}[fault]

    async def run() -> ProviderError:
        async with serving(lambda _: raw) as (url, requests):
            model = ModelFile(provider="openai", id="med-1", base_url=url, key_env="")
            provider = Provider(model, Pictures(tmp_path))
            with pytest.raises(ProviderError) as caught:
                await provider.ask(Request(model="m", text="?"))
            await provider.close()
            assert requests == [1]
        return caught.value

    error = asyncio.run(run())
    assert error.sent
    assert ("what listens there is no HTTP server" in error.reason) == (
        fault in UNSEEN | {"nothing at all", "half a head"}
    )


def test_a_server_that_gives_no_answer_at_all_is_given_up_until_it_is_put_right(tmp_path: Path) -> None:
    """It does not come back by itself: the hint says so."""
    at_once = Policy(misled_s=0.0)
    found, _ = _asked(tmp_path, lambda _: CUT["JSON of something else"], 12, policy=at_once)
    assert isinstance(found[-1], ProviderDownError)
    assert found[-1].hint.startswith("once that is put right")


@pytest.mark.parametrize("fault", sorted(GARBLED.keys() - UNSEEN))
def test_what_is_garbled_is_soon_given_up_beside_answers_too(tmp_path: Path, fault: str) -> None:
    """Within twenty seconds, as where nothing listens."""
    (_, found), waited = _asked(tmp_path, lambda number: ANSWER if number == 1 else GARBLED[fault], 2)
    kind, tries = _failed(found)
    assert (kind, tries) == ("garbled", 7)
    assert waited <= 20


@pytest.mark.parametrize("fault", [*CUT, *PAGES])
def test_a_proxy_that_restarts_is_waited_for(tmp_path: Path, fault: str) -> None:
    """A server that has answered may do so again: minutes of cut answers and pages pass."""
    raw = {**CUT, **PAGES}[fault]
    found, waited = _asked(tmp_path, lambda number: raw if 1 < number < 12 else ANSWER, 2)
    assert [one.text for one in found if isinstance(one, Response)] == ["A mass.", "A mass."]
    assert waited > 60


@pytest.mark.parametrize("fault", [*GARBLED, *CUT, *PAGES, *BROKEN])
def test_one_bad_answer_passes(tmp_path: Path, fault: str) -> None:
    """Whatever it is, once some call was answered."""
    raw = {**GARBLED, **CUT, **PAGES, **BROKEN}[fault]
    found, _ = _asked(tmp_path, lambda number: raw if number == 2 else ANSWER, 3)
    assert [one.text for one in found if isinstance(one, Response)] == ["A mass."] * 3


def test_one_cut_answer_after_an_outage_is_waited_for(tmp_path: Path) -> None:
    """A server that loads says 503 for a while: its first answer may be cut, and is no wrong address."""
    loading = answer(b"{}", status="503 Service Unavailable")
    said = dict.fromkeys(range(1, 8), loading) | {8: CUT["JSON of something else"]}
    found, waited = _asked(tmp_path, lambda number: said.get(number, ANSWER), 2)
    assert [one.text for one in found if isinstance(one, Response)] == ["A mass.", "A mass."]
    assert waited > 20


def test_the_time_of_a_slow_model_is_no_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its first answers are cut, and take longer each than the waits of all tries: it is asked again."""
    seconds = count(step=10.0)
    monkeypatch.setattr("medbench.client.client.time", SimpleNamespace(monotonic=lambda: next(seconds)))
    raw = CUT["JSON of something else"]
    (found,), _ = _asked(tmp_path, lambda number: raw if number < 4 else ANSWER)
    assert isinstance(found, Response)
    assert (found.text, len(found.attempts)) == ("A mass.", 4)


def test_tls_to_a_plain_port_says_so(tmp_path: Path) -> None:
    """A few tries, and what to look at."""
    refused = answer(b"not TLS", status="400 Bad Request")
    (found,), waited = _asked(tmp_path, lambda _: refused, scheme="https")
    assert _failed(found) == ("garbled", 5)
    assert isinstance(found, Response)
    assert found.failure is not None
    assert "does it speak TLS at this port? else http:// in base_url" in found.failure.reason
    assert waited < 5
