"""Frames of enhanced files, padding, and stacks that are none."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from made_volumes import SIDE, dicom_slice, enhanced_ct, made_volume
from pydicom.data import get_testdata_file
from pydicom.uid import generate_uid

from medbench.datasets.volumes.series import find_series, read_series
from medbench.errors import InputError


def test_frames_lie_by_their_own_places_and_have_their_own_rescale(tmp_path: Path) -> None:
    """An enhanced file may hold its frames in any order; the first frame says which end comes first."""
    values = made_volume(7)
    order = [2, 0, 1, 3, 6, 4, 5]
    path = enhanced_ct(
        tmp_path / "all.dcm",
        values[order],
        [5.0 * place for place in order],
        [-1024 - 10 * place for place in order],
    )
    found = read_series([path])
    assert np.array_equal(found.values, values)
    assert (found.modality, found.plane) == ("CT", "axial")
    turned = enhanced_ct(tmp_path / "b.dcm", values, [-5.0 * place for place in range(7)], [-1024] * 7)
    assert np.array_equal(read_series([turned]).values, values)


def test_a_file_that_describes_fewer_frames_than_it_has_is_refused(tmp_path: Path) -> None:
    """Which frame would be which is not known."""
    path = enhanced_ct(tmp_path / "a.dcm", made_volume(3), [0, 1, 2], [-1024] * 3)
    header = pydicom.dcmread(path)
    del header.PerFrameFunctionalGroupsSequence[1]
    header.save_as(path)
    with pytest.raises(InputError, match="has 3 frames and describes 2"):
        read_series([path])


def test_frames_in_one_place_are_no_stack(tmp_path: Path) -> None:
    """Two echoes would be mixed slice by slice."""
    path = enhanced_ct(tmp_path / "a.dcm", made_volume(4), [0, 0, 5, 5], [-1024] * 4)
    with pytest.raises(InputError, match="2 of the 4 slices"):
        read_series([path])


def test_slices_in_several_directions_are_no_stack(tmp_path: Path) -> None:
    """Of a scan and its reformat in one series no order is right."""
    series, study = generate_uid(), generate_uid()
    for number in range(3):
        turned = [1, 0, 0, 0, 0, -1] if number == 2 else [1, 0, 0, 0, 1, 0]
        dicom_slice(
            tmp_path, number, np.zeros((SIDE, SIDE), int), series, study, ImageOrientationPatient=turned
        )
    ((_, paths),) = find_series(tmp_path).values()
    with pytest.raises(InputError, match="do not lie in one direction"):
        read_series(paths)


@pytest.mark.parametrize("limit", [None, 5])
def test_padding_is_the_least_value_of_the_volume(tmp_path: Path, limit: int | None) -> None:
    """Not of its slice: one without air would be padded with tissue. A range of values is padding too."""
    series, study = generate_uid(), generate_uid()
    body, air = np.full((SIDE, SIDE), 40), np.full((SIDE, SIDE), -1000)
    body[0], body[1] = -1024, -1019  # stored as 0 and 5
    more: dict[str, Any] = {"PixelPaddingValue": 0}
    if limit is not None:
        more["PixelPaddingRangeLimit"] = limit
    for number, values in enumerate((body, air)):
        dicom_slice(tmp_path, number, values, series, study, **more)
    ((_, paths),) = find_series(tmp_path).values()
    found = read_series(paths).values[0]
    if limit is None:
        assert (found[0, 0], found[1, 0], found[5, 0]) == (-1019, -1019, 40)
    else:
        assert (found[0, 0], found[1, 0], found[5, 0]) == (-1000, -1000, 40)


def test_a_volume_of_padding_alone_is_zero(tmp_path: Path) -> None:
    """There is no least value to take."""
    path = dicom_slice(tmp_path, 1, np.zeros((SIDE, SIDE), int), "1.2", "1", PixelPaddingValue=1024)
    assert read_series([path]).values.max() == 0


def test_padding_that_is_written_without_its_sign_is_found(tmp_path: Path) -> None:
    """Signed pixels with a padding of 63536 mean -2000: the bits are the same."""
    header = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    pixels = header.pixel_array.copy()
    assert pixels.dtype == np.int16
    pixels[0, 0] = -2000
    header.PixelData = pixels.tobytes()
    header.add_new("PixelPaddingValue", "US", 63536)
    header.save_as(tmp_path / "a.dcm")
    found = read_series([tmp_path / "a.dcm"], checked=True).values
    assert found[0, 0, 0] == found[0, 1:].min()


def _cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:200])


def _place(path: Path) -> None:
    header = pydicom.dcmread(path)
    header.ImagePositionPatient = [1.0, 2.0]
    header.save_as(path)


def _slope(path: Path) -> None:
    header = pydicom.dcmread(path)
    header.RescaleSlope = [1.0, 2.0]
    header.save_as(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("damage", "words"),
    [(_cut, "cannot be read|damaged|holds no"), (_place, "which is not a place"), (_slope, "that cannot be")],
)
def test_damaged_files_are_named(tmp_path: Path, damage: Callable[[Path], None], words: str) -> None:
    """In a sentence with the file, never as a traceback."""
    path = dicom_slice(tmp_path, 1, np.zeros((SIDE, SIDE), int), "1.2", "1")
    damage(path)
    with pytest.raises(InputError, match=words) as raised:
        read_series([path])
    assert path.name in raised.value.message


def test_hounsfield_units_are_not_turned_round_and_x_rays_are(tmp_path: Path) -> None:
    """MONOCHROME1 says what is shown as white, not what a value means."""
    values = np.arange(SIDE * SIDE).reshape(SIDE, SIDE)
    ct = dicom_slice(tmp_path / "ct", 1, values, "1.2", "1", PhotometricInterpretation="MONOCHROME1")
    dx = dicom_slice(
        tmp_path / "dx", 1, values, "1.3", "1", PhotometricInterpretation="MONOCHROME1", Modality="DX"
    )
    assert np.array_equal(read_series([ct]).values[0], values)
    assert np.array_equal(read_series([dx]).values[0], values[::-1, ::-1])
