"""Counts with their nouns, and lines that fit the screen."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.sentences import WIDTH, by_size, counted, line_of, money, p_text, printable, rounded, within


def test_one_has_no_s() -> None:
    """Only 1 stands with the singular; other plurals and verbs are given; thousands are separated."""
    assert [counted(n, "case") for n in (0, 1, 2, 1200)] == ["0 cases", "1 case", "2 cases", "1,200 cases"]
    assert counted(1, "canary", "canaries") == "1 canary"
    assert counted(3, "output is", "outputs are") == "3 outputs are"


@pytest.mark.parametrize(
    ("start", "indent"),
    [("Note: ", 6), ("", 2), ("  ", 4), ("reference   ", 12), ("  text     ", 11), ("Judging: the word", 2)],
)
def test_a_long_line_goes_on_below_its_first_word(start: str, indent: int) -> None:
    """A label hangs out, a plain line is indented by two, and no line is wider than the screen."""
    first, second = within(start + "word " * 25).split("\n")
    assert len(first) <= WIDTH
    assert first.startswith(start + "word")
    assert second.startswith(" " * indent + "word")


def test_a_path_in_a_line_is_no_option() -> None:
    """One that begins with a dash is typed with './'; options and names stay as they are."""
    line = line_of("compare", Path("-runs/a b"), "-m", "-x", Path("runs"), Path("/-abs"))
    assert line == "medbench compare './-runs/a b' -m -x runs /-abs"


def test_what_is_to_be_typed_stays_whole() -> None:
    """A command is never broken: what is said of it goes below; neither is a path."""
    command = "medbench show " + "long-" * 18 + "name"
    assert within(f"Next: {command}   what it is") == f"Next: {command}\n        what it is"
    path = "/" + "folder/" * 20
    assert path in within(f"Wrote {path} today").split()


@given(st.text(st.sampled_from("ab -\n"), max_size=400))
def test_breaking_changes_white_space_alone(text: str) -> None:
    """Every word is still there, in order; only words that are too wide make wide lines."""
    broken = within(text)
    assert broken.split() == text.split()
    assert all(len(line) <= WIDTH for line in broken.split("\n") if len(line.split()) > 1)


def test_groups_are_in_order_of_their_size() -> None:
    """Lengths of references by their number, not by their first digit; names by letter."""
    lengths = ["101+ words", "26-50 words", "1-25 words", "51-100 words"]
    assert sorted(lengths, key=by_size) == ["1-25 words", "26-50 words", "51-100 words", "101+ words"]
    assert sorted(["MR", "CT", "CT+MR"], key=by_size) == ["CT", "CT+MR", "MR"]


@given(st.text(max_size=200))
def test_a_text_from_outside_is_made_safe_to_print(text: str) -> None:
    """No control, format or private character is left but newline and tab; every other one stays in place."""
    shown = printable(text)
    assert len(shown) == len(text)
    for before, after in zip(text, shown, strict=True):
        harmful = unicodedata.category(before) in {"Cc", "Cf", "Co", "Cs"} and before not in "\n\t"
        assert after == ("\N{REPLACEMENT CHARACTER}" if harmful else before)


@pytest.mark.parametrize(
    ("value", "places", "times", "text"),
    [
        (23 / 40, 0, 2, "58"),  # 100 * .575 is 57.49999999999999
        (13 / 40, 0, 2, "33"),  # 32.5 would be an even 32
        (-1 / 8, 0, 2, "-13"),
        (0.145, 2, 0, "0.15"),
        (6550.0, 1, -3, "6.6"),
        (-0.004, 2, 0, "0.00"),
        (1234.5, 0, 0, "1235"),
        (float("inf"), 1, 0, "inf"),
        (float("nan"), 0, 2, "nan"),
    ],
)
def test_numbers_are_rounded_as_by_hand(value: float, places: int, times: int, text: str) -> None:
    """A half goes away from zero, by the decimal that a reader would divide."""
    assert rounded(value, places, times=times) == text


@given(st.integers(0, 400), st.integers(1, 400))
def test_a_share_in_percent_is_the_nearest_whole_one(hits: int, n: int) -> None:
    """By whole numbers, which no binary fraction rounds."""
    assert int(rounded(hits / n, times=2)) == (200 * hits + n) // (2 * n)


def test_a_p_value_is_rounded_likewise() -> None:
    """Four discordant pairs, all one way, give .125; what would round to .05 gets another place."""
    texts = [p_text(p, "").removeprefix(" = ") for p in (0.125, 0.045, 0.046, 0.0497)]
    assert texts == [".13", ".045", ".046", ".0497"]


@pytest.mark.parametrize(
    ("usd", "shown", "at_most"),
    [
        (None, "unknown", "unknown"),
        (0.0, "$0", "$0"),
        (0.0000004, "<$0.000001", "<$0.000001"),
        (0.000001, "$0.000001", "$0.000001"),
        (0.0000213, "$0.000021", "$0.000022"),
        (0.00004, "$0.00004", "$0.00004"),
        (0.000996, "$0.001", "$0.001"),
        (0.00134, "$0.0013", "$0.0014"),
        (0.0096, "$0.0096", "$0.0096"),
        (0.00999, "$0.01", "$0.01"),
        (0.0131, "$0.013", "$0.014"),
        (0.07, "$0.07", "$0.07"),
        (0.114, "$0.114", "$0.12"),
        (0.1 + 0.2, "$0.30", "$0.30"),
        (0.6515, "$0.652", "$0.66"),
        (0.9996, "$1.00", "$1.00"),
        (3.0, "$3.00", "$3.00"),
        (12.345, "$12.35", "$12.35"),
        (1234.561, "$1,234.56", "$1,234.57"),
        (1e6, "$1,000,000.00", "$1,000,000.00"),
    ],
)
def test_money_has_the_digits_that_tell_something(usd: float | None, shown: str, at_most: str) -> None:
    """Two digits of what is small, cents of what is not; a bound is never below what it bounds."""
    assert (money(usd), money(usd, up=True)) == (shown, at_most)
