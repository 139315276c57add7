"""What is said once of several structures is a finding of each; one thing that lies across them stays one."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

EACH = [
    ("Bony destruction of the pterygoid, the maxilla and the base of the skull.", ["skull/base", "face"]),
    ("The mass invades the chest wall and several neural foramina.", ["chest/wall", "spine/foramen"]),
    ("Metastatic spread to bilateral hilar and mediastinal lymph nodes.", ["chest/hilum", "chest/mediast"]),
    ("There is lymphadenopathy in the axilla, the mediastinum and the retroperitoneum.",
     ["chest/axilla", "chest/mediastinum", "abdomen/retroperitoneum"]),
    ("Bone marrow edema in the femoral condyle and the tibial plateau.", ["bone/femur", "bone/tibia"]),
    ("Tears of the ACL and the medial meniscus.", ["joint/knee/anterior", "joint/knee/medial"]),
    ("The pons and the thalami are infarcted.", ["brain/posterior fossa", "brain/thalamus"]),
    ("There is thickening of the cecum and terminal ileum.", ["abdomen/bowel/colon", "abdomen/bowel/small"]),
    ("Fractures of the distal radius and the ulnar styloid.", ["", "bone/ulna"]),
    ("There is thrombus in the IVC and the left renal vein.", ["vessel/ivc", "vessel/renal"]),
    ("Cysts in the liver, spleen, kidneys and pancreas.",
     ["abdomen/liver", "abdomen/spleen", "urinary/kidney", "abdomen/pancreas"]),
    ("The liver is compressed, as is the IVC.", ["abdomen/liver", "vessel/ivc"]),
    ("Dilation of the pancreatic duct and the intra- and extrahepatic ducts.",
     ["abdomen/pancreas", "abdomen/bile duct"]),
    ("Dilation of the pancreatic duct, intra- and extrahepatic ducts.",
     ["abdomen/pancreas", "abdomen/bile duct"]),
    ("Marrow edema in the lateral femoral condyle and in the posterior tibial plateau.",
     ["bone/femur", "bone/tibia"]),
    ("Metastases to hilar and mediastinal nodes.", ["chest/hilum", "chest/mediastinum"]),
    ("Mediastinal and hilar adenopathy. Hilar adenopathy. Lymphadenopathy in the mediastinum and hila.",
     ["chest/hilum", "chest/mediastinum"]),
    ("A nasopharyngeal mass involves the clivus and the sphenoid sinus.",
     ["neck", "skull/base", "face/sinus"]),
    ("A lung mass with involvement of the chest wall and the third rib.", ["", "chest/wall", "bone/rib"]),
    ("The mass invades the left renal vein and the psoas muscle.", ["vessel/renal", "muscle"]),
    ("Varices of the esophagus and the gastric fundus.", ["abdomen/esophagus", "abdomen/stomach"]),
    ("Intimal flaps are seen in the aorta and the brachiocephalic artery.", ["aorta", "vessel/brachio"]),
    ("Enlarged hilar and mediastinal nodes.", ["chest/hilum", "chest/mediastinum"]),
    ("Lytic lesions in the skull, the pelvis and the spine.", ["skull", "pelvis", "spine"]),
    ("Edema in the femoral condyle and the tibial plateau.", ["bone/femur", "bone/tibia"]),
    ("Dilation of the pancreatic duct, intra- and extrahepatic ducts.",
     ["abdomen/pancreas", "abdomen/bile duct"]),
    ("Metastatic spread to bilateral hilar and mediastinal lymph nodes and the left lower lobe.",
     ["chest/hilum", "chest/mediast", "chest/lung/lower"]),
    ("A left apical lung mass with extension into the chest wall, neural foramina and brachial plexus.",
     ["chest/lung", "chest/wall", "spine/foramen", "muscle/nerve"]),
    ("Enlarged spleen, liver and thyroid.", ["", "abdomen/liver", "neck/thyroid"]),
]  # fmt: skip
GROWN = [
    ("Apical lung mass with extension into the chest wall, the foramina and likely the sympathetic chain.",
     "lung mass", ["chest/wall", "spine/foramen"]),
    ("The cervical tumor extends into the bladder and the rectum.", "cervical mass",
     ["abdomen/bowel/rectum", "urinary/bladder"]),
    ("Renal mass extending into the psoas muscle and the spine.", "renal mass", ["muscle", "spine"]),
    ("A paraspinal mass extends into the neural foramina.", "paraspinal mass", ["spine/foramen"]),
    ("Maxillary sinus mass with extension into the orbit and the nasal cavity.", "mass",
     ["face/nose", "orbit"]),
    ("A suprasellar mass extends into the cavernous sinus and the sphenoid sinus.", "sellar mass",
     ["brain/cavernous sinus", "face/sinus"]),
    ("A pancreatic mass extends into the duodenum. The mass extends into the duodenum. Duodenal invasion.",
     "pancreatic mass", ["abdomen/bowel/duodenum"]),
]  # fmt: skip
ONE = [
    "A frontal mass extends into the parietal lobe.",
    "The lung mass extends into the left upper lobe.",
    "A mass in the pelvis extends into the abdomen.",
    "A renal cyst extends into the psoas muscle.",
    "There is a mass in the left kidney. The mass is large. MR again shows the mass of the left kidney.",
    "Cysts in both lobes of the liver.",
    "Wedge compression deformities of L3 and L4.",
    "Infarct of the left frontal and parietal lobes.",
    "Consolidation in the right middle and lower lobes.",
    "Thickening of the ascending and transverse colon.",
    "A mass between the pancreas and the spleen.",
    "Narrowing of the space between the duodenum and the aorta.",
    "A mass of the liver and the right kidney.",
    "A lesion that involves the pons and the midbrain.",
    "Hemorrhage in the left thalamus and basal ganglia measuring 3 cm.",
    "Infarct in the left MCA territory, in the parietal and occipital lobes.",
    "Air in the soft tissues of the neck and chest wall.",
    "A hernia that contains stomach and colon.",
    "A fistula between the bladder and the colon.",
    "Axial CT of the head and cervical spine shows an occipital condyle fracture.",
    "A stone at the junction of the renal pelvis and the ureter.",
    "Dislocation of the radial head and the capitellum.",
    "CT of the head shows a mass that involves the posterior temporal lobe.",
    "A foreign body in the trachea and the left bronchus.",
    "Diffuse osteopenia of the lumbar spine and hip.",
    "Postsurgical changes in the left breast and axilla.",
    "Soft tissue swelling of the foot and ankle.",
]


@pytest.mark.parametrize(("text", "places"), EACH)
def test_each_structure_has_its_own(text: str, places: list[str]) -> None:
    """Bones, organs, vessels, nodes, parts of a joint and what a tumor involves are counted one by one."""
    found = [one.places for one in extract(text) if one.concept.name != "mass" or one.places]
    assert len(found) == len(places)
    for path in filter(None, places):
        assert len([one for one in found if any(place.startswith(path) for place in one)]) == 1


@pytest.mark.parametrize("text", ONE)
def test_one_thing_stays_one(text: str) -> None:
    """Parts of one organ, and what lies between structures or across them, are no several findings."""
    assert len([one for one in extract(text) if one.presence == "present"]) == 1


def test_a_side_is_that_of_its_structure() -> None:
    """What follows in the same region shares a side; a side of its own, or a trailing one, holds."""

    def sides(text: str) -> list[str]:
        return [one.side for one in extract(text)]

    assert sides("Multiple hypodensities in the liver and left kidney.") == ["", "left"]
    assert sides("Marrow edema in the left femur and tibia.") == ["left", "left"]
    assert sides("Focal uptake in the left femur and the right humerus.") == ["left", "right"]
    assert sides("There is a fracture of the clavicle and the scapula on the left.") == ["left", "left"]


def test_what_is_denied_of_a_row_is_denied_once() -> None:
    """A denial has no more weight for the places that it names."""
    assert len(extract("No hypodensities in the liver and the left kidney.")) == 1


@pytest.mark.parametrize(("text", "tumor", "at"), GROWN, ids=[text for text, *_ in GROWN])
def test_a_tumor_invades_each_organ_that_it_extends_into(text: str, tumor: str, at: list[str]) -> None:
    """The tumor is sure and stays where it is; each organ is invaded once."""
    first, *others = extract(text)
    assert (first.concept.name, first.presence) == (tumor, "present")
    assert not {*at} & {*first.places}
    assert {one.concept.name for one in others} == {"invasion"}
    assert sorted(one.places[0] for one in others) == at


@pytest.mark.parametrize(
    ("text", "names"),
    [
        (
            "A dilated loop of small bowel with wall thickening.",
            {"bowel dilatation", "bowel wall thickening"},
        ),
        (
            "Prominence of the retrobulbar fat as well as of the extraocular muscles.",
            {"enlargement", "extraocular muscle enlargement"},
        ),
        (
            "Fractures of the wing of the left ilium and the left 5th rib.",
            {"pelvic fracture", "rib fracture"},
        ),
    ],
)
def test_each_structure_has_its_name(text: str, names: set[str]) -> None:
    """The wall of the bowel that is dilated, the fat of the orbit beside its muscles."""
    assert {one.concept.name for one in extract(text)} == names
