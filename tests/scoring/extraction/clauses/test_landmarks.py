"""Places that are landmarks, doubt that goes on or is of a cause, headings and idioms that are none."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.wording import in_words


def said(text: str) -> set[str]:
    """Return in words what a text says is there, surely or perhaps."""
    return {in_words(one) for one in extract(text) if one.presence in {"present", "uncertain"}}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The right lung is displaced toward the hilum.", {"displacement, right lung"}),
        ("The nodules are isointense to the cortical gray matter.", {"nodule", "isointensity"}),
        ("The mass shows attenuation similar to that of the liver.", {"mass"}),
        ("The lesions follow the signal of gray matter.", {"lesion"}),
        (
            "Cystic lesions of the liver, similar in density to those seen in the kidneys.",
            {"liver cyst, liver"},
        ),
        ("Its enhancement matches the enhancement of the aorta.", {"enhancement"}),
        (
            "Isodense to gray matter extraaxial fluid collection.",
            {"isoattenuation", "extra-axial collection, extra-axial"},
        ),
        ("A soft tissue lesion is seen in the left adnexa.", {"soft tissue lesion, left ovary"}),
        ("A fluid collection in the pelvis, posterior to the bladder.", {"collection, pelvis"}),
        ("Inflammation of the soft tissue.", {"inflammation, soft tissue"}),
        ("Bulging of the overlying skin, corresponding to the bony mass.", {"bone tumor"}),
        ("The bowel loops are displaced by the central collection.", {"displacement, bowel", "collection"}),
        ("High attenuation in the left brachiocephalic vein.", {"hyperattenuation, left brachiocephalic"}),
    ],
)
def test_a_landmark_is_not_the_place_of_a_finding(text: str, right: set[str]) -> None:
    """A direction, what is compared with and what is pushed aside are others' places."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Suspicious for infection, such as an abscess.", {"possible infection", "possible abscess"}),
        ("It may be complex (e.g., hemorrhage).", {"possible hemorrhage"}),
        ("An infection, such as an abscess.", {"infection", "abscess"}),
        (
            "Nodules in the right lung, probably reflecting metastases.",
            {"lung nodule, right lung", "possible lung metastasis, right lung"},
        ),
        ("Opacities, likely reflecting known history of sarcoidosis.", {"lung opacity"}),
        ("There may be mild edema near the known fracture.", {"possible edema, mild", "fracture"}),
        ("There may be mild edema and a fracture.", {"possible edema, mild", "possible fracture"}),
    ],
)
def test_doubt_is_of_what_it_speaks_of(text: str, right: set[str]) -> None:
    """It goes on to examples, holds for the cause alone, and not for what a thing is near to."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "**Hardware/Other:** A dense focus is seen in the right atrium.",
            {"hyperattenuation", "focus, heart: right atrium"},
        ),
        ("**Fractures/Dislocations:** The alignment is normal.", set()),
        ("**Lymphadenopathy:** Nodes are difficult to isolate here, the tissue appears prominent.", set()),
        ("The contour deviates from the expected normal appearance.", set()),
        ("The trachea deviates from the midline.", {"mediastinal shift, trachea"}),
        ("Hyperdense (bright) oral or rectal contrast is seen in the bowel.", set()),
        ("A hyperdense lesion beside the stomach.", {"hyperattenuation", "bowel mass, stomach"}),
    ],
)
def test_headings_and_idioms_are_no_findings(text: str, right: set[str]) -> None:
    """A heading names what may be there; contrast that was given is none of the patient's."""
    assert said(text) == right
