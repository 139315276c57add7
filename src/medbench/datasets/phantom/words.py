"""The other words of a report: what is normal, what is not there, and the reason for the study."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from medbench.datasets.phantom.sentences import Variants

NORMAL: dict[str, Variants] = {
    "Head": (
        "No acute intracranial abnormality.",
        "Normal CT of the head.",
        "The brain parenchyma is normal in density with preserved gray-white differentiation.",
    ),
    "Thorax": (
        "The lungs are clear on both views.",
        "Normal chest radiographs with clear lungs.",
        "No acute cardiopulmonary abnormality.",
    ),
    "Abdomen": (
        "Normal CT of the abdomen.",
        "No abnormality of the solid abdominal organs.",
        "The liver, spleen and kidneys enhance homogeneously and are normal.",
    ),
    "Spine/MSK": (
        "Normal MRI of the thoracolumbar spine.",
        "The vertebral bodies are normal in height, alignment and signal.",
        "No abnormality of the vertebral column or the spinal canal.",
    ),
    "Urinary": (
        "Normal CT of the pelvis.",
        "The bladder and the pelvic organs are normal.",
        "No abnormality of the bladder, the distal ureters or the pelvic bones.",
    ),
}
"""First sentences of a report without findings."""

_BLEEDING = ("hemorrhage", "subdural hematoma")
_LUNG = ("nodule", "mass", "consolidation")
_KIDNEY = ("kidney stone", "hydronephrosis")
_BLADDER = ("bladder stone", "bladder mass", "bladder diverticulum")

RULED_OUT: dict[str, tuple[tuple[Variants, str], ...]] = {
    "Head": (
        (_BLEEDING, "No intracranial hemorrhage or extra-axial collection."),
        (("hydrocephalus",), "The ventricles are normal in size and configuration."),
        ((), "There is no midline shift."),
        (("infarct",), "No evidence of an acute territorial infarct."),
        ((), "The skull is intact."),
        (("mass", "metastases", "hemorrhage"), "No mass or abnormal edema."),
    ),
    "Thorax": (
        (("effusion",), "No pleural effusion."),
        (("pneumothorax",), "There is no pneumothorax."),
        (("cardiomegaly",), "The heart is normal in size."),
        (("consolidation",), "No focal consolidation."),
        ((), "The mediastinal contours are normal and the bony thorax is intact."),
        (_LUNG, "No pulmonary nodule or mass."),
    ),
    "Abdomen": (
        (("free fluid",), "No free fluid."),
        (("splenomegaly",), "The spleen is normal in size."),
        (_KIDNEY, "Both kidneys are normal without stones or hydronephrosis."),
        (("aneurysm",), "The abdominal aorta is normal in caliber."),
        (("liver cyst", "liver mass"), "No focal liver lesion."),
        ((), "The bowel is not dilated."),
    ),
    "Spine/MSK": (
        (("compression fracture",), "Vertebral body heights are maintained."),
        (("spondylolisthesis",), "Alignment is normal."),
        (("disc herniation",), "No disc herniation or canal stenosis."),
        (("syrinx",), "The conus and the distal cord are normal in signal."),
        (("metastases", "compression fracture"), "No abnormal marrow signal."),
        ((), "The paraspinal soft tissues are unremarkable."),
    ),
    "Urinary": (
        (_BLADDER, "The bladder is well distended with a smooth thin wall."),
        (("bladder stone", "ureteral stone"), "No calculi are seen."),
        (("pelvic fluid",), "No free pelvic fluid."),
        (("bone lesion",), "No focal bone lesion or fracture."),
        (("hip effusion",), "The hip joints are normal."),
        ((), "No enlarged pelvic lymph nodes."),
    ),
}
"""Sentences about what is not there, each with the kinds that would make it untrue."""

HISTORIES: dict[str, Variants] = {
    "Head": (
        "Headache for three days.",
        "Confusion since this morning.",
        "Found on the floor at home.",
        "Dizziness and vomiting.",
        "First seizure.",
        "Unsteady gait, worsening over weeks.",
    ),
    "Thorax": (
        "Cough for two weeks.",
        "Shortness of breath on exertion.",
        "Chest pain since yesterday.",
        "Preoperative examination.",
        "Fever and malaise.",
        "Weight loss.",
    ),
    "Abdomen": (
        "Abdominal pain for one week.",
        "Right-sided and left-sided flank discomfort.",
        "Abnormal blood tests.",
        "Unintended weight loss.",
        "Nausea and loss of appetite.",
        "Follow-up examination.",
    ),
    "Spine/MSK": (
        "Low back pain for a month.",
        "Back pain radiating to the legs.",
        "Numbness of both feet.",
        "Back pain, worse at night.",
        "Difficulty walking.",
        "Back pain after lifting.",
    ),
    "Urinary": (
        "Blood in the urine.",
        "Lower abdominal pain.",
        "Frequent and painful urination.",
        "Pelvic pain for two weeks.",
        "Pain in the groin.",
        "Recurrent urinary tract infection.",
    ),
}
"""Reasons for a study; none depends on a finding."""
