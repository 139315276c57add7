"""Errors as a Python user reads them."""

from __future__ import annotations

import pickle

from medbench.errors import MedbenchError, ProviderError, UsageError


def test_the_text_of_an_error_holds_its_hint() -> None:
    """`str` of an error is what happened and, on the next line, what to try; without a hint one line."""
    assert str(UsageError("no run is called 'x'.", "baseline-normal")) == (
        "no run is called 'x'.\nTry:   baseline-normal"
    )
    assert str(MedbenchError("no hint.")) == "no hint."
    assert str(ProviderError("timeout", "no answer", final=False)) == "no answer"
    # It is quoted in sentences, which have a full stop of their own.
    assert ProviderError("connection", "Server disconnected.", final=False).reason == "Server disconnected"


def test_an_error_keeps_its_hint_between_processes() -> None:
    """An error that was pickled says the same."""
    error = pickle.loads(pickle.dumps(UsageError("wrong.", "right")))
    assert (str(error), error.hint, error.exit_code) == ("wrong.\nTry:   right", "right", 2)
