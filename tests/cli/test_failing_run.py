"""What a person sees of a run whose model fails: what is waited for meanwhile, and what to try at the end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from scripted import Scripted, write_models

from medbench.api import waiting
from medbench.errors import ProviderError
from medbench.schema.response import Failure, Request, Response
from medbench.steps.access import waiting as ticks
from medbench.store.jsonl import read_records
from medbench.store.runs import RunFolder

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


def test_a_case_says_why_its_calls_failed(
    medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Before it was answered, and where it never was, as the service put it."""
    passing = ProviderError("unavailable", "the server cannot answer now (500): 'no memory'", final=False)
    monkeypatch.setattr(Scripted, "says", staticmethod(_raising(passing)))
    write_models("one")
    assert medbench("run", "phantom-40", "--limit", "1", "-m", "./one.toml").code == 0
    (case,) = {output.case_id for output in RunFolder(Path("runs/phantom-40/one")).outputs()}
    said = medbench("show", case)
    assert "1 try failed before, the last: the server cannot answer now (500): 'no memory'" in said.words

    outputs = Path("runs/phantom-40/one/outputs.jsonl")
    responses = outputs.with_name("responses.jsonl")
    outputs.write_text("")
    line = next(iter(read_records(responses, Response)))
    failure = Failure(
        kind="unavailable", reason="500: 'no memory' (given up: stopped by Ctrl-C)", final=False
    )
    responses.write_bytes(line.model_copy(update={"text": None, "failure": failure}).to_line())
    said = medbench("show", case)
    assert "one not run, unavailable: 500: 'no memory' (given up: stopped by Ctrl-C)" in said.words
