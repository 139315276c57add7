"""The regions of the body that a text speaks of, and those that an image of them can show too."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from medbench.scoring.extraction.places.paths import within

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.scoring.extraction.observed import Finding

_HEAD, _NECK, _CHEST, _ABDOMEN, _LIMB = "head", "neck", "chest", "abdomen", "limb"
# The first prefix that holds a place decides. Bone, spine, vessel, muscle and lymph node by themselves are of
# no region.
_REGIONS: Final = (
    (("brain", "skull", "face", "orbit", "scalp", "vessel/intracranial"), _HEAD),
    (("neck", "vessel/carotid", "vessel/vertebral", "vessel/jugular", "spine/cervical"), _NECK),
    (("chest", "aorta/thoracic", "vessel/pulmonary", "vessel/pulmonary vasculature"), _CHEST),
    (("vessel/pulmonary vein", "vessel/coronary", "vessel/svc", "vessel/subclavian"), _CHEST),
    (("spine/thoracic", "bone/rib", "bone/sternum", "bone/clavicle", "bone/scapula"), _CHEST),
    (("abdomen", "urinary", "pelvis", "aorta/abdominal", "vessel/portal", "vessel/renal"), _ABDOMEN),
    (("vessel/mesenteric", "vessel/ivc", "vessel/iliac", "spine/lumbar", "spine/sacrum"), _ABDOMEN),
    (("bone/pelvis", "joint/sacroiliac"), _ABDOMEN),
    (("joint", "limb", "muscle/arm", "muscle/buttock", "muscle/calf", "muscle/thigh"), _LIMB),
    (("bone/femur", "bone/tibia", "bone/fibula", "bone/foot", "bone/humerus", "bone/radius"), _LIMB),
    (("bone/ulna", "bone/forearm", "bone/hand", "bone/wrist"), _LIMB),
)
_SHOWN_WITH: Final = {
    _HEAD: {_HEAD, _NECK},
    _NECK: {_HEAD, _NECK, _CHEST},
    _CHEST: {_NECK, _CHEST, _ABDOMEN, _LIMB},
    _ABDOMEN: {_CHEST, _ABDOMEN, _LIMB},
    _LIMB: {_CHEST, _ABDOMEN, _LIMB},
}
"""Region to those of which an image of it can show a part: shoulders, hips, the bases of the lungs."""


def shown(findings: Iterable[Finding]) -> frozenset[str]:
    """Return the regions that an image of these findings can show; empty where none is known."""
    own: set[str] = set()
    for finding in findings:
        own |= regions(finding)
    return _shown(frozenset(own))


@lru_cache
def _shown(own: frozenset[str]) -> frozenset[str]:
    return frozenset(other for region in own for other in _SHOWN_WITH[region])


def regions(finding: Finding) -> frozenset[str]:
    """Return the regions of a finding, by its places or else its usual one; empty where none is known."""
    return _regions(finding.places or (finding.concept.place,))


@lru_cache(maxsize=4_000)
def _regions(places: tuple[str, ...]) -> frozenset[str]:
    return frozenset(region for place in places if (region := _region(place)))


@lru_cache(maxsize=4_000)
def _region(place: str) -> str:
    return next(
        (region for prefixes, region in _REGIONS if any(within(place, prefix) for prefix in prefixes)), ""
    )
