"""A cell of a CSV runs nothing in a spreadsheet, and is read back as the text that it was."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import medbench
from medbench.sentences import guarded, unguarded

BEGINNINGS = ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20", "'"]


@given(st.sampled_from(["", *BEGINNINGS]), st.text(max_size=5))
def test_every_text_comes_back(beginning: str, rest: str) -> None:
    """Whatever it begins with, it begins no formula in its cell."""
    text = beginning + rest
    assert unguarded(guarded(text)) == text
    assert not guarded(text).startswith(tuple(BEGINNINGS[:-1]))


def test_a_quote_of_a_persons_own_is_kept() -> None:
    """A comment that begins with an apostrophe and a letter never had a guard."""
    assert unguarded("'tis a mass") == "'tis a mass"


@pytest.mark.parametrize("beginning", BEGINNINGS, ids=ascii)
def test_the_sheet_that_a_browser_saves_has_the_same_rule(beginning: str) -> None:
    """The script of the page guards a cell as Python does."""
    script = Path(medbench.__file__ or "").parent.joinpath("report/review/form.js").read_text("utf-8")
    (rule,) = re.findall(r"guarded = cell => \(/\^(\[.*?\])/\.test", script)
    assert re.match(rule, f"{beginning}x")
    assert not re.match(rule, "a=")
