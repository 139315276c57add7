"""What a command may spend: reserved before sending, never overspent, whatever is in flight."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from pathlib import Path
from typing import cast

import pytest

from medbench.client.budget import Budget
from medbench.client.client import Client
from medbench.client.limit import Controller, Pacer, Slots
from medbench.client.retry import Policy
from medbench.errors import BudgetError, ProviderError
from medbench.pricing.prices import Prices
from medbench.providers import Provider
from medbench.schema.model import ModelFile, Price
from medbench.schema.response import CallFor, Cost, Reply, Request, Response, Usage
from medbench.store.ledger import Ledger

WORST = 1.0


class Fixed:
    """Prices of a model whose calls cost at most a dollar: ten cents a token of the answer."""

    gpu_hour = None

    def worst_case(self, request: Request, *, at: object) -> float:
        """A dollar."""
        return WORST

    def cost(self, usage: Usage, **_: object) -> Cost | None:
        """Ten cents a token; unknown where the tokens are."""
        return None if usage.output is None else Cost(usd=usage.output / 10, basis="tokens")


class Fake(Provider):
    """Answers after a turn of the loop, and keeps account of what it would be paid."""

    def __init__(self, says: Callable[[int], Reply]) -> None:
        self.says = says
        self.asked = self.in_flight = self.peak = 0

    async def ask(self, request: Request) -> Reply:
        """Say the next thing."""
        number, self.asked = self.asked, self.asked + 1
        self.in_flight += 1
        self.peak = max(self.peak, self.in_flight)
        for _ in range(1 + number % 3):
            await asyncio.sleep(0)
        self.in_flight -= 1
        return self.says(number)


def _tokens(count: int | None) -> Reply:
    return Reply(text="a mass", usage=Usage(output=count, source="provider"))


def _ask_all(
    folder: Path, fake: Fake, budget: Budget, calls: int, at_a_time: int = 8
) -> list[Response | BaseException]:
    async def go() -> list[Response | BaseException]:
        with Ledger(folder) as ledger:
            client = Client(
                fake,
                ModelFile(provider="x", price=Price(input=1.0, output=1.0)),
                ledger,
                slots=Slots(Controller(limit=at_a_time, most=at_a_time, fixed=True)),
                budget=budget,
                prices=cast("Prices", Fixed()),
                policy=Policy(patience_s=0, refused_s=0),
            )
            requests = [Request(model="m", text=str(number)) for number in range(calls)]
            return await asyncio.gather(
                *(client.ask(one, CallFor(case_id=one.text, stage="s"), 0) for one in requests),
                return_exceptions=True,
            )

    return asyncio.run(go())


def test_as_many_are_in_flight_as_could_be_paid(tmp_path: Path) -> None:
    """With three dollars, three calls of at most a dollar are in flight; cheap ones make room for more."""
    fake, budget = Fake(lambda _: _tokens(2)), Budget(most=3.0)
    found = _ask_all(tmp_path, fake, budget, 10)
    assert fake.peak == 3
    assert all(isinstance(one, Response) and one.text for one in found)
    assert budget.spent == pytest.approx(2.0)
    assert (budget.set_aside, budget.exhausted) == (0.0, False)


def test_what_could_cost_too_much_is_not_sent(tmp_path: Path) -> None:
    """When the next call might overspend, it is not sent; what was in flight is kept, the rest is not run."""
    fake, budget = Fake(lambda _: _tokens(6)), Budget(most=3.0)
    found = _ask_all(tmp_path, fake, budget, 10)
    answers = [one for one in found if isinstance(one, Response)]
    refused = [one for one in found if isinstance(one, BudgetError)]
    assert len(answers) == fake.asked == 4
    assert len(refused) == 6
    assert budget.spent == pytest.approx(2.4)
    assert budget.exhausted
    assert "$2.40 of $3.00 are spent" in refused[0].message
    assert "--max-cost" in refused[0].hint


def test_a_small_ceiling_is_not_called_nothing(tmp_path: Path) -> None:
    """A tenth of a cent is no $0.00, and nothing spent is $0."""
    (refused,) = _ask_all(tmp_path, Fake(lambda _: _tokens(6)), Budget(most=0.001), 1)
    assert isinstance(refused, BudgetError)
    assert refused.message == "$0 of $0.001 are spent; the next call could cost $1.00."


def test_an_unknown_cost_counts_as_the_worst(tmp_path: Path) -> None:
    """A service that does not say what it used is taken to have used all; the cost on record is unknown."""
    fake, budget = Fake(lambda _: _tokens(None)), Budget(most=2.5)
    found = _ask_all(tmp_path, fake, budget, 5)
    assert [one.cost for one in found if isinstance(one, Response)] == [None, None]
    assert budget.spent == 2 * WORST


def _fails(error: ProviderError) -> Callable[[int], Reply]:
    def says(_: int) -> Reply:
        raise error

    return says


@pytest.mark.parametrize(
    ("error", "spent", "cost"),
    [
        (ProviderError("rate_limit", "429", final=False, status=429), 0.0, 0.0),
        (ProviderError("connection", "no connection", final=False, sent=False), 0.0, 0.0),
        (ProviderError("timeout", "no whole answer", final=False), WORST, None),
        (ProviderError("unreadable", "cut JSON", final=False, status=200), WORST, None),
        (ProviderError("blocked", "safety", final=True, reply=_tokens(3)), 0.3, 0.3),
    ],
)
def test_a_failed_try_costs_what_it_may_cost(
    tmp_path: Path, error: ProviderError, spent: float, cost: float | None
) -> None:
    """A refusal costs nothing; what may have been worked on counts in full; a blocked answer has tokens."""
    budget = Budget(most=10.0)
    (found,) = _ask_all(tmp_path, Fake(_fails(error)), budget, 1)
    assert isinstance(found, Response)
    assert found.failure is not None
    assert budget.spent == pytest.approx(spent)
    assert (found.cost.usd if found.cost else None) == cost


def test_never_overspent_at_random(tmp_path: Path) -> None:
    """Whatever calls cost up to their worst case, the sum stays within the budget."""
    for seed in range(30):
        chance = random.Random(seed)
        most, at_a_time = chance.uniform(0, 8), chance.randint(1, 9)
        costs = [chance.choice([0, 1, 5, 9, 10]) for _ in range(20)]
        fake = Fake([_tokens(cost) for cost in costs].__getitem__)
        budget = Budget(most=most)
        folder = tmp_path / str(seed)
        folder.mkdir()
        _ask_all(folder, fake, budget, 20, at_a_time)
        assert budget.spent <= most
        assert budget.exhausted == (fake.asked < 20)


@pytest.mark.parametrize("per_minute", [1, 60, 600])
def test_turns_are_evenly_apart(per_minute: int) -> None:
    """The first call goes at once, each later one a turn after the one before; idle time is not saved up."""
    pacer, apart = Pacer(per_minute), 60 / per_minute
    assert [pacer.wait_s(100.0) for _ in range(3)] == pytest.approx([0, apart, 2 * apart])
    assert pacer.wait_s(100.0 + 10 * apart) == 0
    assert pacer.wait_s(100.0 + 10 * apart) == pytest.approx(apart)


def test_calls_wait_for_their_turn_of_the_minute(tmp_path: Path) -> None:
    """A call that is not due yet sleeps until it is, with its place in flight; the wait is queue time."""
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    async def go() -> None:
        with Ledger(tmp_path) as ledger:
            fake = Fake(lambda _: _tokens(1))
            client = Client(fake, ModelFile(provider="x"), ledger, pacer=Pacer(60), sleep=sleep)
            for number in range(3):
                await client.ask(Request(model="m", text=str(number)), CallFor(case_id="c", stage="s"), 0)

    asyncio.run(go())
    assert len(slept) == 2
    assert all(0.5 < wait <= 2 for wait in slept)
