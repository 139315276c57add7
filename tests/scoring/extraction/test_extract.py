"""Extraction: what is there, not there, unsure, past; where, how large; any text, in linear time."""

from __future__ import annotations

import pytest
from growth import LINEAR, growth
from hypothesis import given
from hypothesis import strategies as st

from medbench.scoring.extraction.extract import extract


def _seen(text: str) -> list[tuple[str, str, str, float | None]]:
    return [(found.concept.name, found.presence, found.side, found.size_mm) for found in extract(text)]


def test_the_sentence_that_packages_get_wrong() -> None:
    """An absent effusion, a present mass with size, side and place, an uncertain lymphadenopathy."""
    found = extract(
        "No pleural effusion. There is a 2 cm mass in the left upper lobe "
        "with possible mediastinal lymphadenopathy."
    )
    assert [(one.concept.name, one.presence) for one in found] == [
        ("pleural effusion", "absent"),
        ("lung mass", "present"),
        ("lymphadenopathy", "uncertain"),
    ]
    assert (found[1].side, found[1].places, found[1].size_mm) == ("left", ("chest/lung/upper",), 20.0)


@pytest.mark.parametrize(
    ("text", "concept", "presence"),
    [
        ("No evidence of fracture, dislocation or bony destruction.", "fracture", "absent"),
        ("No evidence of fracture, dislocation or bony destruction.", "bone destruction", "absent"),
        ("Pleural effusion is not seen.", "pleural effusion", "absent"),
        ("The pneumothorax has resolved.", "pneumothorax", "past"),
        ("Pneumonia cannot be excluded.", "pneumonia", "uncertain"),
        ("Consolidation versus atelectasis.", "consolidation", "uncertain"),
        ("Consolidation versus atelectasis.", "atelectasis", "uncertain"),
        ("Old healed left rib fracture.", "rib fracture", "past"),
        ("The effusion does not contain gas.", "gas", "absent"),
        ("Non-enhancing mass.", "enhancement", "absent"),
        ("Non-enhancing mass.", "mass", "present"),
        ("Carcinoma is suspected, with enlarged nodes.", "lymphadenopathy", "present"),
        ("There is edema, and a fracture cannot be excluded.", "fracture", "uncertain"),
        ("No mass is seen, the spleen is enlarged.", "splenomegaly", "present"),
        ("No change in the large mass.", "mass", "present"),
        ("Status post placement of a pacemaker.", "pacemaker", "present"),
        ("The heart is mildly enlarged.", "cardiomegaly", "present"),
        ("The ventricles are dilated.", "hydrocephalus", "present"),
        ("Verkalkung: haemorrhage in the left thalamus.", "intracranial hemorrhage", "present"),
        ("Increased T2 signal in the pons.", "hyperintensity", "present"),
        ("7 mm calculus in the distal right ureter.", "ureteral stone", "present"),
    ],
)
def test_a_clause_says_how_a_finding_is_meant(text: str, concept: str, presence: str) -> None:
    """Negation, doubt and past act within their clause, and a place makes a general word particular."""
    assert (concept, presence) in {(found.concept.name, found.presence) for found in extract(text)}


def test_what_is_normal_is_a_statement_on_a_place() -> None:
    """Each organ of a list, and no organ outside it; 'not normal' says nothing."""
    found = extract("The liver, spleen and pancreas are normal. The kidneys are not normal.")
    assert [one.places for one in found if one.is_normal] == [
        ("abdomen/liver",),
        ("abdomen/spleen",),
        ("abdomen/pancreas",),
    ]


def test_sides_and_sizes_belong_to_the_nearest_finding() -> None:
    """Two lesions in one sentence keep theirs; 'it measures' speaks of the sentence before."""
    text = "Left pleural effusion and right pneumothorax. Mass in the liver. It measures 4 x 3 cm."
    assert _seen(text) == [
        ("pleural effusion", "present", "left", None),
        ("pneumothorax", "present", "right", None),
        ("liver lesion", "present", "", 40.0),
    ]


