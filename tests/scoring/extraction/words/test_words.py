"""Words, sizes and marks of a text, and words in the form that the vocabulary uses."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.words.forms import canonical
from medbench.scoring.extraction.words.sizes import millimetres
from medbench.scoring.extraction.words.tokens import plain, tokens_of


@pytest.mark.parametrize(
    ("token", "size"),
    [
        ("15 mm", 15.0),
        ("2-3 cm", 30.0),
        ("1.5 x 2 cm", 20.0),
        ("12", None),
        ("2 by 4 by 1 centimeters", 40.0),
    ],
)
def test_sizes_are_read_in_millimetres(token: str, size: float | None) -> None:
    """The largest of several, in any unit."""
    assert millimetres(token) == size


def test_tokens_are_words_sizes_and_marks() -> None:
    """A size is one token with its unit; dashes and emphasis separate words; other scripts are left out."""
    text = "**L4\u2013L5**: 1.5 x 2\u00a0cm (12mm) \u2014 the patient\u2019s m\u00e9nisque, 3"
    assert tokens_of(plain(text)) == [
        *(
            "l4",
            "l5",
            ":",
            "1.5 x 2 cm",
            "(",
            "12mm",
            ")",
            ",",
            "the",
            "patient",
            "s",
            "m",
            "nisque",
            ",",
            "3",
        )
    ]


@pytest.mark.parametrize(
    ("word", "form"),
    [
        *(("haemorrhages", "hemorrhage"), ("oedema", "edema"), ("masses", "mass"), ("biopsies", "biopsy")),
        *(
            ("pelvis", "pelvis"),
            ("orthopaedic", "orthopedic"),
            ("tumours", "tumor"),
            ("abscesses", "abscess"),
        ),
        *(("foci", "focus"), ("discs", "disc"), ("gas", "gas"), ("vertebras", "vertebra"), ("is", "is")),
    ],
)
def test_words_are_singular_and_american(word: str, form: str) -> None:
    """Spelling and number do not matter."""
    assert canonical(word) == form
