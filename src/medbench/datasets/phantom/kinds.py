"""The table of findings: what there is to draw in each region, where, how large and how many."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Side: TypeAlias = Literal["left", "right", "midline"]

BOTH_SIDES: tuple[Side, ...] = ("left", "right")
REGIONS = ("Head", "Thorax", "Abdomen", "Spine/MSK", "Urinary")
"""The regions, in the order in which the cases go round."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of finding."""

    name: str
    sites: dict[str, tuple[str, ...]]
    """Where it may lie → names of the views that show it there."""
    sides: tuple[Side, ...] = ()
    """Sides of the patient it may lie on; none for what has no side."""
    sizes: tuple[int, int] | None = None
    """Smallest and largest size in millimetres; `docs/phantom.md` says what is measured."""
    counts: tuple[int, ...] = (1,)
    """How many there may be."""
    partners: tuple[str, ...] = ()
    """Kinds that may be the second finding; the picture keeps the two apart."""


_HEAD = (
    Kind(
        "hemorrhage",
        {
            "frontal lobe": ("ventricles", "vertex"),
            "parietal lobe": ("ventricles", "vertex"),
        },
        BOTH_SIDES,
        (28, 44),
        partners=("hydrocephalus", "infarct", "subdural hematoma"),
    ),
    Kind(
        "subdural hematoma",
        {"cerebral convexity": ("ventricles", "vertex")},
        BOTH_SIDES,
        (8, 16),
        partners=("infarct", "hemorrhage"),
    ),
    Kind(
        "mass",
        {"frontal lobe": ("ventricles", "vertex"), "parietal lobe": ("ventricles", "vertex")},
        BOTH_SIDES,
        (26, 38),
        partners=("hydrocephalus",),
    ),
    Kind("hydrocephalus", {"lateral ventricles": ("ventricles", "vertex")}),
    Kind(
        "infarct",
        {
            "middle cerebral artery territory": ("ventricles", "vertex"),
            "posterior cerebral artery territory": ("ventricles", "vertex"),
        },
        BOTH_SIDES,
        partners=("subdural hematoma",),
    ),
    Kind("metastases", {"cerebral hemispheres": ("ventricles",)}, (), (12, 18), (3, 4, 5)),
)
_CHEST = (
    Kind(
        "nodule",
        {"upper lobe": ("frontal", "lateral"), "lower lobe": ("frontal", "lateral")},
        BOTH_SIDES,
        (18, 32),
        (1, 1, 2, 3),
        partners=("effusion", "pneumothorax"),
    ),
    Kind(
        "mass",
        {"upper lobe": ("frontal", "lateral"), "lower lobe": ("frontal", "lateral")},
        BOTH_SIDES,
        (38, 60),
        partners=("effusion",),
    ),
    Kind(
        "effusion", {"pleural space": ("frontal", "lateral")}, BOTH_SIDES, partners=("nodule", "cardiomegaly")
    ),
    Kind("pneumothorax", {"pleural space": ("frontal",)}, BOTH_SIDES, partners=("consolidation",)),
    Kind(
        "consolidation",
        {"upper lobe": ("frontal", "lateral"), "lower lobe": ("frontal", "lateral")},
        BOTH_SIDES,
        partners=("effusion",),
    ),
    Kind("cardiomegaly", {"heart": ("frontal", "lateral")}, partners=("effusion",)),
)
_ABDOMEN = (
    Kind(
        "liver cyst",
        {"right lobe of the liver": ("liver", "coronal")},
        (),
        (16, 36),
        (1, 1, 2, 3),
        partners=("kidney stone", "splenomegaly", "aneurysm"),
    ),
    Kind(
        "liver mass",
        {"right lobe of the liver": ("liver", "coronal")},
        (),
        (38, 64),
        partners=("free fluid", "splenomegaly"),
    ),
    Kind(
        "kidney stone",
        {"renal pelvis": ("kidneys", "coronal")},
        BOTH_SIDES,
        (8, 14),
        partners=("liver cyst",),
    ),
    Kind(
        "hydronephrosis", {"kidney": ("kidneys", "coronal")}, BOTH_SIDES, partners=("liver cyst", "aneurysm")
    ),
    Kind(
        "splenomegaly", {"spleen": ("liver", "kidneys", "coronal")}, (), (150, 185), partners=("free fluid",)
    ),
    Kind("free fluid", {"peritoneal cavity": ("liver", "kidneys", "coronal")}, partners=("liver mass",)),
    Kind(
        "aneurysm",
        {"abdominal aorta": ("kidneys", "coronal")},
        ("midline",),
        (46, 64),
        partners=("liver cyst",),
    ),
)
_LEVELS = ("L1", "L2", "L3", "L4")
_DISCS = ("L3-L4", "L4-L5", "L5-S1")
_SAGITTAL = ("sagittal T2", "sagittal T1")
_SPINE = (
    Kind(
        "compression fracture",
        {f"{level} vertebral body": _SAGITTAL for level in ("T12", *_LEVELS[:3])},
        partners=("disc herniation",),
    ),
    Kind(
        "disc herniation",
        {f"{disc} disc": (*_SAGITTAL, "axial T2") for disc in _DISCS},
        ("left", "right", "midline"),
        (7, 11),
        partners=("compression fracture",),
    ),
    Kind("metastases", {"vertebral bodies": _SAGITTAL}, (), (12, 17), (3, 4, 5)),
    Kind("syrinx", {"spinal cord": _SAGITTAL}, ("midline",), (40, 60), partners=("disc herniation",)),
    Kind(
        "spondylolisthesis",
        {"L4-L5 level": _SAGITTAL, "L5-S1 level": _SAGITTAL},
        (),
        (8, 13),
        partners=("syrinx",),
    ),
    Kind("intradural mass", {f"{level} level": _SAGITTAL for level in ("L2", "L3")}, (), (14, 26)),
)
_PELVIS = (
    Kind(
        "bladder stone",
        {"bladder lumen": ("bladder", "coronal")},
        ("midline",),
        (18, 32),
        (1, 1, 2),
        partners=("bone lesion", "hip effusion"),
    ),
    Kind(
        "bladder mass",
        {"lateral bladder wall": ("bladder", "coronal")},
        BOTH_SIDES,
        (20, 36),
        partners=("bone lesion", "ureteral stone"),
    ),
    Kind(
        "bladder diverticulum",
        {"posterolateral bladder wall": ("bladder", "coronal")},
        BOTH_SIDES,
        (22, 34),
        partners=("bladder stone",),
    ),
    Kind(
        "ureteral stone",
        {"distal ureter": ("iliac", "coronal")},
        BOTH_SIDES,
        (7, 11),
        partners=("bone lesion",),
    ),
    Kind(
        "bone lesion",
        {"femoral head": ("bladder", "coronal")},
        BOTH_SIDES,
        (14, 24),
        partners=("bladder mass",),
    ),
    Kind("hip effusion", {"hip joint": ("bladder", "coronal")}, BOTH_SIDES, partners=("bladder stone",)),
    Kind("pelvic fluid", {"rectovesical space": ("bladder",)}, ("midline",), partners=("hip effusion",)),
)

KINDS: dict[str, tuple[Kind, ...]] = dict(
    zip(REGIONS, (_HEAD, _CHEST, _ABDOMEN, _SPINE, _PELVIS), strict=True)
)
"""The kinds of every region."""


def kind_of(region: str, name: str) -> Kind:
    """The kind of that name in a region."""
    return next(kind for kind in KINDS[region] if kind.name == name)
