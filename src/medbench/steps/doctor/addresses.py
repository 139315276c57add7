"""Several servers of one model: does each answer, as the same model and with the same words?"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from medbench.addresses import shown_address
from medbench.errors import ProviderDownError
from medbench.schema.model import same_model
from medbench.schema.response import CallFor
from medbench.schema.results.doctor import Check
from medbench.steps.doctor import diagnosis

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.client.client import Client
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Response
    from medbench.schema.results.doctor import Probe


async def ask_each(
    model: ModelFile, probe: Probe, client: Callable[[ModelFile], Client], stage: str
) -> list[Response | ProviderDownError]:
    """Ask every server of a model the same.

    Args:
        model: Its file, with addresses.
        probe: What is asked.
        client: Makes a client for the model as it is at one address.
        stage: Stage of the calls, for the ledger.

    Returns:
        What came of it, in the order of the addresses.
    """

    async def asked(one: ModelFile, number: int) -> Response | ProviderDownError:
        at_one = client(one)
        try:
            return await at_one.ask(probe.request, CallFor(case_id="server", stage=stage), sample=number)
        except ProviderDownError as error:
            return error
        finally:
            await at_one.close()

    return await asyncio.gather(*(asked(one, n) for n, one in enumerate(model.at_each_address())))


def server_checks(model: ModelFile, found: Sequence[Response | ProviderDownError]) -> list[Check]:
    """Return a check for each server, and one of all that answered: are they one model?"""
    addresses = [shown_address(address) for address in model.addresses]
    checks = [_of_one(address, one) for address, one in zip(addresses, found, strict=True)]
    answers = [one for one in found if not isinstance(one, ProviderDownError) and one.text is not None]
    if answers:
        # A run goes on with those that answer.
        checks = [replace(check, state="note") if check.state != "ok" else check for check in checks]
    if len(answers) > 1:
        checks.append(_of_all(answers))
    return checks


def _of_one(address: str, found: Response | ProviderDownError) -> Check:
    if isinstance(found, ProviderDownError):
        return Check("server", "no", f"{address}: {found.message}", found.hint)
    if found.failure:
        check = diagnosis.failed("server", found.failure)
        return Check("server", check.state, f"{address}: {check.words}", check.todo)
    name = f" as {found.answered}" if found.answered else ""
    return Check("server", "ok", f"{address} answers{name}, in {found.attempts[-1].took_s:.1f} s")


def _of_all(answers: Sequence[Response]) -> Check:
    names = sorted({one.answered for one in answers if one.answered})
    if any(not same_model(names[0], name) for name in names[1:]):
        todo = "take out of addresses what serves another model, or make it a model of its own"
        return Check("servers", "no", f"{' and '.join(names)} answer: they are not one model", todo)
    texts = sorted({" ".join((one.text or "").split()) for one in answers})
    if len(texts) > 1:
        words = f"the same question has {len(texts)} answers: {', '.join(repr(text[:30]) for text in texts)}"
        todo = "is it the same model, quantisation and version of the server on each? temperature 0?"
        return Check("servers", "note", words, todo)
    return Check("servers", "ok", f"{len(answers)} servers: the same model, the same answer")
