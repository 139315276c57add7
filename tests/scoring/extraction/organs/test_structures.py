"""Structures that are missing, large or misplaced; uptake and perfusion; words of other meaning elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.scoring.extraction.extract import extract

FILE = Path(__file__).parents[3] / "golden" / "structures.txt"
LINES = [line.split(" | ") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]
_SIGNS = {"present": "+", "absent": "-", "uncertain": "?", "past": "past "}


@pytest.mark.parametrize(("text", "expected"), LINES)
def test_a_sentence_has_the_finding_and_not_the_misreading(text: str, expected: str) -> None:
    """What is expected stands beside the sentence in the file."""
    found = extract(text)
    said = {_SIGNS[finding.presence] + finding.concept.name for finding in found}
    if not expected.startswith("not "):
        assert expected in said
        return
    unwanted = expected.removeprefix("not ")
    places = {"@" + place.rpartition("/")[2] for finding in found for place in finding.places}
    assert unwanted not in places
    assert not said & {"+" + unwanted, "?" + unwanted}


def test_many_places_after_absent_take_linear_time() -> None:
    """Each looks back no further than over sides."""
    assert extract("absent left right " * 4000) == ()
    assert extract("absent left kidney prominent " * 4000)
