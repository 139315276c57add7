"""The phantom: drawn, radiology-like images with exactly known findings, and reports written from them.

`docs/phantom.md` says what it is for, what it is not, and what is guaranteed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from medbench.datasets.phantom import abdomen, chest, head, pelvis, spine
from medbench.datasets.phantom.kinds import REGIONS
from medbench.datasets.phantom.patient import Patient
from medbench.datasets.phantom.plan import choose_views, complete, plan_case
from medbench.datasets.phantom.report import write_diagnosis, write_history, write_report
from medbench.datasets.phantom.scene import Scene, views_of
from medbench.datasets.source import SourceCase, SourceImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.reference import KnownFinding

__all__ = ["REGIONS", "draw_case", "phantom_cases"]

_DRAWERS = dict(zip(REGIONS, (head, chest, abdomen, spine, pelvis), strict=True))


def phantom_cases(count: int, seed: int, *, start: int = 0) -> list[SourceCase]:
    """Draw cases `start + 1` to `start + count` of a seed; a case is the same whatever the count.

    Args:
        count: How many cases.
        seed: Names the endless row of cases that they are taken from.
        start: How many cases of that row to pass over.
    """
    numbers = range(start + 1, start + count + 1)
    return [draw_case(*plan_case(seed, number), seed=seed, number=number) for number in numbers]


def draw_case(
    region: str, findings: Sequence[KnownFinding], *, seed: int = 1, number: int = 1, absent: bool = False
) -> SourceCase:
    """Draw one patient with these findings; the patient depends on seed and number alone.

    So the same finding on the other side, or none at all, is drawn into the same anatomy: a pair that only
    somebody who looks at the images can tell apart.

    Args:
        region: One of `REGIONS`.
        findings: What to draw. Site, side and size may be left out; `images` is filled in.
        seed: With the number, names the patient.
        number: With the seed, names the patient.
        absent: Choose the images as for these findings, but leave the findings out.

    Raises:
        UsageError: A finding that this region does not have.
    """
    patient = Patient(f"{seed}/{number} {region}")
    whole = tuple(complete(region, finding) for finding in findings)
    views = choose_views(region, whole, _DRAWERS[region].VIEWS, patient.dice("views"))
    if absent:
        whole = ()
    known = tuple(finding.model_copy(update={"images": _images(region, finding, views)}) for finding in whole)
    name = f"PH-{seed}-{number:04d}"
    dice = patient.dice("person")
    sex: Literal["female", "male"] = "female" if dice.chance(0.5) else "male"
    return SourceCase(
        source_id=name,
        region=region,
        images=_draw(Scene(region, patient, known), views, name),
        text=write_report(region, known, patient.dice("report")),
        age=str(dice.whole(24, 86)),
        sex=sex,
        history=write_history(region, dice),
        topic=f"{region}: {' + '.join(sorted(finding.kind for finding in known)) or 'normal'}",
        diagnosis=write_diagnosis(region, known),
        known_findings=known,
    )


def _images(region: str, finding: KnownFinding, views: Sequence[str]) -> tuple[int, ...]:
    shown = views_of(region, finding)
    return tuple(place for place, view in enumerate(views, start=1) if view in shown)


def _draw(scene: Scene, views: Sequence[str], name: str) -> tuple[SourceImage, ...]:
    images = []
    for place, view in enumerate(views, start=1):
        picture = _DRAWERS[scene.region].draw(scene, view)
        images.append(
            SourceImage(
                name=f"{name}-{place}",
                data=picture.png,
                modality=picture.modality,
                plane=picture.plane,
                sequence=picture.sequence,
                contrast=picture.contrast,
            )
        )
    return tuple(images)
