"""Invented texts with as many words, and as many different ones, as reports have."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

_STEMS = tuple(
    """
    lesion mass opacity density signal effusion nodule fracture vessel lobe margin ventricle kidney liver
    spleen pancreas enhancement oedema calcification node thickening dilatation stenosis
    infiltrate consolidation
    haemorrhage infarct cyst collection obstruction wall sinus disc canal cord vertebra marrow cortex hilum
    pleura
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_ENDS = ("", "s", "ed", "ing", "al", "ic", "ous", "like")
_SMALL = tuple(
    "the a of in is are with and no there on at right left upper lower small large mm cm 12 3".split()  # noqa: SIM905
)


def text_of(draw: random.Random, words: int) -> str:
    """A text of about that many words; about half of them are small words."""
    found = []
    for number in range(words):
        word = draw.choice(_SMALL) if draw.random() < 0.5 else draw.choice(_STEMS) + draw.choice(_ENDS)
        found.append(word + ("." if number % 14 == 13 else ""))
    return " ".join(found).capitalize() + "."
