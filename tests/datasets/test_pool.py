"""The pool: examples that are never the benchmark's own cases, nor too like them."""

from __future__ import annotations

import io
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PIL import Image

from medbench.datasets.examine import examine
from medbench.datasets.pool import Seen, pick_pool, plan_pool
from medbench.datasets.source import SourceCase, SourceImage
from medbench.images.load import read_image

if TYPE_CHECKING:
    from medbench.images.load import LoadedImage


def _png() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((48, 40), 90).save(out, "PNG")
    return out.getvalue()


def _made(source_id: str, kinds: str = "CT", data: bytes | None = None, **fields: Any) -> SourceCase:
    """A case that passes every guard unless told otherwise; 'CT,MR' gives one image of each."""
    images = tuple(
        SourceImage(name=f"{source_id}-{place}.png", data=data or _png(), modality=kind)  # type: ignore[arg-type]
        for place, kind in enumerate(kinds.split(","))
    )
    fields = {
        "region": "Thorax",
        "text": f"A round mass of size {source_id} lies in the left lung.",
        **fields,
    }
    return SourceCase(source_id=source_id, images=images, **fields)


def _load(case: SourceCase) -> list[LoadedImage]:
    return [read_image(image.data or b"", image.name) for image in case.images]


def test_what_shares_a_subject_with_a_drawn_case_is_excluded() -> None:
    """Topic, diagnosis (first line, whatever its case) and known patient; and the drawn case itself."""
    found = examine(
        [
            _made("drawn", topic="avm", diagnosis="Hamartoma\nof the lung"),
            _made("topic", topic="AVM"),
            _made("diagnosis", diagnosis="hamartoma"),
            _made("patient"),
            _made("free", topic="other", diagnosis="Cyst"),
            _made("silent", text=""),
        ]
    )
    plan = plan_pool(found, found[:1], 1, [frozenset({"drawn", "patient"})])
    assert [one.case.source_id for one in plan.candidates] == ["free"]
    assert plan.excluded == 3


def test_an_image_like_a_drawn_one_is_passed_over() -> None:
    """The same picture in a case of another name is found by its pixels, and counted."""
    same = _png()
    found = examine([_made("drawn", data=same), _made("copy", data=same), _made("free")])
    seen = Seen()
    for image in _load(found[0].case):
        seen.add(image)
    plan = plan_pool(found, found[:1], 1)
    picked = [one.case.source_id for one, _ in pick_pool(plan, 5, seen, _load)]
    assert picked == ["free"]
    assert plan.alike == 1


def test_every_region_has_its_turn_and_the_order_is_by_seed() -> None:
    """Round robin: the first three of three regions come from three; drawable cases before the others."""
    cases = [_made(f"{region}{n}", region=region) for region in "ABC" for n in range(4)]
    cases[4] = replace(cases[4], text="too short")
    found = examine(cases)

    def picked(seed: int, wanted: int = 12) -> list[str]:
        return [one.case.source_id for one, _ in pick_pool(plan_pool(found, (), seed), wanted, Seen(), _load)]

    assert {name[0] for name in picked(1, 3)} == set("ABC")
    assert picked(1) == picked(1)
    assert picked(1) != picked(2)
    assert [name for name in picked(1) if name[0] == "B"][-1] == "B0"


def test_an_unreadable_candidate_is_replaced() -> None:
    """A damaged file cannot be an example; another case takes its place."""
    found = examine([_made("broken", data=b"no picture"), _made("whole")])
    assert [one.case.source_id for one, _ in pick_pool(plan_pool(found, (), 1), 1, Seen(), _load)] == [
        "whole"
    ]
