"""Checks that the images of a benchmark are those that it was built with, as far as they are here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import InputError
from medbench.images.recorded import Pictures
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.case import Image
    from medbench.store.benchmark import BenchmarkFolder


def check_images(benchmark: BenchmarkFolder, problems: list[str], unchecked: list[str]) -> None:
    """Check the images of a benchmark against their digests.

    Args:
        benchmark: The benchmark.
        problems: Takes the images that were changed, in words.
        unchecked: Takes how many are not here: an archive has their digests, and mostly not their bytes.
    """
    of_pool = [example.case for example in benchmark.pool]
    for folder, cases, what in (
        (benchmark.path, benchmark.cases(), "images"),
        (benchmark.pool_path, of_pool, "images of the pool"),
    ):
        images = [image for case in cases for image in case.images]
        absent = {image.file for image in images if not (folder / image.file).exists()}
        pictures = Pictures(folder, shipped=bool(benchmark.link))
        problems += _changed(pictures, (image for image in images if image.file not in absent))
        if absent:
            unchecked.append(
                f"{what}: {len(absent):,} of {counted(len(images), 'file')} not here. The records have the "
                "digests of what was sent; that these are the pictures only the files can show"
            )


def _changed(pictures: Pictures, images: Iterator[Image]) -> Iterator[str]:
    for image in images:
        try:
            pictures.read(image)
        except InputError as error:
            yield error.message
