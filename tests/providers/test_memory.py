"""What a call leaves in memory, and how many values an answer may have, by whichever provider."""

from __future__ import annotations

import gc

import httpx
from service import Service

from medbench.providers._http.body import MAX_VALUES


def test_a_call_leaves_no_images_to_the_garbage_collector(asked_before: Service) -> None:
    """What it held is freed at once: requests in cycles would pile up between two collections."""

    def alive() -> int:
        asked_before.answers()  # in place of the answers whose requests are kept for tests to look at
        return sum(type(each) in {httpx.Request, httpx.Response} for each in gc.get_objects())

    gc.collect()
    gc.disable()
    try:
        before = alive()
        asked_before.ask()
        assert alive() == before
    finally:
        gc.enable()


def test_an_answer_may_have_many_values(asked_before: Service) -> None:
    """Those of a real one are few; up to the limit it is read, above it is a failure that says so."""
    asked_before.answers({**asked_before.usual(), "more": [0] * (MAX_VALUES - 1_000)})
    assert asked_before.ask().text == "A mass."
    asked_before.answers({**asked_before.usual(), "more": [0] * (MAX_VALUES + 1)})
    assert f"more than {MAX_VALUES:,} values" in asked_before.fails().reason
