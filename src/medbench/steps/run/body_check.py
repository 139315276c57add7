"""The bytes of requests, checked before the first call: what is too large is refused before it is paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from medbench.errors import ImageError, UsageError
from medbench.images.choice import EACH, NO_IMAGES, chosen
from medbench.images.recorded import Pictures
from medbench.images.transform import NONE
from medbench.providers import provider_class
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from medbench.schema.case import Case, Image
    from medbench.schema.run import Stage
    from medbench.steps.access.systems import PreparedSystem
    from medbench.store.benchmark import BenchmarkFolder

_AROUND: Final = 120
"""Bytes of JSON around an image and its label, in what is said to fit."""
_TEXT: Final = 10_000
"""Bytes for the prompt and the rest of a request, in what is said to fit."""


def check_bodies(benchmark: BenchmarkFolder, systems: Sequence[PreparedSystem]) -> None:
    """Check that no model would be sent a larger request than it takes.

    An image takes 4 bytes for 3 of its own (base64); what the images alone make too large is refused here.
    Where a system transforms images, those of the largest case are transformed and measured.

    Raises:
        UsageError: It would; with the most images that fit in every case.
    """
    for prepared in systems:
        for stage, asked in zip(prepared.system.stages, prepared.stages, strict=True):
            most = provider_class(asked.model.provider or "").most_bytes(asked.model)
            if most is not None and stage.images not in {None, NO_IMAGES}:
                _check_stage(benchmark, stage, prepared.system.name, most)


def _check_stage(benchmark: BenchmarkFolder, stage: Stage, name: str, most: int) -> None:
    sizes = _sizes(benchmark, stage)
    cases = list(benchmark.cases())
    if stage.settings.get("image_transform", NONE) != NONE:
        cases = sorted(cases, key=lambda case: sum(image.bytes for image in case.images))[-1:]
    choice = stage.images or "all"
    too_large = [(case, size) for case in cases if (size := _size(case, choice, sizes)) > most]
    if not too_large:
        return
    case, size = too_large[0]
    fits = min(_most_images(one, most, sizes) for one, _ in too_large)
    smaller = "--set image_transform=jpeg-95, which makes them smaller"
    count = 1 if choice == EACH else len(chosen(case.images, choice))
    raise UsageError(
        f"{counted(count, 'image')} of case '{case.case_id}' make a request of {size / 1e6:.1f} MB, but "
        f"'{name}' takes {most / 1e6:g} MB.",
        f"--images spread:{fits}, which fits in every case; or {smaller}"
        if fits and choice != EACH
        else smaller,
    )


def _sizes(benchmark: BenchmarkFolder, stage: Stage) -> Callable[[Image], int]:
    """Return what gives the bytes that an image takes in a request."""
    transform = str(stage.settings.get("image_transform") or NONE)
    pictures = Pictures(benchmark.path, shipped=bool(benchmark.link))
    known: dict[str, int] = {}

    def size(image: Image) -> int:
        if transform == NONE:
            return _encoded(image.bytes)
        if image.sha256 not in known:
            try:
                known[image.sha256] = _encoded(len(pictures.to_send(image, transform).data))
            except ImageError:  # such a case fails by itself, and nothing of it is sent
                known[image.sha256] = 0
        return known[image.sha256]

    return size


def _encoded(size: int) -> int:
    return 4 * -(-size // 3)


def _size(case: Case, choice: str, sizes: Callable[[Image], int]) -> int:
    if choice == EACH:
        return max(map(sizes, case.images), default=0)
    return sum(map(sizes, chosen(case.images, choice)))


def _most_images(case: Case, most: int, sizes: Callable[[Image], int]) -> int:
    """Return how many images of a case fit, evenly spread; 0 where not even one does."""
    for count in range(len(case.images), 0, -1):
        if _size(case, f"spread:{count}", sizes) + count * _AROUND + _TEXT <= most:
            return count
    return 0
