"""A DICOM file of drawn Hounsfield units, to see what a server makes of it."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


def dicom_file(values: NDArray[np.int16], *, signed: bool) -> bytes:
    """Return a CT slice as a DICOM file without a patient.

    Args:
        values: Hounsfield units (height, width), from -1024.
        signed: True to store them as signed values with an intercept of 0, False as unsigned ones with -1024,
            which wrap where a reader rounds what it has rescaled into the type that it was stored in.

    Raises:
        ImportError: pydicom is not installed.
    """
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian, generate_uid

    intercept = 0 if signed else -1024
    stored = (values.astype(np.int32) - intercept).astype("<i2" if signed else "<u2")
    header: Any = Dataset()
    header.file_meta = FileMetaDataset()
    header.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    header.file_meta.MediaStorageSOPClassUID = header.SOPClassUID = CTImageStorage
    # Of the pixels, so that a probe is the same request each time.
    own = generate_uid(entropy_srcs=["medbench phantom", stored.tobytes().hex()])
    header.file_meta.MediaStorageSOPInstanceUID = header.SOPInstanceUID = own
    header.StudyInstanceUID = header.SeriesInstanceUID = own
    header.Modality, header.InstanceNumber, header.ImageType = "CT", 1, ["ORIGINAL", "PRIMARY", "AXIAL"]
    header.ImageOrientationPatient, header.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, 0]
    header.PixelSpacing, header.SliceThickness = [0.5, 0.5], 3
    header.Rows, header.Columns = values.shape
    header.BitsAllocated, header.BitsStored, header.HighBit = 16, 16, 15
    header.PixelRepresentation = int(signed)
    header.SamplesPerPixel, header.PhotometricInterpretation = 1, "MONOCHROME2"
    header.RescaleSlope, header.RescaleIntercept, header.RescaleType = 1, intercept, "HU"
    header.PixelData = stored.tobytes()
    file = io.BytesIO()
    header.save_as(file, enforce_file_format=True)
    return file.getvalue()
