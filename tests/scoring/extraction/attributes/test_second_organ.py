"""A finding that is named once for two organs is one of each."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

TWO = [
    ("A contusion of the liver and the kidney.", {"liver laceration", "renal laceration"}),
    ("Fracture of the radial head and the coronoid process.", {"radial head fracture", "ulnar fracture"}),
    ("Metastases in the liver and spleen.", {"liver metastasis", "metastasis"}),
    ("Lacerations of the liver and spleen.", {"liver laceration", "splenic laceration"}),
    ("Hepatic and splenic lacerations.", {"liver laceration", "splenic laceration"}),
    (
        "Calcifications of the aorta and the coronary arteries.",
        {"aortic calcification", "coronary calcification"},
    ),
    ("Injury to the aorta and spine.", {"traumatic aortic injury", "injury"}),
    ("The liver and spleen are enlarged.", {"hepatomegaly", "splenomegaly"}),
    ("Fractures of the tibia and fibula.", {"tibial fracture", "fibular fracture"}),
    ("A fracture of the femur and of the pelvis.", {"femur fracture", "pelvic fracture"}),
    ("Stones in the gallbladder and the left kidney.", {"gallstone", "kidney stone"}),
    ("Edema of the brain and spinal cord.", {"vasogenic edema", "cord signal abnormality"}),
    (
        "Enlargement of the heart and the pulmonary arteries.",
        {"cardiomegaly", "pulmonary artery enlargement"},
    ),
    ("Biliary and pancreatic ductal dilatation.", {"biliary dilatation", "pancreatic duct dilatation"}),
    (
        "Extensive bone marrow and surrounding soft tissue edema.",
        {"bone marrow edema", "soft tissue swelling"},
    ),
    ("There is muscle and subcutaneous edema.", {"muscle edema", "soft tissue swelling"}),
    ("There is bone marrow and muscle edema.", {"bone marrow edema", "muscle edema"}),
    ("There is muscle and bone marrow edema.", {"bone marrow edema", "muscle edema"}),
    ("Pleural and pericardial effusions are present.", {"pericardial effusion", "pleural effusion"}),
    ("Pericardial and bilateral pleural effusions.", {"pericardial effusion", "pleural effusion"}),
    ("Liver and splenic lacerations are seen.", {"liver laceration", "splenic laceration"}),
    ("There are hepatic and renal cysts.", {"liver cyst", "renal cyst"}),
    ("Rib and clavicle fractures are noted.", {"clavicle fracture", "rib fracture"}),
    ("Distal radius and ulna fractures.", {"radius fracture", "ulnar fracture"}),
    ("Fractures of the radius and ulna.", {"radius fracture", "ulnar fracture"}),
    ("Tibial and fibular fractures are present.", {"fibular fracture", "tibial fracture"}),
    ("There are fractures of the spine and sternum.", {"sternal fracture", "vertebral fracture"}),
    ("Fractures of the sternum and the thoracic spine are seen.", {"sternal fracture", "vertebral fracture"}),
    ("Vertebral and rib fractures.", {"rib fracture", "vertebral fracture"}),
    ("Liver and lung metastases.", {"liver metastasis", "lung metastasis"}),
    ("Metastases in the liver, lungs and bone.", {"bone metastasis", "liver metastasis", "lung metastasis"}),
    ("Adrenal and renal masses are seen.", {"adrenal mass", "renal mass"}),
    (
        "There is gallbladder and bladder wall thickening.",
        {"bladder wall thickening", "gallbladder wall thickening"},
    ),
    (
        "Subarachnoid and intraventricular hemorrhage.",
        {"intraventricular hemorrhage", "subarachnoid hemorrhage"},
    ),
    (
        "Dilatation of the bile ducts and pancreatic duct.",
        {"biliary dilatation", "pancreatic duct dilatation"},
    ),
    (
        "Right atrial and right ventricular enlargement.",
        {"right atrial enlargement", "right ventricular enlargement"},
    ),
    ("There are renal and ureteral stones.", {"kidney stone", "ureteral stone"}),
    ("Stones in the kidney and bladder.", {"bladder stone", "kidney stone"}),
    ("Cysts in the liver, kidneys, and pancreas.", {"liver cyst", "pancreatic cyst", "renal cyst"}),
    ("Thickening of the bladder and bowel wall.", {"bladder wall thickening", "bowel wall thickening"}),
    ("Abscesses in the liver and spleen.", {"liver abscess", "splenic abscess"}),
    ("Lesions are seen in the brainstem and spinal cord.", {"cord lesion", "lesion"}),
    ("Narrowing of the aorta and the renal arteries.", {"narrowing", "renal artery stenosis"}),
    ("Enlargement of the liver and spleen.", {"hepatomegaly", "splenomegaly"}),
    ("Cerebral and cerebellar atrophy.", {"cerebellar atrophy", "cerebral atrophy"}),
    ("Uterine and ovarian masses.", {"ovarian mass", "uterine mass"}),
    ("Pulmonary and liver nodules.", {"liver lesion", "lung nodule"}),
    ("Thyroid and adrenal nodules.", {"adrenal mass", "thyroid nodule"}),
    ("Femoral and humeral fractures.", {"femur fracture", "humeral fracture"}),
    ("Brain and bone metastases.", {"bone metastasis", "brain metastasis"}),
]
ONE = [
    ("Mass effect on liver, pancreas, and inferior vena cava.", 1),
    ("Inflammatory changes surrounding cecum and area of appendix.", 1),
    ("A mass involving the liver and spleen.", 1),
    ("A fluid collection in the right upper and lower quadrants.", 1),
    ("Thrombi within the right common iliac and left common femoral vein.", 1),
    ("Stones in the gallbladder and the liver is normal.", 1),
    ("Tears of the gluteus medius and minimus tendons.", 1),
]


@pytest.mark.parametrize(("text", "names"), TWO)
def test_each_organ_has_its_own(text: str, names: set[str]) -> None:
    """The second organ has the finding too, under the name that it has there."""
    assert {one.concept.name for one in extract(text)} == names


def test_a_side_stays_with_its_organ() -> None:
    """What is said of one organ's side is none of the other's."""
    stones = {one.concept.name: one.side for one in extract("Stones in the gallbladder and the left kidney.")}
    assert stones == {"gallstone": "", "kidney stone": "left"}


def test_a_denial_is_of_both() -> None:
    """'Or' between organs leaves nothing open where there is nothing."""
    assert [one.presence for one in extract("No metastases in the liver or adrenal glands.")] == [
        "absent"
    ] * 2


@pytest.mark.parametrize(("text", "number"), ONE)
def test_one_thing_is_not_made_two(text: str, number: int) -> None:
    """One mass in two organs is one, and the next statement's organ has none."""
    assert len([one for one in extract(text) if one.presence == "present"]) == number