def test_a_heading_gives_its_place_to_what_stands_under_it() -> None:
    """'Kidneys:' on a line of its own makes a stone a kidney stone."""
    assert ("kidney stone", "present", "", 5.0) in _seen("**Kidneys:**\n* 5 mm stone.\n")


def test_technique_and_advice_are_no_findings() -> None:
    """Contrast, fat saturation, blood flow and what should be excluded elsewhere say nothing of the image."""
    assert (
        extract("Contrast-enhanced fat-saturated images. Follow-up to rule out fracture is recommended.")
        == ()
    )


def test_a_second_mention_adds_and_is_not_counted_again() -> None:
    """The same thing said twice is one finding with everything that was said of it."""
    found = extract("There is a renal mass on the left. The renal mass measures 3 cm.")
    assert [(one.concept.name, one.side, one.size_mm) for one in found] == [("renal mass", "left", 30.0)]


def test_the_span_holds_the_words() -> None:
    """A finding points to its sentence in the text as it was given."""
    text = "Normal heart. Large right pleural effusion, new. No mass."
    finding = next(found for found in extract(text) if found.concept.name == "pleural effusion")
    assert "pleural effusion" in text[slice(*finding.span)]
    assert (finding.severity, finding.change) == (3, "new")


@given(st.text(max_size=400) | st.binary(max_size=400).map(lambda raw: raw.decode("latin-1")))
def test_any_text_is_read_the_same_twice(text: str) -> None:
    """Control characters, other scripts, half characters: findings or none, no error, twice the same."""
    assert extract(text) == extract(text)


WORDS = st.sampled_from(
    ("no", "mass", "left", "lung", ",", ".", "possible", "3 cm", "liver", "normal", "is not seen", "non",
     "effusion", "and", "right", "old", ":", "(", ";", "versus", "in", "diameter of")
)  # fmt: skip


def test_sentences_are_read_alike_alone_and_among_others() -> None:
    """A sentence says the same whatever stands beside it."""
    sentences = [
        "There is a 2 cm mass in the left upper lobe.",
        "Left renal cyst, possibly hemorrhagic.",
        "No fracture.",
        f"{'Edema of the left knee and a mass, ' * 40}or a cyst.",
        "Normal liver.",
        "Lymphadenopathy (right) measuring 3 mm.",
    ]
    alone = [found._replace(span=(0, 0)) for sentence in sentences for found in extract(sentence)]
    assert [found._replace(span=(0, 0)) for found in extract(" ".join(sentences))] == alone


def test_typography_keeps_the_span() -> None:
    """Dashes, quotes and letters that grow in lower case stand before a finding and don't move it."""
    text = "\u2018\u0130\u2019 \u2014 1\u20132 words. *Large* right effusion\u00a0of the chest. No mass."
    (found,) = (found for found in extract(text) if found.presence == "present")
    assert text[slice(*found.span)] == "*Large* right effusion\u00a0of the chest."


@given(st.lists(WORDS, max_size=60))
def test_any_order_of_cues_is_read(words: list[str]) -> None:
    """Cues in any order and number, without a sentence around them."""
    for found in extract(" ".join(words)):
        assert found.presence in {"present", "absent", "uncertain", "past"}
        assert len(found.places) <= 3


HOSTILE = {
    "loop": "There is a 2 cm mass in the left upper lobe. ",
    "no stop": "left mass and right nodule of the liver ",
    "letter": "aaaaaaa",
    "digits": "1 x ",
    "no": "no ",
    "places": "Mass at l1 of 3 mm and l2 of 9 mm. ",
    "space": "        ",
    "lines": "\n\n\n\n",
    "stops": ". . . .",
    "dashes": "1-2-3-",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_time_is_linear_in_the_text(name: str) -> None:
    """Ten times the text takes no more than about ten times as long, and a megabyte is read in seconds."""
    assert growth(extract, HOSTILE[name]) < LINEAR


def test_a_megabyte_of_one_letter_is_read() -> None:
    """No finding, and no long wait."""
    assert extract("x" * 1_000_000) == ()
