"""The pool: examples that are never the benchmark's own cases, nor too like them."""

from __future__ import annotations

from dataclasses import replace

from source_cases import made_case, noise_png

from medbench.datasets.examine import examine
from medbench.datasets.pool import SeenImages, pick_pool, plan_pool
from medbench.datasets.source import SourceCase
from medbench.images.load import LoadedImage, read_image


def _load(case: SourceCase) -> list[LoadedImage]:
    return [read_image(image.content, image.name) for image in case.images]


def test_what_shares_a_subject_with_a_drawn_case_is_excluded() -> None:
    """Topic, diagnosis (first line, whatever its case) and known patient; and the drawn case itself."""
    found = examine(
        [
            made_case("drawn", topic="avm", diagnosis="Hamartoma\nof the lung"),
            made_case("topic", topic="AVM"),
            made_case("diagnosis", diagnosis="hamartoma"),
            made_case("patient"),
            made_case("free", topic="other", diagnosis="Cyst"),
            made_case("silent", text=""),
        ]
    )
    plan = plan_pool(found, found[:1], 1, [frozenset({"drawn", "patient"})])
    assert [one.case.source_id for one in plan.candidates] == ["free"]
    assert plan.excluded == 3


def test_an_image_like_a_drawn_one_is_passed_over() -> None:
    """The same picture in a case of another name is found by its pixels, and counted."""
    same = noise_png()
    found = examine([made_case("drawn", data=same), made_case("copy", data=same), made_case("free")])
    seen = SeenImages()
    for image in _load(found[0].case):
        seen.add(image)
    plan = plan_pool(found, found[:1], 1)
    picked = [one.case.source_id for one, _ in pick_pool(plan, 5, seen, _load)]
    assert picked == ["free"]
    assert plan.alike == 1


def test_every_region_has_its_turn_and_the_order_is_by_seed() -> None:
    """Round robin: the first three of three regions come from three; drawable cases before the others."""
    cases = [made_case(f"{region}{n}", region=region) for region in "ABC" for n in range(4)]
    cases[4] = replace(cases[4], text="too short")
    found = examine(cases)

    def picked(seed: int, wanted: int = 12) -> list[str]:
        return [
            one.case.source_id
            for one, _ in pick_pool(plan_pool(found, (), seed), wanted, SeenImages(), _load)
        ]

    assert {name[0] for name in picked(1, 3)} == set("ABC")
    assert picked(1) == picked(1)
    assert picked(1) != picked(2)
    assert [name for name in picked(1) if name[0] == "B"][-1] == "B0"


def test_an_unreadable_candidate_is_replaced() -> None:
    """A damaged file cannot be an example; another case takes its place."""
    found = examine([made_case("broken", data=b"no picture"), made_case("whole")])
    assert [one.case.source_id for one, _ in pick_pool(plan_pool(found, (), 1), 1, SeenImages(), _load)] == [
        "whole"
    ]
