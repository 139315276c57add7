"""Edits: each does what it says, finds nothing to do where there is nothing, and is noticed by finding F1."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from medbench.scoring import findings
from medbench.scoring.item import Item
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.perturb import (
    invent_emergencies,
    negate_key,
    paraphrase,
    reverse_sentences,
    sentences,
    swap_sides,
    triple_sizes,
)

HARMFUL = (swap_sides, negate_key, triple_sizes, invent_emergencies)
HARMLESS = (reverse_sentences, paraphrase)
TEXT = "Left lung nodule of 1.5 x 2 cm. RUL opacity; the liver is normal."
SHARED = Path(os.environ.get("MEDBENCH_SHARED", Path(__file__).resolve().parents[2].parent / "shared"))
MEDPIX = SHARED / "data/medpix/Case_topic.json"


def test_edits_do_what_they_say() -> None:
    """Sides change places, sizes triple, the key sentence is denied, the order turns."""
    assert swap_sides(TEXT) == "Right lung nodule of 1.5 x 2 cm. LUL opacity; the liver is normal."
    assert triple_sizes(TEXT) == "Left lung nodule of 4.5 x 6 cm. RUL opacity; the liver is normal."
    assert negate_key(TEXT) == "There is no lung nodule. RUL opacity; the liver is normal."
    assert reverse_sentences(TEXT) == "RUL opacity; the liver is normal. Left lung nodule of 1.5 x 2 cm."


def test_where_there_is_nothing_to_edit_there_is_no_edit() -> None:
    """None, so that no table counts a text that was not changed."""
    plain = "All is well"
    assert [edit for edit in (*HARMFUL, *HARMLESS) if edit(plain) is not None] == [invent_emergencies]
    assert [edit for edit in (*HARMFUL, *HARMLESS) if edit("") is not None] == []


@given(st.text(alphabet="ab. 1m\nleftright,;!?", max_size=80))
def test_sentences_joined_are_the_text_and_sides_swap_back(text: str) -> None:
    """Nothing is lost in cutting, and swapping twice changes nothing but the case of letters."""
    assert "".join(sentences(text)) == text
    assume("rml" not in text)  # a left lung has no middle lobe to swap it with
    once = swap_sides(text)
    assert once is None or (swap_sides(once) or once).lower() == text.lower()


@pytest.mark.skipif(not MEDPIX.is_file(), reason="MedPix 2.0 is not here")
def test_harmful_edits_of_medpix_cost_and_harmless_ones_do_not() -> None:
    """Over every fourth reference: at least .10 for each harmful edit, under .02 for another order."""
    cases = json.loads(MEDPIX.read_text("utf-8"))[::4]
    texts = [text.strip() for case in cases if (text := case["Case"].get("Findings"))]
    score = findings.make()

    def f1(reference: str, text: str) -> float | None:
        return score(Item(parsed=ParsedText("plain", "whole", text), reference=reference))["finding.f1"]

    known = {text: value for text in texts if (value := f1(text, text)) is not None}
    assert len(known) >= 0.95 * len(texts)
    for edit in (*HARMFUL, *HARMLESS):
        costs = [
            value - (f1(text, edited) or 0.0)
            for text, value in known.items()
            if (edited := edit(text)) is not None
        ]
        mean = sum(costs) / len(costs)
        assert mean >= 0.10 if edit in HARMFUL else mean < 0.03, (edit.__name__, mean)
        assert edit is not reverse_sentences or mean < 0.02
