"""A broken cortex is part of the fracture or lesion that it can be of, and else one of its own."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

PRESENT = [
    ("Fracture with cortical disruption of the left distal tibia.", {("tibial fracture", "left")}),
    ("Left humeral fracture with cortical disruption of the right radius.",
     {("humeral fracture", "left"), ("radius fracture", "right")}),
    ("Expansile lesion with cortical breach in the tibia; rib fracture.",
     {("lesion", ""), ("erosion", ""), ("rib fracture", "")}),
    ("Fracture of the tibia. No cortical break of the fibula.", {("tibial fracture", "")}),
    ("Right tibial fracture. Cortical disruption of the left tibia.",
     {("tibial fracture", "right"), ("tibial fracture", "left")}),
    ("Cortical break of the left ulna.", {("ulnar fracture", "left")}),
    ("Rib fracture with cortical disruption.", {("rib fracture", "")}),
    ("Fracture of the right femur. Cortical disruption of the right tibia.",
     {("femur fracture", "right"), ("tibial fracture", "right")}),
    ("Lytic lesion of the femur with cortical breach.", {("bone lesion", ""), ("erosion", "")}),
    ("Lytic lesion of the femur. Cortical break of the left fibula.",
     {("bone lesion", ""), ("fibular fracture", "left")}),
    ("A fracture is seen. There is a cortical break in the right distal radius.",
     {("radius fracture", "right")}),
    ("Tibial fracture. No cortical break.", {("tibial fracture", "")}),
    ("Possible fracture of the scaphoid. Cortical break of the scaphoid.", {("scaphoid fracture", "")}),
    ("Cortical breach of the mandible by an ameloblastoma.", {("erosion", ""), ("ameloblastoma", "")}),
    ("Old fracture of the rib. Cortical break of the tibia.", {("tibial fracture", "")}),
]  # fmt: skip
DENIED = [
    ("Fracture of the tibia. No cortical break of the fibula.", {"fibular fracture"}),
    ("Tibial fracture. No cortical break.", set()),
    ("No cortical disruption of the radius.", {"radius fracture"}),
    ("Lytic lesion of the femur. No cortical breach.", {"erosion"}),
]


@pytest.mark.parametrize(("text", "named"), PRESENT)
def test_a_break_keeps_its_bone_and_side(text: str, named: set[tuple[str, str]]) -> None:
    """No break is lost with its place, and none is another finding where one has been named."""
    present = [one for one in extract(text) if one.presence == "present"]
    assert {(one.concept.name, one.side) for one in present} == named
    assert len(present) == len(named)


@pytest.mark.parametrize(("text", "names"), DENIED)
def test_a_denied_break_denies_no_fracture_that_is_there(text: str, names: set[str]) -> None:
    """Of another bone, the denial stays."""
    assert {one.concept.name for one in extract(text) if one.presence == "absent"} == names


def test_the_place_of_a_break_is_the_fracture_s() -> None:
    """Also where no name of a fracture says it."""
    (finding,) = extract("Acute fracture, cortical break of the fifth metatarsal.")
    assert finding.places == ("bone/foot",)
