"""Words that are not known mean what their ending does."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ENDINGS = [
    ("There is dacryoadenitis on the left.", "inflammation"),
    ("Osteitis of the clavicle.", "inflammation"),
    ("A melanocytoma of the eye.", "mass"),
    ("A lymphoductectasia of the muscle.", "dilatation"),
]


@pytest.mark.parametrize(("text", "name"), ENDINGS)
def test_a_word_that_is_not_known_means_what_its_ending_does(text: str, name: str) -> None:
    """'-itis' is an inflammation, whatever it is of."""
    assert name in {one.concept.name for one in extract(text)}


@pytest.mark.parametrize(
    "text", ["The stroma is seen.", "Her diagnosis is not known.", "Trauma in Oklahoma."]
)
def test_other_words_with_such_an_ending_mean_nothing(text: str) -> None:
    """Short words, and places of a name, are none."""
    assert not [one for one in extract(text) if one.concept.name == "mass"]
