"""The frames of a DICOM file: each is a slice, with its values and its place in the body.

A file of one slice says these at its top; an enhanced one of many frames says them in its functional groups,
frame by frame or once for all (DICOM PS3.3, C.7.6.16).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np

from medbench.datasets.volumes.decode import decoded
from medbench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_APART: Final = "put what is not a slice of it into another folder"


class Frame(NamedTuple):
    """One slice of a file."""

    path: Path
    values: NDArray[np.float64]
    """Rescaled values, (height, width); NaN where the scanner filled up."""
    position: tuple[float, ...] | None
    """Corner of the slice in millimetres of the patient, x, y, z; None where the file does not say it."""
    orientation: tuple[float, ...] | None
    """Directions of its rows and columns, six numbers; None where the file does not say them."""
    number: tuple[int, str, int]
    """Number of the file, its name, and the number of the frame in it, by which files are sorted."""


def is_of_images(header: Any) -> bool:
    """Return True if a file says of itself that it holds an image, whether or not it still does."""
    return "Image Storage" in getattr(header.get("SOPClassUID"), "name", "")


def frames_of(path: Path, header: Any) -> list[Frame]:
    """Return the frames of a file, in the file's order.

    Raises:
        InputError: It holds no slices, cannot be decoded, or says something that cannot be.
    """
    if not any(name in header for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        if is_of_images(header):
            raise InputError(f"'{path}' holds no pixels: it may have been cut.", "a whole copy of the file")
        raise InputError(f"'{path}' holds no pixels.", _APART)
    if int(header.get("SamplesPerPixel", 1)) != 1:
        raise InputError(
            f"'{path}' is a colour picture, no slice.", "build folder takes pictures as they are"
        )
    stored = decoded(path, header)
    stored = stored.reshape((-1, *stored.shape[-2:]))
    groups = _groups(path, header, len(stored))
    padding, number = _padding(stored, header), int(header.get("InstanceNumber") or 0)
    found = []
    for place, (pixels, of_frame) in enumerate(zip(stored, groups, strict=True)):
        values = _rescaled(pixels, of_frame, header)
        values[padding[place]] = np.nan
        found.append(
            Frame(
                path,
                values,
                _numbers(path, of_frame, "PlanePositionSequence", "ImagePositionPatient", 3),
                _numbers(path, of_frame, "PlaneOrientationSequence", "ImageOrientationPatient", 6),
                (number, path.name, place),
            )
        )
    return found


def _groups(path: Path, header: Any, frames: int) -> list[Sequence[Any]]:
    """Return for each frame where its attributes may stand, the nearest first."""
    of_frames, shared = (
        header.get(f"{kind}FunctionalGroupsSequence") or () for kind in ("PerFrame", "Shared")
    )
    if not of_frames and not shared:
        # The place that the top of a file gives is that of an only frame.
        return [(header,)] if frames == 1 else [()] * frames
    if of_frames and len(of_frames) != frames:
        raise InputError(
            f"'{path}' has {frames} frames and describes {len(of_frames)}.", "a whole copy of the file"
        )
    return [(*of_frames[place : place + 1], *shared) for place in range(frames)]


def _value(of_frame: Sequence[Any], sequence: str, name: str) -> Any:
    """Return an attribute of a frame; None where no group has it."""
    for group in of_frame:
        for item in (*(group.get(sequence) or ())[:1], group):
            if item.get(name) is not None:
                return item.get(name)
    return None


def _numbers(
    path: Path, of_frame: Sequence[Any], sequence: str, name: str, count: int
) -> tuple[float, ...] | None:
    value = _value(of_frame, sequence, name)
    if value is None:
        return None
    try:
        numbers = tuple(float(part) for part in value)
    except (TypeError, ValueError):
        numbers = ()
    if len(numbers) != count or not np.isfinite(numbers).all():
        shown = " ".join(str(value).split())[:60]
        raise InputError(f"'{path}' has '{shown}' as {name}, which is not a place.", _APART)
    return numbers


def _rescaled(pixels: NDArray[Any], of_frame: Sequence[Any], header: Any) -> NDArray[np.float64]:
    """Return Hounsfield units, or what else a file's slope makes: in floating point, where none wraps."""
    slope, intercept = (
        _value(of_frame, "PixelValueTransformationSequence", name)
        for name in ("RescaleSlope", "RescaleIntercept")
    )
    slope = header.get("RescaleSlope") if slope is None else slope
    intercept = header.get("RescaleIntercept") if intercept is None else intercept
    scaled: NDArray[np.float64] = pixels.astype(np.float64)
    if slope is not None and intercept is not None:
        scaled = scaled * float(slope) + float(intercept)
    return scaled


def _padding(stored: NDArray[Any], header: Any) -> NDArray[np.bool_]:
    """Return which pixels a scanner filled up, by the file's value for it or its range of values."""
    first = header.get("PixelPaddingValue")
    if first is None:
        return np.zeros(stored.shape, bool)
    last = header.get("PixelPaddingRangeLimit")
    # Files that store signed values often write the padding as if they were unsigned: the bits are the same.
    one, other = (
        np.array([int(part)]).astype(stored.dtype)[0] for part in (first, first if last is None else last)
    )
    found: NDArray[np.bool_] = (stored >= min(one, other)) & (stored <= max(one, other))
    return found
