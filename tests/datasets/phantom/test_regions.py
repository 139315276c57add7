"""The TOML files of the regions name only what exists, and every sentence can be filled in."""

from __future__ import annotations

from string import Formatter

import pytest

from medbench.datasets.phantom.regions import REGIONS, Kind, Region, find_region
from medbench.errors import UsageError

KINDS = [(region, kind) for region in REGIONS.values() for kind in region.kinds]
IDS = [f"{region.name}-{kind.name}" for region, kind in KINDS]


@pytest.mark.parametrize("region", REGIONS.values(), ids=list(REGIONS))
def test_a_region_has_all_that_a_case_needs(region: Region) -> None:
    """Views to choose two of, words for normal cases, three sentences that no finding makes untrue."""
    names = [kind.name for kind in region.kinds]
    assert len(set(names)) == len(names)
    assert len(region.views) >= 2
    assert region.normal
    assert region.histories
    for absent in region.absent:
        assert set(absent.untrue_with) <= set(names), absent.text
    for kind in region.kinds:
        others = [absent for absent in region.absent if kind.name not in absent.untrue_with]
        assert len(others) >= 3


@pytest.mark.parametrize(("region", "kind"), KINDS, ids=IDS)
def test_a_kind_names_only_what_exists(region: Region, kind: Kind) -> None:
    """Its views and partners are the region's, its sizes rise, and it has a place to lie."""
    assert kind.sites
    assert kind.views
    assert set(kind.views) <= {view.name for view in region.views}
    assert set(kind.partners) <= {other.name for other in region.kinds} - {kind.name}
    for partner in kind.partners:
        assert set(kind.views) & set(region.kind(partner).views), partner
    if kind.sizes:
        assert 0 < kind.sizes[0] < kind.sizes[1]


@pytest.mark.parametrize(("region", "kind"), KINDS, ids=IDS)
def test_every_sentence_says_what_is_known(region: Region, kind: Kind) -> None:
    """The size of what has a size, the side of what has sides, the number of several; and nothing unknown."""
    several = kind.sentences_for_several or (kind.sentences if 1 not in kind.counts else ())
    single = kind.sentences if 1 in kind.counts else ()
    if max(kind.counts) > 1:
        several += kind.statements[-1:]
    if 1 in kind.counts:
        single += kind.statements[:1]
    for text in (*single, *several):
        fields = {name for _, name, _, _ in Formatter().parse(text) if name}
        assert fields <= {"a", "A", "size", "side", "site", "level", "place", "count", "Count"}
        assert ("size" in fields) == bool(kind.sizes)
        if {"left", "right"} <= set(kind.sides):
            assert fields & {"side", "place"}
        if text in several:
            assert fields & {"count", "Count"}
    assert bool(several) == (max(kind.counts) > 1)


def test_an_unknown_region_or_kind_is_answered_with_the_known_ones() -> None:
    """The wrong name in quotes, the right ones in the hint."""
    with pytest.raises(UsageError, match="'Foot'") as caught:
        find_region("Foot")
    assert "Spine/MSK" in caught.value.hint
    with pytest.raises(UsageError, match="'effusion' cannot be drawn in 'Head'") as caught:
        find_region("Head").kind("effusion")
    assert "hemorrhage" in caught.value.hint
