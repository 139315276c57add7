"""Words of one organ that are said of another, too, or of what is normal, given or measured."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ: tuple[tuple[str, set[str]], ...] = (
    # what is absent, and what is so by nature
    ("The left testis shows no blood flow.", {"testicular torsion"}),
    ("The left testis has absence of color Doppler flow.", {"testicular torsion"}),
    ("No color flow. The testis is enlarged.", {"absent flow", "enlargement"}),
    ("No venous flow limitation.", set()),
    ("No spill from the left fallopian tube.", {"occlusion"}),
    ("Lack of spill from the right tube.", {"occlusion"}),
    ("The right kidney shows delayed excretion.", {"delayed renal excretion"}),
    ("Biliary excretion is delayed.", {"delayed biliary excretion"}),
    ("A lung edge is visible on neither side.", set()),
    ("The pleural line is visible on ultrasound with normal sliding.", set()),
    ("The common bile duct tapers to a point, normal.", set()),
    ("The conus tapers to a point at L1.", set()),
    ("A caliber transition in the ureter.", set()),
    ("Bronchovascular crowding due to low lung volumes.", {"deformity", "low lung volumes"}),
    ("Blood in the sulcus of the hip.", {"hemorrhage"}),
    ("Blood in the sulci.", {"subarachnoid hemorrhage"}),
    ("The liver tip is rounded, normal size.", set()),
    ("Seizures are lateralized to the left.", set()),
    ("Medialization thyroplasty of the left cord.", set()),
    ("Not displaced, lateralized or rotated.", set()),
    ("Rib fractures on the left, and on neither side is there a pneumothorax.", {"rib fracture"}),
    ("Rib fractures on the left, pneumothorax on neither side.", {"rib fracture"}),
    ("On neither side do I see a pneumothorax.", set()),
    ("No Doppler flow evidence of torsion.", set()),
    ("No arterial flow limiting stenosis.", set()),
    ("Soft tissue in the presacral space is thickened after surgery.", {"thickening"}),
    ("CSF cap over the cerebellum is normal.", set()),
    ("No evidence of vasospasm in the anterior circulation.", set()),
    ("Vasospasm of the left middle cerebral artery.", {"cerebral vasospasm"}),
    ("Normal ossification of the skeleton.", set()),
    ("Gallbladder fossa is expanded after cholecystectomy.", {"cholecystectomy"}),
    ("Entrapment of the rectus abdominis.", set()),
    ("The psoas shadow is obscured by bowel gas.", set()),
    ("The psoas shadow is obscured.", {"lost fat line"}),
    # what is found all the same
    ("Tearing of the anterior labrum.", {"labral tear"}),
    ("Degenerative tearing of the medial meniscus.", {"medial meniscal tear"}),
    ("Tearing of the left eye.", set()),
    ("HIDA: no tracer in the small bowel at 24 hours.", {"delayed biliary excretion"}),
    ("No tracer in the bowel on the V/Q scan.", set()),
    ("Collapse of the arch of the foot.", {"pes planus"}),
    ("Cleft in the vertebral body of L2.", {"butterfly vertebra"}),
    ("Rupture of the fornix of the left kidney.", {"forniceal rupture"}),
    ("A pool of contrast in the spleen.", {"active extravasation"}),
    ("A pool of contrast in the stomach.", set()),
    ("Draining sinus of the foot with osteomyelitis.", {"fistula", "osteomyelitis"}),
    ("The medial rectus muscle is entrapped.", {"muscle entrapment"}),
    ("Cord presentation.", {"umbilical cord prolapse"}),
    ("Stress shielding.", {"device failure"}),
    ("Contrast within the aneurysm sac after EVAR.", {"endoleak"}),
    ("Contrast within the aneurysm sac of the popliteal artery.", {"aneurysm"}),
    ("Chronic posttraumatic changes in the left temporal lobe.", {"post traumatic change"}),
    ("The mandibular coronoid process is fractured.", {"mandibular fracture"}),
    ("Contrast within the aneurysm sac of the left MCA.", {"aneurysm"}),
    # flow
    ("There is no CSF flow abnormality.", set()),
    ("No CSF flow obstruction.", set()),
    ("Lack of CSF flow artifact.", set()),
    ("No CSF flow through the aqueduct.", {"csf flow obstruction"}),
    ("There is no color flow abnormality in the left testis.", set()),
    ("The stenosis is without flow limitation.", {"narrowing"}),
    ("There is no color flow in the left testis.", {"testicular torsion"}),
    ("Catheter induced spasm of the renal artery.", {"arterial spasm"}),
    ("Vessel spasm in the femoral artery.", {"arterial spasm"}),
    ("CT attenuation of the vessels is normal.", set()),
    ("The attenuation of the vessel is greater than that of the muscle.", set()),
    ("The bladder fills early on the VCUG.", set()),
    ("Poor opacification of the pulmonary arteries limits evaluation.", {"enhancement"}),
    ("Persistent contrast enhancement of the liver.", {"enhancement"}),
    ("Gallbladder contrast on cholecystography is normal.", set()),
    ("Decreased compressibility of the breast.", set()),
    # fractures and joints
    ("Fracture is displaced.", {"fracture", "displacement"}),
    ("Angulation of the fracture of the left femur.", {"femur fracture"}),
    ("Overriding of the fracture fragments of the left femur.", {"femur fracture"}),
    ("Overriding aorta.", set()),
    ("Fracture with tear of the biceps tendon.", {"fracture", "biceps tendon rupture"}),
    ("Tear of the superior labrum and biceps anchor.", {"labral tear"}),
    ("High odontoid fracture.", {"odontoid fracture"}),
    ("Tip of the dens lies above C1 and is normal.", set()),
    ("Small muscles of the hand are normal.", set()),
    ("Cortical edema in the tibia.", {"bone marrow edema"}),
    ("Linear cleft in the liver.", set()),
    ("Bony bump on the skull.", set()),
    ("Shallow sulcus of the femoral trochlea with patellar instability.", set()),
    # brain, eye and ear
    ("Few sulci in a premature infant at 26 weeks, normal for age.", set()),
    ("Compensatory dilatation of the ventricle of the heart.", {"cardiomegaly"}),
    ("Rarefaction of the brain parenchyma.", set()),
    ("Thickened choroid plexus.", {"thickening"}),
    ("Retraction pocket of the colon.", {"retraction"}),
    ("Intraocular gas from a penetrating injury.", {"gas", "injury"}),
    ("Engorged optic disc.", {"optic nerve enlargement"}),
    # chest and abdomen
    ("Deep sulcus on the left in a supine chest.", set()),
    ("Inspissated secretions in the endotracheal tube.", {"endotracheal tube"}),
    ("Branching opacity in the left lower lobe.", {"lung opacity"}),
    ("Crescent of air under the right hemidiaphragm.", {"gas"}),
    ("Gas under the diaphragm in the colon.", {"bowel gas"}),
    ("Bladder with thickened trabeculae.", {"bladder wall thickening"}),
    ("Blood in the pelvis of the left kidney.", {"hemorrhage"}),
    ("Branching density in the kidney, a staghorn calculus.", {"kidney stone"}),
    ("The esophagus is indented by the aortic arch.", set()),
    ("The mass alters the renal contour.", {"renal mass"}),
    ("Reflux to the level of the renal pelvis.", set()),
    ("Hepatic lobectomy.", {"postoperative change"}),
    ("Testicular torsion with swollen cord.", {"testicular torsion", "edema"}),
    ("Fluid in the lesser sac bursa.", {"ascites"}),
    ("Edema surrounding the brachial plexus.", {"edema"}),
    ("After liver biopsy there is a hematoma.", {"hepatic hematoma"}),
    # uptake
    ("Radiotracer concentration in the kidneys is normal.", set()),
    ("The foot is cold, the joint is hot.", set()),
    ("The patient's foot is hot and swollen.", {"edema"}),
    ("Infiltration of the muscle by fat.", {"inflammation"}),
    ("High T2 weighting.", set()),
    ("The contrast does not spill from the cup.", set()),
    ("Subsidence of the swelling after treatment.", {"edema"}),
    ("A patient with tearing and proptosis.", {"proptosis"}),
    ("Proximal migration of the ureteral stent.", {"device failure"}),
    ("The stomach is poorly filled, which limits evaluation.", set()),
    ("Rim of CSF around the optic nerve.", set()),
    ("Collapse of the arch of the aorta.", {"collapse"}),
    ("Flattening of the arch of C1.", {"deformity"}),
    ("Rupture of the fornix of the vagina.", {"tear"}),
    ("Gas in the vertebral body.", {"gas"}),
    ("Gas filled cleft in the meniscus.", set()),
    ("The right ventricular infundibulum is not seen.", set()),
    ("Coalescence of the air cells in the lung.", {"gas"}),
    ("Subcapsular rim enhancement of the liver abscess.", {"liver abscess", "ring enhancement"}),
    ("The presacral soft tissues are normal.", set()),
    ("Filling of the aneurysm sac.", {"aneurysm"}),
    ("Sequestered fragment of bone in osteomyelitis.", {"bone fragment", "osteomyelitis"}),
    ("Muscle is entrapped in the hernia.", {"hernia"}),
    ("The clavicle is elevated.", {"displacement"}),
    ("Detachment of the retina.", {"retinal detachment"}),
    ("No activity in the bowel.", set()),
    ("Tracer accumulates in the bladder.", set()),
    ("Patchy signal loss from metal.", {"hypointensity"}),
    ("Increased T2 relaxation time.", set()),
    ("The umbilical cord is enlarged.", {"enlargement"}),
    ("High T2 compression fracture.", {"vertebral fracture"}),
    ("Peripheral vascularity of the lungs is normal.", set()),
    ("The peripheral vascularity is decreased in the lungs.", {"oligemia"}),
    ("Stent in the urethra.", {"stent"}),
    ("Silicone oil in the breast.", {"postoperative change"}),
    ("Optic nerve is stretched by proptosis.", {"proptosis", "stretched optic nerve"}),
    ("Impaction injury of the tooth.", {"injury"}),
    ("Cold lesion in the thyroid.", {"lesion"}),
    ("Overexpanded stent.", {"stent"}),
    ("Elevated periosteum of the orbit.", {"displacement"}),
    ("Duct ectasia of the bile ducts.", {"biliary dilatation"}),
    ("The popliteal vein is not compressible.", {"deep vein thrombosis"}),
    ("The bowel is not compressible.", set()),
    ("Opacified sinus with infundibular occlusion.", {"sinus disease"}),
    ("Linear signal void in the liver.", {"hypointensity"}),
    ("Liver biopsy complicated by hemorrhage.", {"hepatic hematoma"}),
    ("Contrast within the hematoma.", {"hematoma"}),
    ("Fragmented kidney.", {"renal laceration"}),
    ("The stone is fragmented.", {"stone"}),
    # a name with a place in it takes none from what stands beside it
    ("Retinal and choroidal detachment of the left eye.", {"retinal detachment"}),
    ("Shortening of the distal radius fracture.", {"radius fracture"}),
    ("There is dorsal angulation of the distal radius fracture.", {"radius fracture"}),
    ("Apex volar angulation of the distal radius fracture.", {"radius fracture"}),
    ("Swollen spinal cord with T2 hyperintensity.", {"cord signal abnormality"}),
    ("Enlarged spinal cord with high T2 signal.", {"expansion of spinal cord", "cord signal abnormality"}),
    ("Spinal cord swelling with hemorrhage.", {"cord signal abnormality", "hematomyelia"}),
    ("Retroperitoneal fluid collection.", {"collection"}),
    ("A dilated duct in the left breast with an intraductal mass.", {"duct ectasia", "breast mass"}),
    ("Delayed emptying of the bladder.", {"dysmotility"}),
)


@pytest.mark.parametrize(("text", "names"), READ, ids=[text for text, _ in READ])
def test_a_word_is_not_read_in_another_organ(text: str, names: set[str]) -> None:
    """Nothing else is present in it."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == names


