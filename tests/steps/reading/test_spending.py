"""The account of money against what a planted server bills."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from medbench.client.budget import Budget
from medbench.client.client import Client
from medbench.client.limit import Controller, Slots
from medbench.client.retry import Policy
from medbench.errors import BudgetError, ProviderError
from medbench.pricing.prices import Prices
from medbench.providers import Provider
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import CallFor, Reply, Request, Response, Usage
from medbench.steps.reading.spending import account_under
from medbench.store.ledger import Ledger, PaidElsewhere

PRICE = Price(input=1_000.0, output=2_000.0, cached=100.0)
MODELS = {
    "paid": ModelFile(provider="x", id="paid", price=PRICE),
    "free": ModelFile(provider="x", id="free", price=Price(free=True)),
    "zero": ModelFile(provider="x", id="zero", price=Price(input=0, output=0)),
    "unpriced": ModelFile(provider="x", id="unpriced"),
}
STAGES = {
    "single": "answers",
    "judge": "verdicts",
    "listing": "listings",
    "canary-itself": "canaries",
    "canary-alive": "canaries",
}
LEDGERS = {"listing": "bench/listings"}
MOST_TOKENS = 50
END = ("ok", "silent", "blocked", "empty", "refused")
"""Ends of a call: an answer, one without counts, one withheld, one without a text, a refusal (free)."""
PASSES = ("rate_limit", "dropped", "unreachable")
"""Tries that are made again: refused, billed though nobody here knows the tokens, never sent."""


@dataclass
class Call:
    """One planted call."""

    model: str
    stage: str
    passing: list[str]
    end: str
    tokens: tuple[int, int, int]
    reused: bool


@dataclass
class Server(Provider):
    """Does what each call says, and sends a bill for all that it worked on."""

    calls: dict[str, Call]
    tries: Counter[str] = field(default_factory=Counter)
    billed: float = 0.0
    """Dollars whose tokens the client was told."""
    hidden: float = 0.0
    """Dollars that the client cannot know."""
    unknown: set[str] = field(default_factory=set)
    """Calls with a try of the second kind."""

    async def ask(self, request: Request) -> Reply:
        """Answer, refuse or break off."""
        await asyncio.sleep(0)
        call = self.calls[request.text]
        number, self.tries[request.text] = self.tries[request.text], self.tries[request.text] + 1
        if number < len(call.passing):
            kind = call.passing[number]
            if kind == "dropped":
                self._bill(request.text, call, told=False)
            raise ProviderError(
                kind,
                kind,
                final=False,
                status=429 if kind == "rate_limit" else None,
                sent=kind != "unreachable",
            )
        if call.end == "refused":
            raise ProviderError("bad_request", "no", final=False, later=True, status=503)
        self._bill(request.text, call, told=call.end != "silent")
        return self._reply(call)

    def _reply(self, call: Call) -> Reply:
        read, cached, written = call.tokens
        usage = Usage(input=read, cached=cached, output=written, source="provider")
        reply = Reply(
            text="" if call.end == "empty" else "a mass", usage=Usage() if call.end == "silent" else usage
        )
        if call.end == "blocked":
            raise ProviderError("blocked", "safety", final=True, reply=reply)
        return reply

    def _bill(self, key: str, call: Call, *, told: bool) -> None:
        read, cached, written = call.tokens
        usd = ((read - min(read, cached)) * 1_000 + min(read, cached) * 100 + written * 2_000) / 1e6
        usd = usd if call.model in {"paid", "unpriced"} else 0.0
        told = told and call.model == "paid"
        self.billed += usd if told else 0.0
        self.hidden += 0.0 if told else usd
        if not told and call.model in {"paid", "unpriced"}:
            self.unknown.add(key)


class PaidForElsewhere(PaidElsewhere):
    """Answers that another run of the same name has paid for."""

    def __init__(self, calls: dict[str, Call]) -> None:
        self._calls = calls

    def find(self, request: Request, call_for: CallFor, sample: int) -> Response | None:
        """An answer of a dollar, where the call is to be found elsewhere."""
        from medbench.schema.response import Cost, Response

        if not self._calls[request.text].reused:
            return None
        return Response(
            response_id=request.text,
            request_digest=request.digest,
            call_for=call_for,
            asked=request.model,
            text="a mass",
            cost=Cost(usd=1.0, basis="tokens"),
            reused_from="other/run",
        )


def _ask_all(
    root: Path, calls: dict[str, Call], server: Server, budget: Budget | None = None
) -> list[Client]:
    async def no_wait(_: float) -> None:
        await asyncio.sleep(0)

    async def go() -> list[Client]:
        names = {key: LEDGERS.get(call.stage, "bench/sys") for key, call in calls.items()}
        for name in names.values():
            (root / name).mkdir(parents=True, exist_ok=True)
        ledgers = {name: Ledger(root / name) for name in set(names.values())}
        clients = {
            (name, model): Client(
                server,
                file,
                ledger,
                elsewhere=PaidForElsewhere(calls),
                slots=Slots(Controller(limit=3, most=3, fixed=True)),
                budget=budget,
                prices=Prices(file),
                policy=Policy(patience_s=1e9, refused_s=1e9, first_wait_s=0.001, most_tries=9),
                sleep=no_wait,
            )
            for name, ledger in ledgers.items()
            for model, file in MODELS.items()
        }
        asked = [
            clients[names[key], call.model].ask(
                Request(model=call.model, text=key, settings={"max_tokens": MOST_TOKENS}),
                CallFor(case_id=key, stage=call.stage),
                0,
            )
            for key, call in calls.items()
        ]
        ends = await asyncio.gather(*asked, return_exceptions=True)
        assert all(isinstance(end, BudgetError) for end in ends if isinstance(end, BaseException))
        for ledger in ledgers.values():
            ledger.__exit__()
        return list(clients.values())

    return asyncio.run(go())


def _calls(models: list[str], most: int = 12) -> st.SearchStrategy[dict[str, Call]]:
    tokens = st.tuples(st.integers(0, 8), st.integers(0, 8), st.integers(0, MOST_TOKENS))
    call = st.builds(
        Call,
        st.sampled_from(models),
        st.sampled_from(sorted(STAGES)),
        st.lists(st.sampled_from(PASSES), max_size=3),
        st.sampled_from(END),
        tokens,
        st.booleans(),
    )
    return st.lists(call, max_size=most).map(
        lambda found: {f"question {n:02d}": one for n, one in enumerate(found)}
    )


@settings(max_examples=40)
@given(_calls(sorted(MODELS)))
def test_what_is_said_to_be_paid_is_what_was_billed(calls: dict[str, Call]) -> None:
    """Known bills add up by purpose and model; unknown ones are counted, reused ones stand apart."""
    server = Server(calls)
    with TemporaryDirectory() as folder:
        clients = _ask_all(Path(folder), calls, server)
        account = account_under(Path(folder))
    whole, new = account.total(), {key: call for key, call in calls.items() if not call.reused}
    assert whole.usd == pytest.approx(server.billed)
    assert whole.unknown == len(server.unknown)
    assert (whole.calls, whole.reused, whole.reused_usd) == (len(new), len(calls) - len(new), whole.reused)
    assert (whole.known is None) == (whole.unknown > 0 and not server.billed)
    live = [client.spent.total() for client in clients]
    assert sum(some.usd for some in live) == pytest.approx(whole.usd)
    assert sum(some.unknown for some in live) == whole.unknown
    for stage, purpose in STAGES.items():
        wanted = Counter(call.model for call in new.values() if STAGES[call.stage] == purpose)
        lines: Counter[str] = Counter()
        for line, some in account.sums.items():
            if line.purpose == purpose and some.calls:
                lines[line.model] += some.calls
                assert line.run == LEDGERS.get(stage, "bench/sys")
                assert len(line.day) == 10
        assert lines == wanted


@settings(max_examples=40)
@given(_calls(["paid", "free", "zero"]), st.floats(0, 0.6))
def test_the_ceiling_is_never_passed(calls: dict[str, Call], most: float) -> None:
    """Also of bills that nobody here can know: what may have been billed counts with its worst case."""
    server = Server(calls)
    with TemporaryDirectory() as folder:
        _ask_all(Path(folder), calls, server, Budget(most))
    assert server.billed + server.hidden <= most + 1e-9
