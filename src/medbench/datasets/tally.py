"""Counts a draw: by modality, flag and region; and where modality goes with region."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase

_USUAL = 0.15
"""Share of a region's cases from which a modality is usual there."""
_FEW = 3
"""Cases of a region below which a missing modality says nothing."""


def by_modality(cases: Iterable[SourceCase]) -> dict[str, int]:
    """Return the number of cases of each modality; mixed ones ('CT+MR') and 'unknown' come last."""
    return _ordered(case.modality for case in cases)


def image_modalities(cases: Iterable[SourceCase]) -> dict[str, int]:
    """Return the number of images of each modality, those that do not say under 'unknown'."""
    return _ordered(image.modality or "unknown" for case in cases for image in case.images)


def flags_of(cases: Iterable[Examined]) -> dict[str, int]:
    """Return the number of cases with each flag, most frequent first."""
    return dict(Counter(flag for entry in cases for flag in entry.flags).most_common())


def absent_modalities(cases: Sequence[SourceCase]) -> dict[str, tuple[str, ...]]:
    """Return modalities that are usual in one region and missing in others, with the regions without it."""
    by_region: dict[str, Counter[str]] = {}
    for case in cases:
        by_region.setdefault(case.region, Counter())[case.modality] += 1
    absent = {}
    for kind in _single(case.modality for case in cases):
        usual = any(counts[kind] >= _USUAL * counts.total() for counts in by_region.values())
        without = tuple(r for r, counts in by_region.items() if not counts[kind] and counts.total() >= _FEW)
        if usual and without:
            absent[kind] = without
    return absent


def rarest_cell(cases: Sequence[SourceCase], order: Sequence[str] = ()) -> tuple[str, int] | None:
    """Return the rarest pair of region and single modality, such as 'MR of Abdomen', and its number of cases.

    Args:
        cases: The cases that could be drawn.
        order: Regions in the order in which they come first among equals.

    Returns:
        The number may be 0; None with fewer than two modalities.
    """
    kinds = _single(case.modality for case in cases)
    if len(kinds) < 2:
        return None
    counts = Counter((case.modality, case.region) for case in cases)
    regions = dict.fromkeys(case.region for case in cases)
    kind, region = min(
        ((kind, region) for kind in kinds for region in regions),
        key=lambda cell: (counts[cell], order.index(cell[1]) if cell[1] in order else 0),
    )
    return f"{kind} of {region}", counts[kind, region]


def _single(kinds: Iterable[str]) -> list[str]:
    return [kind for kind in _ordered(kinds) if "+" not in kind and kind != "unknown"]


def _ordered(kinds: Iterable[str]) -> dict[str, int]:
    counts = Counter(kinds)
    return {
        kind: counts[kind]
        for kind in sorted(counts, key=lambda kind: (kind == "unknown", kind.count("+"), kind))
    }
