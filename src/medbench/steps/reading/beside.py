"""Other benchmarks that lie beside one, and images that they have in common across sources."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.config import load_settings
from medbench.datasets.dependence import ALMOST_THE_SAME
from medbench.errors import ImageError, MedbenchError
from medbench.images.load import read_image
from medbench.images.recorded import Pictures
from medbench.sentences import counted
from medbench.store.benchmark import EMBEDDED, HEAD, BenchmarkFolder, find_benchmark

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import numpy as np
    from numpy.typing import NDArray

_BLOCK: Final = 2048
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
        pairs = list(_alike(own, theirs))
        if pairs:
            yield _words(other, pairs)


def _words(other: BenchmarkFolder, pairs: list[tuple[_Image, _Image]]) -> str:
    images = {(one.case_id, one.sha256) for one, _ in pairs}
    cases = {one.case_id: their.case_id for one, their in reversed(pairs)}
    named = ", ".join(f"{own} = {their}" for own, their in sorted(cases.items())[:_NAMED])
    more = " …" if len(cases) > _NAMED else ""
    of_cases = counted(len(cases), "case")
    are = "is" if len(images) == 1 else "are"
    return (
        f"{counted(len(images), 'image')} of {of_cases} {are} almost the same as in "
        f"'{other.head.name}' ({other.head.dataset.name}): {named}{more}. What one of them shows, "
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


def _alike(own: list[_Image], theirs: Iterable[_Image]) -> Iterator[tuple[_Image, _Image]]:
    """Yield the pairs of images that are almost the same."""
    import numpy as np

    from medbench.images.fingerprint import similarities

    theirs = list(theirs)
    if not own or not theirs:
        return
    mine = np.stack([image.fingerprint for image in own])
    for start in range(0, len(theirs), _BLOCK):
        block = theirs[start : start + _BLOCK]
        near = similarities(mine, np.stack([image.fingerprint for image in block])) > ALMOST_THE_SAME
        for row, column in zip(*np.nonzero(near), strict=True):
            yield own[int(column)], block[int(row)]
