"""The findings of a reference as bytes: all that a match needs of them is there again."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.extraction.observed import Finding
from medbench.scoring.matching.conflicts import conflicts
from medbench.scoring.matching.packed import packed, unpacked
from medbench.scoring.matching.sides import ReferenceSide, reference_side

TEXTS = (
    "",
    "Normal study.",
    "Mild edema. A spiculated mass of 3.4 cm in the left upper lobe, new since May. No effusion.",
    "There is a renal stone on the right. There is no renal stone.",
    "The spleen is normal. Possible fracture of the left femur; prior appendectomy. T2 hyperintense signal.",
)


def _side(text: str) -> ReferenceSide:
    findings = extract(text)
    return reference_side(findings, conflicts(text, findings))


def _as_matched(finding: Finding) -> Finding:
    """A finding without its words and its place in the text."""
    return finding._replace(words="", span=(0, 0), is_conclusion=False, emphasis=0, on_film=False)


@pytest.mark.parametrize("text", TEXTS)
def test_findings_are_the_same_again(text: str) -> None:
    """All of them, and which are normal, disputed or the key finding."""
    side = _side(text)
    again = unpacked(packed(side))
    assert again.findings == tuple(map(_as_matched, side.findings))
    assert again.normals == tuple(map(_as_matched, side.normals))
    assert again.key == (side.key and _as_matched(side.key))
    assert again._replace(findings=(), normals=(), key=None) == side._replace(
        findings=(), normals=(), key=None
    )
    assert [*map(type, again.findings)] == [*map(type, side.findings)]
    assert again.key is None or any(again.key is finding for finding in again.findings)


def test_the_texts_have_what_is_packed() -> None:
    """A key finding that is not the first, a region, a normal place, and what is said both ways."""
    sides = [*map(_side, TEXTS)]
    assert sides[2].key == sides[2].findings[1]
    assert sides[2].shown
    assert sides[3].disputed == {"kidney stone"}
    assert sides[4].normals


def test_a_concept_that_is_no_word_of_the_vocabulary_stays_what_it_is() -> None:
    """It goes along, where others go by name."""
    (first, *_) = extract(TEXTS[2])
    side = reference_side([first._replace(concept=first.concept._replace(tier="urgent"))])
    assert unpacked(packed(side)).findings == (_as_matched(side.findings[0]),)
