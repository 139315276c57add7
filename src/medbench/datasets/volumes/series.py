"""DICOM files become volumes: one a series, slices in the order in which they lie in the body."""

from __future__ import annotations

import hashlib
import struct
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

import numpy as np

from medbench.datasets.volumes.frames import frames_of, is_of_images
from medbench.datasets.volumes.guards import remarks
from medbench.datasets.volumes.order import in_order, normal_of
from medbench.datasets.volumes.volume import Volume, filled, plane_of, under
from medbench.errors import InputError, UsageError
from medbench.schema.case import Modality
from medbench.unreadable import is_of_system, unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from medbench.datasets.volumes.frames import Frame

_XRAY: Final = {"CR", "DX", "MG"}
_EXTRA: Final = "pip install 'medbench[dicom]'"


class Series(NamedTuple):
    """The files of one series."""

    study: str
    """Its StudyInstanceUID."""
    paths: list[Path]


_OF_A_SERIES: Final = ["SOPClassUID", "SeriesInstanceUID", "StudyInstanceUID", "Rows"]


def find_series(folder: Path) -> dict[str, Series]:
    """Return the series below a folder, by SeriesInstanceUID.

    Raises:
        UsageError: pydicom is not installed.
        InputError: A file or folder may not be read.
    """
    pydicom = _pydicom()
    found: dict[str, Series] = {}
    for path in under(folder):
        try:
            header = pydicom.dcmread(path, stop_before_pixels=True, specific_tags=_OF_A_SERIES)
        except (pydicom.errors.InvalidDicomError, OSError) as error:
            if is_of_system(error):
                raise unreadable(error, f"'{path}'") from None  # a slice may be missing otherwise
            continue
        if "SeriesInstanceUID" in header and ("Rows" in header or is_of_images(header)):
            study = str(header.get("StudyInstanceUID", ""))
            found.setdefault(str(header.SeriesInstanceUID), Series(study, [])).paths.append(path)
    return found


def read_series(paths: Sequence[Path], *, checked: bool = False) -> Volume:
    """Read one series.

    Args:
        paths: Its files.
        checked: True if a person has looked for what the guards ask for.

    Raises:
        InputError: A file cannot be decoded, the slices are no stack, or a person should look first.
    """
    headers = [(path, _header(path)) for path in paths]
    if not checked:
        _check_seen(headers)
    headers = [one for one in headers if not _is_localiser(one[1])] or headers
    stack = in_order([frame for path, header in headers for frame in _frames(path, header)])
    first, modality = headers[0][1], _modality(str(headers[0][1].get("Modality", "")))
    values = filled(np.stack([frame.values for frame in stack]))
    # Of CT the values are Hounsfield units, whichever of them is shown as white.
    if str(first.get("PhotometricInterpretation", "")) == "MONOCHROME1" and modality != "CT":
        values = values.max() + values.min() - values
    return Volume(
        where=paths[0].parent if len(paths) > 1 else paths[0],
        values=values,
        modality=modality,
        plane=plane_of(normal_of(stack[0])) if stack[0].orientation else None,
        patient=_digest(str(first.get("PatientID") or first.get("StudyInstanceUID") or "")),
    )


def _header(path: Path) -> Any:
    pydicom = _pydicom()
    try:
        return pydicom.dcmread(path)
    except (pydicom.errors.InvalidDicomError, EOFError, OSError, ValueError, struct.error) as error:
        if is_of_system(error):
            raise unreadable(error, f"'{path}'") from None
        words = " ".join(str(error).split()).rstrip(".")[:160]
        raise InputError(f"'{path}' cannot be read: {words}.", "a whole copy of the file") from None


def _frames(path: Path, header: Any) -> list[Frame]:
    try:
        return frames_of(path, header)
    except (ArithmeticError, AttributeError, TypeError, ValueError) as error:  # of values that are none
        words = " ".join(str(error).split()).rstrip(".")[:160]
        raise InputError(
            f"'{path}' says something of its pixels that cannot be: {words}.", "a whole copy of the file"
        ) from None


def _check_seen(headers: Iterable[tuple[Path, Any]]) -> None:
    for path, header in headers:
        for remark in remarks(header):
            raise InputError(
                f"'{path}' {remark}.",
                "look at its pictures; if they hold no name and may be shown to a model: --i-have-checked",
            )


def _is_localiser(header: Any) -> bool:
    return "LOCALIZER" in [str(part).upper() for part in header.get("ImageType", ())]


def _modality(name: str) -> Modality | None:
    if name in _XRAY:
        return "XR"
    return next((known for known in get_args(Modality) if known == name), None)


def _digest(name: str) -> str | None:
    return hashlib.sha256(name.encode()).hexdigest()[:12] if name else None


def _pydicom() -> Any:
    try:
        import pydicom
        import pydicom.errors
        import pydicom.pixels
    except ImportError:
        raise UsageError("DICOM files are read by pydicom, which is not installed.", _EXTRA) from None
    return pydicom
