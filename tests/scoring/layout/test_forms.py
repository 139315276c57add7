"""One thing said of one finding in the forms that models write, for findings of every region."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

CONCEPTS = (
    "pneumothorax", "pleural effusion", "cardiomegaly", "consolidation", "rib fracture", "hydronephrosis",
    "renal stone", "ascites", "gallstones", "appendicitis", "bowel obstruction", "subdural hematoma",
    "midline shift", "hydrocephalus", "infarct", "compression fracture", "disc herniation",
    "joint effusion", "meniscal tear", "pulmonary embolism", "aortic dissection", "lymphadenopathy",
    "splenomegaly", "ovarian cyst", "osteomyelitis", "abscess", "liver metastasis",
)  # fmt: skip
DENIED = (
    "{F}: None.", "{F}: no", "{F}: absent", "{F}: Negative", "{F}: not present", "{F}: none seen",
    "{F}: not identified", "{F}: no evidence of {f}", "{F}: No {f}.", "**{F}:** None", "**{F}**: No",
    "**{F}:** No {f}.", "- **{F}:** Not seen", "* {F} - none", "{F} \u2013 not seen", "{F} = 0",
    "{F}: false", '"{f}": false', '{{"{f}": false}}',
    '{{"findings": [{{"finding": "{f}", "present": false}}]}}',
    '{{"findings": {{"{f}": {{"present": false}}}}}}', '{{"{f}": "absent"}}',
    "| Finding | Present |\n|---|---|\n| {F} | No |", "| {F} | \u2717 |",
    "Finding,Present,Location\n{F},No,\n", "Finding\tPresent\n{F}\tNo", "{F}\tabsent", "- [ ] {F}",
    "\u2610 {F}", "\u2717 {F}", "{F} \u274c", "{F}? No.", "Is there {f}? No.",
    "Is there evidence of {f}? Answer: No", "Q: {f}?\nA: No", "No evidence of:\n- {f}",
    "The following are absent:\n- {f}", "Negatives:\n- {f}", "Pertinent negatives: {f}.",
    "Absent findings: {f}", "{F} (absent)", "{F} (-)", "{F}: [ ] Yes [x] No", "{F}: \u2610 Yes \u2611 No",
    "{F}; absent", "{F}, not seen", "{F}: nil", "{F}: 0", "{F}: N", "## {F}\nNone.",
    "**{F}**\nNot identified.", "{F}:\n- None", "{F}:\nNone seen", "1. {F}: none",
    "{F}: not detected on this study.", "{f}: none\nother: none", "{F} -> no", "{F} ......... no",
    "{F}          no", "Not present: {f}", "{F}: none that I can see", "Presence of {f}: No",
)  # fmt: skip
AFFIRMED = (
    "{F}: Yes.", "{F}: present", "{F}: Positive", "**{F}:** Yes", "**{F}**: Present", "- **{F}:** Seen",
    "{F} - present", "{F} = 1", "{F} = yes", '"{f}": true', '{{"{f}": true}}', '{{"{f}": "present"}}',
    '{{"findings": [{{"finding": "{f}", "present": true}}]}}', '{{"findings": ["{f}"]}}',
    '{{"findings": {{"{f}": {{"present": true}}}}}}',
    '{{"findings": [{{"finding": "{f}", "severity": "mild"}}]}}',
    "| Finding | Present |\n|---|---|\n| {F} | Yes |", "| {F} | \u2713 |",
    "Finding,Present,Location\n{F},Yes,\n", "Finding\tPresent\n{F}\tYes", "[x] {F}", "- [x] {F}",
    "\u2611 {F}", "\u2713 {F}", "{F} \u2705", "{F}? Yes.", "Is there {f}? Yes.",
    "Is there evidence of {f}? Answer: Yes", "Q: {f}?\nA: Yes", "Positive findings:\n- {f}",
    "The following are present:\n- {f}", "{F} (present)", "{F} (+)", "{F}: [x] Yes [ ] No", "{F}: mild",
    "{F}: 12 mm", "## {F}\nPresent.", "{F}:\n- Present", "1. {F}: yes", "Findings:\n- {F}",
    "Presence of {f}: Yes", "{F}: There is {f}.", "{F}: small",
)  # fmt: skip
DOUBTED = (
    "{F}: possible", "{F}: cannot be excluded", "{F}: uncertain", "{F} - suspected", "| {F} | Possible |",
    "{F}? Possibly.", '{{"finding": "{f}", "status": "uncertain"}}', "{F}: equivocal", "{F}: probable",
    "Possible findings:\n- {f}", "{F} (possible)", "{F}: likely",
)  # fmt: skip
UNSAID = (
    "{F}:", "{F}: ___", "{F}: N/A", "{F}: not assessed", "{F}: [ ]", "{F}: not evaluated",
    "Is there {f}?", "| Finding | Present |\n|---|---|\n| {F} | N/A |", "Indication: {f}",
    "Recommendation: follow up for {f}", '{{"{f}": null}}', "Clinical question: {f}?", "{F}: unknown",
)  # fmt: skip


def _said(form: str, concept: str) -> set[str]:
    """Return what a form says of a concept or its kin."""
    about = {word for one in extract(concept) for word in (one.concept.name, one.concept.kin) if word}
    found = extract(form.format(F=concept.capitalize(), f=concept))
    return {one.presence for one in found if {one.concept.name, one.concept.kin} & about}


@pytest.mark.parametrize("form", DENIED)
def test_a_denying_form_denies_whatever_it_is_about(form: str) -> None:
    """The finding is absent, never present, for the concepts of all regions."""
    assert {concept: _said(form, concept) for concept in CONCEPTS} == {
        concept: {"absent"} for concept in CONCEPTS
    }


@pytest.mark.parametrize("form", AFFIRMED)
def test_an_affirming_form_affirms(form: str) -> None:
    """The twin of a denying form is read as present."""
    assert {concept: _said(form, concept) for concept in CONCEPTS} == {
        concept: {"present"} for concept in CONCEPTS
    }


@pytest.mark.parametrize("form", DOUBTED)
def test_a_doubting_form_is_unsure(form: str) -> None:
    """A value such as 'possible' makes its label uncertain."""
    assert {concept: _said(form, concept) for concept in CONCEPTS} == {
        concept: {"uncertain"} for concept in CONCEPTS
    }


@pytest.mark.parametrize("form", UNSAID)
def test_an_empty_slot_a_question_and_an_instruction_claim_nothing(form: str) -> None:
    """What was not filled in, asked or asked for is no finding."""
    assert {concept: _said(form, concept) for concept in CONCEPTS} == {concept: set() for concept in CONCEPTS}
