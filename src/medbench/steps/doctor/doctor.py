"""`doctor` with models: what each still needs, whether it answers, and whether it sees."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from medbench.client.budget import Budget
from medbench.client.retry import Policy
from medbench.errors import BudgetError, ProviderDownError, UsageError
from medbench.images.recorded import Pictures
from medbench.pricing.prices import Prices
from medbench.providers import provider_class
from medbench.schema.account import Account
from medbench.schema.response import CallFor
from medbench.schema.results.doctor import Answered, Check, Expense, ModelReport
from medbench.sentences import line_of
from medbench.steps.access.ceiling import check_ceiling
from medbench.steps.access.clients import Accounts, CallPolicy, new_provider
from medbench.steps.access.readiness import missing_access, with_name
from medbench.steps.access.systems import folder_name
from medbench.steps.doctor import diagnosis
from medbench.steps.doctor.addresses import ask_each, server_checks
from medbench.steps.doctor.pixel_checks import pixel_checks
from medbench.steps.doctor.pixels import in_turns, pixel_probes
from medbench.steps.doctor.probes import probes
from medbench.steps.doctor.server_words import in_short, server_check, server_name, span, with_tries
from medbench.store.jsonl import write_records
from medbench.store.ledger import Ledger
from medbench.store.runs import RESPONSES

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from pathlib import Path

    from medbench.client.client import Client
    from medbench.providers import Provider
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request, Response
    from medbench.schema.results.doctor import Probe

WAIT_S: Final = 25 * 60.0
"""Seconds that a server is waited for; a new endpoint may answer 503 for 20 minutes."""
ASK_AGAIN_S: Final = 15.0
"""Seconds between two calls to a server that is waited for."""
NOT_ASKED: Final = "not asked"
"""In place of a kind of failure, where a call was not made at all."""
STAGE: Final = "doctor"
_WAITED: Final = "this is longer than a start takes: look at the server's log, then this line again"


def short_patience() -> Policy:
    """Return the patience of a call of `doctor`: a person waits for it."""
    return Policy(deadline_s=120.0, patience_s=20.0, refused_s=3.0)


@dataclass(frozen=True, slots=True)
class DoctorSession:
    """Settings of one line of `doctor`."""

    calls: CallPolicy
    notice: Callable[[str], None]
    """Says something to the person who waits."""
    wait: bool
    """True to wait for a server that cannot answer yet."""
    clock: Callable[[], float]
    """Seconds, by which waiting is measured."""
    kept: Path | None
    """Folder for what was paid; None to keep nothing."""

    def client(self, model: ModelFile, provider: Provider, ledger: Ledger) -> Client:
        """Return a client for one model; changes of its limits are not shown."""
        return self.calls.client(provider, model, ledger, lambda _kind, _words: None)


@dataclass(frozen=True, slots=True)
class DoctorPlan:
    """One model before it is asked."""

    name: str
    """As it was typed."""
    model: ModelFile
    folder: Path
    """For its ledger and the drawn images; a temporary one."""
    checks: tuple[Check, ...]
    """Checks that need no call."""
    probes: tuple[Probe, ...]
    """Calls to make; empty where none can be made."""
    pixels: bool = False
    """True for calls that show what becomes of pixels, in place of those that show if the model sees."""


@dataclass(slots=True)
class _Results:
    """Answers and checks so far."""

    answers: list[Answered] = field(default_factory=list)
    responses: list[Response] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)


def doctor_plan(name: str, model: ModelFile, folder: Path, *, pixels: bool = False) -> DoctorPlan:
    """Return the checks of a model that need no call, and the calls to make.

    Args:
        name: As it was typed.
        model: Its file.
        folder: A new one of its own.
        pixels: True to ask what becomes of pixels, False to ask if the model sees.

    Raises:
        UsageError: It is a system without a model.
    """
    if model.provider is None:
        raise UsageError(f"'{name}' asks no model: there is nothing to check.", "medbench run")
    checks = [_access(name, model)]
    if checks[0].state == "ok":
        try:
            new_provider(model, Pictures(folder))
        except UsageError as error:
            checks.append(Check("settings", "no", error.message, error.hint))
    if checks[-1].state == "ok" and provider_class(model.provider).only_batches:
        line = line_of("run", "-m", name, "--batch")
        checks.append(Check("calls", "no", "answers files of requests only: it is not asked", line))
    folder.mkdir(parents=True, exist_ok=True)
    drawn = pixel_probes if pixels else probes
    calls = tuple(drawn(model, folder)) if checks[-1].state == "ok" else ()
    if pixels and model.limits.images == 0:
        checks.append(Check("pixels", "note", "reads text only: no picture is sent to it (images = 0)"))
    return DoctorPlan(name, model, folder, tuple(checks), calls, pixels)


def expense(plans: Sequence[DoctorPlan]) -> Expense:
    """Return the most that all calls can cost; nothing is sent."""
    usd, unknown, hourly = 0.0, [], []
    for plan in plans:
        price = plan.model.price
        if not plan.probes or (price and price.costs_nothing):
            continue
        if price and price.gpu_hour is not None and price.input is None:
            hourly.append((plan.name, price.gpu_hour))
            continue
        prices, now = Prices(plan.model), datetime.now(UTC)
        bounds = [prices.worst_case(request, at=now) for request in _requests(plan)]
        known = [bound for bound in bounds if bound is not None]
        usd += sum(known)
        if len(known) < len(bounds):
            unknown.append(plan.name)
    calls = sum(len(_requests(plan)) for plan in plans)
    return Expense(calls, usd, tuple(unknown), tuple(hourly))


def _requests(plan: DoctorPlan) -> list[Request]:
    """Return what a model is asked: every probe, and the first of them at each of its servers."""
    requests = [probe.request for probe in plan.probes]
    return requests + requests[:1] * len(plan.model.addresses)


def ask_all(  # noqa: PLR0913 - time is an argument in tests
    plans: Sequence[DoctorPlan],
    notice: Callable[[str], None],
    *,
    max_cost: float,
    must_hold: bool = False,
    kept: Path | None = None,
    wait: bool = False,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
) -> list[ModelReport]:
    """Ask the models, all at the same time, and say how each stands.

    Args:
        plans: The models.
        notice: Says that a server is waited for.
        max_cost: Dollars that may be spent.
        must_hold: True to send nothing unless that ceiling holds.
        kept: Folder for the ledger of what was paid, one a call of `doctor`; None to keep nothing.
        wait: True to wait for a server that cannot answer yet.
        sleep: Waits between calls.
        clock: Seconds, by which waiting is measured.

    Raises:
        UsageError: The ceiling must hold and cannot.
    """
    for plan in plans:
        keys = (key for probe in plan.probes for key in Prices(plan.model).unbounded_by(probe.request))
        missing = tuple(dict.fromkeys(keys))
        check_ceiling(plan.name, missing, max_cost, must_hold=must_hold, notice=lambda _: None)
    calls = CallPolicy(Accounts(), sleep, short_patience(), Budget(max_cost, strict=must_hold))
    session = DoctorSession(calls, notice, wait, clock, kept)

    async def all_of_them() -> list[ModelReport]:
        return list(await asyncio.gather(*(_checked(plan, session) for plan in plans)))

    return asyncio.run(all_of_them())


async def _checked(plan: DoctorPlan, session: DoctorSession) -> ModelReport:
    if not plan.probes:
        return ModelReport(plan.name, plan.checks)
    results = _Results()
    with Ledger(plan.folder) as ledger:
        change = await _ask_everything(plan, session, ledger, results)
    spent = Account()
    for response in results.responses:
        spent.add(response)
    paid = spent.total()
    if session.kept and (paid.usd or paid.unknown):
        _keep(session.kept, plan.name, results.responses, session.notice)
    named = (replace(check, todo=with_name(check.todo, plan.name)) for check in results.checks)
    return ModelReport(plan.name, (*plan.checks, *named), paid, change)


def _keep(kept: Path, name: str, responses: Sequence[Response], notice: Callable[[str], None]) -> None:
    """Write down what was paid. Where that is impossible, what the model answered is shown all the same."""
    # To the microsecond: of two visits in one second, both were paid.
    folder = kept / folder_name(f"{datetime.now(UTC):%Y-%m-%d-%H%M%S-%f}-{name}")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_records(folder / RESPONSES, responses)
    except OSError as error:
        notice(f"{name}: '{folder}' cannot be written ({error.strerror}): show --spent will not count this.")


async def _ask_everything(plan: DoctorPlan, session: DoctorSession, ledger: Ledger, results: _Results) -> str:
    """Ask one model everything; returns what to add to a line of `run` for it."""
    provider = new_provider(plan.model, Pictures(plan.folder), session.calls.accounts)
    client = session.client(plan.model, provider, ledger)
    try:
        there = await _first_call(
            plan, session, lambda: session.client(plan.model, provider, ledger), results
        )
        results.checks.append(there)
        if there.state in {"no", "wait"}:
            return ""
        if plan.model.addresses:
            results.checks += await _each_server(plan, session, ledger, results)
        found = await _all_answered(client, plan.probes)
    finally:
        await client.close()
    results.answers = [answer for answer, _ in found]
    first = {response.response_id for response in results.responses}
    results.responses += [new for _, new in found if new is not None and new.response_id not in first]
    if all(answer.text is None for answer in results.answers):
        results.checks.append(diagnosis.unanswered(results.answers))
        return ""
    results.checks.append(diagnosis.answered_by(plan.model, results.responses))
    if plan.pixels:
        results.checks += pixel_checks(plan.model, results.answers)
        return ""
    checks, change = diagnosis.seen(plan.model, results.answers)
    results.checks += [*checks, *diagnosis.taken(plan.model, results.answers, results.responses)]
    return change


async def _each_server(
    plan: DoctorPlan, session: DoctorSession, ledger: Ledger, results: _Results
) -> list[Check]:
    def client(model: ModelFile) -> Client:
        return session.client(model, new_provider(model, Pictures(plan.folder)), ledger)

    found = await ask_each(plan.model, plan.probes[0], client, STAGE)
    results.responses += [one for one in found if not isinstance(one, ProviderDownError)]
    return server_checks(plan.model, found)


async def _first_call(
    plan: DoctorPlan, session: DoctorSession, client: Callable[[], Client], results: _Results
) -> Check:
    """Make the first call, with an image: a server can be up long before its model is.

    Args:
        plan: What is asked.
        session: How.
        client: Makes a new one for each call: one that gave a server up does not ask it again.
        results: Takes the responses.
    """
    began, first_failure = session.clock(), ""
    while True:
        try:
            found = await _ask(client(), plan.probes[0])
        except ProviderDownError as error:
            kind = "budget" if isinstance(error, BudgetError) else "server"
            return Check(kind, "no", error.message, error.hint)
        waited_s = session.clock() - began
        results.responses.append(found)
        failure = found.failure
        if failure is None or failure.final:
            return server_check(plan.model, found, waited_s, first_failure)
        patient = session.wait and failure.kind in diagnosis.MAY_PASS
        if not patient or waited_s + ASK_AGAIN_S > WAIT_S:
            check = diagnosis.failed(
                server_name(plan.model), with_tries(failure, found, waited_s if patient else 0.0)
            )
            return replace(check, todo=_WAITED) if patient else check
        first_failure = first_failure or in_short(found)
        session.notice(f"  {plan.name}: {in_short(found)}, waiting … {span(waited_s)}")
        await session.calls.sleep(ASK_AGAIN_S)


async def _all_answered(client: Client, asked: Sequence[Probe]) -> list[tuple[Answered, Response | None]]:
    now, later = in_turns(asked)
    found = await asyncio.gather(*(_answered(client, probe) for probe in now))
    if later and found[-1][0].text is not None:
        found += await asyncio.gather(*(_answered(client, probe) for probe in later))
    return found


async def _answered(client: Client, probe: Probe) -> tuple[Answered, Response | None]:
    try:
        response = await _ask(client, probe)
    except ProviderDownError as error:
        return Answered(probe, None, "budget" if isinstance(error, BudgetError) else NOT_ASKED), None
    failure = response.failure.kind if response.failure else ""
    return Answered(probe, response.text, failure), response


async def _ask(client: Client, probe: Probe) -> Response:
    return await client.ask(probe.request, CallFor(case_id=probe.name, stage=STAGE), sample=0)


def _access(name: str, model: ModelFile) -> Check:
    """Tell if all that a call needs is there; names of variables, never a value."""
    assert model.provider is not None
    missing = missing_access(model, name)
    if missing is not None:
        return Check(missing.name, "no", f"no {missing.name}", missing.hint)
    access = provider_class(model.provider).access(model.at_each_address()[0])
    return Check(access.name, "ok", access.words)
