"""What layouts say of several findings at once: the same content in any of them, and compounds of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from growth import LINEAR, growth

from medbench.scoring.extraction.extract import extract
from medbench.scoring.findings import measured
from medbench.scoring.parsing.text import parse

REFERENCE = (
    "There is a 12 mm nodule in the right upper lobe of the lung. Small left pleural effusion. "
    "The heart is enlarged. No pneumothorax. No rib fracture."
)
LAYOUTS = {
    "prose": REFERENCE,
    "labels": (
        "Lung nodule: 12 mm, right upper lobe\nPleural effusion: small, left\nCardiomegaly: present\n"
        "Pneumothorax: none\nRib fracture: none"
    ),
    "bold labels": (
        "- **Lung nodule:** A 12 mm nodule in the right upper lobe.\n- **Pleural effusion:** "
        "Small, on the left.\n"
        "- **Cardiomegaly:** Yes\n- **Pneumothorax:** No pneumothorax.\n- **Rib fracture:** Not seen."
    ),
    "organs": (
        "LUNGS: 12 mm nodule in the right upper lobe.\nPLEURA: Small left pleural effusion. No "
        "pneumothorax.\n"
        "HEART: Enlarged.\nBONES: No rib fracture."
    ),
    "table": (
        "| Finding | Present | Location | Size |\n|---|---|---|---|\n"
        "| Lung nodule | Yes | right upper lobe | 12 mm |\n| Pleural effusion | Yes | left | small |\n"
        "| Cardiomegaly | Yes | | |\n| Pneumothorax | No | | |\n| Rib fracture | No | | |"
    ),
    "CSV": (
        "Finding,Present,Location,Size\nLung nodule,yes,right upper lobe,12 mm\nPleural "
        "effusion,yes,left,small\n"
        "Cardiomegaly,yes,,\nPneumothorax,no,,\nRib fracture,no,,"
    ),
    "JSON": (
        '{"findings": [{"finding": "lung nodule", "present": true, "location": "right upper lobe", '
        '"size": "12 mm"},'
        ' {"finding": "pleural effusion", "present": true, "side": "left", "severity": "small"},'
        ' {"finding": "cardiomegaly", "present": true}, {"finding": "pneumothorax", "present": false},'
        ' {"finding": "rib fracture", "present": false}]}'
    ),
    "JSON by name": (
        '{"lung_nodule": {"present": true, "size_mm": 12, "location": "right upper lobe"},'
        ' "pleuralEffusion": "small, left", "cardiomegaly": true, "pneumothorax": false, "rib '
        'fracture": "none"}'
    ),
    "boxes": (
        "[x] Lung nodule, 12 mm, right upper lobe\n[x] Pleural effusion, small, left\n[x] Cardiomegaly\n"
        "[ ] Pneumothorax\n[ ] Rib fracture"
    ),
    "questions": (
        "Is there a lung nodule? Yes, 12 mm, right upper lobe.\nIs there a pleural effusion? Yes, "
        "small, left.\n"
        "Is there cardiomegaly? Yes.\nIs there a pneumothorax? No.\nIs there a rib fracture? No."
    ),
    "lists": (
        "Positive findings:\n- Lung nodule of 12 mm in the right upper lobe\n- Small left pleural effusion\n"
        "- Cardiomegaly\n\nPertinent negatives:\n- Pneumothorax\n- Rib fracture"
    ),
    "attributes": (
        "**Lung nodule**\n- Size: 12 mm\n- Location: right upper lobe\n\n**Pleural effusion**\n- Side: left\n"
        "- Extent: small\n\n**Cardiomegaly**\n- Present\n\n**Pneumothorax**\n- None\n\n**Rib "
        "fracture**\n- None"
    ),
}  # fmt: skip


@pytest.mark.parametrize("layout", LAYOUTS)
def test_the_layout_of_a_text_makes_no_difference(layout: str) -> None:
    """A perfect answer has the F1 of a perfect answer, within .02."""
    assert (measured(REFERENCE, LAYOUTS[layout]).f1 or 0.0) >= 0.98


HEADINGS = """FINDINGS:
- Location and laterality of abnormalities
- Size, shape, and density/signal characteristics of lesions
- Associated findings (effusions, lymphadenopathy, calcifications)
- Normal structures and their appearance
- Any incidental findings"""


@pytest.mark.parametrize(
    "text",
    [
        HEADINGS,
        HEADINGS.replace("- ", "### "),
        HEADINGS.replace("\n- ", ":**\n**"),
        HEADINGS.replace("\n", ":\n"),
        "\n".join(f"{number}. {line[2:]}:" for number, line in enumerate(HEADINGS.splitlines())),
        "Pneumothorax:\nEffusion:\nFracture:",
        "| Finding | Present | Location |\n|---|---|---|\n| Pneumothorax | | |\n| Fracture | N/A | |",
        '{"findings": {"mass": null, "hemorrhage": "not assessed", "fracture": ""}}',
        "Is there a mass? Is there an infarct?\nWhat is its size?",
    ],
)
def test_headings_questions_and_empty_slots_alone_are_no_findings(text: str) -> None:
    """What a form asks for is not what an image shows."""
    assert extract(text) == ()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Kidney stones: left 8 mm, right 3 mm.",
            [("kidney stone", "left", 8.0), ("kidney stone", "right", 3.0)],
        ),
        (
            "Renal cysts: right 25 mm; left 12 mm.",
            [("renal cyst", "right", 25.0), ("renal cyst", "left", 12.0)],
        ),
        (
            "Ovarian cysts: left 3 cm, right, 2 cm.",
            [("ovarian cyst", "left", 30.0), ("ovarian cyst", "right", 20.0)],
        ),
        ("Free fluid: moderate amount in Morison's pouch", [("free fluid", "", None)]),
        ("Lungs: right pleural effusion", [("pleural effusion", "right", None)]),
        (
            "Mass effect: present, with 7 mm midline shift",
            [("mass effect", "", None), ("midline shift", "", 7.0)],
        ),
        ("Gallstones \u2713, ascites \u2717", [("gallstone", "", None)]),
        ("Pneumonia=0, Cardiomegaly=1, Ascites=0", [("cardiomegaly", "", None)]),
        ("Pneumonia? Yes, left lower lobe. Abscess? No.", [("pneumonia", "left", None)]),
        ("| | Yes | No |\n|---|---|---|\n| Ascites | | x |\n| Gallstones | x | |", [("gallstone", "", None)]),
        ("<ul><li>Ascites: none</li><li><b>Gallstones</b>: yes</li></ul>", [("gallstone", "", None)]),
        ("Clinical question: fracture?\nBones: no fracture.", []),
    ],
)  # fmt: skip
def test_compounds_keep_their_parts_apart(text: str, said: list[tuple[str, str, float | None]]) -> None:
    """Each entry has its own side and size, each label its own status."""
    found = [one for one in extract(text) if one.presence == "present"]
    assert [(one.concept.name, one.side, one.size_mm) for one in found] == said


@pytest.mark.parametrize(
    "unit",
    ["|", "[", "{", '{"a":', "[[", '"', ": ", "- ", "? ", "\t",
     "a:\n", "- [ ] ", "a, ", "; ", "(", "\u2717 ", "**", "\n",
     "| a | b |\n", "a: no. ", "Is it? ", '{"a": "b"}\n', "<b>", "a = ", "x ", "#"],
)  # fmt: skip
def test_a_megabyte_of_anything_is_read_in_linear_time(unit: str) -> None:
    """Ten times the text takes about ten times as long."""
    assert growth(extract, unit) < LINEAR


COMPOUNDS = [
    json.loads(line) for line in Path(__file__).with_name("compounds.jsonl").read_text("utf-8").splitlines()
]


@pytest.mark.parametrize("case", COMPOUNDS, ids=lambda case: case["text"][:40])
def test_every_label_keeps_its_own_value(case: dict[str, Any]) -> None:
    """What is said of each finding is its presence, side and size in mm, and nothing else is there."""
    found = extract(case["text"])
    kinds: set[str] = set()
    for name, said in case["said"].items():
        about = {kind for one in extract(name) for kind in (one.concept.name, one.concept.kin) if kind}
        hits = [one for one in found if {one.concept.name, one.concept.kin} & about]
        presence, *rest = said.split()
        assert {one.presence for one in hits} == {presence}, name
        seen = {one.side for one in hits} | {f"{one.size_mm:.0f}" for one in hits if one.size_mm}
        assert seen.issuperset(rest), name
        kinds |= about
    positive = [one for one in found if one.presence in {"present", "uncertain"}]
    assert not [one for one in positive if not {one.concept.name, one.concept.kin} & kinds]


@pytest.mark.parametrize(
    "text",
    [
        "Known hernia of the colon; no obstruction.",
        "CT \u2013 spiculated mass of the lung; no chest wall invasion",
        "Liver cirrhosis with ascites; no pancreatic duct dilatation",
        "Abscess, not fracture.",
        "Large right pleural effusion, not improved.",
        "There is clear disruption of the cortex by a mass: it is 3 cm.",
        "Mass: no change",
    ],
)
def test_a_denial_of_something_else_denies_nothing_before_it(text: str) -> None:
    """'No' behind a semicolon, a dash or a comma speaks of what follows it."""
    first = extract(text)[0]
    assert first.presence == "present"


def test_a_place_in_a_sentence_is_no_heading() -> None:
    """Only a title gives its place to what follows."""
    assert extract("The left kidney is normal. There is a cyst.")[-1].places == ()
    assert extract("Left kidney:\nThere is a cyst.")[-1].side == "left"


def test_traits_and_the_diagnosis_of_an_object_are_those_of_its_finding() -> None:
    """'diffusion': 'restricted' is restricted diffusion; 'likely diagnosis' says what the finding is."""
    mass = {
        "present": True,
        "size": "34 mm",
        "diffusion": "restricted",
        "likely_diagnosis": "medulloblastoma",
    }
    found = extract(parse(json.dumps({"findings": {"fourth ventricle mass": mass}})).findings)
    assert {one.concept.name for one in found} == {"medulloblastoma", "restricted diffusion"}
    assert found[0].size_mm == 34


@pytest.mark.parametrize("name", ["lesion", "abnormality", "mass"])
def test_a_key_that_is_true_or_false_is_a_finding_and_names_none(name: str) -> None:
    """Keys with names that elsewhere hold the finding's name hide no other key of the object."""
    flags = {"ascites": True, "pneumothorax": False, name: True}
    found = {one.concept.name: one.presence for one in extract(parse(json.dumps(flags)).findings)}
    assert found == {"ascites": "present", "pneumothorax": "absent", name: "present"}


def test_things_at_places_behind_one_label_keep_their_sizes() -> None:
    """'Cysts: liver 2 cm, left kidney 5 cm' is two cysts."""
    found = extract("Cysts: liver 2 cm, left kidney 5 cm.")
    sizes = {one.concept.name: one.size_mm for one in found}
    assert sizes == {"liver cyst": 20.0, "renal cyst": 50.0}
