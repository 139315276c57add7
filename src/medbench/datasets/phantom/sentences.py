"""The sentences of the reports for every kind of finding; `report.py` fills in sides, sizes and numbers."""

from __future__ import annotations

from typing import TypeAlias

Variants: TypeAlias = tuple[str, ...]

SENTENCES: dict[tuple[str, str], tuple[Variants, Variants]] = {
    ("Head", "hemorrhage"): (
        (
            "There is {a} {size} mm hyperdense hemorrhage in the {side} {site} with a thin rim of edema.",
            "{A} {size} mm acute intraparenchymal hemorrhage is seen in the {side} {site}.",
            "Hyperdense focus of acute hemorrhage in the {side} {site}, measuring {size} mm.",
        ),
        (),
    ),
    ("Head", "subdural hematoma"): (
        (
            (
                "There is a hyperdense crescentic subdural hematoma over the {side} {site}, up to {size} "
                "mm thick."
            ),
            "{A} {size} mm thick acute subdural hematoma overlies the {side} {site}.",
            (
                "Crescent-shaped extra-axial hyperdense collection along the {side} {site}, {size} mm thick, "
                "consistent with an acute subdural hematoma."
            ),
        ),
        (),
    ),
    ("Head", "mass"): (
        (
            "There is {a} {size} mm round mass in the {side} {site} with surrounding vasogenic edema.",
            (
                "{A} {size} mm hyperdense mass with a hypodense center lies in the {side} {site}, "
                "surrounded by edema."
            ),
            "Intra-axial mass of the {side} {site}, {size} mm in diameter, with marked perifocal edema.",
        ),
        (),
    ),
    ("Head", "hydrocephalus"): (
        (
            "The lateral and third ventricles are markedly dilated, consistent with hydrocephalus.",
            "There is hydrocephalus with enlargement of the lateral and third ventricles.",
            (
                "Marked ventriculomegaly involving the {site} and the third ventricle, in keeping with "
                "hydrocephalus."
            ),
        ),
        (),
    ),
    ("Head", "infarct"): (
        (
            "There is a wedge-shaped hypodense area in the {side} {site}, consistent with an infarct.",
            (
                "Hypodensity with loss of gray-white differentiation in the {side} {site}, compatible "
                "with infarct."
            ),
            "A subacute infarct involves the {side} {site}, seen as a well-defined hypodense area.",
        ),
        (),
    ),
    ("Head", "metastases"): (
        ("A {size} mm hyperdense metastasis is seen in the {site}.",),
        (
            (
                "There are {count} round hyperdense lesions with surrounding edema in both {site}, the "
                "largest {size} mm, consistent with metastases."
            ),
            (
                "{Count} hyperdense metastases with perifocal edema are scattered in both {site}; the "
                "largest measures {size} mm."
            ),
        ),
    ),
    ("Thorax", "nodule"): (
        (
            "There is {a} {size} mm round nodule in the {side} {site}.",
            "{A} {size} mm well-defined solitary pulmonary nodule projects over the {side} {site}.",
            "Solitary round nodule of the {side} {site}, {size} mm in diameter.",
        ),
        (
            "There are {count} round nodules in the {side} {site}, the largest measuring {size} mm.",
            (
                "{Count} well-defined pulmonary nodules project over the {side} {site}; the largest is "
                "{size} mm."
            ),
        ),
    ),
    ("Thorax", "mass"): (
        (
            "There is {a} {size} mm rounded mass in the {side} {site}.",
            "{A} {size} mm well-circumscribed lung mass occupies the {side} {site}.",
            "Large rounded opacity of the {side} {site}, {size} mm in diameter, consistent with a lung mass.",
        ),
        (),
    ),
    ("Thorax", "effusion"): (
        (
            "There is a moderate {side} pleural effusion with blunting of the costophrenic angle.",
            (
                "A moderate pleural effusion is present on the {side} with a meniscus along the lateral "
                "chest wall."
            ),
            (
                "Homogeneous opacity at the {side} lung base with a meniscus sign, consistent with a "
                "pleural effusion."
            ),
        ),
        (),
    ),
    ("Thorax", "pneumothorax"): (
        (
            "There is a large {side} pneumothorax with a visible visceral pleural line.",
            (
                "A {side} pneumothorax is present; the lung is partly collapsed and no lung markings are "
                "seen lateral to the pleural line."
            ),
            (
                "Lucency without lung markings in the periphery of the {side} hemithorax, consistent "
                "with a pneumothorax."
            ),
        ),
        (),
    ),
    ("Thorax", "consolidation"): (
        (
            "There is patchy consolidation in the {side} {site}.",
            "An ill-defined airspace consolidation is seen in the {side} {site}.",
            "Hazy airspace opacity in the {side} {site}, consistent with consolidation.",
        ),
        (),
    ),
    ("Thorax", "cardiomegaly"): (
        (
            "The heart is markedly enlarged, consistent with cardiomegaly.",
            "There is marked cardiomegaly with an increased cardiothoracic ratio.",
            (
                "Enlarged cardiac silhouette occupying more than half of the thoracic width, in keeping "
                "with cardiomegaly."
            ),
        ),
        (),
    ),
    ("Abdomen", "liver cyst"): (
        (
            "There is {a} {size} mm round hypodense cyst in the {site}.",
            "{A} {size} mm sharply marginated simple cyst is seen in the {site}.",
            "Well-defined nonenhancing hypodense lesion in the {site}, {size} mm, consistent with a cyst.",
        ),
        (
            "There are {count} round hypodense cysts in the {site}, the largest measuring {size} mm.",
            "{Count} sharply marginated simple cysts are seen in the {site}; the largest is {size} mm.",
        ),
    ),
    ("Abdomen", "liver mass"): (
        (
            "There is {a} {size} mm hypodense mass with rim enhancement in the {site}.",
            "{A} {size} mm rim-enhancing mass with central necrosis is seen in the {site}.",
            "Large mass in the {site}, {size} mm, with an enhancing rim and a hypodense center.",
        ),
        (),
    ),
    ("Abdomen", "kidney stone"): (
        (
            "There is {a} {size} mm stone in the {side} {site}.",
            "{A} {size} mm hyperdense calculus lies in the {side} {site}, consistent with a kidney stone.",
            "Nonobstructing {size} mm stone in the {side} kidney, located in the {site}.",
        ),
        (),
    ),
    ("Abdomen", "hydronephrosis"): (
        (
            "There is {side} hydronephrosis with dilatation of the renal pelvis and calyces.",
            "The {side} renal collecting system is markedly dilated, consistent with hydronephrosis.",
            "Moderate to marked hydronephrosis of the {side} kidney.",
        ),
        (),
    ),
    ("Abdomen", "splenomegaly"): (
        (
            "The spleen is enlarged, measuring {size} mm in length, consistent with splenomegaly.",
            "There is splenomegaly with a craniocaudal length of {size} mm.",
            "Marked splenomegaly; the homogeneous spleen is {size} mm long.",
        ),
        (),
    ),
    ("Abdomen", "free fluid"): (
        (
            "There is free fluid around the liver and spleen and in the paracolic gutters.",
            "A moderate amount of free fluid is present in the peritoneal cavity, consistent with ascites.",
            "Ascites with free fluid surrounding the liver and spleen.",
        ),
        (),
    ),
    ("Abdomen", "aneurysm"): (
        (
            "There is an infrarenal {site} aneurysm measuring {size} mm with mural thrombus.",
            "The {site} is aneurysmal, {size} mm in diameter, with a circumferential mural thrombus.",
            "Fusiform aneurysm of the {site} with a maximum diameter of {size} mm and mural thrombus.",
        ),
        (),
    ),
    ("Spine/MSK", "compression fracture"): (
        (
            "There is a compression fracture of the {site} with anterior wedging and marrow edema.",
            "Anterior wedge compression fracture of the {site} with about half of the anterior height lost.",
            (
                "The {site} is wedge-shaped and shows marrow edema, consistent with an acute compression "
                "fracture."
            ),
        ),
        (),
    ),
    ("Spine/MSK", "disc herniation"): (
        (
            "There is a {place} disc herniation at {level}, {size} mm in depth, indenting the thecal sac.",
            "At {level} a {place} disc herniation extends {size} mm into the spinal canal.",
            (
                "{A} {size} mm {place} disc herniation at {level} compresses the thecal sac; the disc is "
                "desiccated."
            ),
        ),
        (),
    ),
    ("Spine/MSK", "metastases"): (
        ("A {size} mm metastasis is seen in the {site}.",),
        (
            (
                "There are {count} round lesions in the {site}, dark on T1 and bright on T2, the largest "
                "{size} mm, consistent with metastases."
            ),
            (
                "{Count} focal marrow-replacing metastases are seen in the {site}; the largest measures "
                "{size} mm."
            ),
        ),
    ),
    ("Spine/MSK", "syrinx"): (
        (
            "There is a {size} mm long syrinx in the distal {site}.",
            "A fluid-filled syrinx extends over {size} mm in the center of the distal {site}.",
            (
                "Longitudinal central cavity in the {site} with fluid signal, {size} mm long, consistent "
                "with a syrinx."
            ),
        ),
        (),
    ),
    ("Spine/MSK", "spondylolisthesis"): (
        (
            "There is anterior spondylolisthesis at {level} with {size} mm of slip.",
            "Anterolisthesis of {size} mm at {level}, consistent with spondylolisthesis.",
            "The upper vertebra at {level} has slipped forward by {size} mm (spondylolisthesis).",
        ),
        (),
    ),
    ("Spine/MSK", "intradural mass"): (
        (
            "There is {a} {size} mm intradural mass at {level} that displaces the nerve roots.",
            "{A} {size} mm well-defined intradural mass lies in the spinal canal at {level}.",
            "Ovoid intradural extramedullary mass at the level of {level}, {size} mm long.",
        ),
        (),
    ),
    ("Urinary", "bladder stone"): (
        (
            "There is {a} {size} mm hyperdense stone in the bladder.",
            "{A} {size} mm bladder stone lies dependently in the bladder lumen.",
            "Single calcified calculus in the bladder lumen, {size} mm, consistent with a bladder stone.",
        ),
        (
            "There are {count} hyperdense stones in the bladder, the largest measuring {size} mm.",
            "{Count} bladder stones lie dependently in the bladder lumen; the largest is {size} mm.",
        ),
    ),
    ("Urinary", "bladder mass"): (
        (
            "There is {a} {size} mm soft tissue mass arising from the {side} {site}.",
            "{A} {size} mm polypoid bladder mass projects into the lumen from the {side} {site}.",
            "Intraluminal soft tissue mass along the {side} {site}, {size} mm in diameter.",
        ),
        (),
    ),
    ("Urinary", "bladder diverticulum"): (
        (
            "There is {a} {size} mm diverticulum of the {side} {site}.",
            (
                "{A} {size} mm bladder diverticulum arises from the {side} {site} and communicates with "
                "the lumen."
            ),
            (
                "Fluid-filled outpouching of the {side} {site}, {size} mm, consistent with a bladder "
                "diverticulum."
            ),
        ),
        (),
    ),
    ("Urinary", "ureteral stone"): (
        (
            "There is {a} {size} mm stone in the {side} {site} with dilatation of the ureter above it.",
            (
                "{A} {size} mm obstructing ureteral stone is seen in the {side} {site}; the proximal "
                "ureter is dilated."
            ),
            "Calcified calculus in the {side} {site}, {size} mm, with {side} hydroureter.",
        ),
        (),
    ),
    ("Urinary", "bone lesion"): (
        (
            "There is {a} {size} mm lytic lesion in the {side} {site}.",
            "{A} {size} mm well-defined lytic bone lesion is seen in the {side} {site}.",
            "Round lytic bone lesion of the {side} {site}, {size} mm in diameter.",
        ),
        (),
    ),
    ("Urinary", "hip effusion"): (
        (
            "There is a {side} hip joint effusion.",
            "A moderate effusion distends the {side} hip joint.",
            "Low-density fluid surrounds the {side} femoral head, consistent with a hip effusion.",
        ),
        (),
    ),
    ("Urinary", "pelvic fluid"): (
        (
            "There is a small amount of free fluid in the pelvis, in the {site}.",
            "Free pelvic fluid is present between the bladder and the rectum.",
            "Low-density free fluid collects in the {site} behind the bladder.",
        ),
        (),
    ),
}
"""(region, kind) → sentences for one and sentences for several."""
