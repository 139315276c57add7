"""The price of a contradiction, an omission, silence, and of what a reference cannot vouch for."""

from __future__ import annotations

import pytest

from medbench.scoring import findings, rules
from medbench.scoring.extraction.extract import extract
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary
from medbench.scoring.item import Item
from medbench.scoring.matching.match import match
from medbench.scoring.matching.sides import output_side, reference_side
from medbench.scoring.parsing.parsed import ParsedText


def _scores(reference: str, output: str) -> dict[str, float]:
    item = Item(parsed=ParsedText("plain", "whole", output), reference=reference)
    return {name: value or 0.0 for name, value in {**findings.make()(item), **rules.make()(item)}.items()}


def _f1(reference: str, output: str) -> float:
    return _scores(reference, output)["finding.f1"]


BOTH_WAYS = [
    ("Large right pleural effusion.", "There is no pleural effusion."),
    ("Acute appendicitis.", "No appendicitis."),
    ("3 cm mass in the head of the pancreas.", "No pancreatic mass is seen."),
    ("Left subdural hematoma.", "There is no subdural hematoma."),
    ("Fracture of the distal radius.", "No fracture."),
    ("Hydronephrosis of the left kidney.", "There is no hydronephrosis."),
    ("Gallstones.", "No gallstones."),
    ("Splenic laceration.", "The spleen is normal."),
    ("Aortic dissection.", "Aortic dissection is not seen."),
    ("Right middle lobe pneumonia.", "Pneumonia is absent."),
    ("Pulmonary embolism.", "Without pulmonary embolism."),
    ("Multiple liver metastases.", "There are no liver metastases."),
    ("Pericardial effusion.", "There is no evidence of pericardial effusion."),
    ("Ovarian cyst on the right.", "No ovarian cyst."),
    ("Disc herniation at L5-S1.", "There is no disc herniation."),
    ("Consolidation in the left lower lobe.", "The left lung is clear."),
    ("Small bowel obstruction.", "No small bowel obstruction."),
    ("Cerebellar infarct.", "There is no infarct."),
    ("Rotator cuff tear.", "No rotator cuff tear is identified."),
    ("Free intraperitoneal air.", "No free intraperitoneal air."),
    ("Right tibial plateau fracture.", "No acute osseous abnormality. There is no tibial plateau fracture."),
    ("Cholelithiasis.", "The gallbladder is free of stones."),
    ("Left renal calculus.", "No renal calculi are present."),
    ("Moderate ascites.", "There's no ascites."),
    ("Thyroid nodule.", "The thyroid gland is normal."),
    ("Ventriculomegaly.", "The ventricles are normal."),
    ("Perforated diverticulitis.", "Diverticulitis is not present."),
    ("Anterior cruciate ligament tear.", "The anterior cruciate ligament is intact. No ACL tear."),
    ("Lung metastases.", "No metastatic disease."),
    ("Mediastinal lymphadenopathy.", "No lymphadenopathy."),
    ("Hip dislocation.", "Negative for dislocation."),
    ("Cardiomegaly.", "No cardiomegaly is demonstrated."),
    ("Deep venous thrombosis of the left femoral vein.", "No evidence of thrombosis."),
    ("Bladder tumor.", "No bladder tumor seen."),
    ("Spondylolisthesis at L5.", "There is no spondylolisthesis."),
    ("Hepatic steatosis.", "The liver is normal."),
    ("Cardiomegaly.", "The heart is normal in size."),
    ("Splenomegaly.", "The spleen is not enlarged."),
]


IN_BOTH_ORDERS = [(*texts, first) for texts in BOTH_WAYS for first in (False, True)]
# 'The left lung …' before what is found there is a general statement before its exception, and legitimate.
ORDERED = [row for row in IN_BOTH_ORDERS if not (row[2] and row[1].startswith("The left lung"))]


@pytest.mark.parametrize(("affirmed", "denied", "denied_first"), ORDERED)
def test_what_an_output_says_both_ways_earns_nothing(affirmed: str, denied: str, denied_first: bool) -> None:
    """The reference and its denial in one output: F1 at most .5, no key finding, not good; it is named."""
    scores = _scores(affirmed, f"{denied} {affirmed}" if denied_first else f"{affirmed} {denied}")
    assert scores["finding.f1"] <= 0.5
    assert not scores["finding.key"]
    assert not scores["rules.good"]
    assert scores["finding.error.conflict"]


