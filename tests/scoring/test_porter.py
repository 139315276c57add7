"""The stemmer against nltk's, which rouge-score uses, and against the examples of Porter's paper."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from exhaustive import bounded
from hypothesis import given
from hypothesis import strategies as st
from nltk.stem.porter import PorterStemmer

from medbench.scoring.porter import stem

NLTK = PorterStemmer()
SUFFIXES = """
s es ed ing ies ied eed y at bl iz ss ll e l
ational tional enci anci izer bli alli entli eli ousli ization ation ator alism iveness fulness ousness aliti
iviti biliti fulli logi icate ative alize iciti ical ful ness
al ance ence er ic able ible ant ement ment ent ion sion tion ou ism ate iti ous ive ize
""".split()  # noqa: SIM905 - a list of suffixes is read as words


def differing(words: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Words with another stem than nltk's: ours and nltk's."""
    stems = ((word, stem(word), str(NLTK.stem(word))) for word in words)
    return {word: (ours, theirs) for word, ours, theirs in stems if ours != theirs}


def made(number: int) -> Iterator[str]:
    """Random letters, many of them vowels and 'y', before up to three suffixes."""
    draw = random.Random(3)
    for _ in range(number):
        start = "".join(draw.choices("aeiouyybcdlstzrnwx", k=draw.randint(0, 6)))
        yield start + "".join(draw.choices(SUFFIXES, k=draw.randint(0, 3)))


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        *(("caresses", "caress"), ("ponies", "poni"), ("cats", "cat"), ("agreed", "agre"), ("feed", "feed")),
        *(("plastered", "plaster"), ("hopping", "hop"), ("falling", "fall"), ("filing", "file")),
        *(("relational", "relat"), ("vietnamization", "vietnam"), ("adoption", "adopt"), ("cease", "ceas")),
        *(("controll", "control"), ("roll", "roll"), ("sky", "sky"), ("skies", "sky"), ("dying", "die")),
        *(("enjoy", "enjoy"), ("spy", "spi"), ("geologi", "geolog"), ("", ""), ("is", "is")),
    ],
)
def test_examples_of_the_paper_and_of_nltk(word: str, wanted: str) -> None:
    """The paper's example of each step, and what nltk changed: irregular words, 'y' behind a vowel."""
    assert stem(word) == wanted


def test_made_words_have_nltks_stems() -> None:
    """Every suffix that the algorithm knows, also one behind the other, at stems of all lengths."""
    assert differing(made(bounded(600_000, 20_000))) == {}


@given(st.text("aeylsz1tio", max_size=12))
def test_any_token_has_nltks_stem(word: str) -> None:
    """Digits and rows of 'y' too."""
    assert differing([word]) == {}


def test_words_of_real_texts_have_nltks_stems(shared: Path) -> None:
    """MedPix, the old runs, rated reports and both vocabularies."""
    texts = (
        path.read_text("utf-8") for path in (shared / "data").rglob("*") if path.suffix in {".json", ".csv"}
    )
    words = sorted({word for text in texts for word in re.findall("[a-z0-9]+", text.lower())})
    assert len(words) > 50_000
    assert differing(random.Random(1).sample(words, bounded(len(words), 10_000))) == {}
