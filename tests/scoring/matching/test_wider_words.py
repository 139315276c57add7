"""A right answer that says a wider word, or the place around, keeps a score."""

from __future__ import annotations

import pytest

from medbench.scoring.findings import measured

WIDER = [
    ("Gyral swelling of the right frontal lobe.", "Edema of the right frontal lobe."),
    ("Swollen gyri in the left parietal lobe.", "Cerebral edema in the left parietal lobe."),
    ("Brain atrophy.", "Pontine atrophy."),
    ("Brain atrophy.", "Cerebellar atrophy."),
    ("Swollen spinal cord.", "Cord edema."),
    ("Spinal cord swelling at C5.", "Edema of the spinal cord at C5."),
    ("Fluid in the prepatellar bursa.", "Knee effusion."),
    ("Fluid in the subacromial bursa.", "Shoulder joint effusion."),
    ("Tumor blush in the left kidney.", "Enhancement in the left kidney."),
    ("Elevated velocity in the renal artery.", "Turbulent flow in the renal artery."),
    ("Skin ulcer of the heel.", "Ulcer of the heel."),
    ("Branching tubular opacity in the left lower lobe.", "Opacity in the left lower lobe."),
    ("Lucent line in the distal radius.", "Lucency in the distal radius."),
    ("Enlarged bronchial artery.", "Arterial collaterals in the chest."),
    ("Erosion of the scutum.", "Cholesteatoma."),
    ("Absent flow in the mass.", "Perfusion defect of the mass."),
    ("Early opacification of the vein.", "Arteriovenous fistula."),
    ("Simplified gyral pattern.", "Congenital brain malformation."),
    ("Fracture of the coronoid process.", "Elbow fracture."),
    ("Posterior elbow dislocation with fracture of the coronoid process.", "Elbow fracture dislocation."),
    ("Mass along the trigeminal nerve.", "Mass in the skull base."),
    ("Trigeminal nerve mass.", "Mass in Meckel's cave."),
    ("Enhancing cranial nerves.", "Enhancement in the cavernous sinus."),
    ("Mass of the trigeminal nerve.", "Trigeminal schwannoma."),
    ("Early filling of the cavernous sinus.", "AV fistula."),
    ("Silicone oil in the globe.", "Postoperative change of the globe."),
    ("Dorsal angulation of the distal radius fracture.", "Distal radius fracture."),
    ("Swollen spinal cord with T2 hyperintensity.", "Abnormal signal in the spinal cord."),
    ("Retroperitoneal fluid collection.", "Fluid collection in the retroperitoneum."),
    (
        "Medial deviation of the left internal carotid artery.",
        "Displacement of the left internal carotid artery.",
    ),
]


@pytest.mark.parametrize(("narrow", "wide"), WIDER)
def test_a_wider_word_is_worth_most_of_a_narrow_one(narrow: str, wide: str) -> None:
    """A swollen gyrus is edema of the brain, and a tumor's blush is enhancement."""
    for reference, output in ((narrow, wide), (wide, narrow)):
        score = measured(reference, output).f1
        assert score is not None
        assert 0.75 <= score <= 1


NEIGHBOURS = [
    ("Choroidal detachment of the left eye.", "Retinal detachment of the left eye."),
    ("Increased interpediculate distance.", "Widened spinal canal."),
    ("Leg length discrepancy.", "Limb asymmetry."),
]


@pytest.mark.parametrize(("reference", "output"), NEIGHBOURS)
def test_a_neighbour_is_worth_something(reference: str, output: str) -> None:
    """Two layers of the eye that are detached are near each other."""
    score = measured(reference, output).f1
    assert score is not None
    assert 0.3 <= score < 0.75


SAME = [
    # one thing by two names
    ("Left kidney shows delayed excretion.", "Delayed renal excretion of the left kidney."),
    ("Delayed excretion of the left kidney.", "The left kidney shows delayed excretion of contrast."),
    ("Deformity of the wrist.", "Post-traumatic deformity of the wrist."),
    ("Cerebral vasospasm.", "Severe vasospasm."),
    # the place around
    ("Orbital wall fracture.", "Fracture of the orbit."),
    ("Mass of the lateral orbital wall.", "Orbital mass."),
    ("Loose bodies in the subacromial bursa.", "Loose bodies in the shoulder."),
    ("Schwannoma of the sciatic nerve.", "Schwannoma of the thigh."),
    ("Mass of the brachial plexus.", "Mass in the left axilla."),
    ("Lipoma of the median nerve.", "Lipoma of the wrist."),
    # an adjective that only describes
    ("Hypovascular mass of the pancreas.", "Mass of the pancreas."),
    ("Kidney stone fragmented after lithotripsy.", "Kidney stone."),
    ("Fragmented bullet in the left thigh.", "Bullet fragments in the left thigh."),
    # another name of it
    ("Soft tissue defect of the anterior abdominal wall.", "Abdominal wall defect."),
    ("Calcified vessels in the breast.", "Breast calcifications."),
    ("Superficial mass of the bladder.", "Bladder mass."),
    # one bleed of two neighbouring parts
    ("Left thalamic hemorrhage.", "Hemorrhage in the left thalamus and basal ganglia."),
]


@pytest.mark.parametrize(("reference", "output"), SAME)
def test_the_place_around_or_a_description_loses_nothing(reference: str, output: str) -> None:
    """A mass at the wall of the orbit is an orbital one, and a nerve lies in its limb."""
    assert measured(reference, output).f1 == 1


@pytest.mark.parametrize(
    ("reference", "output"),
    [
        ("Mass of the sciatic nerve.", "Mass of the liver."),
        ("Abscess of the abdominal wall.", "Abscess of the liver."),
        ("Fluid in the prepatellar bursa.", "Shoulder joint effusion."),
        ("Erosion of the scutum.", "Erosion of the tibia."),
    ],
)
def test_another_place_is_another_finding(reference: str, output: str) -> None:
    """A nerve runs in a limb, not in the liver."""
    assert measured(reference, output).f1 == 0


def test_hemorrhages_of_two_parts_are_two() -> None:
    """Said in the plural, there is one in each."""
    counts = measured(
        "Left thalamic hemorrhage.", "Hemorrhages in the left thalamus and basal ganglia."
    ).counts
    assert counts["invented"] + counts["unverifiable"] == 1


APART = [
    ("Ulnar nerve enlargement at the elbow.", "Nerve enlargement at the knee."),
    ("Bronchial artery aneurysm.", "Aneurysm in the heart."),
]


@pytest.mark.parametrize(("reference", "output"), APART)
def test_what_runs_in_one_part_is_not_in_another(reference: str, output: str) -> None:
    """A nerve that is seen at the elbow is not the one at the knee."""
    score = measured(reference, output).f1
    assert score is not None
    assert score <= 0.5
