"""What is measured of an organ is a finding where a verb says that there is too much or too little of it."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ = [
    ("The echogenicity of the liver is increased.", "fatty liver"),
    ("Echogenicity of the right kidney is increased.", "medical renal disease"),
    ("Liver echogenicity is increased.", "fatty liver"),
    ("The renal cortex is of increased echogenicity.", "medical renal disease"),
    ("The testis demonstrates decreased echogenicity.", "decreased echogenicity"),
    ("The thyroid gland is decreased in echogenicity.", "decreased echogenicity"),
    ("The signal of the cord is increased.", "cord signal abnormality"),
    ("T2 signal in the left thalamus is elevated.", "hyperintensity"),
    ("The signal is increased in the left pons.", "hyperintensity"),
    ("The signal intensity of the bone marrow is markedly decreased.", "hypointensity"),
    ("The attenuation of the liver is lower than that of the spleen.", "hypoattenuation"),
    ("The density of the cerebellum is decreased.", "hypoattenuation"),
    ("Perfusion to the left hemisphere is reduced.", "perfusion defect"),
    ("Perfusion of the left kidney is decreased.", "perfusion defect"),
    ("Blood flow to the testis is absent.", "perfusion defect"),
    ("Glucose metabolism in the temporal lobes is reduced.", "decreased uptake"),
    ("Uptake in the left thyroid lobe is increased.", "abnormal uptake"),
    ("Tracer uptake in the right femoral head is absent.", "decreased uptake"),
    ("Enhancement of the left kidney is decreased.", "perfusion defect"),
    ("The size of the liver is increased.", "hepatomegaly"),
    ("Left hippocampal volume is reduced.", "small size"),
    ("The height of the L1 vertebral body is reduced.", "vertebral fracture"),
    ("The height of the disc space is decreased at L4-5.", "disc space narrowing"),
    ("The caliber of the portal vein is increased.", "dilatation"),
    ("The width of the spinal canal is reduced.", "spinal stenosis"),
]


@pytest.mark.parametrize(("text", "name"), READ)
def test_is_read(text: str, name: str) -> None:
    """As the one finding."""
    assert [one.concept.name for one in extract(text) if one.presence == "present"] == [name]


NOT_READ = [
    "The size of the heart is not increased.",
    "The signal of the cord is not increased.",
    "The volume of the left lung has increased since the prior study.",
    "The size of the liver is decreased since the previous study.",
    "The echogenicity of the kidneys is normal.",
    "Signal in the left thalamus was evaluated, and high resolution images were made.",
]


@pytest.mark.parametrize("text", NOT_READ)
def test_is_no_finding(text: str) -> None:
    """Where it is denied, has only changed, or is normal."""
    assert not [one for one in extract(text) if one.presence == "present"]


def test_a_lesion_that_is_measured_is_that_lesion() -> None:
    """Its size is no size of the organ."""
    assert [one.concept.name for one in extract("In the liver, the size of the mass is increased.")] == [
        "liver lesion"
    ]
    found = extract("The CT images demonstrate a paucity of contrast in the rectum.")
    assert "small size" not in {one.concept.name for one in found}


@pytest.mark.parametrize(
    "text", ["Is low in the pons, and density.", "And is low and density of the pons is low."]
)
def test_a_level_that_nothing_is_said_of_is_no_finding_of_it(text: str) -> None:
    """A verb may stand at the beginning of a statement."""
    assert extract(text) is not None
