"""NIfTI files become volumes: axial slices from the feet to the head, as radiologists look at them."""

from __future__ import annotations

import math
import zlib
from typing import TYPE_CHECKING, Any

import numpy as np

from medbench.datasets.volumes.volume import Volume
from medbench.errors import InputError, UsageError
from medbench.unreadable import check_readable, is_of_system, unreadable

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.case import Modality

ENDINGS = (".nii", ".nii.gz")
MOST_VALUES = 500_000_000
"""Most values of a volume, 4 GB in memory; 1,900 slices of 512 x 512."""


def read_nifti(path: Path, modality: Modality | None = None) -> Volume:
    """Read a file. NIfTI does not say whether it is CT: values count as Hounsfield units where they are.

    Args:
        path: The file.
        modality: 'CT' or 'MR'; None where the table does not say.

    Raises:
        UsageError: nibabel is not installed.
        InputError: It is not a volume of three dimensions.
    """
    nibabel = _nibabel()
    check_readable(path)
    try:
        image = nibabel.as_closest_canonical(_checked(nibabel.load(path), path))
        values = np.asarray(image.get_fdata(dtype=np.float64))
    except (OSError, EOFError, ValueError, zlib.error, nibabel.filebasedimages.ImageFileError) as error:
        if is_of_system(error):
            raise unreadable(error, f"'{path}'") from None
        words = " ".join(str(error).split()).rstrip(".")
        raise InputError(f"'{path}' cannot be read: {words}.", "a whole copy of the file") from None
    if values.ndim != 3:
        raise InputError(f"'{path}' has {values.ndim} dimensions.", "one volume a file, of three dimensions")
    # Canonical axes (RAS+) point to the patient's right, front and head; a picture shows the right on its
    # left side and the front above.
    turned = values[::-1, ::-1, :].transpose(2, 1, 0)
    return Volume(path, np.ascontiguousarray(turned), modality, "axial")


def _checked(image: Any, path: Path) -> Any:
    """Return an image whose values fit into memory, by the size that its header states."""
    if (count := math.prod(image.shape)) > MOST_VALUES:
        raise InputError(
            f"'{path}' states {count:,} values; {MOST_VALUES:,} are read at most.",
            "a volume of fewer or smaller slices",
        )
    return image


def _nibabel() -> Any:
    try:
        import nibabel
        import nibabel.filebasedimages
    except ImportError:
        raise UsageError(
            "NIfTI files are read by nibabel, which is not installed.", "pip install 'medbench[dicom]'"
        ) from None
    return nibabel
