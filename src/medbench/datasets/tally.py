"""Counts a draw: by stratum, modality and number of images; and where modality goes with region."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from medbench.datasets.draw import modality_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase

_USUAL = 0.15
"""Share of a region's cases from which a modality is usual there."""
_FEW = 3
"""Cases of a region below which a missing modality says nothing."""


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of some cases."""

    modalities: dict[str, int]
    one_image: int
    more_images: int
    images: int


def tally(cases: Iterable[SourceCase]) -> Tally:
    """Count cases by modality ('CT+MR' last) and by their number of images."""
    cases = list(cases)
    single = sum(len(case.images) == 1 for case in cases)
    return Tally(
        _ordered(map(modality_of, cases)),
        single,
        len(cases) - single,
        sum(len(case.images) for case in cases),
    )


def image_modalities(cases: Iterable[SourceCase]) -> dict[str, int]:
    """Images by modality, those that do not say under 'unknown'."""
    return _ordered(image.modality or "unknown" for case in cases for image in case.images)


def flags_of(cases: Iterable[Examined]) -> dict[str, int]:
    """Cases by flag, most frequent first."""
    return dict(Counter(flag for one in cases for flag in one.flags).most_common())


def absent_modalities(cases: Sequence[SourceCase]) -> dict[str, tuple[str, ...]]:
    """Modalities that are usual in one region and missing in others: by modality, the regions without it."""
    by_region: dict[str, Counter[str]] = {}
    for case in cases:
        by_region.setdefault(case.region, Counter())[modality_of(case)] += 1
    pure = [kind for kind in _ordered(map(modality_of, cases)) if "+" not in kind and kind != "unknown"]
    found = {}
    for kind in pure:
        usual = any(counts[kind] >= _USUAL * counts.total() for counts in by_region.values())
        without = tuple(r for r, counts in by_region.items() if not counts[kind] and counts.total() >= _FEW)
        if usual and without:
            found[kind] = without
    return found


def rarest_cell(cases: Iterable[SourceCase], order: Sequence[str] = ()) -> tuple[str, int] | None:
    """The rarest pair of region and single modality, "MR of Abdomen", and its number of cases, perhaps 0."""
    counts = Counter((modality_of(case), case.region) for case in cases)
    kinds = sorted({kind for kind, _ in counts if "+" not in kind and kind != "unknown"})
    regions = dict.fromkeys(region for _, region in counts)
    pure = {(kind, region): counts[kind, region] for kind in kinds for region in regions}
    if len(kinds) < 2:
        return None
    kind, region = min(pure, key=lambda cell: (pure[cell], order.index(cell[1]) if cell[1] in order else 0))
    return f"{kind} of {region}", pure[kind, region]


def _ordered(kinds: Iterable[str]) -> dict[str, int]:
    counts = Counter(kinds)
    return {
        kind: counts[kind]
        for kind in sorted(counts, key=lambda kind: (kind == "unknown", kind.count("+"), kind))
    }