SAID_OF = [
    ("The left vertebral artery is hypoplastic.", "hypoplasia", "vessel/vertebral"),
    ("A hyperlucent left hemithorax.", "hyperlucent lung", ""),
    ("Narrowing of the abdominal aorta above and below the renal arteries.", "narrowing", "aorta"),
    ("The ureters, especially the left, are kinked.", "deformity", "urinary/ureter"),
    ("The hepatic veins, as well as the portal vein, are diminutive.", "small size", "vessel"),
    ("Markedly distended, debris-filled stomach.", "gastric distention", "abdomen/stomach"),
    ("Dilated, tortuous ureters.", "hydroureter", "urinary/ureter"),
    ("The mesenteric fat is hazy.", "mesenteric stranding", ""),
    ("The sulci are prominent for age.", "cerebral atrophy", "brain"),
    ("The spleen measures 16 cm in length.", "splenomegaly", "abdomen/spleen"),
    ("A 16 cm spleen", "splenomegaly", "abdomen/spleen"),
    ("A 15 mm lymph node", "lymphadenopathy", "lymph node"),
    ("The CBD is 12 mm in diameter.", "biliary dilatation", "abdomen/bile duct"),
    ("Diffuse calcinosis of the extremities.", "soft tissue calcification", "limb"),
]


@pytest.mark.parametrize(("text", "name", "place"), SAID_OF)
def test_what_is_said_of_an_organ_is_no_disease_of_another(text: str, name: str, place: str) -> None:
    """A landmark, an organ set between commas and a second adjective leave the finding where it is."""
    found = {one.concept.name: one.places for one in extract(text)}
    assert name in found
    assert not place or any(path.startswith(place) for path in found[name])
