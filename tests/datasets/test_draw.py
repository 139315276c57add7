"""The draw: nested, decided by texts alone, honest about what it could not fill."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from source_cases import made_case

from medbench.datasets.draw import STANDARD, draw, draw_report
from medbench.datasets.examine import KEEPABLE, Examined, examine
from medbench.datasets.medpix import REGION_ORDER, read_medpix
from medbench.datasets.source import SourceCase, SourceImage
from medbench.errors import InputError, UsageError
from medbench.schema.benchmark import Draw


def _wanted(**fields: Any) -> Draw:
    """The standard draw with other values; what is no field of it is a filter."""
    filters = {name: fields.pop(name) for name in list(fields) if name not in Draw.model_fields}
    return STANDARD.model_copy(update={**fields, "filters": filters})


def _case(name: str, region: str, kinds: tuple[Any, ...]) -> Examined:
    images = tuple(SourceImage(f"{name}{i}", b"", kind) for i, kind in enumerate(kinds))
    return Examined(SourceCase(name, region, images, "text"), (), ())


_kinds = st.sampled_from([("CT",), ("MR",), ("CT", "MR"), ("CT", "CT")])
_sources = st.dictionaries(
    st.text(min_size=1, max_size=6), st.tuples(st.sampled_from("ABC"), _kinds), min_size=1
).map(lambda found: [_case(name, region, kinds) for name, (region, kinds) in found.items()])


def _ids(cases: tuple[Examined, ...]) -> list[str]:
    return [one.case.source_id for one in cases]


@given(
    _sources,
    st.integers(1, 6),
    st.integers(0, 6),
    st.integers(0, 99),
    st.sampled_from([("region",), ("region", "modality")]),
)
def test_a_larger_draw_contains_the_smaller(
    source: list[Examined], size: int, more: int, seed: int, by: tuple[str, ...]
) -> None:
    """In every stratum, for every seed; and what is missing is counted."""
    small = draw(source, _wanted(by=by, per_stratum=size, seed=seed))
    large = draw(source, _wanted(by=by, per_stratum=size + more, seed=seed))
    assert set(_ids(small.cases)) <= set(_ids(large.cases))
    assert len(set(_ids(large.cases))) == len(large.cases)
    for cell in small.strata:
        assert cell.drawn + cell.short == size
        assert cell.drawn == min(size, cell.eligible)
    assert sum(cell.eligible for cell in small.strata) == len(source)


@given(_sources, st.randoms(use_true_random=False))
def test_the_order_of_the_source_does_not_matter(source: list[Examined], shuffle: Any) -> None:
    """Only seed and source ids decide."""
    other = list(source)
    shuffle.shuffle(other)
    wanted = _wanted(per_stratum=2)
    assert set(_ids(draw(source, wanted).cases)) == set(_ids(draw(other, wanted).cases))


def test_files_do_not_decide_unless_asked_to() -> None:
    """A draw with all images missing is the same; --available-only draws among what is there."""
    cases = examine([made_case(str(n)) for n in range(9)])
    gone = [
        replace(one, case=replace(one.case, images=(SourceImage("x", Path("/none"), "CT"),))) for one in cases
    ]
    wanted = _wanted(per_stratum=3)
    assert _ids(draw(gone, wanted).cases) == _ids(draw(cases, wanted).cases)
    mixed = [*gone[:7], *cases[7:]]
    assert set(_ids(draw(mixed, wanted.model_copy(update={"available_only": True})).cases)) == {"7", "8"}
    with pytest.raises(InputError, match="no case can be drawn"):
        draw(gone, wanted.model_copy(update={"available_only": True}))


def test_filters_restrict_what_can_be_drawn() -> None:
    """By region (short name, any case), modality of the whole case, split and number of images."""
    cases = examine(
        [
            made_case("a", region="Spine/MSK", split="dev"),
            made_case("b", "CT,MR"),
            made_case("c", "MR", split="test"),
            made_case("d", "MR,MR", split="test"),
        ]
    )
    expected = [
        (_wanted(region=("spine",)), {"a"}),
        (_wanted(modality=("ct+mr",)), {"b"}),
        (_wanted(modality=("MR",)), {"c", "d"}),
        (_wanted(split=("test", "dev")), {"a", "c", "d"}),
        (_wanted(image_count=("1",)), {"a", "c"}),
        (_wanted(image_count=("2+",)), {"b", "d"}),
        (_wanted(per_stratum=None), {"a", "b", "c", "d"}),
    ]
    for wanted, ids in expected:
        assert set(_ids(draw(cases, wanted).cases)) == ids
    assert draw(cases, _wanted(region=("spine",), image_count=("1",))).cases[0].case.region == "Spine/MSK"


@pytest.mark.parametrize(
    "wanted",
    [
        _wanted(by=("regions",)),
        _wanted(region=("Thoraxx",)),
        _wanted(modality=("XR",)),
        _wanted(split=("trains",)),
        _wanted(image_count=("3",)),
        _wanted(per_stratum=-1),
    ],
)
def test_a_wrong_option_is_named(wanted: Draw) -> None:
    """With the wrong value in quotes and the right ones in the hint."""
    with pytest.raises(UsageError, match="'") as caught:
        draw(examine([made_case("a", split="train")]), wanted)
    assert caught.value.hint


def test_empty_cells_show_their_shortfall() -> None:
    """By region and modality, a cell that no case is in is there with what it lacks."""
    drawn = draw(
        examine([made_case("a", region="Head"), made_case("b", "MR")]),
        _wanted(by=("region", "modality"), per_stratum=2),
    )
    assert [(tuple(cell.stratum.values()), cell.short) for cell in drawn.strata] == [
        (("Head", "CT"), 1),
        (("Head", "MR"), 2),
        (("Thorax", "CT"), 2),
        (("Thorax", "MR"), 1),
    ]


def test_the_report_of_february_is_rebuilt_exactly(shared: Path) -> None:
    """Its 20 cases, order, first image and texts, though most images of MedPix are not there."""
    expected = json.loads((shared / "data/seed_run/medpix_multiregion_20.json").read_bytes())
    drawn = draw_report(examine(read_medpix(shared / "data/medpix"), KEEPABLE), REGION_ORDER).cases
    assert len(expected) == 20
    assert _ids(drawn) == [case["uid"] for case in expected]
    for one, case in zip(drawn, expected, strict=True):
        name = case["image_path"].rsplit("/", 1)[-1].encode()
        assert hashlib.sha256(one.case.images[0].name.encode()).digest() == hashlib.sha256(name).digest()
        assert one.case.text == case["gold_findings"]
        assert one.case.history == case["history"]
        assert one.case.diagnosis == case["gold_diagnosis"]


def test_the_report_needs_the_whole_source() -> None:
    """A few cases are not MedPix."""
    with pytest.raises(InputError, match="needs the whole of MedPix"):
        draw_report(examine([made_case("a", diagnosis="x")]), ["Thorax"])


def test_the_case_that_is_shown_to_type_is_drawn(shared: Path) -> None:
    """`medbench show CASE` of the README and of the help names a case of `build medpix` as it is typed."""
    root = Path(__file__).parents[2]
    drawn = _ids(draw(examine(read_medpix(shared / "data/medpix")), STANDARD, REGION_ORDER).cases)
    assert len(drawn) == 100
    for page in ("README.md", "docs/cli.md"):
        typed = re.findall(r"medbench show (MPX\d+)", (root / page).read_text("utf-8"))
        assert typed
        assert set(typed) <= {*drawn}


@pytest.mark.parametrize(
    ("typed", "ids"),
    [
        (("chest", "upper"), {"a"}),
        (("Chest, upper",), {"a"}),
        (("two", "Chest", "upper", "one"), {"a", "b", "c"}),
    ],
)
def test_a_region_may_have_a_comma(typed: tuple[str, ...], ids: set[str]) -> None:
    """What stood between commas is one name where the source has it so, with a space or without."""
    regions = {"a": "Chest, upper", "b": "one", "c": "two", "d": "three"}
    cases = examine([made_case(name, region=region) for name, region in regions.items()])
    assert {*_ids(draw(cases, _wanted(region=typed, per_stratum=None)).cases)} == ids
