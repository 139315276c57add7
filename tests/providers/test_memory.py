"""What a call leaves in memory, and how many values an answer may have, by whichever provider."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path

import httpx
import pytest
from service import Service

from medbench.client.client import Client
from medbench.client.retry import Policy
from medbench.providers._http.body import MAX_VALUES
from medbench.schema.response import CallFor
from medbench.store.ledger import Ledger


def _alive() -> int:
    return sum(type(each) in {httpx.Request, httpx.Response} for each in gc.get_objects())


def test_a_call_leaves_no_images_to_the_garbage_collector(asked_before: Service) -> None:
    """What it held is freed at once: requests in cycles would pile up between two collections."""

    def alive() -> int:
        asked_before.answers()  # in place of the answers whose requests are kept for tests to look at
        return _alive()

    gc.collect()
    gc.disable()
    try:
        before = alive()
        asked_before.ask()
        assert alive() == before
    finally:
        gc.enable()


@pytest.mark.parametrize("breaks", [False, True])
def test_a_call_that_failed_leaves_no_images_either(
    asked_before: Service, tmp_path: Path, *, breaks: bool
) -> None:
    """Nor does the error of a refusal or of a broken connection, which refers to all that it came through."""

    def fail(_request: httpx.Request) -> object:
        if breaks:
            raise httpx.ReadError("broken")
        return {"error": {"message": "overloaded"}}

    async def failed() -> int:
        seen = asked_before.answers(fail, status=503)
        provider = asked_before.provider(asked_before.model(), asked_before.pictures)
        client = Client(provider, asked_before.model(), ledger, policy=Policy(patience_s=0, refused_s=0))
        try:
            for sample in range(2):
                response = await client.ask(
                    asked_before.request(), CallFor(case_id="a", replicate=0, stage="single"), sample
                )
                assert response.failure
            assert len(seen) == 2
            seen.clear()
            return _alive()
        finally:
            await client.close()

    with Ledger(tmp_path) as ledger:
        gc.collect()
        gc.disable()
        try:
            asked_before.answers()  # in place of the answer whose request is kept for tests to look at
            before = _alive()
            assert asyncio.run(failed()) == before
        finally:
            gc.enable()


def test_an_answer_may_have_many_values(asked_before: Service) -> None:
    """Those of a real one are few; up to the limit it is read, above it is a failure that says so."""
    asked_before.answers({**asked_before.usual(), "more": [0] * (MAX_VALUES - 1_000)})
    assert asked_before.ask().text == "A mass."
    asked_before.answers({**asked_before.usual(), "more": [0] * (MAX_VALUES + 1)})
    assert f"more than {MAX_VALUES:,} values" in asked_before.fails().reason
