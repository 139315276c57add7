"""Contrast where it stays, lies or goes; flow; signs of the trunk; devices and what surgeons took out."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

READ: tuple[tuple[str, set[str]], ...] = (
    ("There is residual barium within the colon.", {"retained contrast"}),
    ("Contrast is retained within the stomach after six hours.", {"retained contrast"}),
    ("There is retention of contrast in the vallecula.", {"retained contrast"}),
    ("Contrast layers dependently in the inferior vena cava.", {"contrast layering"}),
    ("There is layering of contrast in the dependent portion of the bladder.", {"contrast layering"}),
    ("There is an air-barium level in the pouch.", {"air fluid level"}),
    ("The distal colon is unopacified.", {"incomplete filling"}),
    ("There is diminished opacification of the left pulmonary veins.", {"incomplete filling"}),
    ("The renal vein fills early on the arterial phase.", {"early filling"}),
    ("Early opacification of the inferior vena cava.", {"early filling"}),
    ("Oral contrast is seen in the pleural space.", {"active extravasation"}),
    ("Contrast enters the trachea during swallowing.", {"aspirated material"}),
    ("Vicarious excretion of contrast in the gallbladder.", {"vicarious excretion"}),
    ("There is asymmetric perfusion of the kidneys.", {"abnormal perfusion"}),
    ("There is a vascular blush in the jejunum.", {"vascular blush"}),
    ("The right kidney is hyperemic.", {"hyperemia"}),
    ("There is no blood flow within the mass.", {"absent flow", "mass"}),
    ("There is no flow in the basilar artery.", {"occlusion"}),
    ("There is decreased flow in the portal vein.", {"decreased flow"}),
    ("Increased velocities in the right internal carotid artery.", {"elevated velocity"}),
    ("The popliteal vein does not compress.", {"deep vein thrombosis"}),
    ("The mesenteric vessels are engorged.", {"engorged vessel"}),
    ("Hypertrophied bronchial arteries are present.", {"bronchial artery enlargement"}),
    ("The tumor wraps around the portal vein.", {"mass", "encasement"}),
    ("There is a web in the left pulmonary artery.", {"vascular web"}),
    ("Calcifications of the arteries of the foot are noted.", {"atherosclerosis"}),
    ("Enlarged PAs on the lateral view.", {"pulmonary artery enlargement"}),
    ("A drowned left lower lobe is seen.", {"fluid filled lung"}),
    ("A tubular opacity is seen in the left upper lobe.", {"tubular opacity"}),
    ("Patchy air space densities in both lungs.", {"lung opacity"}),
    ("Increased density over the lower thoracic spine on the lateral view.", {"obscured border"}),
    ("Elevation of the left mainstem bronchus.", {"elevated left main bronchus"}),
    ("The breast tissue is heterogeneously dense.", {"dense breast"}),
    ("There is enlargement of the right breast.", {"breast enlargement"}),
    ("Free silicone is seen outside the implant.", {"implant rupture", "implant"}),
    ("The bowel loops are matted.", {"adhesion"}),
    ("Blood is seen in the lesser sac.", {"hemoperitoneum"}),
    ("There is diffuse fatty change of the liver.", {"fatty liver"}),
    ("An area of focal sparing adjacent to the portal vein.", {"focal fatty sparing"}),
    ("Overhanging edges of the sigmoid colon.", {"shouldering"}),
    ("The mass distorts the renal contour.", {"mass", "renal contour deformity"}),
    ("There is medial deviation of the ureters.", {"medially deviated ureter"}),
    ("The calyces are blunted.", {"caliceal clubbing"}),
    ("Numerous peripheral follicles are seen in the ovary.", {"multiple follicles"}),
    ("The internal os is open.", {"cervical funneling"}),
    ("A JJ stent is seen in the left ureter.", {"ureteral stent"}),
    ("A percutaneous nephrostomy catheter is in the left kidney.", {"nephrostomy tube"}),
    ("There is an indwelling catheter in the bladder.", {"urinary catheter"}),
    ("The catheter tip is in the right atrium.", {"central venous catheter"}),
    ("The pigtail catheter is in the collection.", {"drain", "collection"}),
    ("Pigtail catheter in the right hemithorax.", {"chest tube"}),
    ("The left breast has been removed.", {"mastectomy"}),
    ("The right kidney was surgically removed.", {"postoperative change"}),
    ("There is focal spasm of the renal artery.", {"arterial spasm"}),
    ("A highly vascular mass is seen in the chest.", {"enhancement", "mass"}),
    ("There is a hematoma in the groin.", {"hematoma"}),
    ("A circumaortic renal vein is noted.", {"aberrant vessel"}),
    ("A pseudotumor is seen in the minor fissure.", {"pleural effusion"}),
    ("Air is seen around the heart.", {"pneumopericardium"}),
    ("The carina is widened.", {"splayed carina"}),
    ("Fluid in the anterior pararenal space.", {"retroperitoneal fluid"}),
    ("The duodenal sweep is widened.", {"widened duodenal sweep"}),
    ("A transition from dilated to decompressed bowel.", {"transition point"}),
    ("The common bile duct tapers abruptly.", {"biliary stricture"}),
    ("The liver edge is rounded.", {"hepatomegaly"}),
    ("The omental fat is infiltrated.", {"omental stranding"}),
    ("The bladder neck is wide open.", {"open bladder neck"}),
    ("There is debris in the collecting system.", {"internal echoes"}),
    ("Placental lakes are seen.", {"placental lakes"}),
    ("A right-sided aorta.", {"right aortic arch"}),
    ("There is delayed visualization of the gallbladder.", {"gallbladder nonvisualization"}),
    ("No tracer reaches the small bowel.", {"delayed biliary excretion"}),
    ("The nipple is retracted.", {"nipple retraction"}),
    ("The subcarinal nodes are enlarged.", {"lymphadenopathy"}),
    ("There is presacral soft tissue.", {"presacral mass"}),
    ("The prostate protrudes into the bladder.", {"prostate enlargement"}),
    ("There is forniceal rupture.", {"forniceal rupture"}),
    ("There is cord prolapse.", {"umbilical cord prolapse"}),
    ("The umbilical cord wraps around the neck.", {"nuchal cord"}),
    ("Fiducial markers in the prostate.", {"fiducial marker"}),
    ("An artificial urinary sphincter is present.", {"artificial urinary sphincter"}),
    ("The left tube does not spill contrast.", {"occlusion"}),
    ("Contrast passes slowly through the esophagus.", {"dysmotility"}),
    ("There is premature spillage of contrast.", {"premature spillage"}),
    ("There is nasopharyngeal regurgitation.", {"nasopharyngeal regurgitation"}),
    ("The rectosigmoid ratio is reversed.", {"hirschsprung disease"}),
    ("The psoas shadow is obscured.", {"lost fat line"}),
    ("Colon cutoff sign.", {"colon cutoff sign"}),
)
NONE_OF_THESE: tuple[tuple[str, str], ...] = (
    ("The mass does not compress the ureter.", "deep vein thrombosis"),
    ("Muscle infiltrated with fat.", "fatty liver"),
    ("The mass lies centrally in the pelvis.", "displacement"),
    ("Air in the bowel wall completely surrounding the lumen.", "encasement"),
    ("Catheter angiogram shows a stenosis of the renal artery.", "catheter"),
    ("Contrast in the left vein in the venous phase of enhancement.", "enhancement"),
    ("Unopacified bowel loops are normal.", "incomplete filling"),
    ("High velocity injury.", "elevated velocity"),
    ("Layering gallstones.", "contrast layering"),
    ("The mass was resected.", "postoperative change"),
)


@pytest.mark.parametrize(("text", "names"), READ)
def test_each_text_is_read_as_these_findings(text: str, names: set[str]) -> None:
    """Nothing else is present in it."""
    assert {one.concept.name for one in extract(text) if one.presence == "present"} == names


@pytest.mark.parametrize(("text", "name"), NONE_OF_THESE)
def test_the_words_of_one_organ_say_nothing_of_another(text: str, name: str) -> None:
    """What the words mean elsewhere is not read."""
    assert name not in {one.concept.name for one in extract(text) if one.presence == "present"}
