"""Words with several senses: the cortex of a bone, the ventricle of the heart, the pelvis of the kidney."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.scoring.extraction.extract import extract

FILE = Path(__file__).parents[3] / "golden" / "senses.txt"
LINES = [line.split("|") for line in FILE.read_text("utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(("text", "where", "name"), [[cell.strip() for cell in line] for line in LINES])
def test_a_word_means_the_part_of_the_organ_that_the_text_speaks_of(text: str, where: str, name: str) -> None:
    """Every finding is at one of the places given, none in a brain not spoken of; one has the name."""
    roots = tuple(where.split(","))
    found = extract(text)
    at = [finding.places or (finding.concept.place,) for finding in found]
    assert any(at)
    for places in at:
        assert any(place.startswith(roots) for place in places) or places == ("",)
        assert where.startswith("brain") or not any(place.startswith("brain") for place in places)
    if name:
        assert name in {finding.concept.name for finding in found}


def test_the_organ_of_the_sentence_before_and_of_the_heading_count() -> None:
    """Where the sentence itself names no organ."""
    (heart,) = (finding for finding in extract("Heart:\nDilated ventricles.") if finding.places)
    assert heart.places == ("chest/heart",)
    ovary, _ = extract("Cyst of the left ovary. Calcification of the cortex.")[::-1]
    assert ovary.places == ("pelvis/ovary",)


def test_many_words_with_several_senses_take_linear_time() -> None:
    """No other place is near any of them."""
    assert extract("cortex apex hilum " * 4000) == ()
