"""Measures and sequences that are no findings by themselves."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

NOTHING = [
    "Post void residual of 5 cc.",
    "Post void residual is 10 mL, which is normal.",
    "Postvoid residual was measured.",
    "Susceptibility weighted imaging was performed.",
    "Axial susceptibility-weighted images were obtained.",
    "A susceptibility sequence was added.",
]
SEEN = [
    ("Large post void residual of 300 mL.", "large post void residual"),
    ("The post void residual is elevated.", "large post void residual"),
    ("Incomplete bladder emptying.", "large post void residual"),
    ("Susceptibility in the left thalamus.", "susceptibility artifact"),
    ("Susceptibility weighted imaging shows blooming.", "susceptibility artifact"),
    ("Zone of transition is narrow.", "zone of transition"),
    ("The transition zone appears wide.", "zone of transition"),
]


@pytest.mark.parametrize("text", NOTHING)
def test_a_measure_or_sequence_finds_nothing(text: str) -> None:
    """Everybody has a residual, and every study its sequences."""
    assert all(one.presence == "absent" and one.is_normal for one in extract(text))


@pytest.mark.parametrize(("text", "name"), SEEN)
def test_what_is_seen_of_them_is_one_finding(text: str, name: str) -> None:
    """A word for the degree, or a sign, makes it one."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == {name}


def test_a_sequence_that_shows_nothing_only_denies() -> None:
    """It is not found and denied at once."""
    assert {one.presence for one in extract("Susceptibility weighted imaging shows no blooming.")} == {
        "absent"
    }
