"""Names of what is seen of the brain, the eye, the ear, the spine, the bones and the soft tissues."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ: tuple[tuple[str, set[str]], ...] = (
    # maps
    ("Prolonged MTT in the left hemisphere.", {"perfusion defect"}),
    ("The time to peak is delayed over the right parietal lobe.", {"perfusion defect"}),
    ("Cerebral blood volume in the left frontal lobe is reduced.", {"perfusion defect"}),
    ("Relative CBV is increased.", {"hyperperfusion"}),
    ("The ADC values are reduced in the splenium.", {"restricted diffusion"}),
    ("T2 shine-through in the right corona radiata.", {"t2 shine through"}),
    # brain
    ("Tight sulci at the high convexity.", {"effacement"}),
    ("The left cerebellar hemisphere is small.", {"cerebellar atrophy"}),
    ("The midbrain is atrophic.", {"brainstem atrophy"}),
    ("Blurring of the left basal ganglia.", {"loss of gray white differentiation"}),
    ("Gyral swelling of the left temporal lobe.", {"vasogenic edema"}),
    ("Elevation of the NAA peak.", {"elevated naa"}),
    ("Loop of the AICA in the internal auditory canal.", {"neurovascular compression"}),
    ("No CSF flow through the aqueduct.", {"csf flow obstruction"}),
    ("The sylvian fissures are shallow.", {"open operculum"}),
    ("A radial pattern of sulci and gyri.", {"simplified gyral pattern"}),
    ("Bands of gray matter in the white matter.", {"gray matter heterotopia"}),
    ("Spasm of the MCA.", {"cerebral vasospasm"}),
    ("Loss of sulcal markings on the right.", {"effacement"}),
    ("The pituitary stalk is not visualized.", {"ectopic neurohypophysis"}),
    ("A meniscus of CSF around the mass.", {"mass", "csf cleft sign"}),
    ("Faint signal in the pons.", {"signal abnormality"}),
    # eye and ear
    ("Coalescence of the mastoid air cells.", {"mastoiditis"}),
    ("Poor pneumatization of the mastoids.", {"small size"}),
    ("The anterior chamber is shallow.", {"shallow anterior chamber"}),
    ("Tenting of the posterior globe.", {"globe tenting"}),
    ("Soft tissue in the external auditory canal.", {"external auditory canal soft tissue"}),
    ("Secretions in the sphenoid sinus.", {"sinus disease"}),
    ("Silicone oil in the right globe.", {"silicone oil"}),
    ("The left globe has been enucleated.", {"enucleation"}),
    ("A scleral buckle is present on the left.", {"scleral buckle"}),
    ("The optic nerves are widened.", {"optic nerve enlargement"}),
    ("Globular optic nerve.", {"optic nerve enlargement"}),
    ("The superior ophthalmic vein is enlarged.", {"ophthalmic vein enlargement"}),
    ("Disruption of the left lamina papyracea.", {"erosion"}),
    ("The globe is ruptured.", {"globe rupture"}),
    ("Remodeling of the orbital wall.", {"bone remodeling"}),
    ("The scutum is blunted.", {"scutum erosion"}),
    ("The facial nerve canal is dehiscent.", {"facial canal dehiscence"}),
    ("The tympanic membrane is retracted.", {"tympanic membrane retraction"}),
    # neck and vessels
    ("Medial deviation of the left internal carotid artery.", {"carotid medialization"}),
    ("Elevated velocities in the internal carotid artery.", {"elevated velocity"}),
    ("A dense tumor stain at angiography.", {"tumor vascularity"}),
    ("Calcifications of the arteries of the foot.", {"atherosclerosis"}),
    ("The vertebral artery ends in PICA.", {"aberrant vessel"}),
    ("The jugular bulb is high riding.", {"high riding jugular bulb"}),
    ("Loss of the subglottic shouldering.", {"airway narrowing"}),
    ("The thyroid is enlarged and hypoechoic.", {"goiter", "decreased echogenicity"}),
    # spine
    ("Lipping of the vertebral bodies.", {"osteophyte"}),
    ("Superior migration of the dens.", {"basilar invagination"}),
    ("The thecal sac is indented.", {"compression"}),
    ("Mild wedging of L1.", {"vertebral fracture"}),
    ("The L1 vertebral body is wedge shaped.", {"vertebral fracture"}),
    ("Tapering of the cord.", {"myelomalacia"}),
    ("Mild expansion of the cord.", {"expansion of spinal cord"}),
    ("Splaying of the spinous processes.", {"interspinous widening"}),
    ("The interpedicular distance is widened.", {"interpediculate widening"}),
    ("A sequestered fragment at L5-S1.", {"disc extrusion"}),
    # bones and joints
    ("Ossification of the Achilles tendon.", {"calcification"}),
    ("A shallow glenoid.", {"glenoid dysplasia"}),
    ("The distal clavicle is elevated.", {"acromioclavicular separation"}),
    ("Bone-on-bone contact.", {"joint space narrowing"}),
    ("A radiolucent line.", {"lucent line"}),
    ("A vertical lucency in the femur.", {"lucent line"}),
    ("The femoral heads are fragmented.", {"fragmentation"}),
    ("The trabecular pattern is coarse.", {"trabecular thickening"}),
    ("The acromiohumeral distance is narrowed.", {"acromiohumeral narrowing"}),
    ("Elevation of the periosteum.", {"periosteal reaction"}),
    ("Loss of radial inclination.", {"radial malalignment"}),
    ("Cortical tunneling.", {"cortical tunneling"}),
    ("The ACL fibers are discontinuous.", {"anterior cruciate ligament tear"}),
    ("A bump at the femoral head-neck junction.", {"femoroacetabular impingement"}),
    ("Multiple skin nodules.", {"soft tissue lesion"}),
    ("Medium signal intensity in the Achilles tendon.", {"isointensity"}),
    ("Undercoverage of the femoral head.", {"hip dysplasia"}),
    ("The medial clear space is widened.", {"joint space widening"}),
    ("Fluid in the peroneal tendon sheath.", {"tenosynovitis"}),
    ("Fluid around the biceps tendon.", {"tenosynovitis"}),
    ("Fluid in the subacromial bursa.", {"bursitis"}),
    ("Fluid in the knee joint.", {"joint effusion"}),
    ("The sciatic nerve is thickened.", {"nerve enlargement"}),
    ("The supraspinatus shows fatty replacement.", {"fatty infiltration of the muscle"}),
    ("The muscle bulk is reduced.", {"muscle atrophy"}),
    ("Fat obliteration in the sinus tarsi.", {"fat stranding"}),
    ("The fat planes are obscured.", {"fat stranding"}),
    ("The pronator fat stripe is displaced.", {"fat pad sign"}),
    ("A skin defect over the heel.", {"soft tissue defect"}),
    # signal and uptake
    ("Increased T1 and T2 signal in the pons.", {"hyperintensity"}),
    ("The lesion has low T1 and high T2.", {"lesion", "hypointensity", "hyperintensity"}),
    ("Low on T1 and high on T2.", {"hypointensity", "hyperintensity"}),
    ("Low in signal on T1.", {"hypointensity"}),
    ("Assymetric perfusion of the kidneys.", {"abnormal perfusion"}),
    ("The lesion is hot on bone scan.", {"lesion", "abnormal uptake"}),
    ("A lesion of the pons, without contrast enhancement.", {"lesion"}),
    ("Calcified scleral plaques.", {"scleral plaque"}),
    ("The lesion loses signal on fat-saturated images.", {"lesion", "fat content"}),
    ("Reduced tracer binding in the putamen.", {"decreased uptake"}),
    ("Heterogeneous tracer distribution.", {"abnormal uptake"}),
)


@pytest.mark.parametrize(("text", "names"), READ, ids=[text for text, _ in READ])
def test_each_text_is_read_as_these_findings(text: str, names: set[str]) -> None:
    """Nothing else is present in it."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == names


NOTHING = [
    "Gamma knife therapy was given a year ago.",
    "Proton density without fat sat axial images were obtained.",
    "The carotid arteries are normal in course and caliber.",
    "The optic nerves and globes are normal.",
    "The fat planes are preserved.",
    "Adequate blood flow is demonstrated in both testes.",
]


@pytest.mark.parametrize("text", NOTHING)
def test_what_is_done_or_normal_is_no_finding(text: str) -> None:
    """Neither a knife nor a sequence is in the image."""
    assert not [one for one in extract(text) if one.presence == "present"]


def test_a_noun_before_two_organs_keeps_both() -> None:
    """'Increased signal and widening of the optic nerves' are two findings at one place."""
    found = {
        one.concept.name: one.places for one in extract("Increased signal and widening of the optic nerves.")
    }
    assert found == {
        "hyperintensity": ("orbit/optic nerve",),
        "optic nerve enlargement": ("orbit/optic nerve",),
    }
