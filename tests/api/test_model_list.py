"""The list of models."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import medbench as mb
from medbench.errors import UsageError


def test_models_are_those_that_the_command_lists(here: Path) -> None:
    """Retired models and those for tests come with `all`; medbench.toml adds its own."""
    (here / "medbench.toml").write_text('[models.mine]\nprovider = "openai"\nid = "m"\n', "utf-8")
    listed, known = mb.models(), mb.models(all=True)
    assert {"gemini-flash", "mine"} <= set(listed.names) < set(known.names)
    assert "echo" in known.names
    assert known["echo"].model.provider == "echo"
    assert [view.name for view in listed[:2]] == listed.names[:2]
    with pytest.raises(UsageError, match=r"no model is called 'gemini-flsh'.\nTry:   gemini-flash"):
        listed["gemini-flsh"]


@pytest.mark.usefixtures("here")
def test_models_are_a_table() -> None:
    """A row for each: how it is reached, its price, what is missing."""
    frame = mb.models().to_frame().set_index("model")
    assert frame.loc["gemini-flash", "provider"] == "gemini"
    assert frame.loc["gemini-flash", "missing"] != ""
    assert frame.loc["baseline-normal", "price"] == "free"
    data = json.loads(json.dumps(mb.models().to_dict()))
    assert data["models"][0]["file"]["family"] == "baseline"
    assert "gemini-flash" in mb.models()._repr_html_()
    assert "gemini-flash" in str(mb.models())
    assert repr(mb.models()).startswith("<ModelList ")
