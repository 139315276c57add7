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
    ("Diffuse involvement of the thalamus.", "abnormality", "brain/thalamus"),
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
COMPARED = [
    ("Compared with the left kidney, the right is small.", "renal atrophy", "right"),
    ("The right optic nerve is thinner than the left.", "thinning", "right"),
    (
        "The left parotid gland is bigger than its counterpart on the right.",
        "salivary gland enlargement",
        "left",
    ),
    (
        "The left kidney measures 8 cm and is smaller than the right, which measures 11 cm.",
        "renal atrophy",
        "left",
    ),
    ("The kidneys differ in size, the left being smaller.", "renal atrophy", "left"),
    ("In contrast to the left kidney, the right kidney is atrophic.", "renal atrophy", "right"),
    ("Unlike the right kidney, the left kidney is small.", "renal atrophy", "left"),
    ("The right internal jugular vein is smaller in caliber than the left.", "small size", "right"),
]
NOT_COMPARED = [
    "The kidneys are equal in size.",
    "The right kidney is not smaller than the left.",
    "The right kidney is similar in size to the left.",
    "A loop recorder is in place.",
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


MISPLACED = [
    ("Loops of bowel are seen within the left hemithorax.", "diaphragmatic hernia"),
    ("Omental fat in the right hemithorax.", "diaphragmatic hernia"),
    ("Bowel loops within the scrotum.", "inguinal hernia"),
    ("The left kidney is located in the pelvis.", "pelvic kidney"),
    ("The left testicle is in the inguinal canal.", "undescended testis"),
    ("The liver is on the left side.", "situs inversus"),
    ("The heart is in the right chest.", "dextrocardia"),
]
AT_HOME = [
    "The spleen is on the left.",
    "CT of the liver in the right upper quadrant.",
    "Images of the bowel in the abdomen.",
]


@pytest.mark.parametrize(("text", "name"), MISPLACED)
def test_an_organ_where_it_does_not_belong_is_a_finding(text: str, name: str) -> None:
    """The organ and the place that it is said to be in tell which."""
    (found,) = extract(text)
    assert (found.concept.name, found.presence) == (name, "present")


@pytest.mark.parametrize("text", AT_HOME)
def test_an_organ_at_home_is_none(text: str) -> None:
    """Nothing is said of it."""
    assert extract(text) == ()


def test_no_organ_where_it_does_not_belong() -> None:
    """A denial is read as that of any finding."""
    (found,) = extract("No bowel is seen in the inguinal canal.")
    assert (found.concept.name, found.presence) == ("inguinal hernia", "absent")


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


@pytest.mark.parametrize(("text", "concept", "side"), COMPARED)
def test_an_organ_is_compared_with_that_of_the_other_side(text: str, concept: str, side: str) -> None:
    """What an organ is more so than the other one is a finding on its own side alone."""
    assert [(one.concept.name, one.side) for one in extract(text)] == [(concept, side)]


@pytest.mark.parametrize("text", NOT_COMPARED)
def test_what_is_alike_is_no_finding(text: str) -> None:
    """Organs that are alike, or said not to differ, are no finding of size."""
    assert not [one for one in extract(text) if one.presence == "present" and one.concept.kin in {"form", ""}]