LEGITIMATE = [
    "Large right pleural effusion. No effusion on the left.",
    "Stable 5 mm nodule in the left upper lobe. No new nodule.",
    "Fracture of the left femur. No other fracture.",
    "3 cm cyst in the right kidney. The left kidney is normal.",
    "Hypodense lesion in the right hepatic lobe. The liver is otherwise normal.",
    "Nodule in the right upper lobe. The lungs are otherwise clear.",
    "The lungs are clear. There is a nodule in the right upper lobe.",
    "Healed rib fracture. No acute fracture.",
    "Disc herniation at L4-5. No disc herniation at L5-S1.",
    "Small pericardial effusion. The heart is normal in size.",
    "Left adrenal adenoma. No additional adrenal mass.",
    "Small left pneumothorax. No large pneumothorax.",
    "Mild stenosis of the right carotid artery. No significant stenosis.",
    "Right frontal meningioma. No calcification within the mass.",
    "Infarct in the left cerebellum. The remaining brain parenchyma is normal.",
    "Gallstones. The gallbladder wall is normal in thickness.",
    "Mass in the uterus. The ovaries are normal.",
    "Possible scaphoid fracture. No displaced fracture.",
    "Right ovarian cyst. The left ovary is unremarkable.",
    "Splenomegaly. No focal lesion in the spleen.",
    "Resolved pneumothorax. No pneumothorax now.",
    "Apart from a hepatic cyst, the liver is unremarkable.",
    "Small hiatal hernia. Otherwise normal study.",
    "Left lower lobe consolidation. The consolidation does not cavitate.",
    "Right renal mass. This mass shows no enhancement.",
    "Left cerebellar infarct. The infarct has no hemorrhagic component.",
    "Ureteral stone. The stone does not obstruct.",
    "Pancreatic cyst. The cyst contains no solid component.",
    "Fatty liver. No focal hepatic mass.",
    "Right pneumothorax. No tension pneumothorax.",
    "Left MCA infarct. No hemorrhagic transformation.",
    "Old rib fractures. No new fractures.",
    "Small right pleural effusion. The left pleural space is clear.",
    "Ureteral stone on the right. No other calculi.",
    "Small pericardial effusion. No tamponade.",
    "Meniscal tear. The other meniscus is intact.",
    "Known 6 mm nodule in the left lower lobe. No interval change.",
    "Aortic aneurysm. No rupture.",
    "Right frontal mass. The remainder of the brain is normal.",
    "Mild hydronephrosis of the left kidney. The right kidney is unremarkable.",
    "Liver cyst. No suspicious lesion.",
    "Apical scarring. The lungs are otherwise well aerated.",
    "Fibroid in the uterus. The adnexa are normal.",
    "T12 compression fracture. The remaining vertebral bodies are normal.",
    "Thickened gallbladder wall. No gallstones.",
    "Sigmoid diverticulosis. No diverticulitis.",
    "Cerebral atrophy. No acute intracranial abnormality.",
    "Appendicolith. The appendix is normal in caliber.",
]


@pytest.mark.parametrize("text", LEGITIMATE)
def test_a_limited_denial_is_no_contradiction(text: str) -> None:
    """Another side, level or time, 'other', 'otherwise' and single aspects leave the finding its credit."""
    first = next(part for part in text.split(". ") if not part.startswith(("No ", "The ")))
    scores = _scores(first, text)
    assert not scores["finding.error.conflict"]
    assert scores["finding.f1"] > 0.9


def test_a_reference_that_seems_to_say_both_is_right_against_itself() -> None:
    """What the reference affirms and denies is no fault of an output that says the same."""
    text = "No fracture on the first radiograph. Scaphoid fracture on MR. No fracture."
    assert _f1(text, text) == 1


