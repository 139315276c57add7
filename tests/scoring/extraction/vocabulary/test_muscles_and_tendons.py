"""Muscles and tendons by their own names are places, and what is seen of them is theirs."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ = [
    ("Atrophy of the multifidus.", "muscle atrophy", "muscle"),
    ("Edema in the supinator muscle.", "muscle edema", "muscle/forearm"),
    ("The thenar muscles are atrophic.", "muscle atrophy", "muscle/hand"),
    ("Fatty replacement of the tibialis anterior.", "fatty infiltration of the muscle", "muscle/calf"),
    ("Tear of the teres minor.", "rotator cuff tear", "joint/shoulder/teres minor"),
    ("Atrophy of the teres minor.", "muscle atrophy", "joint/shoulder/teres minor"),
    ("Masseter hypertrophy.", "hypertrophy", "face/muscle"),
    ("The platysma is thickened.", "thickening", "neck/muscle"),
    ("Atrophy of the splenius capitis.", "muscle atrophy", "muscle"),
    ("Fluid in the tibialis posterior tendon sheath.", "tenosynovitis", "joint/ankle/tendon"),
    ("Partial tearing of the gluteus medius tendon.", "tendon tear", "joint/hip/tendon"),
    ("Detachment of the anteroinferior labrum.", "labral tear", "joint/shoulder/labrum"),
    ("Sclerosis of the radial styloid.", "sclerotic lesion", "bone/radius"),
    ("Anterior translation of the humeral head.", "displacement", "bone/humerus"),
    ("Bone bruising of the lateral femoral condyle.", "bone marrow edema", "bone/femur/distal"),
    ("The uncinate process is lateralized.", "displacement", ""),
    ("The temporal horn is trapped.", "trapped ventricle", ""),
    ("Blood in the interpeduncular cistern.", "subarachnoid hemorrhage", ""),
    ("The adenoids are enlarged.", "adenoid hypertrophy", ""),
    ("A vertical cleft in the vertebral body.", "butterfly vertebra", ""),
    ("A gas-filled cleft in the vertebral body.", "kummell disease", ""),
    ("A bony spur dividing the cord.", "diastematomyelia", ""),
    ("Subsidence of the femoral stem.", "device failure", ""),
    ("The calcaneal pitch is decreased.", "pes planus", ""),
    ("Herniation of orbital fat into the maxillary sinus.", "orbital fat herniation", ""),
]


@pytest.mark.parametrize(("text", "name", "place"), READ, ids=[text for text, _, _ in READ])
def test_is_read_at_its_place(text: str, name: str, place: str) -> None:
    """As the finding, at the narrowest place that the text gives."""
    found = {one.concept.name: one.places for one in extract(text) if one.presence == "present"}
    assert name in found
    assert not place or place in found[name]
