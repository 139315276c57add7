"""What a person sees of a run whose model fails: what is waited for meanwhile, and what to try at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from scripted import Scripted, write_models

from medbench.api import waiting
from medbench.errors import ProviderError
from medbench.schema.response import Request
from medbench.steps.access import waiting as ticks

RUN = ("run", "phantom-40", "--limit", "2", "-m", "./one.toml")


def _raising(*errors: ProviderError) -> Callable[[Request], str]:
    left: Iterator[ProviderError] = iter(errors)

    def say(_: Request) -> str:
        error = next(left, None)
        if error is not None:
            raise error
        return "There is a mass."

    return say


def test_a_run_that_waits_says_what_for(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Line by line in a log, with the service's words; once it answers, the run is whole."""
    monkeypatch.setattr(ticks, "EVERY_S", 0.01)
    monkeypatch.setattr(waiting, "QUIET_S", 0.01)
    down = ProviderError("unavailable", "the server cannot answer now (500): 'no memory'", final=False)
    monkeypatch.setattr(Scripted, "says", staticmethod(_raising(down, down)))
    write_models("one")
    said = medbench(*RUN)
    assert said.code == 0, said.err
    assert "2 calls to be tried again; 2 tries failed, the last: the server cannot answer now" in said.words
    assert "'no memory'" in said.words


def test_a_run_that_failed_ends_with_what_to_try(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The service's words, and the line of doctor with the model as it was typed."""
    refused = ProviderError("unauthorized", "the key was refused: 'expired'", final=False, stops=True)
    monkeypatch.setattr(Scripted, "says", staticmethod(_raising(*[refused] * 2)))
    write_models("one")
    said = medbench(*RUN)
    assert said.code == 3
    assert "the first: the key was refused: 'expired'" in said.words
    assert "medbench doctor -m ./one.toml what the model says now, and what to try" in said.words
