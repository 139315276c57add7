"""Each image as a case: its own caption is the reference, and the images of one case stay together."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from source_cases import made_case

from medbench.datasets.examine import examine, left_out
from medbench.datasets.medpix import marked, one_image_each, patients_of_images
from medbench.datasets.pool import plan_pool
from medbench.datasets.source import SourceCase, SourceImage
from medbench.steps.build import build_medpix
from medbench.steps.reading.case_facts import case_facts
from medbench.store.benchmark import BenchmarkFolder

OWN = "A ring enhancing lesion of {} mm lies in the left frontal lobe."


def _captioned(uid: str, *captions: str) -> SourceCase:
    case = made_case(uid, ",".join(["MR"] * len(captions)), topic=None, diagnosis=f"Disease of {uid}")
    images = (replace(image, caption=text) for image, text in zip(case.images, captions, strict=True))
    return replace(case, images=tuple(images))


def test_captions_that_say_nothing_of_one_image_are_left_out() -> None:
    """Placeholders and captions of several images are counted, and are no examples of the pool."""
    cases = [
        _captioned("a", OWN.format(1), OWN.format(2)),
        _captioned("b", "Same for all of these images.", "same for ALL of these images", OWN.format(3)),
        _captioned("c", "Replace this - DESCRIPTION OF THE IMAGE OR FINDINGS.", ""),
    ]
    units, unusable = one_image_each(cases)
    examined = marked(examine(units), unusable)
    assert left_out(examined) == {
        "no_findings": 1,
        "placeholder_caption": 1,
        "shared_caption": 2,
    }
    drawn = [entry for entry in examined if not entry.reasons]
    assert [(entry.case.source_id, entry.case.text) for entry in drawn] == [
        ("a-0", OWN.format(1)),
        ("a-1", OWN.format(2)),
        ("b-2", OWN.format(3)),
    ]
    assert [entry.case.topic for entry in drawn] == ["a", "a", "b"]
    pool = plan_pool(examined, drawn[:1], 1, patients_of_images([frozenset("ab")], cases))
    assert pool.candidates == []
    assert [entry.case.source_id for entry in plan_pool(examined, drawn[:1], 1).candidates] == ["b-2"]


def test_the_guards_hold_for_images() -> None:
    """A history that names the diagnosis is as much of a leak for one image as for the case."""
    case = replace(_captioned("a", OWN.format(1)), history="Known disease of A, follow-up.")
    units, unusable = one_image_each([case])
    assert left_out(marked(examine(units), unusable)) == {"history_names_diagnosis": 1}
    assert isinstance(case.images[0], SourceImage)


def test_a_benchmark_of_images_has_their_strata(shared: Path, tmp_path: Path) -> None:
    """Images of MedPix are single, with plane and sequence; `build` counts those left out."""
    from medbench.schema.benchmark import Draw

    wanted = Draw(unit="image", by=("modality",), per_stratum=5, seed=1, available_only=True)
    report = build_medpix(shared / "data" / "medpix", tmp_path / "images", wanted, pool=3)
    assert report.left_out["placeholder_caption"] == 21
    assert report.left_out["shared_caption"] > 900
    assert [row.name for row in report.rows] == [("CT",), ("MR",)]
    benchmark = BenchmarkFolder(tmp_path / "images")
    assert benchmark.head.draw.unit == "image"
    assert all(len(case.images) == 1 for case in benchmark.cases())
    for reference in benchmark.references():
        assert reference.captions == (reference.text,)
    strata = [facts.strata for facts in case_facts(benchmark).values()]
    assert {"plane", "sequence", "modality"} <= strata[0].keys()
    assert {one["modality"] for one in strata} == {"CT", "MR"}
