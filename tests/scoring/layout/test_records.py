"""A finding with its attributes is read alike in every layout: its name, place, side, size and kind."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import NamedTuple

import pytest

from medbench.scoring import findings
from medbench.scoring.extraction.extract import extract
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse


class Record(NamedTuple):
    """One finding as a form holds it."""

    name: str
    side: str
    place: str
    size: str = ""
    detail: str = ""
    organ: str = ""

    @property
    def where(self) -> str:
        """Its side and place."""
        return f"{self.side} {self.place}".strip()

    @property
    def what(self) -> str:
        """Its detail and name."""
        return f"{self.detail} {self.name}".strip()

    @property
    def behind(self) -> str:
        """Its size, behind a comma."""
        return f", {self.size}" if self.size else ""


RECORDS = (
    Record("mass", "left", "frontal lobe", "42 mm", "", "Brain"),
    Record("subdural hematoma", "right", "convexity", "14 mm", "acute", "Brain"),
    Record("meningioma", "left", "sphenoid wing", "31 mm", "", "Brain"),
    Record("infarct", "right", "cerebellum", "", "acute", "Brain"),
    Record("nodule", "right", "upper lobe", "23 mm", "spiculated", "Lungs"),
    Record("pleural effusion", "left", "pleural space", "", "moderate", "Pleura"),
    Record("pneumothorax", "right", "pleural space", "", "small", "Pleura"),
    Record("lymphadenopathy", "right", "hilum", "16 mm", "", "Mediastinum"),
    Record("aneurysm", "", "ascending aorta", "62 mm", "", "Aorta"),
    Record("cyst", "left", "kidney", "35 mm", "simple", "Kidneys"),
    Record("stone", "right", "distal ureter", "7 mm", "", "Ureters"),
    Record("hydronephrosis", "right", "kidney", "", "severe", "Kidneys"),
    Record("mass", "", "pancreatic head", "28 mm", "", "Pancreas"),
    Record("metastases", "", "liver", "25 mm", "multiple", "Liver"),
    Record("laceration", "", "spleen", "", "", "Spleen"),
    Record("fracture", "left", "tibial plateau", "", "displaced", "Bones"),
    Record("tear", "right", "supraspinatus tendon", "15 mm", "full-thickness", "Tendons"),
    Record("disc extrusion", "left", "L4-L5", "", "", "Spine"),
    Record("fracture", "", "L1 vertebral body", "", "", "Spine"),
    Record("ovarian cyst", "right", "ovary", "31 mm", "hemorrhagic", "Ovaries"),
    Record("fibroid", "", "uterus", "52 mm", "", "Uterus"),
    Record("adrenal mass", "left", "adrenal gland", "28 mm", "", "Adrenals"),
)


def _sentence(one: Record) -> str:
    return f"There is a {one.size} {one.what} in the {one.where}.".replace("  ", " ")


def _as_json(one: Record) -> str:
    size = int(one.size.split()[0]) if one.size else None
    entry = {"name": one.name, "description": one.detail, "location": one.where, "size_mm": size}
    return json.dumps({"findings": [entry]}, indent=1)


LAYOUTS: dict[str, Callable[[Record], str]] = {
    "label": lambda one: f"**{one.what.capitalize()}:** {one.where}{one.behind}",
    "bullets below a bullet": lambda one: (
        f"1. **{one.name.capitalize()}**\n   - Location: {one.where}"
        f"\n   - Size: {one.size or 'not measured'}\n   - Description: {one.detail or 'n/a'}"
    ),
    "bullets below a number": lambda one: (
        f"**Finding 1: {one.what.capitalize()}**\n* **Location:** {one.place}"
        f"\n* **Laterality:** {one.side or 'midline'}\n* **Size:** {one.size or 'N/A'}"
    ),
    "lines below a heading": lambda one: (
        f"### {one.what.capitalize()}\nLocation: {one.where}" + (f"\nSize: {one.size}" if one.size else "")
    ),
    "lines": lambda one: (
        f"Finding: {one.what}\nSide: {one.side or 'n/a'}\nSite: {one.place}\nSize: {one.size or 'n/a'}"
    ),
    "table": lambda one: (
        "| Finding | Location | Size | Comment |\n|---|---|---|---|\n"
        f"| {one.name.capitalize()} | {one.where} | {one.size or '-'} | {one.detail or '-'} |"
    ),
    "table by organ": lambda one: (
        f"| Organ | Finding |\n|---|---|\n| {one.organ} | {one.what} of the {one.where}{one.behind} |"
    ),
    "JSON": _as_json,
    "JSON by organ": lambda one: json.dumps({one.organ: f"{one.what} in the {one.where}{one.behind}"}),
    "brackets": lambda one: f"- {one.what.capitalize()} ({one.where}{one.behind.replace(',', ';')})",
    "dashes": lambda one: f"- {one.what.capitalize()} - {one.where}{one.behind.replace(',', ' -')}",
    "box": lambda one: f"- [x] {one.what.capitalize()}: {one.where}{one.behind}",
    "place first": lambda one: f"- **{one.where.capitalize()}:** {one.what}{one.behind}",
    "question": lambda one: (
        f"Is there a {one.name}? Yes,{one.detail and f' {one.detail},'} in the {one.where}{one.behind}."
    ),
    "noun": lambda one: (
        f"1) {one.where.capitalize()} {one.what}{' measuring ' + one.size if one.size else ''}."
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_a_record_says_what_its_sentence_says(layout: str) -> None:
    """Against the sentence as reference, F1 is 1, and no size is said of another finding."""
    score = findings.make()
    for one in RECORDS:
        text = LAYOUTS[layout](one)
        found = score(Item(parse(text), _sentence(one)))
        assert found["finding.f1"] == pytest.approx(1.0), text
        sizes = [finding.size_mm for finding in extract(parse(text).findings) if finding.size_mm]
        assert sizes == ([float(one.size.split()[0])] if one.size else []), text


@pytest.mark.parametrize(
    "text",
    [
        "### Aneurysm\nLocation: n/a\nSize: n/a",
        "1. **Renal mass**\n   - Size: not measured\n   - Side: ___",
        "**Nodule**\n- Location: [describe]\n- Size: [mm]",
    ],
)
def test_a_form_that_is_not_filled_in_claims_nothing(text: str) -> None:
    """Neither its titles nor its empty slots."""
    assert extract(text) == ()


def test_a_size_in_a_line_of_its_own_is_that_of_the_thing() -> None:
    """And not of its wall, nor of what was called normal above."""
    cyst, *_ = extract("Lesion: cyst of the spleen\nWall: thin, calcified\nSize: 88 mm")
    assert (cyst.concept.name, cyst.size_mm) == ("splenic cyst", 88)
    assert all(one.size_mm is None for one in extract("Mass in the left kidney. The liver is normal. 12 cm."))


def test_a_label_that_names_a_disease_is_claimed_with_its_signs() -> None:
    """As is a label whose value names it more exactly, with the label's size."""
    names = {
        one.concept.name for one in extract("**Choledocholithiasis:** filling defect in the common duct.")
    }
    assert "choledocholithiasis" in names
    carcinoma, *_ = extract("Liver lesion, 31 mm, in the right lobe: hepatocellular carcinoma")
    assert (carcinoma.concept.name, carcinoma.size_mm, carcinoma.side) == (
        "hepatocellular carcinoma",
        31,
        "right",
    )
