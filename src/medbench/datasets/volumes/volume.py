"""A volume as it was read: its values, slice by slice, and nothing that names a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from medbench.unreadable import files_below

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from medbench.schema.case import Modality


@dataclass(frozen=True, slots=True)
class Volume:
    """A stack of slices."""

    where: Path
    """The folder or file that it was read from."""
    values: NDArray[np.float64]
    """Hounsfield units of CT, the stored values of MR; (slices, height, width)."""
    modality: Modality | None
    plane: str | None
    """'axial', 'coronal' or 'sagittal', by the direction that the slices lie in; None is unknown."""
    patient: str | None = None
    """A digest that is the same for all volumes of a patient; None is unknown."""


def plane_of(normal: tuple[float, float, float]) -> str:
    """Return the plane whose normal is nearest: x to the left, y to the back, z to the head."""
    sizes = [abs(part) for part in normal]
    return ("sagittal", "coronal", "axial")[sizes.index(max(sizes))]


def filled(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the values of a volume with its least one where NaN says that a scanner filled up."""
    unknown = np.isnan(values)
    if unknown.any():
        values = np.where(unknown, 0.0 if unknown.all() else np.nanmin(values), values)
    return values


def under(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder in the order of their paths; hidden ones are passed over.

    Raises:
        InputError: A folder may not be read.
    """
    for path in sorted(files_below(folder)):
        if not any(part.startswith(".") for part in path.relative_to(folder).parts):
            yield path
