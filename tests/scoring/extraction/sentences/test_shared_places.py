"""Whose place a word has: of adjectives in a row, parts named together, and what grows into a vessel."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ATRIUM = "chest/heart/right atrium"
SAID = [
    # Each of two parts is as large as is said of both.
    ("Left atrial and ventricular enlargement.", {"left atrial enlargement", "cardiomegaly"}),
    (
        "Enlargement of the lacrimal gland and optic nerve.",
        {"lacrimal gland mass", "optic nerve enlargement"},
    ),
    ("Thickening of the bladder wall and rectum.", {"bladder wall thickening", "bowel wall thickening"}),
    # Adjectives in a row are of the organ behind the last.
    ("Opacified small left maxillary sinus.", {"sinus disease", "small size"}),
    ("Thickened irregular gallbladder wall.", {"gallbladder wall thickening", "irregularity"}),
    # A lobe is one of the organ before it, rather than of what follows.
    (
        "Thyroid enlargement with a nodule in the left lobe, and multiple pulmonary nodules.",
        {"goiter", "thyroid nodule", "lung nodule"},
    ),
    # A tumor that grows into a vessel or the heart does something of its own there.
    ("A renal mass extending into the renal vein.", {"renal mass", "invasion"}),
    (
        "A liver mass with enhancement that extends into the hepatic veins, the IVC and the atrium.",
        {"liver lesion", "invasion", "enhancement"},
    ),
    ("A mass in the right atrium.", {"cardiac mass"}),
    # How much blood a part gets, with that part inside.
    ("Asymmetric renal perfusion.", {"perfusion defect"}),
    ("Increased right temporal lobe perfusion.", {"hyperperfusion"}),
    # Where a cerebellum lies does not make it a malformation of its tonsils.
    ("The cerebellum is displaced inferiorly.", {"displacement"}),
    ("The cerebellar tonsils are displaced inferiorly.", {"chiari malformation"}),
    # 'Symmetric' before places and a finding describes that, and says of no place that it is normal.
    ("Symmetric hilar and mediastinal adenopathy.", {"lymphadenopathy"}),
    ("The ventricles are symmetric.", {"abnormality"}),
    # What the appendix is like is not what a vein would be like.
    ("The appendix measures 11 mm and is noncompressible.", {"appendicitis"}),
    ("Fusiform enlargement of the medial rectus muscle.", {"extraocular muscle enlargement"}),
    ("Fusiform enlargement of the abdominal aorta.", {"aortic dilatation"}),
    # The same sign at two places is two.
    (
        "Enhancement of both mammillary bodies. Enhancement of the periaqueductal gray matter.",
        {"enhancement"},
    ),
]


@pytest.mark.parametrize(("text", "concepts"), SAID)
def test_each_word_is_of_its_own_place(text: str, concepts: set[str]) -> None:
    """By the names that the vocabulary has for the findings at their places."""
    assert {one.concept.name for one in extract(text)} == concepts


def test_where_a_tumor_grows_is_not_where_it_is() -> None:
    """Each vessel is the place of a growth of its own."""
    mass, *growths = extract(
        "A mass of the left kidney extends into the renal vein and the inferior vena cava."
    )
    assert mass.places == ("urinary/kidney",)
    assert mass.side == "left"
    assert [one.places for one in growths] == [("vessel/renal",), ("vessel/ivc",)]


def test_the_same_sign_is_at_two_places() -> None:
    """Midbrain and hypothalamus are not one place."""
    one, other = extract(
        "Enhancement of both mammillary bodies. Enhancement of the periaqueductal gray matter."
    )
    assert one.places != other.places


def test_two_levels_have_a_degree_each() -> None:
    """'Mild L3-L4 and severe L4-L5 stenosis' is mild at one and severe at the other."""
    degrees = {one.places: one.severity for one in extract("Mild L3-L4 and severe L4-L5 stenosis.")}
    assert degrees == {("spine/lumbar/l3_4",): 1, ("spine/lumbar/l4_5",): 3}


@pytest.mark.parametrize(
    ("text", "name", "own", "grown"),
    [
        ("Mass in the right atrium extending into the IVC.", "cardiac mass", ATRIUM, "vessel/ivc"),
        (
            "A leiomyosarcoma of the IVC extends into the right atrium.",
            "leiomyosarcoma",
            "vessel/ivc",
            ATRIUM,
        ),
    ],
)
def test_a_tumor_of_a_vessel_stays_there(text: str, name: str, own: str, grown: str) -> None:
    """Only what stands behind 'into' is the place of its growth."""
    assert {one.concept.name: one.places for one in extract(text)} == {name: (own,), "invasion": (grown,)}


@pytest.mark.parametrize(
    ("text", "presence"),
    [
        ("Status post coiling of the aneurysm.", "past"),
        ("Post coiling of the aneurysm.", "past"),
        ("Previously coiled aneurysm of the basilar artery.", "past"),
        ("There is an aneurysm of the basilar artery.", "present"),
    ],
)
def test_an_aneurysm_that_was_coiled_is_past(text: str, presence: str) -> None:
    """What was done to it is no clip that takes the words away."""
    assert [(one.concept.name, one.presence) for one in extract(text)] == [("aneurysm", presence)]
