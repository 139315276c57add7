"""The calls of `doctor --pixels` to one model: patches that show what was done to the pixels on their way."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from medbench.datasets.phantom import patches
from medbench.datasets.volumes.phantom_file import dicom_file
from medbench.schema.results.doctor import Probe
from medbench.scoring.pixels import TRIALS
from medbench.steps.doctor.probes import drawn_request, own_settings, written_image

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from medbench.schema.case import Image
    from medbench.schema.model import ModelFile

WIDTHS: Final = (8, 2, 1)
"""Widths of lines in pixels, of a picture of 896."""
DICOM: Final = ("window", "wrap")
"""Questions that a DICOM file is sent with: asked only of a server that takes one."""
SERIES: Final = 8
"""Pictures of a series, unless the model takes fewer."""
PARTS: Final = ("first", "middle", "last")
"""Which picture of a series has the square."""
QUESTIONS: Final = ("square", *(f"lines-{width}" for width in WIDTHS), "colour", *PARTS, *DICOM)
"""The tile with a square, with upright lines, with another colour; where the square of a series lies; the
tile that stands out in a DICOM file by its window, or by the sign of its values."""


def pixel_probes(model: ModelFile, folder: Path) -> list[Probe]:
    """Return the calls, in order.

    The model's own settings are used, its image transform too; only DICOM files are sent as they are.
    """
    if model.limits.images == 0:
        return []
    found = [*_pictures(model, folder)]
    count = series_of(model)
    if count > 1:
        found += _series(model, folder, count)
    return [*found, *_dicom(model, folder)]


def in_turns(probes: Sequence[Probe]) -> tuple[list[Probe], list[Probe]]:
    """Return the calls to make at once, and those to make if the last of these is answered.

    Whether a server takes a DICOM file is asked once; one that does not is not asked the others.
    """
    dicom = [probe for probe in probes if probe.question in DICOM]
    return [probe for probe in probes if probe.question not in DICOM] + dicom[:1], dicom[1:]


def series_of(model: ModelFile) -> int:
    """Return how many pictures a series has: 1 for a model that takes no more, which is then not asked."""
    return SERIES if model.limits.images is None else min(SERIES, model.limits.images)


def _pictures(model: ModelFile, folder: Path) -> Iterator[Probe]:
    drawings: dict[str, Callable[[int], patches.Patches]] = {
        "square": patches.bright_square,
        **{f"lines-{width}": partial(patches.upright_lines, width=width) for width in WIDTHS},
        "colour": patches.striped_squares,
    }
    for question, drawing in drawings.items():
        for number in range(TRIALS):
            drawn = drawing(number)
            image = written_image(folder, patches.png(drawn.pixels), drawn.pixels.shape)
            yield _probe(model, question, number, (image,), drawn.target, drawn.decoy)


def _series(model: ModelFile, folder: Path, count: int) -> Iterator[Probe]:
    for part, marked in zip(PARTS, (0, count // 2, count - 1), strict=True):
        if part == "middle" and marked == count - 1:  # of two pictures none lies between
            continue
        for number in range(TRIALS):
            series, target = patches.marked_series(number, count, marked)
            images = tuple(written_image(folder, patches.png(one), one.shape) for one in series)
            yield _probe(model, part, number, images, target)


def _dicom(model: ModelFile, folder: Path) -> Iterator[Probe]:
    for question in DICOM:
        for number in range(TRIALS):
            drawn = patches.hounsfield_squares(question, number)
            try:
                # Signed values do not wrap: so each of the two faults is seen alone.
                data = dicom_file(drawn.pixels, signed=question == "window")
            except ImportError:
                return
            image = written_image(folder, data, drawn.pixels.shape, ending="dcm")
            yield _probe(model, question, number, (image,), drawn.target, drawn.decoy)


def _probe(  # noqa: PLR0913 - what a probe has
    model: ModelFile,
    question: str,
    number: int,
    images: tuple[Image, ...],
    truth: str,
    decoy: str = "",
) -> Probe:
    order = model.settings.get("order")
    settings = own_settings(model, order)
    if question in DICOM and "image_transform" in settings:
        settings["image_transform"] = "none"
    name = f"pixels-{question}-{number + 1}"
    request = drawn_request(model, _words(question), images, settings, name)
    return Probe(name, question, order, truth, request, decoy)


def _words(question: str) -> str:
    if question in PARTS:
        return "series-square"
    if question.startswith("lines"):
        return "tile-lines"
    return "tile-square" if question == "square" else "tile-colour"
