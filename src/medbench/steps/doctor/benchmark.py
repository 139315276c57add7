"""Checks of a benchmark: its files, its images, and what in them may name a person. No model is asked."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from medbench.datasets import identifiers
from medbench.errors import ImageError, InputError
from medbench.images.load import read_image
from medbench.images.recorded import Pictures
from medbench.images.remarks import in_words
from medbench.schema.results.doctor import Check
from medbench.sentences import counted
from medbench.steps.reading.beside import shared_images
from medbench.store.benchmark import find_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.images.remarks import Remark

_MEND = "a copy of the benchmark; or medbench build … --out another folder"


def benchmark_checks(name: str) -> Iterator[Check]:
    """Yield the checks of a benchmark; every image is decoded.

    Raises:
        UsageError: There is no such benchmark.
        InputError: A file of it leads out of its folder, or is not a record.
    """
    benchmark = find_benchmark(name)
    try:
        benchmark.check()
    except InputError as error:
        yield Check("files", "no", error.message, error.hint)
        return
    yield Check("files", "ok", f"as they were frozen: digest '{benchmark.head.digest[:8]}'")
    shipped = bool(benchmark.link)
    places = [
        (Pictures(benchmark.path, shipped=shipped), list(benchmark.cases())),
        (Pictures(benchmark.pool_path, shipped=shipped), [example.case for example in benchmark.pool]),
    ]
    damaged: list[str] = []
    remarked: list[tuple[str, tuple[Remark, ...]]] = []
    for pictures, cases in places:
        for image in chain.from_iterable(case.images for case in cases):
            try:
                remarked.append((image.file, read_image(pictures.read(image), image.file).remarks))
            except ImageError as error:
                damaged.append(error.message)
    for words in damaged:
        yield Check("images", "no", words, _MEND)
    yield Check("images", "ok", f"{counted(len(remarked), 'image is', 'images are')} whole and as recorded")
    histories = [(case.case_id, case.history) for _, cases in places for case in cases]
    for sentence in shared_images(benchmark):
        yield Check("overlap", "note", sentence)
    terms = benchmark.head.dataset.terms
    quoted = terms is None or not terms.gated
    for sentence in (*in_words(remarked), *identifiers.in_words(histories, quoted=quoted)):
        yield Check("privacy", "note", sentence)
