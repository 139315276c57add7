"""The bytes of an image of a benchmark, as they were frozen."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import ImageError
from medbench.images.transform import NONE, transformed

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.case import Image


class Sent(NamedTuple):
    """What is sent of an image."""

    data: bytes
    """The bytes."""
    sha256: str
    """Their digest: the file's own where nothing was changed."""


class Pictures:
    """Reads the images of a benchmark, and nothing else of it: providers and pipelines get no folder."""

    def __init__(self, folder: Path) -> None:
        self.__folder = folder

    def read(self, image: Image) -> bytes:
        """The file's bytes, unchanged.

        Raises:
            ImageError: The file is missing, or is not the one that was recorded.
        """
        return _read(self.__folder / image.file, image)

    def to_send(self, image: Image, transform: str = NONE) -> Sent:
        """What is sent of an image: the file's bytes, unchanged unless a transform is asked for.

        Args:
            image: As the benchmark has it.
            transform: What to do with it, see `images.transform`.

        Raises:
            ImageError: The file is missing, or is not the one that was recorded.
        """
        data = self.read(image)
        made = data if transform == NONE else transformed(data, transform)
        return Sent(made, image.sha256 if made is data else hashlib.sha256(made).hexdigest())


def _read(path: Path, image: Image) -> bytes:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ImageError(
            f"image '{path}' cannot be read: {error.strerror}.", "build the benchmark again"
        ) from None
    found = hashlib.sha256(data).hexdigest()
    if found != image.sha256:
        raise ImageError(
            f"image '{path}' has digest '{found[:8]}', the benchmark says '{image.sha256[:8]}'.",
            "build the benchmark again into another folder (--out); this file was changed",
        )
    return data
