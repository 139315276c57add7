"""Chooses the cases that may be shown as examples: never a drawn one, nor one too like it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import chain, zip_longest
from typing import TYPE_CHECKING

from medbench.datasets.examine import normalised
from medbench.errors import ImageError
from medbench.images.fingerprint import NEAR_IDENTICAL, near_pairs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from medbench.datasets.examine import Examined
    from medbench.datasets.source import SourceCase
    from medbench.images.load import LoadedImage
    from medbench.schema.reference import Reference


class SeenImages:
    """Remembers images by their digest and fingerprint, one kilobyte each."""

    def __init__(self) -> None:
        self._fingerprints: list[NDArray[np.uint8]] = []
        self._digests: set[str] = set()

    def add(self, image: LoadedImage) -> None:
        """Remember an image."""
        self._fingerprints.append(image.fingerprint)
        self._digests.add(image.sha256)

    def has_alike(self, images: Sequence[LoadedImage]) -> bool:
        """Return True if one of the images, or one that is almost the same, was added."""
        if any(image.sha256 in self._digests for image in images):
            return True
        new = [image.fingerprint for image in images]
        return any(True for _ in near_pairs(new, self._fingerprints, NEAR_IDENTICAL))


@dataclass(slots=True)
class PoolPlan:
    """The cases that could be in the pool."""

    candidates: list[Examined]
    """In the order in which they are tried: the regions take turns."""
    excluded: int
    """Number of cases of the same topic, diagnosis or patient as a drawn one."""
    alike: int = 0
    """Number of cases with an image that is almost one of a drawn case, among the candidates tried so far."""


def plan_pool(
    examined: Sequence[Examined],
    drawn: Sequence[Examined],
    seed: int,
    same_patient: Sequence[frozenset[str]] = (),
    *,
    complete: bool = True,
) -> PoolPlan:
    """Return the cases that may be in the pool as far as texts can tell.

    In each region, cases that can be drawn come before those that were left out, which fill in when a draw
    takes all of the others; one without findings can never be an example.

    Args:
        examined: All cases of the source.
        drawn: The cases of the benchmark.
        seed: Decides the order within a region.
        same_patient: Groups of source ids that are one patient.
        complete: False to plan with cases whose images are still to be fetched.
    """
    taken = {entry.case.source_id for entry in drawn}
    subjects = {subject for entry in drawn for subject in subjects_of(entry.case)}
    patients = {source for group in same_patient if group & taken for source in group}
    others = [
        entry
        for entry in examined
        if entry.case.source_id not in taken and entry.case.text.strip() and entry.case.images
    ]
    free = [
        entry
        for entry in others
        if entry.case.source_id not in patients and not subjects.intersection(subjects_of(entry.case))
    ]
    regions: dict[str, list[Examined]] = {entry.case.region: [] for entry in drawn}
    for entry in free:
        if entry.case.complete or not complete:
            regions.setdefault(entry.case.region, []).append(entry)
    for members in regions.values():
        members.sort(key=lambda entry: (bool(entry.reasons), _rank(seed, entry.case.source_id)))
    turns = chain.from_iterable(zip_longest(*regions.values()))
    return PoolPlan([entry for entry in turns if entry], len(others) - len(free))


def pick_pool(
    plan: PoolPlan, wanted: int, seen: SeenImages, load: Callable[[SourceCase], list[LoadedImage]]
) -> Iterator[tuple[Examined, list[LoadedImage]]]:
    """Yield the cases of the pool with their images, until there are as many as wanted.

    A candidate with an unreadable image is passed over: the pool is free to take another one. Those that are
    alike are counted in the plan.
    """
    picked = 0
    for entry in plan.candidates:
        if picked == wanted:
            return
        try:
            images = load(entry.case)
        except ImageError:
            continue
        if seen.has_alike(images):
            plan.alike += 1
            continue
        picked += 1
        yield entry, images


def subjects_of(case: SourceCase | Reference) -> set[str]:
    """Return the subjects of a case: cases that share one of them are not independent."""
    first = (case.diagnosis or "").strip().splitlines()[:1]
    named = {"topic": case.topic, "diagnosis": normalised(first[0]) if first else None}
    return {f"{kind}:{name.casefold()}" for kind, name in named.items() if name}


def _rank(seed: int, source_id: str) -> str:
    # Another order than the draw's, or the pool would be what the next larger draw takes.
    return hashlib.sha256(f"pool|{seed}|{source_id}".encode()).hexdigest()
