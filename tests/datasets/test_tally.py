"""What a draw is made of: modalities, flags, and where modality cannot be told from region."""

from __future__ import annotations

from source_cases import made_case

from medbench.datasets.examine import Examined
from medbench.datasets.source import SourceCase
from medbench.datasets.tally import absent_modalities, by_modality, flags_of, image_modalities, rarest_cell
from medbench.schema.reference import Flag


def _cases(region: str, **numbers: int) -> list[SourceCase]:
    return [
        made_case(f"{region}{kind}{n}", kind.replace("_", ","), region=region)
        for kind, number in numbers.items()
        for n in range(number)
    ]


def test_mixed_and_unknown_modalities_come_last() -> None:
    """Single ones by letter, then those of several, then what does not say."""
    cases = [SourceCase("none", "Head", (), "text"), *_cases("Head", MR=2, CT_MR=1, CT=1)]
    assert list(by_modality(cases).items()) == [("CT", 1), ("MR", 2), ("CT+MR", 1), ("unknown", 1)]
    assert list(image_modalities(cases).items()) == [("CT", 2), ("MR", 3)]


def test_flags_are_counted_most_frequent_first() -> None:
    """Every flag of every case counts."""
    case = made_case("1")
    flags: list[tuple[Flag, ...]] = [("too_short",), ("duplicate_text", "too_short"), ()]
    counts = flags_of([Examined(case, noted, ()) for noted in flags])
    assert list(counts.items()) == [("too_short", 2), ("duplicate_text", 1)]


def test_a_modality_that_is_usual_in_one_region_only_goes_with_region() -> None:
    """The regions without it are named; one with too few cases says nothing, a rare modality neither."""
    cases = [
        *_cases("Head", CT=10, MR=10),
        *_cases("Abdomen", CT=10),
        *_cases("Thorax", CT=2),
        *_cases("Urinary", CT=19, MR=1),
    ]
    assert absent_modalities(cases) == {"MR": ("Abdomen",)}
    rare = [*_cases("Head", CT=9, MR=1), *_cases("Abdomen", CT=10)]
    assert absent_modalities(rare) == {}


def test_a_mixed_case_is_of_neither_modality() -> None:
    """'CT+MR' cannot stand in for MR where none is."""
    cases = [*_cases("Head", CT=5, MR=5), *_cases("Abdomen", CT=5, CT_MR=5)]
    assert absent_modalities(cases) == {"MR": ("Abdomen",)}


def test_the_rarest_cell_may_be_empty() -> None:
    """Over all pairs of region and single modality; among equals the region that comes first."""
    cases = [*_cases("Head", CT=5, MR=2), *_cases("Abdomen", CT=3), *_cases("Thorax", CT=4)]
    assert rarest_cell(cases, ("Thorax", "Abdomen")) == ("MR of Thorax", 0)
    assert rarest_cell(cases[:7]) == ("MR of Head", 2)
    assert rarest_cell(_cases("Head", CT=5, CT_MR=1)) is None, "there is nothing to balance"
    assert rarest_cell([]) is None
