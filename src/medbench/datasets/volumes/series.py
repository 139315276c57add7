"""DICOM files become volumes: one a series, slices in the order in which they lie in the body."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final, NamedTuple, get_args

import numpy as np

from medbench.datasets.volumes.guards import remarks
from medbench.datasets.volumes.volume import Volume, plane_of, under
from medbench.errors import InputError, UsageError
from medbench.schema.case import Modality

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_XRAY: Final = {"CR", "DX", "MG"}
_EXTRA: Final = "pip install 'medbench[dicom]'"


class Series(NamedTuple):
    """The files of one series."""

    study: str
    """Its StudyInstanceUID."""
    paths: list[Path]


def find_series(folder: Path) -> dict[str, Series]:
    """Return the series below a folder, by SeriesInstanceUID.

    Raises:
        UsageError: pydicom is not installed.
    """
    pydicom = _pydicom()
    found: dict[str, Series] = {}
    for path in under(folder):
        try:
            header = pydicom.dcmread(
                path, stop_before_pixels=True, specific_tags=["SeriesInstanceUID", "StudyInstanceUID", "Rows"]
            )
        except (pydicom.errors.InvalidDicomError, OSError):
            continue
        if "SeriesInstanceUID" in header and "Rows" in header:
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
    pydicom = _pydicom()
    headers = [(path, pydicom.dcmread(path)) for path in paths]
    if not checked:
        _check_seen(headers)
    stack = _in_order(headers)
    first = stack[0][1]
    return Volume(
        where=paths[0].parent if len(paths) > 1 else paths[0],
        values=np.concatenate([_values(path, header) for path, header in stack]),
        modality=_modality(str(first.get("Modality", ""))),
        plane=plane_of(_normal(first)) if "ImageOrientationPatient" in first else None,
        patient=_digest(str(first.get("PatientID") or first.get("StudyInstanceUID") or "")),
    )


def _check_seen(headers: Iterable[tuple[Path, Any]]) -> None:
    for path, header in headers:
        for remark in remarks(header):
            raise InputError(
                f"'{path}' {remark}.",
                "look at its pictures; if they hold no name and may be shown to a model: --i-have-checked",
            )


def _in_order(headers: Sequence[tuple[Path, Any]]) -> list[tuple[Path, Any]]:
    """Return the slices as they lie; which end is first is what the numbers of the files say."""
    images = [one for one in headers if not _is_localiser(one[1])] or list(headers)
    shapes = {(int(header.Rows), int(header.Columns)) for _, header in images}
    if len(shapes) > 1:
        sizes = " and ".join(f"{rows} x {columns}" for rows, columns in sorted(shapes))
        raise InputError(
            f"the slices in '{images[0][0].parent}' are of different sizes ({sizes}).",
            "put what is no slice of it, such as a scout view, into another folder",
        )
    numbered = sorted(images, key=lambda one: (_number(one[1]), one[0].name))
    if len(images) == 1 or not all("ImagePositionPatient" in header for _, header in images):
        return numbered
    normal = _normal(images[0][1])
    place = {
        id(header): float(np.dot(normal, [float(part) for part in header.ImagePositionPatient]))
        for _, header in images
    }
    by_place = sorted(numbered, key=lambda one: place[id(one[1])])
    first, last = place[id(numbered[0][1])], place[id(numbered[-1][1])]
    return by_place[::-1] if first > last else by_place


def _is_localiser(header: Any) -> bool:
    return "LOCALIZER" in [str(part).upper() for part in header.get("ImageType", ())]


def _number(header: Any) -> int:
    return int(header.get("InstanceNumber") or 0)


def _normal(header: Any) -> tuple[float, float, float]:
    row = [float(part) for part in header.get("ImageOrientationPatient", (1, 0, 0, 0, 1, 0))]
    x, y, z = np.cross(row[:3], row[3:])
    return float(x), float(y), float(z)


def _values(path: Path, header: Any) -> NDArray[np.float64]:
    """Return the values of a file (frames, height, width): rescaled in floating point, so that none wraps."""
    pydicom = _pydicom()
    if not any(name in header for name in ("PixelData", "FloatPixelData", "DoubleFloatPixelData")):
        raise InputError(f"'{path}' holds no pixels.", "put what is no slice of it into another folder")
    try:
        stored = header.pixel_array
    except (AttributeError, NotImplementedError, RuntimeError, ValueError) as error:  # of pydicom's decoders
        raise InputError(
            f"'{path}' cannot be decoded: {str(error).partition('.')[0]}.",
            "pip install pylibjpeg pylibjpeg-openjpeg   (which decoder it takes: pydicom's docs)",
        ) from None
    if int(header.get("SamplesPerPixel", 1)) != 1:
        raise InputError(
            f"'{path}' is a colour picture, no slice.", "build folder takes pictures as they are"
        )
    values: NDArray[np.float64] = pydicom.pixels.apply_rescale(stored, header).astype(np.float64)
    padding = header.get("PixelPaddingValue")
    if padding is not None:
        values[stored == int(padding)] = values[stored != int(padding)].min(initial=values.max())
    if str(header.get("PhotometricInterpretation", "")) == "MONOCHROME1":
        values = values.max() + values.min() - values
    return values.reshape((-1, *values.shape[-2:]))


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
