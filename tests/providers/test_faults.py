"""What every provider over HTTP does with a real server that has faults, drips, or is not there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from faulty_server import FAULTS, TOGETHER, FaultyServer, with_faulty_server
from service import Service

from medbench.errors import ProviderError
from medbench.providers import Provider
from medbench.schema.response import Reply

KINDS = {
    "html": {"html", "unreadable"},
    "empty": {"empty_body", "unreadable"},
    "noise": {"garbled"},
    "chunks": {"garbled"},
}


@pytest.fixture(params=["chat", "gem", "claude"])
def service(request: pytest.FixtureRequest) -> Service:
    """Each service that has a provider."""
    service: Service = request.getfixturevalue(request.param)
    return service


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_costs_its_own_call_only(service: Service, fault: str) -> None:
    """A dropped, cut or empty answer, a page, noise: one call fails once, those beside it are answered."""

    async def do(provider: Provider, server: FaultyServer) -> tuple[list[Any], int]:
        words = ["well", fault, "well", "well"]
        calls = (provider.ask(service.request(text=word)) for word in words)
        first = await asyncio.gather(*calls, return_exceptions=True)
        return [*first, await provider.ask(service.request(text="well"))], server.requests

    replies, requests = with_faulty_server(service, do)
    failed = replies.pop(1)
    assert isinstance(failed, ProviderError)
    assert failed.kind in KINDS.get(fault, {"connection"})
    assert not failed.final
    assert [reply.text for reply in replies] == ["A mass."] * 4
    assert requests == 5


def test_a_drip_ends_with_the_clients_deadline(service: Service) -> None:
    """A call that is cancelled lets go of its connection at once, and the next one is answered."""

    async def do(provider: Provider, server: FaultyServer) -> Reply:
        call = asyncio.create_task(provider.ask(service.request(text="drip")))
        await server.dripped.wait()
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        await server.gone.wait()
        return await provider.ask(service.request(text="well"))

    assert with_faulty_server(service, do).text == "A mass."


def test_a_server_that_is_not_there_is_no_connection(service: Service) -> None:
    """Nothing listens: the reason names the address and asks whether it is right."""
    error = service.fails(service.model(base_url=f"http://127.0.0.1:1{service.path}"))
    assert (error.kind, error.final) == ("connection", False)
    assert "base_url right?" in error.reason


def test_no_connection_cap_holds_calls_back(service: Service) -> None:
    """A server that answers only once fifty calls are with it gets them: none waits for a connection."""

    async def do(provider: Provider, _: FaultyServer) -> list[Reply]:
        async with asyncio.timeout(20):
            return await asyncio.gather(
                *(provider.ask(service.request(text="together")) for _ in range(TOGETHER))
            )

    assert len(with_faulty_server(service, do)) == TOGETHER
