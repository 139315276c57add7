"""What came with the findings, and wrong planes."""

from __future__ import annotations

import pytest

from medbench.scoring.claims import claimed_planes
from medbench.scoring.flags import claims_wrong_plane
from medbench.scoring.parsing.formatting import formatting_of
from medbench.scoring.parsing.text import parse

AXIAL = frozenset({"axial"})


@pytest.mark.parametrize(
    ("text", "shape"),
    [
        ("FINDINGS:\nA mass.", ()),
        ("Based on the provided image, the following is observed:\n\nA mass in the liver.", ("preamble",)),
        ("FINDINGS:\nA mass.\n\nIMPRESSION:\nTumor.\n\nDisclaimer: no advice.", ("impression", "note")),
        ('```json\n{"findings": "A mass.", "impression": "Tumor."}\n```', ("fence", "impression", "json")),
        ("<think>hm</think>FINDINGS:\nA mass.", ("thought",)),
        ("", ()),
    ],
)
def test_the_formatting_of_an_answer_is_kept(text: str, shape: tuple[str, ...]) -> None:
    """Preamble, notes, JSON, fences, thoughts and conclusions are recorded; none is a flag."""
    assert formatting_of(text, parse(text)) == shape


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("This sagittal CT shows a mass.", True),
        ("Based on the provided axial CT image of the head.", False),
        ("This transverse image shows a cyst.", False),
        ("The image is a coronal slice.", True),
        ("These axial and coronal images show a mass.", False),
        ("A mass that is best seen on sagittal images.", False),
        ("The sagittal sinus is patent.", False),
        ("This sagittal and coronal image shows a cyst.", False),
        ("This sagittal, coronal image shows a cyst.", False),
    ],
)
def test_a_wrong_plane_is_a_claim_about_this_image(text: str, wrong: bool) -> None:
    """'Transverse' is axial; lists and remarks on other images are no claims; the unknown is not judged."""
    assert claims_wrong_plane(text, AXIAL) is wrong
    assert not claims_wrong_plane(text, frozenset())
    assert not claims_wrong_plane(text, AXIAL | {"unknown"})


def test_a_plane_is_claimed_once() -> None:
    """Whatever its spelling."""
    assert claimed_planes("This Axial image. The provided transverse slice.") == {"axial"}
