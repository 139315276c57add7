"""The key finding: what an author would name first, and not what goes along with it."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.key import key_finding

TEXTS = (
    # A disease before what is seen of it, and before what it does.
    ("Cardiomegaly. The descending aorta is narrowed. Coarctation of the aorta.", "aortic coarctation"),
    (
        "The right atrium and ventricle are enlarged. Total anomalous pulmonary venous return.",
        "anomalous pulmonary venous return",
    ),
    ("Excessive dorsal epidural fat with moderate narrowing of the thecal sac.", "epidural lipomatosis"),
    (
        "A distal ureterolith of 5 mm on the left with obstruction and perinephric stranding.",
        "ureteral stone",
    ),
    ("Bilateral hilar lymphadenopathy. Linear atelectasis at the left base.", "lymphadenopathy"),
    ("Complete collapse of the left lung. A 4 cm mass occludes the left main bronchus.", "mass"),
    # A disease that is of minor concern, before a general word that is not.
    ("Opacification of the retrocardiac region. Large hiatal hernia.", "hiatal hernia"),
    (
        "Increased uptake in the right lower quadrant. Wall thickening of the terminal ileum.",
        "bowel wall thickening",
    ),
    ("The pons is hyperintense on T2 with slightly reduced diffusion. Glioma of the pons.", "glioma"),
    ("A meningoencephalocele of the frontal bone. Syringohydromyelia of the thoracic cord.", "cephalocele"),
    # A lesion before what it brings about.
    ("A 4 cm hepatic mass with thrombosis of the portal vein.", "liver lesion"),
    ("A lytic lesion of the humerus with a pathologic fracture.", "bone lesion"),
    ("Pulmonary embolism on the left. A nodule of the right lung.", "pulmonary embolism"),
    ("A mass of the posterior fossa. Drop metastases along the cord.", "mass"),
    ("A fracture of T12. The cord is compressed.", "vertebral fracture"),
    # What a mass displaces is not what the text is about.
    ("The trachea is deviated to the right. A thyroid nodule of 4 cm on the left.", "thyroid nodule"),
    # A change of a place that is named, before what goes along with it.
    ("Enlargement of the left obturator muscle. Mild sclerosis of the acetabulum.", "enlargement"),
    # What is said first, of two alike.
    ("A mass of the left kidney. A mass of the bladder.", "renal mass"),
    ("A mass of the bladder. A mass of the left kidney.", "bladder mass"),
    # Urgency between what is otherwise alike.
    ("Multiple rib fractures and a tension pneumothorax on the right.", "pneumothorax"),
    # What the text is about, before what it brings in beside that, whatever its tier.
    ("Pericardial effusion, very large. Also a left pleural effusion.", "pericardial effusion"),
    ("Ossification of the posterior longitudinal ligament. Note the associated syrinx.", "opll"),
    # What CT or MR shows, before what a radiograph showed of it; a disease seen there is still one.
    ("The radiograph shows an opacity in the left lung. CT shows a cyst of the spleen.", "splenic cyst"),
    ("A nodule in the left lung. CT shows a cyst of the liver.", "lung nodule"),
    ("The radiograph shows pneumonia of the left lower lobe. CT shows a hiatal hernia.", "pneumonia"),
    # An adjective describes the finding behind it; a name given to what is described is none of its effects.
    ("A hemorrhagic mass of the liver.", "liver lesion"),
    ("Nodular, irregular pleural thickening on the right.", "pleural thickening"),
    ("A defect of the humeral head. High signal consistent with a Hill-Sachs lesion.", "hill sachs lesion"),
    # What is sure before what is possible.
    ("Possible pulmonary embolism. Left lower lobe pneumonia.", "pneumonia"),
    # What a text or its impression concludes, before the signs and complications that it lists.
    (
        "Hepatomegaly. Ascites. Portal vein thrombosis. Impression: Budd-Chiari syndrome.",
        "budd chiari syndrome",
    ),
    ("A liver mass with splenic infarcts. These findings are compatible with angiosarcoma.", "angiosarcoma"),
    (
        "Skin thickening and pulmonary fibrosis. The constellation is consistent with scleroderma.",
        "scleroderma",
    ),
    ("Edema and hemorrhage. Impression: Ruptured cerebral aneurysm.", "aneurysm"),
    # What is only incidental, or as it was before, after what the images were made for, or is new.
    ("Incidental note is made of a horseshoe kidney. A 4 mm stone in the left ureter.", "ureteral stone"),
    ("A pineal cyst is incidentally noted. Demyelinating plaques of the white matter.", "demyelination"),
    ("No acute abnormality. An incidental arachnoid cyst of the left temporal fossa.", "arachnoid cyst"),
    ("An unchanged mass of the liver. A new mass of the left kidney.", "renal mass"),
    # What goes along with something.
    ("Meckel diverticulum with surrounding phlegmon.", "meckel diverticulum"),
    # A dislocation before what breaks at it; a lung that is sick before the air that leaks from it.
    (
        "Posterior dislocation of the left shoulder. An impaction fracture of the humeral head.",
        "shoulder dislocation",
    ),
    ("Numerous cysts in both lungs. A small left pneumothorax.", "lung cyst"),
    # A sign by itself: what is seen as an outpouching, opacities rather than the bronchograms in them.
    ("A posterior outpouching above the cricopharyngeus. A small hiatal hernia.", "diverticulum"),
    ("Diffuse granular opacities of the lungs with air bronchograms.", "lung opacity"),
    # A tract before what it starts from, a wall that is thick before its narrow lumen.
    ("A fistula from the abscess to the cecum.", "fistula"),
    ("Thickening of the esophageal wall and narrowing of its lumen.", "esophageal thickening"),
    # A signal at a place before what else the sequences show of it.
    (
        "Signal abnormality of both thalami. Hyperintense on FLAIR, restricted diffusion.",
        "signal abnormality",
    ),
    # What an organ is called for before a general word at a place.
    ("Bilateral ureteral dilatation. Soft tissue thickening anterior to the sacrum.", "hydroureter"),
    # What is old is the key where the text calls what it describes so, or tells of nothing else.
    ("A hypodense band in the left kidney, representing an old renal laceration.", "renal laceration"),
    ("An old lacunar infarct of the right thalamus.", "lacunar infarct"),
    # A sign after its disease, which the text may name later; what a collapsed lung draws toward itself.
    ("The appendix is enlarged. An appendicolith. Appendicitis.", "appendicitis"),
    ("The trachea and heart are displaced to the left. Complete collapse of the left lung.", "atelectasis"),
    (
        "Hemorrhage in the fourth ventricle. An arteriovenous malformation of the cerebellum.",
        "arteriovenous malformation",
    ),
    # What stands under the title of a conclusion, and the diagnosis that is confirmed.
    (
        "The appendix is enlarged.\n\nImpression:\nRuptured acute appendicitis with appendicolith.",
        "appendicitis",
    ),
    (
        "Ascites. Portal vein thrombosis.\n\nIMPRESSION:\n1. Splenomegaly.\n2. Budd-Chiari syndrome.",
        "budd chiari syndrome",
    ),
    (
        "A mass of the kidney. A small focus of fat confirms the diagnosis of renal angiomyolipoma.",
        "angiomyolipoma",
    ),
    # A doubted conclusion, one on something else of a patient, and what is less likely stress nothing.
    (
        "Ground-glass opacities of both lungs. This could represent hypersensitivity pneumonitis.",
        "ground-glass opacity",
    ),
    (
        "A patent ductus arteriosus. Changes indicative of this patient's stable dissection.",
        "patent ductus arteriosus",
    ),
    ("Fluid suggests an arcuate uterus or, less likely, a bicornuate uterus.", "arcuate uterus"),
    # What is incidental stays so where it is named again; what the history tells is not what is seen.
    (
        "Incidentally, a fibroma of the tibia. A soft tissue abscess. The nonossifying fibroma is unchanged.",
        "soft tissue abscess",
    ),
    (
        "Marked tortuosity of the right carotid artery. It is the mass alluded to in the clinical history.",
        "tortuosity",
    ),
    # A radiograph named by its view; a study that is only recommended shows nothing.
    ("Chest PA: A retrocardiac opacity. CT: Dilated esophagus.", "esophageal dilatation"),
    (
        "A normal radiograph. CT was recommended. Later a retrocardiac opacity. CT: dilated esophagus.",
        "esophageal dilatation",
    ),
    # What describes a finding, a device and what was removed are never the key.
    ("Enhancement with septations. A 3 cm cyst of the right kidney.", "renal cyst"),
    ("Tracheal tube and central line in place. Consolidation of the right lower lobe.", "consolidation"),
    # A malformation where the blood is, and a lung that has collapsed on its side, and no others.
    (
        "Hemorrhage in the left frontal lobe. Arteriovenous malformation of the left frontal lobe.",
        "arteriovenous malformation",
    ),
    (
        "Massive left retroperitoneal hematoma. Incidental arteriovenous malformation of the kidney.",
        "retroperitoneal hematoma",
    ),
    (
        "Hemorrhage in the fourth ventricle. A small arteriovenous malformation of the lung.",
        "intraventricular hemorrhage",
    ),
    (
        "Right cerebellar AVM, hemorrhage in the lateral and fourth ventricles.",
        "arteriovenous malformation",
    ),
    ("Elevated hemidiaphragm on the right. Mild atelectasis at the right base.", "elevated hemidiaphragm"),
    ("Chest pain. Acute rib fractures on the left. CT: mild emphysema.", "rib fracture"),
    # What is said first, and what is measured.
    ("Thickening of the lower esophageal wall. Thickening of the gastric wall.", "esophageal thickening"),
    ("Emphysema. There are lung nodules of 12 mm.", "lung nodule"),
    ("A mass of the mediastinum. There is narrowing of the ureter.", "mediastinal mass"),
    (
        "Radiograph: A lesion of the tibia. CT: dilated esophagus.",
        "esophageal dilatation",
    ),
    ("Radiograph: Pneumothorax. CT: a cyst of the spleen.", "pneumothorax"),
    # A bleed before the break over it, gas in the bowel wall before that in the veins.
    ("A small subdural hematoma. A fracture of the temporal bone.", "subdural hematoma"),
    ("Gas in the portal vein. Pneumatosis of the small bowel.", "pneumatosis"),
    ("Gallstones. The gallbladder wall is thick, with fluid around the gallbladder.", "gallstone"),
    # What healthy ovaries show.
    ("Multiple follicles in both ovaries. A fluid pattern suggests an arcuate uterus.", "arcuate uterus"),
    # A name rather than the general word for what has it, where both are of one thing.
    (
        "An air-filled lesion beside the esophagus. A large outpouching from the left of the esophagus.",
        "esophageal diverticulum",
    ),
    (
        "A large renal mass on the left. It contains fat, an angiomyolipoma of the left kidney.",
        "angiomyolipoma",
    ),
    ("A large right renal mass of 6 cm. A tiny angiomyolipoma of the left kidney.", "renal mass"),
    ("Loss of gray-white differentiation on the left. Diffusion shows an acute infarct.", "infarct"),
    ("A mass of the liver. There is an esophageal diverticulum.", "liver lesion"),
    # 'Abnormality' says less than any name; the width of a duct less than a lesion.
    (
        "Sclerosis of the femur on the radiograph. MRI: low signal in the area of the abnormality.",
        "sclerotic lesion",
    ),
    (
        "A multicystic lesion of the pancreatic head. The pancreatic duct is dilated to 10 mm.",
        "pancreatic cyst",
    ),
    # The infarct before the stenosis that may have caused it; an opacity before what it has worn off.
    ("An acute infarct of the left hemisphere. A stenosis of the left carotid artery.", "infarct"),
    ("CT: pleural thickening with vessels drawn toward it, a comet tail pattern.", "rounded atelectasis"),
    ("Mild age-appropriate volume loss. Signal abnormality in the white matter.", "signal abnormality"),
    ("Portal hypertension. Focal fat of 3 cm in the left lobe of the liver.", "focal fatty infiltration"),
    ("An opacity of the right middle ear. The scutum is blunted.", "middle ear opacification"),
)


@pytest.mark.parametrize(("text", "key"), TEXTS)
def test_the_key_finding_is_what_the_text_is_about(text: str, key: str) -> None:
    """Written beside the text, in the words of the vocabulary."""
    found = key_finding(extract(text))
    assert found is not None
    assert found.concept.name == key
