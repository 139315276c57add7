"""The calls of `doctor` to one model: drawn images with questions that no text can answer."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

from medbench.datasets.phantom.canvas import SIDE
from medbench.datasets.phantom.probe import presence_images, side_images
from medbench.prompts.prompt import load_prompt
from medbench.schema.case import Image
from medbench.schema.response import Request
from medbench.schema.results.doctor import Probe

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from medbench.schema.model import ModelFile
    from medbench.schema.results.doctor import Question

ORDERS: Final = ("text-first", "image-first")
MANY: Final = 4
"""Images that a run sends in one call unless told otherwise."""
LONGEST: Final = 2048
"""Most tokens of an answer: thoughts come before the one word that is asked for."""


def probes(model: ModelFile, folder: Path) -> list[Probe]:
    """Return the questions to a model, the setting's own order of text and images first.

    Args:
        model: Its file. One that takes no images is asked one question without any.
        folder: Where the images are written to.
    """
    order = model.settings.get("order")
    if model.limits.images == 0:
        return [_probe(model, "without", order, "", ())]
    made = {
        question: [(truth, written_image(folder, data, (SIDE, SIDE))) for truth, data in drawn]
        for question, drawn in (("side", side_images()), ("presence", presence_images()))
    }
    found = [*_seeing(model, order, made), _probe(model, "without", order, "", ())]
    many = min(model.limits.images or MANY, MANY)
    if many > 1:
        images = tuple(image for _, image in made["side"])
        found.append(_probe(model, "many", order, "", images[:many]))
    if order in ORDERS:
        other = next(one for one in ORDERS if one != order)
        found += _seeing(model, other, made)
    return found


def _seeing(model: ModelFile, order: str | None, made: dict[str, list[tuple[str, Image]]]) -> Iterator[Probe]:
    for number, (truth, image) in enumerate(made["side"]):
        yield _probe(model, "side", order, truth, (image,), number)
    for number, (truth, image) in enumerate(made["presence"]):
        yield _probe(model, "presence", order, truth, (image,), number)


def _probe(  # noqa: PLR0913 - what a probe has
    model: ModelFile,
    question: Question,
    order: str | None,
    truth: str,
    images: tuple[Image, ...],
    number: int = 0,
) -> Probe:
    name = f"{question}-{number + 1}-{order or 'plain'}"
    words = "side" if question in {"side", "many"} else "presence"
    request = drawn_request(model, words, images, own_settings(model, order), name)
    return Probe(name, question, order, truth, request)


def own_settings(model: ModelFile, order: str | None) -> dict[str, Any]:
    """Return the system's own settings in an order of text and images, but no answer of pages."""
    settings = dict(model.settings)
    if order is not None:
        settings["order"] = order
    most = settings.get("max_tokens")
    if isinstance(most, int):
        settings["max_tokens"] = min(most, LONGEST)
    return settings


def drawn_request(
    model: ModelFile, prompt: str, images: tuple[Image, ...], settings: dict[str, Any], name: str
) -> Request:
    """Return a request about drawn images, with the words of one of the prompts of `doctor`."""
    text = load_prompt("doctor", prompt).text.strip()
    return Request(model=model.id, text=text, images=images, settings=settings, case_key=name)


def written_image(folder: Path, data: bytes, size: tuple[int, ...], ending: str = "png") -> Image:
    """Write a drawn picture under a name of its digest, and return it.

    Args:
        folder: Where it is written to.
        data: The file.
        size: Its height and width, and its channels where it is in colour.
        ending: Ending of its name; "dcm" for DICOM.
    """
    digest = hashlib.sha256(data).hexdigest()
    name = f"{digest[:16]}.{ending}"
    (folder / name).write_bytes(data)
    mode = "I;16" if ending == "dcm" else "RGB" if len(size) == 3 else "L"
    return Image(
        file=name, sha256=digest, bytes=len(data), width=size[1], height=size[0], mode=mode, modality="CT"
    )
