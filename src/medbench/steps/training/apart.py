"""Keeps training examples apart from benchmarks: what is like a measured case is never learned from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from medbench.datasets.examine import normalised
from medbench.datasets.medpix_fields import SAME_PATIENT
from medbench.datasets.pool import SeenImages, subjects_of
from medbench.images.load import read_image
from medbench.images.recorded import Pictures

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.images.load import LoadedImage
    from medbench.schema.case import Case
    from medbench.schema.reference import Reference
    from medbench.schema.training import Refused
    from medbench.store.benchmark import BenchmarkFolder

_MEDPIX = re.compile(r"MPX\d+")


class Measured:
    """The cases of benchmarks, remembered by all that could give one away."""

    def __init__(self) -> None:
        self._names: set[str] = set()
        self._subjects: set[str] = set()
        self._patients: set[frozenset[str]] = set()
        self._texts: set[str] = set()
        self._digests: set[str] = set()
        self._images = SeenImages()

    def add(self, benchmark: BenchmarkFolder) -> None:
        """Remember the cases of a benchmark; its pool is not measured.

        Raises:
            ImageError: An image is missing or damaged.
        """
        for case, reference in zip(benchmark.cases(), benchmark.references(), strict=True):
            self._names |= _names(reference)
            self._subjects |= subjects_of(reference)
            self._patients |= _patients(reference)
            self._texts.add(normalised(reference.text))
            for image in loaded(benchmark.path, case, shipped=benchmark.link is not None):
                self._images.add(image)
            self._digests |= _digests(case)

    def likeness(self, case: Case, reference: Reference, images: Sequence[LoadedImage]) -> Refused | None:
        """Return the first reason for which a case must not be learned from; None where there is none.

        A drawn case is a patient of its own: all drawings of a kind have its topic, and nearly its picture.
        """
        drawn = reference.known_findings is not None
        if not self._names.isdisjoint(_names(reference)):
            return "same_case"
        if not drawn and not self._subjects.isdisjoint(subjects_of(reference)):
            return "same_topic"
        if not self._patients.isdisjoint(_patients(reference)):
            return "same_patient"
        if normalised(reference.text) in self._texts:
            return "same_text"
        if not self._digests.isdisjoint(_digests(case)):
            return "alike_image"
        return "alike_image" if not drawn and images and self._images.has_alike(images) else None


def loaded(folder: Path, case: Case, *, shipped: bool) -> list[LoadedImage]:
    """Return the images of a case, each as it was recorded.

    Raises:
        ImageError: An image is missing, damaged, or not the recorded one.
    """
    pictures = Pictures(folder, shipped=shipped)
    return [read_image(pictures.read(image), image.file) for image in case.images]


def _names(reference: Reference) -> set[str]:
    return {f"case {reference.case_id}", *(f"source {source}" for source in _sources(reference))}


def _patients(reference: Reference) -> set[frozenset[str]]:
    """Return the groups of cases of one patient that it belongs to, as far as they are known."""
    return {group for group in SAME_PATIENT if not group.isdisjoint(_sources(reference))}


def _sources(reference: Reference) -> set[str]:
    """Return the id in the source; for an image of MedPix, the id of the case that it is from too."""
    source = reference.source_id
    return {source, *(found[0] for found in [_MEDPIX.match(source)] if found)}


def _digests(case: Case) -> set[str]:
    return {digest for image in case.images for digest in (image.sha256, image.original_sha256) if digest}
