"""Other benchmarks that lie beside one, and images that they have in common across sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.config import load_settings
from medbench.datasets.dependence import ALMOST_THE_SAME
from medbench.errors import ImageError, MedbenchError
from medbench.images.fingerprint import near_pairs
from medbench.images.load import read_image
from medbench.images.recorded import Pictures
from medbench.sentences import counted, listed
from medbench.store.benchmark import EMBEDDED, HEAD, BenchmarkFolder, find_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np
    from numpy.typing import NDArray

_NAMED: Final = 3


class _Image(NamedTuple):
    """An image of a benchmark, by what is remembered of it."""

    case_id: str
    sha256: str
    fingerprint: NDArray[np.uint8]


def benchmarks_beside(source: BenchmarkFolder) -> list[BenchmarkFolder]:
    """Return the other benchmarks of its folder, the working folder and medbench.toml's `benchmarks`."""
    if source.link:
        return [find_benchmark(name) for name in EMBEDDED if name != source.head.name]
    shelf = load_settings().defaults.benchmarks
    places = [source.path.parent, Path(), *([Path(shelf)] if shelf else [])]
    found = {
        head.parent.resolve(): head.parent
        for place in places
        for head in sorted(place.glob(f"*/{HEAD}"))
        if not head.parent.name.startswith(".")
    }
    found.pop(source.path.resolve(), None)
    return [BenchmarkFolder(path) for path in found.values()]


def shared_images(benchmark: BenchmarkFolder) -> Iterator[str]:
    """Yield a sentence for each benchmark beside it, of another source, that shows almost the same images.

    VQA-RAD, for one, was made from images of MedPix. Images are compared by their greys, so a copy in another
    size or format is found, too; one that cannot be read is passed over.
    """
    own: list[_Image] | None = None
    for other in benchmarks_beside(benchmark):
        try:
            if other.head.dataset.name == benchmark.head.dataset.name:
                continue
            theirs = list(_images(other))
        except MedbenchError:  # what is wrong with another benchmark is for `doctor` of that one to say
            continue
        own = list(_images(benchmark)) if own is None else own
        mine, others = ([image.fingerprint for image in images] for images in (own, theirs))
        pairs = [(own[one], theirs[other]) for one, other in near_pairs(mine, others, ALMOST_THE_SAME)]
        if pairs:
            yield _words(other, pairs)


def _words(other: BenchmarkFolder, pairs: list[tuple[_Image, _Image]]) -> str:
    images = {(one.case_id, one.sha256) for one, _ in pairs}
    cases = {one.case_id: their.case_id for one, their in reversed(pairs)}
    named = listed([f"{own} = {their}" for own, their in sorted(cases.items())], _NAMED)
    of_cases = counted(len(cases), "case")
    are = "is" if len(images) == 1 else "are"
    return (
        f"{counted(len(images), 'image')} of {of_cases} {are} almost the same as in "
        f"'{other.head.name}' ({other.head.dataset.name}): {named}. What one of them shows, "
        "the other shows again: they are no two sources of evidence there."
    )


def _images(benchmark: BenchmarkFolder) -> Iterator[_Image]:
    pictures = Pictures(benchmark.path, shipped=benchmark.link is not None)
    for case in benchmark.cases():
        for image in case.images:
            try:
                loaded = read_image(pictures.read(image), image.file)
            except ImageError:
                continue
            yield _Image(case.case_id, image.sha256, loaded.fingerprint)