DENIED = [
    ("No retinal or choroidal detachment.", {"retinal detachment"}),
    ("No cord expansion or edema.", {"expansion of spinal cord", "cord signal abnormality"}),
    ("No retroperitoneal fluid collection or hematoma.", {"collection", "retroperitoneal hematoma"}),
]


@pytest.mark.parametrize(("text", "names"), DENIED)
def test_what_is_denied_beside_it_keeps_its_organ(text: str, names: set[str]) -> None:
    """Both are absent of one organ."""
    assert {one.concept.name for one in extract(text) if one.presence == "absent"} == names


PLACES = [
    ("Early opacification of the cavernous sinus.", "brain/cavernous sinus"),
    ("Trigeminal schwannoma.", "brain/cranial nerve"),
    ("Retroperitoneal fluid collection.", "abdomen/retroperitoneum"),
    ("Astrocytoma of the parietal lobe. Brain biopsy showed an astrocytoma.", "brain/parietal"),
    ("A nail in the tibia with nonunion.", "bone/tibia"),
    ("A palm sized mass in the abdomen.", "abdomen"),
    ("A prolapse through the anterior compartment of the pelvis.", "pelvis"),
]


@pytest.mark.parametrize(("text", "place"), PLACES)
def test_a_word_of_another_place_takes_none(text: str, place: str) -> None:
    """A biopsy tells no place, a nail is metal, a palm is a size, and not only muscles have compartments."""
    assert [one.places for one in extract(text)] == [(place,)]
