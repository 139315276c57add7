"""The stored pixels of a DICOM file, or in which of three ways they cannot be had."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

from medbench.errors import InputError

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray


def decoded(path: Path, header: Any) -> NDArray[Any]:
    """Return the pixels of a file as they are stored.

    Args:
        path: The file, for messages.
        header: What pydicom has read of it.

    Raises:
        InputError: No decoder is installed for its compression, none exists, or the pixels are damaged.
    """
    _check_decoder(path, header)
    try:
        pixels: NDArray[Any] = header.pixel_array
    except (
        ArithmeticError,
        AttributeError,
        EOFError,
        LookupError,
        MemoryError,
        NotImplementedError,
        OSError,
        RuntimeError,
        TypeError,
        ValueError,
    ) as error:  # of pydicom's decoders and what they stand on
        words = " ".join(str(error).split()).partition(". ")[0].rstrip(".")[:160]
        raise InputError(
            f"the pixels of '{path}' are damaged: {words or type(error).__name__}.",
            "a whole copy of the file; a decoder would not help",
        ) from None
    return pixels


def _check_decoder(path: Path, header: Any) -> None:
    # Documented there, but its file of types does not say so.
    pixels: Any = importlib.import_module("pydicom.pixels")
    syntax = getattr(getattr(header, "file_meta", None), "TransferSyntaxUID", None)
    if syntax is None:
        return
    try:
        decoder = pixels.get_decoder(syntax)
    except NotImplementedError:
        raise InputError(
            f"'{path}' is compressed as '{syntax.name}', which pydicom cannot decode.",
            "convert it first, such as by dcmdjpeg or gdcmconv --raw",
        ) from None
    if decoder.is_available:
        return
    # Each way reads as: NAME - requires PACKAGE>=2.0 and PACKAGE>=2.1
    ways = [words.partition("requires ")[2].split(" and ") for words in decoder.missing_dependencies]
    packages = [[part.partition(">=")[0] for part in way if part != "numpy"] for way in ways]
    install = "   or: ".join(f"pip install {' '.join(way)}" for way in packages if way != ["gdcm"])
    raise InputError(
        f"'{path}' is compressed as '{syntax.name}', and no decoder for it is installed.",
        install or "which decoder it takes: pydicom's docs",
    )
