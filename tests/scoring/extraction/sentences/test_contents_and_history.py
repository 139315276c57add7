"""What bowel normally holds, what only the history says, and organs that a density is compared with."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.wording import in_words


def said(text: str) -> set[str]:
    """Return in words what a text says is there, surely or perhaps."""
    return {in_words(one) for one in extract(text) if one.presence in {"present", "uncertain"}}


@pytest.mark.parametrize(
    "text",
    [
        "The stomach is partially distended with air and fluid.",
        "The colon contains a moderate amount of stool and gas.",
        "Visualized bowel loops contain air and high-attenuation oral contrast material.",
        "Some segments of bowel are also filled with gas.",
        "Stool is noted in the right lower quadrant.",
        "There is air in the rectum.",
        "Gas is seen within nondilated loops of large bowel.",
        "**Normal structures:** Stomach with ingested material, colon with stool.",
        "* **Stomach:** Contains ingested food material.",
        "* **Bowel:** Scattered gas and stool throughout the colon. No obstruction.",
        "Fluid is present within the duodenum.",
    ],
)
def test_what_bowel_normally_holds_is_no_finding(text: str) -> None:
    """Gas, fluid, food and stool in stomach or bowel."""
    assert not said(text)


@pytest.mark.parametrize(
    ("text", "one"),
    [
        ("The stomach is markedly distended with air.", "bowel gas"),
        ("Abnormal gas in the colon.", "bowel gas, bowel: colon"),
        ("**Abnormal findings:** Gas in the colon.", "bowel gas, bowel: colon"),
        ("Excessive stool throughout the colon.", "bowel content, bowel: colon"),
        ("The stomach contains retained food.", "bowel content, stomach"),
        ("An abscess filled with gas next to the colon.", "bowel gas, bowel: colon"),
        ("There is gas in the wall of the colon.", "pneumatosis, bowel: wall"),
        ("Free air adjacent to the colon.", "pneumoperitoneum, bowel: colon"),
        ("Air-fluid levels in the small bowel.", "air fluid level, bowel: small"),
    ],
)
def test_contents_that_are_abnormal_are_findings(text: str, one: str) -> None:
    """By a word that says so, beside something abnormal, or outside the lumen."""
    assert one in said(text)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "In a woman with a history of hysterectomy for uterine fibroids (leiomyomas), many lung nodules.",
            {"lung nodule, many"},
        ),
        ("The patient has a history of cholecystectomy and renal stones.", set()),
        (
            "Patient with a history of mastectomy for invasive breast carcinoma, now with a lung nodule.",
            {"lung nodule"},
        ),
        ("**Hypertension Context:** In a 22-year-old with hypertension, the aorta should be seen.", set()),
        ("In a 60-year-old man with cirrhosis and ascites, a lung nodule is seen.", {"lung nodule"}),
        ("History: hypertension, hysterectomy, fibroids.", set()),
        ("**Clinical Information:** Known lung cancer with liver metastases.", set()),
        ("Clinical context: a 45-year-old woman with gallstones.", set()),
        ("A 45-year-old man with a right pneumothorax.", {"pneumothorax, right"}),
        ("CT in a 45-year-old man with a lung nodule, as shown by an arrow.", {"lung nodule"}),
        ("History of trauma with a fracture of L1.", {"vertebral fracture, lumbar: l1"}),
        ("History of lymphoma and a new lung nodule.", {"lung nodule"}),
        ("The tortuous carotid is the mass alluded to in the history.", {"tortuosity, carotid"}),
        ("The trauma and fracture given in the history explain the callus.", {"callus"}),
        ("The stone stated in the history has passed.", set()),
        ("A cyst is noted in the liver. History of cancer.", {"liver cyst, liver"}),
        ("A mass is noted in the liver of a patient with a history of melanoma.", {"liver lesion, liver"}),
    ],
)
def test_history_is_not_seen(text: str, right: set[str]) -> None:
    """What a person had is past or no finding; what the image of a person shows is one."""
    got = {one.removesuffix(", new") for one in said(text)}
    assert got == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "Soft-tissue density of the mass, lower than or similar to the adjacent liver.",
            {"mass", "soft tissue density"},
        ),
        ("Soft-tissue density, slightly higher than that of the kidney.", {"soft tissue density, mild"}),
        ("A mass of low density, similar to adjacent muscle.", {"mass", "hypoattenuation"}),
        ("The lesion is hypodense compared with the adjacent spleen.", {"lesion", "hypoattenuation"}),
        ("A mass isoattenuating to the liver.", {"mass", "isoattenuation"}),
        ("The signal of the lesion is lower than that of the spleen.", {"lesion"}),
    ],
)
def test_an_organ_compared_with_is_no_place(text: str, right: set[str]) -> None:
    """'Similar to the adjacent liver' is not in the liver."""
    assert said(text) == right