OMISSIONS = [
    ("8 mm stone in the right ureter.", "right ", "left ", ""),
    ("Large left pleural effusion.", "left ", "right ", ""),
    ("Mass in the left frontal lobe.", "left ", "right ", ""),
    ("Hydronephrosis of the right kidney.", "right ", "left ", ""),
    ("Cyst in the left ovary.", "left ", "right ", ""),
    ("Tear of the right rotator cuff.", "right ", "left ", ""),
    ("Disc herniation at L4-5.", "at L4-5", "at L2-3", "in the lumbar spine"),
    ("Compression fracture of T12.", "T12", "L3", "the spine"),
    ("Nodule in the upper lobe of the lung.", "upper lobe of the lung", "lower lobe of the lung", "lung"),
    ("Infarct in the occipital lobe.", "occipital lobe", "frontal lobe", "brain"),
    ("4 cm abdominal aortic aneurysm.", "4 cm ", "12 cm ", ""),
    ("A 15 mm lung nodule.", "15 mm ", "45 mm ", ""),
    ("Renal cyst of 60 mm.", "of 60 mm", "of 20 mm", ""),
    ("Hepatic mass measuring 3.5 x 2 cm.", "measuring 3.5 x 2 cm", "measuring 11 x 6 cm", ""),
    ("Large right adrenal mass.", "right ", "left ", ""),
    ("Fracture of the left clavicle.", "left ", "right ", ""),
    ("C5-6 disc protrusion.", "C5-6 ", "C2-3 ", ""),
    ("18 mm hepatic cyst.", "18 mm ", "54 mm ", ""),
    ("Left temporal lobe hematoma.", "Left ", "Right ", ""),
    ("Stenosis of the right carotid artery.", "right ", "left ", ""),
    ("L1 burst fracture.", "L1 ", "L4 ", ""),
    ("22 mm aneurysm of the splenic artery.", "22 mm ", "70 mm ", ""),
    ("Right ovarian teratoma.", "Right ", "Left ", ""),
    ("Nodule in the left thyroid lobe.", "left ", "right ", ""),
    ("Tear of the left Achilles tendon.", "left ", "right ", ""),
]


@pytest.mark.parametrize(("reference", "given", "wrong", "omitted"), OMISSIONS)
def test_an_omission_costs_half_of_an_error_or_more(
    reference: str, given: str, wrong: str, omitted: str
) -> None:
    """A side, level or size that is left out costs at least half as much as a wrong one, and less than it."""
    cost = 1 - _f1(reference, reference.replace(given, omitted))
    cost_of_error = 1 - _f1(reference, reference.replace(given, wrong))
    assert 0.5 * cost_of_error <= cost < cost_of_error
    scores = _scores(reference, reference.replace(given, omitted))
    assert sum(scores[f"finding.error.{name}_omitted"] for name in ("side", "site", "size")) == 1


IMPLIED = [
    ("Enlarged spleen in the left upper quadrant.", "Splenomegaly."),
    ("Appendicitis in the right lower quadrant.", "Appendicitis."),
    ("Left lower lobe consolidation.", "LLL consolidation."),
    ("Right-sided gallstones in the gallbladder.", "Gallstones."),
    ("Pneumonia in the lung.", "Pneumonia."),
    ("Pleural effusion.", "Left pleural effusion of 3 cm."),
    ("Mild hydrocephalus.", "Hydrocephalus."),
    ("Multiple severe disc bulges.", "Disc bulge."),
]


@pytest.mark.parametrize(("reference", "output"), IMPLIED)
def test_what_is_implied_or_mere_degree_may_be_left_out(reference: str, output: str) -> None:
    """No cost where the name says the place or side, for degree and number, or for saying more."""
    assert _f1(reference, output) > 0.95


SILENT = [
    "nan", "None", "null", "N/A", "", "Error: 503 Service Unavailable", "HTTP 429: rate limit exceeded",
    "I'm sorry, but I can't help with that request.", "I cannot interpret medical images.", "I see an image.",
    "The image quality is adequate.", "This is a medical image.",
    '{"name": "analyze_image", "arguments": {}}', "Please provide the image.",
    "Thank you for the opportunity to review this case.", "...", "42",
    "null.", "{}", "<image>", "ok", "As an AI language model, I am unable to view images.", "503",
    "The image is a CT scan.", "FINDINGS:", "Findings: None provided.", "No image was provided.",
    "Traceback (most recent call last)", "Consult a radiologist.", "Der Befund ist unauffällig.",
]  # fmt: skip
NORMAL = [
    "No acute intracranial hemorrhage. The ventricles are normal.",
    "The lungs are clear. No pleural effusion or pneumothorax.",
    "Normal study.",
    "Both kidneys are normal. No stone or hydronephrosis.",
]


@pytest.mark.parametrize("output", SILENT)
@pytest.mark.parametrize("reference", [*NORMAL, "Large left pleural effusion.", "Gallstones. No ascites."])
def test_nothing_said_is_nothing_scored(reference: str, output: str) -> None:
    """An output without a statement on the image has no credit by any number, whatever the reference."""
    scores = _scores(reference, output)
    for name in ("finding.f1", "finding.recall", "finding.precision", "finding.key", "rules.key_finding"):
        assert scores[name] == 0
    assert scores["finding.significance"] <= 0
    assert not scores["rules.good"]
    assert not scores["rules.partial"]


