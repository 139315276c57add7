"""Checks that the images of a benchmark are those that it was built with, as far as they are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import InputError
from medbench.images.recorded import Pictures
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.case import Case, Image
    from medbench.store.benchmark import BenchmarkFolder


class ImageCheck:
    """The images of a benchmark, checked against their digests.

    Attributes:
        problems: Images that were changed, in words.
        unchecked: How many are not here, in words: an archive has their digests, and mostly not their bytes.
    """

    def __init__(self, benchmark: BenchmarkFolder) -> None:
        self.problems: list[str] = []
        self.unchecked: list[str] = []
        cases, examples = list(benchmark.cases()), [example.case for example in benchmark.pool]
        shipped = benchmark.link is not None
        self._check(benchmark.path, cases, "images", shipped=shipped)
        self._check(benchmark.pool_path, examples, "images of the pool", shipped=shipped)

    def _check(self, folder: Path, cases: list[Case], what: str, *, shipped: bool) -> None:
        images = [image for case in cases for image in case.images]
        absent = {image.file for image in images if not (folder / image.file).exists()}
        pictures = Pictures(folder, shipped=shipped)
        there = (image for image in images if image.file not in absent)
        self.problems += _changed(pictures, there)
        if absent:
            self.unchecked.append(
                f"{what}: {len(absent):,} of {counted(len(images), 'file')} not here. The records have the "
                "digests of what was sent; that these are the pictures only the files can show"
            )


def _changed(pictures: Pictures, images: Iterator[Image]) -> Iterator[str]:
    for image in images:
        try:
            pictures.read(image)
        except InputError as error:
            yield error.message
