"""What is read from layouts: 31 forms of denial, one content in ten layouts, headings and prompts alone."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, NamedTuple

from bars import Bar, Part, at_least, at_most, table
from scored import f1, read

from medbench.registry import shipped_names
from medbench.toml_input import packaged

if TYPE_CHECKING:
    from collections.abc import Callable

CONCEPTS = (
    "pneumothorax", "pleural effusion", "pericardial effusion", "pulmonary embolism", "lung nodule",
    "cardiomegaly", "aortic dissection", "lymphadenopathy", "ascites", "hydronephrosis", "cholelithiasis",
    "bowel obstruction", "splenomegaly", "hydrocephalus", "midline shift", "subdural hematoma",
    "infarct", "fracture", "joint effusion", "spinal stenosis",
)  # fmt: skip
NEGATIVE = (
    "{X}: None",
    "{X}: none.", "{X}: No", "{X}: Absent", "{X}: Not present.", "{X}: Not seen", "{X}: negative",
    "{X}: not identified", "{X}: No {x}.", "{X}: No evidence of {x}", "{X}: none visible", "{X} - none",
    "{X} \u2013 no", "**{X}:** None", "**{X}**: no {x}", "- **{X}:** Absent", "* {X}: none seen",
    "1. {X}: not present", "| Finding | Present |\n|---|---|\n| {X} | No |", "| {X} | absent |", "- [ ] {X}",
    "\u2717 {X}", "\u274c {X}", '{{"{x}": false}}', '{{"{x}": "none"}}',
    '{{"findings": [{{"finding": "{x}", "present": false}}]}}', '{{"{x}": {{"present": "no"}}}}', "{X}? No.",
    "Is there {x}? No.", "Q: {x}?\nA: no", "{X} (absent)",
)  # fmt: skip
"""Ways to deny a finding that models use; {X} has a capital letter."""
EMPTY = (
    "**Findings:**", "FINDINGS:\n- Location and laterality of abnormalities:\n- Incidental findings:",
    "## Size, shape, and density of lesions", "Lungs and pleura:\nHeart and mediastinum:\nBones:",
    "1. **Masses or lesions:**\n2. **Fractures:**\n3. **Fluid collections:**",
    "**Presence of hemorrhage or edema:**\n\n**Mass effect and midline shift:**",
    "| Abnormality | Location | Size |\n|---|---|---|",
    "- Associated findings (effusions, lymphadenopathy, calcifications)\n- Normal structures",
    '{"findings": [], "masses": null, "fractures": []}', "Pleural effusion:\nPneumothorax:\nNodules:",
)  # fmt: skip
"""Headings without content: none is a finding."""


class Said(NamedTuple):
    """One statement of a content."""

    finding: str
    where: str = ""
    size: str = ""
    present: bool = True

    @property
    def phrase(self) -> str:
        """Return the finding with what is said of it."""
        if not self.present:
            return f"No {self.finding}"
        size = f"{self.size} " if self.size else ""
        return f"{size}{self.finding}" + (f" in the {self.where}" if self.where else "")

    @property
    def value(self) -> str:
        """Return what stands behind the name of the finding."""
        given = [part for part in ("present", self.where, self.size) if part]
        return ", ".join(given) if self.present else "none"


CONTENTS = (
    (
        Said("nodule", "right upper lobe", "14 mm"),
        Said("emphysema", "left upper lobe"),
        Said("pleural effusion", present=False),
        Said("lymphadenopathy", present=False),
    ),
    (
        Said("mass", "left frontal lobe", "38 mm"),
        Said("edema", "left frontal lobe"),
        Said("hydrocephalus", present=False),
        Said("hemorrhage", present=False),
    ),
    (
        Said("cyst", "right kidney", "22 mm"),
        Said("stone", "gallbladder", "9 mm"),
        Said("ascites", present=False),
        Said("bowel obstruction", present=False),
    ),
    (
        Said("fracture", "left femoral neck"),
        Said("hematoma", "left thigh", "51 mm"),
        Said("dislocation", present=False),
        Said("joint effusion", present=False),
    ),
    (
        Said("hemangioma", "L2 vertebral body", "11 mm"),
        Said("disc herniation", "lumbar spine"),
        Said("cord compression", present=False),
        Said("fracture", present=False),
    ),
)
REGIONS = ("chest", "head", "abdomen", "limb", "spine")
"""The regions of the contents."""
LAYOUTS: dict[str, Callable[[tuple[Said, ...]], str]] = {
    "prose": lambda said: " ".join(f"{_sentence(one)}" for one in said),
    "bullets": lambda said: "Findings:\n" + "\n".join(f"- {one.phrase}" for one in said),
    "labels": lambda said: "\n".join(f"{one.finding.capitalize()}: {one.value}" for one in said),
    "bold labels": lambda said: "\n".join(f"* **{one.finding.capitalize()}:** {one.value}." for one in said),
    "table": lambda said: "\n".join(
        [
            "| Finding | Present | Location | Size |",
            "|---|---|---|---|",
            *(
                f"| {one.finding.capitalize()} | {'Yes' if one.present else 'No'} | {one.where or '-'} "
                f"| {one.size or '-'} |"
                for one in said
            ),
        ]
    ),
    "JSON list": lambda said: json.dumps(
        {
            "findings": [
                {"finding": one.finding, "present": one.present, "location": one.where, "size": one.size}
                for one in said
            ]
        }
    ),
    "JSON by name": lambda said: json.dumps(
        {one.finding: one.present and one.value for one in said}, indent=2
    ),
    "checkboxes": lambda said: "\n".join(
        f"- [{'x' if one.present else ' '}] {one._replace(present=True).phrase}" for one in said
    ),
    "questions": lambda said: "\n".join(
        f"Is there {one.finding}? {f'Yes, {one.value[9:]}' if one.present else 'No'}." for one in said
    ),
    "numbered": lambda said: (
        "**Report**\n\n"
        + "\n".join(
            f"{number}. {one.finding.capitalize()} - {one.value}" for number, one in enumerate(said, start=1)
        )
    ),
}


def layouts() -> Part:
    """Count denials that are read as such, scores of one content in ten layouts, findings of nothing."""
    right = {form: sum(_denies(form, concept) for concept in CONCEPTS) for form in NEGATIVE}
    share = sum(right.values()) / (len(NEGATIVE) * len(CONCEPTS))
    scores = {name: [f1(_prose(said), layout(said)) for said in CONTENTS] for name, layout in LAYOUTS.items()}
    apart = max(abs(one - scores["prose"][n]) for row in scores.values() for n, one in enumerate(row))
    prompts = _prompts()
    empty = (*EMPTY, *prompts)
    claimed = [*filter(_claims, EMPTY), *(prompt for prompt in prompts if _claims(prompt, prompt))]
    foreign = sum(map(_claims, prompts))
    wrong = [(_shown(form), count) for form, count in right.items() if count < len(CONCEPTS)]
    denials = (
        f"{len(NEGATIVE)} forms of denial, {len(CONCEPTS)} concepts each: {100 * share:.1f} % read as absent"
    )
    nothing = (
        "Headings, empty templates and each shipped prompt as the answer to itself: "
        f"{len(empty) - len(claimed)} of {len(empty)} give no finding. Where the prompt is not on record, "
        f"{foreign} of {len(prompts)} prompts give one."
    )
    lines = [
        f"{denials}, all but:" if wrong else f"{denials}.",
        *(["", *table(("form", f"right of {len(CONCEPTS)}"), wrong)] if wrong else []),
        "",
        "F1 of the same content in ten layouts against its sentences:",
        "",
        *table(("layout", *REGIONS), ((name, *row) for name, row in scores.items())),
        "",
        nothing,
    ]
    return Part(
        "Layouts",
        lines,
        [
            at_least("forms of denial", share, 0.99),
            at_most("ten layouts: largest difference of F1", apart, 0.02),
            Bar("headings and prompts alone: findings", str(len(claimed)), "0", not claimed),
        ],
    )


def _claims(text: str, prompt: str | None = None) -> bool:
    return any(found.presence != "absent" for found in read(text, prompt))


def _denies(form: str, concept: str) -> bool:
    names = {found.concept.name for found in read(concept.capitalize())}
    found = [one for one in read(form.format(X=concept.capitalize(), x=concept)) if one.concept.name in names]
    return bool(found) and all(one.presence == "absent" for one in found)


def _shown(form: str) -> str:
    return f"`{form.format(X='X', x='x')}`".replace("|", "\\|").replace("\n", "⏎")


def _prompts() -> list[str]:
    return [
        str(packaged("medbench.prompts", f"findings/{name}.toml")["text"])
        for name in shipped_names("prompts/findings")
    ]


def _prose(said: tuple[Said, ...]) -> str:
    return LAYOUTS["prose"](said)


def _sentence(one: Said) -> str:
    return f"{one.phrase[0].upper()}{one.phrase[1:]}{' is seen' if one.present else ''}."