@pytest.mark.parametrize(
    ("reference", "output"),
    [
        (NORMAL[0], "No bleed. Ventricles are unremarkable."),
        (NORMAL[1], "Clear lungs without effusion."),
        (NORMAL[2], "No abnormality is seen."),
        (NORMAL[3], "No hydronephrosis."),
        ("No pleural effusion.", "Normal chest."),
    ],
)
def test_a_normal_reference_asks_for_a_statement_that_it_is_normal(reference: str, output: str) -> None:
    """Saying so, or denying what the reference denies, is the key finding and significance 1."""
    scores = _scores(reference, output)
    assert scores["finding.key"] == scores["finding.significance"] == 1
    assert scores["finding.f1"] > 0.6


def test_a_normal_reference_gives_nothing_for_something_else() -> None:
    """A minor finding elsewhere does not say that the lungs are clear."""
    scores = _scores("The lungs are clear.", "Small hiatal hernia.")
    assert scores["finding.key"] == scores["finding.f1"] == 0


def test_an_unread_reference_has_no_numbers() -> None:
    """Neither a finding nor normality: every number is missing."""
    item = Item(parsed=ParsedText("plain", "whole", "Normal study."), reference="Axial images were obtained.")
    assert set({**findings.make()(item), **rules.make()(item)}.values()) == {None}


UNVERIFIABLE = [
    ("Right renal mass.", "Right renal mass. Gallstones."),
    ("Left pleural effusion.", "Left pleural effusion. Atelectasis."),
    ("Meningioma in the right frontal lobe.", "Right frontal meningioma. Mucosal thickening of the sinuses."),
    ("Disc herniation at L4-5.", "Disc herniation at L4-5. Facet arthropathy."),
    ("Hepatic cyst.", "Hepatic cyst. Renal cyst."),
    ("Pancreatitis.", "Pancreatitis. Small left pleural effusion."),
    ("Uterine fibroid.", "Uterine fibroid. Diverticulosis."),
    ("Pulmonary nodule.", "Pulmonary nodule. Emphysema."),
]
INVENTED = [
    ("Right renal mass. The gallbladder is normal.", "Right renal mass. Gallstones."),
    ("Left pleural effusion. No atelectasis.", "Left pleural effusion. Atelectasis."),
    ("Meningioma in the right frontal lobe.", "Right frontal meningioma. Gallstones."),
    ("Disc herniation at L4-5.", "Disc herniation at L4-5. Cauda equina compression. Aortic dissection."),
    ("Hepatic cyst.", "Hepatic cyst. Cerebral infarct."),
    ("Pancreatitis.", "Pancreatitis. Aortic rupture."),
    ("Meniscal tear in the knee.", "Meniscal tear in the knee. Sinusitis."),
    (
        "Pulmonary nodule. The lungs are otherwise clear. The liver is normal.",
        "Pulmonary nodule. Liver cyst.",
    ),
]


@pytest.mark.parametrize(("reference", "output"), UNVERIFIABLE)
def test_what_a_terse_reference_cannot_vouch_for_costs_little(reference: str, output: str) -> None:
    """A plausible finding of the region is counted apart, and leaves F1 and significance high."""
    scores = _scores(reference, output)
    assert scores["finding.unverifiable"]
    assert not scores["finding.invented"]
    assert 0.85 < scores["finding.f1"] < 1
    assert 0.7 < scores["finding.significance"] <= 1


@pytest.mark.parametrize(("reference", "output"), INVENTED)
def test_what_is_denied_impossible_or_urgent_is_invented(reference: str, output: str) -> None:
    """It counts in full against precision."""
    scores = _scores(reference, output)
    assert scores["finding.invented"] + scores["finding.contradicted"]
    assert not scores["finding.unverifiable"]
    assert scores["finding.f1"] < 0.95


def test_a_list_of_what_is_common_costs_more_with_each_entry() -> None:
    """Unverifiable findings add up, so that no list of them is free."""
    added = [
        "Emphysema.",
        "Bronchiectasis.",
        "Cardiomegaly.",
        "Hilar lymphadenopathy.",
        "Pleural thickening.",
    ]
    scores = [_f1("Lung nodule.", " ".join(["Lung nodule.", *added[:count]])) for count in range(6)]
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 6


