"""Adjectives, nouns of form and signals: of an organ they are a finding, of a lesion none."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ORGANS = [
    ("The liver is coarse.", "heterogeneity", "abdomen/liver"),
    ("There is coarsened architecture of the liver.", "heterogeneity", "abdomen/liver"),
    ("The contour of the stomach is irregular.", "irregularity", "abdomen/stomach"),
    ("The stomach has a lobulated contour.", "irregularity", "abdomen/stomach"),
    ("There is an irregular stomach contour.", "irregularity", "abdomen/stomach"),
    ("Irregularity of the urinary bladder.", "irregularity", "urinary/bladder"),
    ("Cortical irregularity of the femur.", "irregularity", "bone/femur"),
    ("The left main bronchus is depressed.", "displacement", "chest/bronchus"),
    ("The positions of the kidneys are also reversed.", "displacement", "urinary/kidney"),
    ("A kinked ureter is seen.", "deformity", "urinary/ureter"),
    ("Frayed appearing posterior labrum.", "labral tear", "joint/shoulder"),
    ("The posterior fossa is small.", "small posterior fossa", "brain/posterior fossa"),
    ("The left kidney appears small.", "renal atrophy", "urinary/kidney"),
    ("The right ICA is smaller than the left.", "small size", "vessel/carotid"),
    ("Thickened folds of the jejunum.", "bowel wall thickening", "abdomen/bowel/small"),
    ("Enlarged rugal folds of the stomach.", "gastric wall thickening", "abdomen/stomach"),
    ("Displaced loops.", "displacement", "abdomen/bowel"),
    ("Fullness of the left adrenal gland.", "adrenal enlargement", "abdomen/adrenal"),
    ("There is an abnormal psoas shadow.", "abnormality", "muscle"),
    ("Diffuse involvement of the thalamus.", "involvement", "brain/thalamus"),
    ("Marked increased white matter signal throughout.", "hyperintensity", "brain/white matter"),
    ("Low bone marrow signal.", "hypointensity", "bone"),
]
LESIONS = [
    "The mass in the liver is irregular.",
    "An irregular mass of the liver is lobulated.",
    "There is a lobulated liver mass.",
    "A lesion with irregular margins in the liver.",
    "A small kidney cyst.",
    "A large hepatic cyst with small vessels.",
    "Normal white matter signal around the mass.",
    "Involvement of the cortex by the tumor.",
]
_OF_FORM = {"irregularity", "heterogeneity", "small size", "enlargement", "deformity", "hyperintensity"}


@pytest.mark.parametrize(("text", "name", "place"), ORGANS)
def test_of_an_organ_it_is_a_finding(text: str, name: str, place: str) -> None:
    """It has the general name, or the one that this has at the organ, and is there."""
    found = {one.concept.name: one for one in extract(text) if one.presence == "present"}
    assert any(at.startswith(place) for at in found[name].places)


@pytest.mark.parametrize("text", LESIONS)
def test_of_a_lesion_it_is_none(text: str) -> None:
    """It only says what the lesion is like."""
    assert not {one.concept.name for one in extract(text)} & _OF_FORM


def test_it_can_be_denied() -> None:
    """'Not coarse' is absent, and what is nowhere abnormal is normal."""
    (coarse,) = extract("The liver is not coarse.")
    assert (coarse.concept.name, coarse.presence) == ("heterogeneity", "absent")
    (bone,) = extract("No abnormal bone is seen.")
    assert bone.is_normal
    assert bone.places == ("bone",)


OTHERS = [
    ("Dilatation and stricturing of the bile ducts.", {"biliary dilatation", "biliary stricture"}),
    ("Two cysts with a calcified rim in the right hepatic lobe.", {"liver cyst", "calcification"}),
    ("Mass effect. There is midline shift.", {"mass effect", "midline shift"}),
    ("Non-calcified nodules in the lungs.", {"lung nodule"}),
    ("Hypodensities are seen in the liver but should be further evaluated.", {"hypoattenuation"}),
    ("Enlarged nerves, without the tram tracks seen in optic nerve meningioma.", set()),
    ("CT may demonstrate a splenic laceration.", set()),
    ("A sarcoma typically shows a large mass.", set()),
    ("Corpus callosum agenesis. There is absence of the cingulate gyrus.", {"absence"}),
]


@pytest.mark.parametrize(("text", "names"), OTHERS)
def test_what_is_said_of_two_things_or_of_none(text: str, names: set[str]) -> None:
    """A place behind two joined findings is of both, a part's that of its lesion; a textbook names none."""
    present = {one.concept.name for one in extract(text) if one.presence == "present"}
    assert names <= present
    if not names:
        assert not present - {"enlargement", "optic nerve enlargement"}


PRESENT = [
    ("A lobulated mass at the prior surgical site with enhancement.", "mass"),
    ("CT 9 days post cholecystectomy shows hydronephrosis.", "hydronephrosis"),
    ("A lesion in the site of glioma, previously treated with radiation.", "lesion"),
    ("Complete disruption 5 cm above the insertion into the calcaneus.", "tear"),
    ("Enlargement of the left globe (2.5 cm vs 2.0 cm).", "globe enlargement"),
]


@pytest.mark.parametrize(("text", "name"), PRESENT)
def test_it_is_there_now_under_its_own_name(text: str, name: str) -> None:
    """An earlier operation, a distance, a comparison of sizes make it neither past nor another thing."""
    assert name in {one.concept.name for one in extract(text) if one.presence == "present"}


@pytest.mark.parametrize("form", ["density", "signal", "contour", "size", "shape", "intensity", "margin"])
def test_a_form_may_be_the_last_word(form: str) -> None:
    """'The kidney is small density': also as the end of a text, with a stop or without."""
    for organ in ("kidney", "pancreas", "liver", "ventricle"):
        for word in ("small", "large", "coarse", "kinked", "irregular", "bulky", "low"):
            text = f"The {organ} is {word} {form}"
            without, with_stop = extract(text), extract(f"{text}.")
            assert [one.concept for one in without] == [one.concept for one in with_stop]
