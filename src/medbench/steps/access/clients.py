"""Clients for the models of a command: calls to the same account share places in flight and turns."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from medbench.addresses import shown_address
from medbench.client.client import Client
from medbench.client.limit import Controller, Pacer, Slots
from medbench.client.retry import Policy
from medbench.client.servers import Server, ServerGroup, Servers
from medbench.errors import UsageError
from medbench.faults import naming
from medbench.offline import install_guard, is_offline, refused
from medbench.pricing.prices import Prices
from medbench.providers import provider_class

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable

    from medbench.client.budget import Budget
    from medbench.client.client import Note
    from medbench.client.waits import Waits
    from medbench.executors.cluster.crew import Crew
    from medbench.images.recorded import Pictures
    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.store.ledger import Ledger, PaidElsewhere

START = 4
"""Calls in flight at first, where the number is found by trying."""
MOST = 32
"""Most calls in flight, where the number is found by trying and none was asked for."""


@dataclass(frozen=True, slots=True)
class Account:
    """Limits that all calls to one model of one server share."""

    slots: Slots
    pacer: Pacer | None


@dataclass(slots=True)
class Accounts:
    """The accounts of one command."""

    concurrency: int | None = None
    """Calls at a time that were asked for; None for the model file's number, or what is found by trying."""
    _known: dict[tuple[str | None, ...], Account] = field(default_factory=dict)
    _all: Slots | None = None

    def __post_init__(self) -> None:
        if self.concurrency is not None:
            most = self.concurrency
            self._all = Slots(Controller(limit=most, most=most, fixed=True))

    def most_of(self, models: Iterable[ModelFile]) -> int:
        """Return how many calls to all of these models may be in flight at the same time."""
        accounts = {id(account): account for account in map(self.of, models)}
        most = sum(account.slots.controller.most for account in accounts.values())
        return most if self.concurrency is None else min(most, self.concurrency)

    def of(self, model: ModelFile) -> Account:
        """Return the account that a model's calls go to."""
        key = (*server_of(model), model.id)
        if key not in self._known:
            per_minute = model.limits.requests_per_minute
            limit = (
                _group(model, self.concurrency) if model.addresses else _controller(model, self.concurrency)
            )
            self._known[key] = Account(Slots(limit, self._all), Pacer(per_minute) if per_minute else None)
        return self._known[key]


def server_of(model: ModelFile) -> tuple[str | None, ...]:
    """Return what tells the account that a model's calls go to from others."""
    assert model.provider is not None
    kind = provider_class(model.provider)
    return (model.provider, *(part for one in model.at_each_address() for part in kind.account(one)))


def _group(model: ModelFile, asked: int | None) -> ServerGroup:
    """Return the servers of a model with several addresses, each with its own limit."""
    return ServerGroup(
        tuple(Server(shown_address(address), _controller(model, asked)) for address in model.addresses), asked
    )


def _controller(model: ModelFile, asked: int | None) -> Controller:
    """Return a fixed limit for a server of known size, else one found by trying, up to what was asked."""
    size = model.limits.concurrency
    if size is not None:
        limit = asked or size
        return Controller(limit=limit, most=limit, fixed=True)
    return Controller(limit=asked or START, most=asked or MOST)


def new_provider(
    model: ModelFile, pictures: Pictures, accounts: Accounts | None = None, crew: Crew | None = None
) -> Provider:
    """Return the way to reach a model.

    Args:
        model: Its file.
        pictures: Reads the images of requests.
        accounts: Those of the command, which know how each server of a model with several does.
        crew: The workers that make its calls; None to make them here.

    Raises:
        UsageError: It cannot be made: something it needs is missing or wrong.
    """
    if not model.addresses:
        return _new_provider(model, pictures, crew)
    group = (accounts or Accounts()).of(model).slots.controller
    assert isinstance(group, ServerGroup)
    return Servers([_new_provider(one, pictures, crew) for one in model.at_each_address()], group)


def _new_provider(model: ModelFile, pictures: Pictures, crew: Crew | None) -> Provider:
    assert model.provider is not None
    kind = provider_class(model.provider)
    if is_offline():
        install_guard()
        if kind.hosts(model):
            raise refused(f"asking '{model.id}' at {' or '.join(kind.hosts(model) or ())}")
    contract = "it is a class that takes a model file and a reader of images, see docs/extending.md"
    with naming(f"'{model.id}': provider '{model.provider}' cannot be made", hint=contract):
        try:
            local = kind(model, pictures)
        except TypeError as error:
            raise UsageError(f"provider '{model.provider}' cannot be made: {error}.", contract) from None
    return crew.provider(local, model, pictures) if crew else local


@dataclass(frozen=True, slots=True)
class CallPolicy:
    """Settings of the calls of a command."""

    accounts: Accounts
    sleep: Callable[[float], Awaitable[None]]
    """Waits between tries; ends when the command is told to stop."""
    policy: Policy | None = None
    """Patience of a call; None for the usual."""
    budget: Budget | None = None
    """Budget of the command; None for no limit."""
    crew: Crew | None = None
    """Workers that make the calls; None to make them here."""

    def client(  # noqa: PLR0913 - what a client of this command does not have in common with the others
        self,
        provider: Provider,
        model: ModelFile,
        ledger: Ledger,
        note: Callable[[Note, str], None],
        elsewhere: PaidElsewhere | None = None,
        waits: Waits | None = None,
    ) -> Client:
        """Return a client for one model and one ledger."""
        account = self.accounts.of(model)
        return Client(
            provider,
            model,
            ledger,
            elsewhere=elsewhere,
            slots=account.slots,
            pacer=account.pacer,
            budget=self.budget,
            prices=Prices(model, deadline_s=(self.policy or Policy()).deadline_s),
            policy=self.policy,
            sleep=self.sleep,
            note=note,
            waits=waits,
        )