def test_a_device_leaves_an_organ_normal() -> None:
    """A pacemaker does not speak against 'the heart is normal'; it is no part of a terse reference."""
    scores = _scores(
        "Left pleural effusion. The heart is normal.", "Left pleural effusion. Normal heart. Pacemaker."
    )
    assert scores["finding.recall"] == 1
    assert scores["finding.unverifiable"] == 1


ACROSS = [
    ("Lesion in the left frontal lobe.", "Lesion in the white matter of the left hemisphere."),
    ("Disc herniation at L5-S1.", "Disc herniation into the spinal canal."),
]


@pytest.mark.parametrize(("reference", "output"), ACROSS)
def test_parts_that_cross_are_no_two_places(reference: str, output: str) -> None:
    """White matter does not exclude a lobe, nor the canal a level: it is omitted at most."""
    scores = _scores(reference, output)
    assert not scores["finding.error.site"]
    assert scores["finding.f1"] > 0.6


TUMOR = "3 cm enhancing mass in the right frontal lobe with surrounding edema. No hemorrhage."
GRADES = [
    (TUMOR, "good"),
    ("Right frontal mass.", "good"),
    (f"{TUMOR} Midline shift.", "good"),
    (f"{TUMOR} Skull fracture. Cerebral abscess. Epidural hematoma.", "partial"),
    ("3 cm enhancing mass in the right frontal lobe with edema and hemorrhage.", "partial"),
    ("Left frontal mass with surrounding edema.", "partial"),
    ("Surrounding edema.", "partial"),
    ("Sinusitis.", "poor"),
    ("Normal brain.", "poor"),
]


@pytest.mark.parametrize(("output", "grade"), GRADES)
def test_rules_ask_for_the_key_finding_and_no_emergencies(output: str, grade: str) -> None:
    """Good needs both; a sign of the lesion itself is no emergency, and a wrong side no key finding."""
    scores = _scores(TUMOR, output)
    assert scores[f"rules.{grade}"] == 1


def test_the_key_finding_is_not_named_in_a_list_of_everything() -> None:
    """Among a hundred other findings of the region it does not count."""
    names = [name for name, one in vocabulary().concepts.items() if one.place.startswith("abdomen")]
    assert not _scores("Gallstones.", " ".join(f"{name.capitalize()}." for name in names))["finding.key"]


def test_a_finding_that_is_said_again_is_not_counted_again() -> None:
    """'Infarct' behind 'left occipital infarct' is the same one; another side or place is another one."""
    reference = "Infarct in the left occipital lobe."
    said = extract(reference)
    again = said[0]._replace(side="", places=("brain",))
    other = said[0]._replace(side="right")
    asked = reference_side(said)
    assert len(match(asked, output_side((*said, again)))) == 1
    pairs = match(asked, output_side((*said, other)))
    assert [pair.outcome for pair in pairs] == ["correct", "invented"]


def test_a_normal_study_contradicts_what_was_found_before() -> None:
    """Grave findings and then 'normal study' is said both ways; an exception may follow it."""
    assert _f1("Ruptured spleen.", "Ruptured spleen. The study is normal.") <= 0.5
    assert _f1("Ruptured spleen.", "The study is normal. Ruptured spleen.") > 0.9


@pytest.mark.parametrize(
    ("reference", "output"),
    [
        ("Adrenal mass.", "Renal mass. Cystic component."),
        ("Adrenal mass.", "Mass."),
        ("A left adrenal mass of 4 cm.", "A mass of 4 cm on the left."),
        ("Bladder mass.", "A lesion."),
    ],
)
def test_a_general_word_at_no_place_does_not_name_what_is_of_an_organ(reference: str, output: str) -> None:
    """Where the name of the key finding says where it is, 'mass' alone leaves that out."""
    assert _scores(reference, output)["finding.key"] == 0


@pytest.mark.parametrize(
    ("reference", "output"),
    [
        ("Adrenal mass.", "Adrenal nodule."),
        ("Adrenal mass.", "The left adrenal gland has a lesion."),
        ("Liver lesion.", "A mass in the right lobe of the liver."),
        ("Renal mass.", "The kidney is irregular. There is a mass."),
    ],
)
def test_a_general_word_beside_its_organ_names_it(reference: str, output: str) -> None:
    """It may have the place in its own words, or stand in a text that names it."""
    assert _scores(reference, output)["finding.key"] == 1
