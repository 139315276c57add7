"""What models write beside their findings: doubts, likenesses, comparisons, normal things, causes."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.wording import in_words


def said(text: str) -> set[str]:
    """Return in words what a text says is there, surely or perhaps."""
    return {in_words(one) for one in extract(text) if one.presence in {"present", "uncertain"}}


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("There is a possibility that this represents a hematoma.", {"possible hematoma"}),
        ("It is possible that this is a schwannoma.", {"possible schwannoma"}),
        ("The features may point toward pancreatitis.", {"possible pancreatitis"}),
        ("The features lean toward a meningioma.", {"possible meningioma"}),
        ("A lymphoma must be entertained.", {"possible lymphoma"}),
        ("An infarct is less common here, but not impossible.", {"possible infarct"}),
        ("Consolidation, which might be indicative of pneumonia.", {"consolidation", "possible pneumonia"}),
        ("The appearance would suggest a hemangioma.", {"possible hemangioma"}),
        ("There is no air-fluid level, which would suggest an abscess.", set()),
        ("No free air that would indicate pneumoperitoneum.", set()),
        ("No surface nodularity which might suggest cirrhosis.", set()),
        ("There is stranding, which might suggest appendicitis.", {"fat stranding", "possible appendicitis"}),
        ("The appearance is not typical for a hemangioma.", set()),
        (
            "Differential considerations for the cystic mass include hemangioma and metastasis.",
            {"cystic mass", "possible hemangioma", "possible metastasis"},
        ),
        (
            "The differential includes lymphoma with necrosis, and sarcoidosis, but there is a stent.",
            {"possible lymphoma", "possible necrosis", "possible sarcoidosis", "stent"},
        ),
    ],
)
def test_doubts_of_many_wordings(text: str, right: set[str]) -> None:
    """A possibility is no certainty, and what a thing that is absent would mean is none."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "The trachea is possibly displaced by the goiter.",
            {"possible mediastinal shift, trachea", "goiter"},
        ),
        ("Atelectasis, possibly related to the effusion.", {"atelectasis", "pleural effusion"}),
        ("There may be rupture of the aneurysm.", {"possible tear", "aneurysm"}),
        ("Possible hemorrhage within the mass.", {"possible hemorrhage", "mass"}),
        ("There may be edema adjacent to the large hematoma.", {"possible edema", "hematoma, severe"}),
        ("Possible hemorrhage near the enhancing mass.", {"possible hemorrhage", "enhancement", "mass"}),
        ("The opacity may be caused by a pneumonia.", {"lung opacity", "possible pneumonia"}),
    ],
)
def test_what_a_doubt_only_refers_to_is_sure(text: str, right: set[str]) -> None:
    """'The' thing that acts, bears or lies near; 'a' thing that may be the cause is doubted."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "Which may represent either pneumonia or atelectasis.",
            {"possible pneumonia", "possible atelectasis"},
        ),
        ("Cysts of both the upper and lower poles of the left kidney.", {"left renal cyst"}),
        ("The mass has both solid and cystic components.", {"mass", "cystic component"}),
        ("Both kidneys are enlarged and show cysts.", {"both sides enlargement", "both sides renal cyst"}),
        ("Effusions on either side.", {"both sides pleural effusion"}),
        ("A mass of both the left and the right kidney.", {"both sides renal mass"}),
        ("Two nodules, each measuring 5 mm.", {"nodule"}),
        ("There is a cyst in each kidney.", {"both sides renal cyst"}),
        ("A kidney-shaped mass is seen in the pelvis.", {"pelvic mass"}),
        ("A tooth-like calcification in the pelvis.", {"calcification"}),
        ("A heart-shaped lesion is present in the liver.", {"liver lesion"}),
        ("The lesion is hypodense compared with the normal spleen.", {"lesion", "hypoattenuation"}),
        ("The density of the nodule approaches that of the liver.", {"nodule"}),
        ("The lesion enhances to the same degree as the aorta.", {"lesion", "enhancement"}),
    ],
)
def test_likenesses_are_no_sides_and_places(text: str, right: set[str]) -> None:
    """'Both' that only joins two words, what a thing is shaped like, what it is compared with."""
    names = {one.partition(",")[0] for one in said(text)}
    sides = {
        f"{'both sides' if one.side == 'both' else one.side} {in_words(one).partition(',')[0]}".strip()
        for one in extract(text)
        if one.presence in {"present", "uncertain"}
    }
    assert right in (names, sides)
    assert all(one.side in {"", "left"} for one in extract(text)) or "both sides" in str(right)


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("The aorta is well opacified.", {"enhancement, aorta"}),
        ("Air is seen in the trachea and main bronchi.", set()),
        ("The mastoid air cells contain air.", set()),
        ("The bright signal of the CSF confirms that the image is T2-weighted.", set()),
        ("The subcutaneous fat is bright on this sequence.", set()),
        ("The cortical bone appears dark, as expected.", set()),
        ("The lesion is bright on T2, following CSF.", {"lesion", "hyperintensity"}),
        ("It is bright, similar to CSF.", {"hyperintensity"}),
        ("The effusion is similar to the prior study.", {"pleural effusion, same"}),
        ("The bladder is distended with urine.", set()),
        ("The vessels appear bright due to intravenous contrast.", set()),
        ("This low signal replaces the normal high-signal (bright) fatty marrow.", {"hypointensity"}),
        ("Hodgkin lymphoma, specifically the nodular sclerosis subtype.", {"lymphoma"}),
        ("A ridge of dense bone.", {"sclerotic lesion"}),
        ("The aorta is mildly dilated.", {"aortic dilatation, aorta, mild"}),
        ("Aneurysmal dilatation of the aorta.", {"aortic aneurysm"}),
        ("The mass encases the celiac axis.", {"mass", "encasement, mesenteric"}),
        (
            "Multiple linear radiolucencies (fracture lines) through the femur.",
            {"femur fracture, femur"},
        ),
        ("A lucent line is seen in the radius, a fracture.", {"radius fracture, radius"}),
        ("The fractured tibia, with disruption of the cortex.", {"tibial fracture, tibia"}),
        (
            "A lytic lesion of the femur with disruption of the cortex.",
            {"bone lesion, femur", "erosion, cortex"},
        ),
        ("The lungs are clear. A small amount of fluid around the graft.", {"fluid"}),
        ("**Lungs:** The herniated contents compress the lung.", {"hernia", "compression, lung"}),
        ("**Lungs:** There is a fluid-density effusion.", {"hypoattenuation, pleura", "pleural effusion"}),
        ("Thickening of the prevertebral soft tissues at T8.", {"thickening, thoracic: t8"}),
        ("A mass in the retrocardiac space.", {"mediastinal mass, mediastinum"}),
    ],
)
def test_names_of_normal_and_particular_things(text: str, right: set[str]) -> None:
    """Contrast and air where they belong, and words that mean less, or another thing, than one of theirs."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "Edema around the left frontal meningioma.",
            {"vasogenic edema, left frontal", "meningioma, left frontal"},
        ),
        ("A nodule near the 3 cm mass.", {"nodule", "mass, 30 mm"}),
        ("Air within the large abscess.", {"gas", "abscess, severe"}),
        ("Septations in the multiple cysts.", {"septation", "cyst, many"}),
        (
            "A calcification within the 4 cm left adrenal mass.",
            {"calcification", "adrenal mass, left, 40 mm"},
        ),
        (
            "A mass at the left hilum obstructing the bronchus.",
            {"endobronchial lesion, left hilum and bronchus", "obstructing, left hilum and bronchus"},
        ),
        ("A markedly hypodense mass.", {"hypoattenuation, severe", "mass"}),
        (
            "Effacement of sulci and 5 mm of leftward midline shift.",
            {"effacement, sulcus", "midline shift, left, 5 mm"},
        ),
        ("The mass does not extend into the spinal canal.", {"mass"}),
        ("Avid, homogeneous enhancement.", {"enhancement"}),
        ("Air in the large enhancing abscess.", {"gas", "enhancement", "abscess, severe"}),
        (
            "Mass in the left kidney with a 3 cm cyst.",
            {"renal mass, left kidney", "renal cyst, left kidney, 30 mm"},
        ),
    ],
)
def test_what_stands_right_before_a_name_is_of_that(text: str, right: set[str]) -> None:
    """Size, number and degree, though a preposition leads to them; a place is also that of what is there."""
    assert said(text) == right


@pytest.mark.parametrize(
    ("text", "right"),
    [
        (
            "Mild left and severe right hydronephrosis.",
            {"hydronephrosis, left, mild", "hydronephrosis, right, severe"},
        ),
        ("Large left and right hydronephrosis.", {"hydronephrosis, both sides, severe"}),
        ("Right renal mass, angiomyolipoma.", {"angiomyolipoma, right kidney"}),
        (
            "Hypodense spleen consistent with infarction.",
            {"hypoattenuation, spleen", "splenic infarct, spleen"},
        ),
        ("Axillary lymph node measuring 1.9 cm.", {"lymphadenopathy, lymph node, 19 mm"}),
        ("Axillary lymph node measuring 4 mm.", set()),
        ("Sternal metastasis without extension into the mediastinum.", {"bone metastasis, sternum"}),
        ("Clot in the urinary bladder.", {"hemorrhage, bladder"}),
    ],
)
def test_one_sentence_gives_each_finding_its_own(text: str, right: set[str]) -> None:
    """A degree for either side, a name for what it names, no place that is denied."""
    assert said(text) == right
