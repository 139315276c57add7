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
        question: [(truth, _written(folder, data)) for truth, data in drawn]
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
    words = load_prompt("doctor", "side" if question in {"side", "many"} else "presence")
    request = Request(
        model=model.id,
        text=words.text.strip(),
        images=images,
        settings=own_settings(model, order),
        case_key=name,
    )
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


def _written(folder: Path, data: bytes) -> Image:
    digest = hashlib.sha256(data).hexdigest()
    name = f"{digest[:16]}.png"
    (folder / name).write_bytes(data)
    return Image(file=name, sha256=digest, bytes=len(data), width=SIDE, height=SIDE, mode="L", modality="CT")
