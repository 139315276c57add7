"""The phantom: drawn, radiology-like images with exactly known findings, and reports written from them.

`docs/phantom.md` says what it is for, what it is not, and what is guaranteed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from medbench.datasets.phantom.drawing import draw_view
from medbench.datasets.phantom.patient import Patient
from medbench.datasets.phantom.plan import choose_views, complete, plan_case
from medbench.datasets.phantom.regions import find_region
from medbench.datasets.phantom.report import write_diagnosis, write_report
from medbench.datasets.source import SourceCase, SourceImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.reference import KnownFinding


def phantom_cases(count: int, seed: int, *, start: int = 0, edition: int = 1) -> list[SourceCase]:
    """Draw cases `start + 1` to `start + count` of a seed; a case is the same whatever the count.

    Args:
        count: How many cases.
        seed: Names the endless series of cases that they are taken from.
        start: How many cases of that series to pass over.
        edition: 1 for the drawing and wording of phantom-40, 2 for those of phantom-200.
    """
    numbers = range(start + 1, start + count + 1)
    return [
        draw_case(*plan_case(seed, number, edition), seed=seed, number=number, edition=edition)
        for number in numbers
    ]


def draw_case(  # noqa: PLR0913 - what a case depends on
    region: str,
    findings: Sequence[KnownFinding],
    *,
    seed: int = 1,
    number: int = 1,
    absent: bool = False,
    edition: int = 1,
) -> SourceCase:
    """Draw one patient with these findings; the patient depends on seed and number alone.

    So the same finding on the other side, or none at all, is drawn into the same anatomy: a pair of cases
    that differ in nothing but the finding.

    Args:
        region: One of `REGIONS`.
        findings: What to draw. Site, side and size may be left out; `images` is filled in.
        seed: With the number, names the patient.
        number: With the seed, names the patient.
        absent: Choose the images as for these findings, but leave the findings out.
        edition: 1 for the drawing and wording of phantom-40, 2 for those of phantom-200.

    Raises:
        UsageError: There is no such region, or it does not have such a finding.
    """
    place = find_region(region)
    patient = Patient(f"{seed}/{number} {region}", edition)
    whole = [complete(place, finding) for finding in findings]
    views = choose_views(place, whole, patient.dice("views"), edition)
    known = tuple(
        finding.model_copy(
            update={
                "images": tuple(
                    image
                    for image, view in enumerate(views, start=1)
                    if view.name in place.kind(finding.kind).views
                )
            }
        )
        for finding in ([] if absent else whole)
    )
    name = f"PH{edition if edition > 1 else ''}-{seed}-{number:04d}"
    dice = patient.dice("person")
    sex: Literal["female", "male"] = "female" if dice.chance(0.5) else "male"
    return SourceCase(
        source_id=name,
        region=region,
        images=tuple(
            SourceImage(
                name=f"{name}-{image}",
                content=draw_view(place, view, patient, known),
                modality=place.modality,
                plane=view.plane,
                sequence=view.sequence,
                contrast=place.contrast,
            )
            for image, view in enumerate(views, start=1)
        ),
        text=write_report(place, known, patient.dice("report"), edition),
        age=str(dice.whole(24, 86)),
        sex=sex,
        history=dice.pick(place.histories),
        topic=f"{region}: {' + '.join(sorted(finding.kind for finding in known)) or 'normal'}",
        diagnosis=write_diagnosis(region, known),
        known_findings=known,
    )
