"""From DICOM and NIfTI files to a benchmark: order, values, guards, and nothing of the patient."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from made_volumes import SIDE, dicom_slice, made_volume, write_ct, write_nifti, write_table
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.encaps import encapsulate
from pydicom.uid import (
    MPEG2MPML,
    UID,
    JPEG2000Lossless,
    JPEGLSLossless,
    SecondaryCaptureImageStorage,
    generate_uid,
)

import medbench as mb
from medbench.datasets.volumes.nifti import read_nifti
from medbench.datasets.volumes.series import find_series, read_series
from medbench.errors import InputError, UsageError
from medbench.images.slices import WINDOWS, chosen, picture

NAME = "Doe^Jane"
REPORT = "A 2 cm haemorrhage in the left thalamus."


def test_a_ct_of_120_slices_becomes_the_pictures_of_its_recipe(tmp_path: Path) -> None:
    """Slices in order, the rule of the notebook, three windows: each pixel as computed from what was made."""
    volume = made_volume(120)
    write_ct(tmp_path / "scans/p7/ct", volume)
    table = write_table(
        tmp_path / "reports.csv", [{"volume": "p7/ct", "reference": REPORT, "region": "Head"}]
    )
    built = mb.build_dicom(tmp_path / "scans", table, tmp_path / "my-ct", recipe="medgemma-lossless")
    (case,) = built.folder.cases()
    assert len(case.images) == 85
    for image, place in zip(case.images, chosen(120, "notebook-85"), strict=True):
        with Image.open(tmp_path / "my-ct" / image.file) as shown:
            assert np.array_equal(np.asarray(shown), picture(volume[place], WINDOWS["medgemma"]))
        assert (image.modality, image.plane) == ("CT", "axial")
    head = json.loads((tmp_path / "my-ct/benchmark.json").read_text())
    assert head["dataset"]["pictures"] == "notebook-85+medgemma+png"
    (reference,) = built.folder.references()
    assert reference.text == REPORT


def test_a_planted_reader_scores_where_its_slice_is_sent(tmp_path: Path) -> None:
    """The slice with the lesion is among the pictures of one recipe, and not of another."""
    volume = np.full((60, SIDE, SIDE), 40)
    volume[30, 10:14, 10:14] = 75
    write_ct(tmp_path / "scans/ct", volume + np.random.default_rng(1).integers(0, 3, volume.shape))
    table = write_table(tmp_path / "reports.csv", [{"volume": "ct", "reference": REPORT, "region": "Head"}])

    def brightest(recipe: str) -> int:
        out = tmp_path / recipe
        (case,) = mb.build_dicom(tmp_path / "scans", table, out, recipe=recipe).folder.cases()
        pictures = [Image.open(out / image.file) for image in case.images]
        return max(int(np.asarray(one).max()) for one in pictures)

    assert brightest("even-2+brain") < 150
    assert brightest("even-60+brain") > 230


def test_order_is_of_place_and_its_direction_of_the_numbers(tmp_path: Path) -> None:
    """Numbers that jump do not mix slices; numbers that fall with the place turn the volume round."""
    volume = made_volume(9)
    series, study = generate_uid(), generate_uid()
    for place, values in enumerate(volume):
        number = 100 - place if place not in {3, 4} else {3: 96, 4: 97}[place]
        dicom_slice(tmp_path, number, values, series, study, ImagePositionPatient=[0, 0, 5.0 * place])
    ((_, paths),) = find_series(tmp_path).values()
    assert np.array_equal(read_series(paths).values, volume[::-1])


def test_series_and_studies_go_by_their_ids_and_none_of_these_enters_the_benchmark(tmp_path: Path) -> None:
    """A study takes its longest series, and says so; ids, names and numbers of patients stay outside."""
    series, study = write_ct(tmp_path / "scans/a", made_volume(4))
    for number, values in enumerate(made_volume(2)):
        dicom_slice(tmp_path / "scans/b", number + 50, values, generate_uid(), study)
    table = write_table(
        tmp_path / "r.csv",
        [
            {"id": "one", "series": series, "reference": REPORT, "region": "Head"},
            {"id": "two", "series": study, "reference": "No haemorrhage.", "region": "Head"},
        ],
    )
    built = mb.build_dicom(tmp_path / "scans", table, tmp_path / "out", recipe="all+brain")
    assert any("holds 3 series; the one with most files (4)" in note for note in built.report.notes)
    written = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    for secret in (series, study, "12345"):
        assert secret.encode() not in written
    topics = {reference.topic for reference in built.folder.references()}
    assert len(topics) == 1, "both are of one patient"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"BurnedInAnnotation": "YES"}, "burned into its pixels"),
        ({"PatientName": NAME}, "personal attributes (PatientName)"),
        ({"Modality": "US"}, "ultrasound"),
        ({"Modality": "XA"}, "angiography"),
        ({"SOPClassUID": SecondaryCaptureImageStorage}, "secondary capture"),
        ({"InstitutionName": "St. Elsewhere", "AccessionNumber": "7"}, "InstitutionName, AccessionNumber"),
    ],
)
def test_what_a_person_must_look_at_first_is_refused(
    tmp_path: Path, more: dict[str, str], words: str
) -> None:
    """In words without the value; with --i-have-checked it is taken, and its attributes stay outside."""
    write_ct(tmp_path / "scans/x", made_volume(2), **more)
    table = write_table(tmp_path / "r.csv", [{"volume": "x", "reference": REPORT, "region": "Head"}])
    with pytest.raises(InputError) as raised:
        mb.build_dicom(tmp_path / "scans", table, tmp_path / "out", recipe="all+brain")
    assert words in raised.value.message
    assert "--i-have-checked" in raised.value.hint
    assert NAME not in raised.value.message
    assert not (tmp_path / "out").exists()
    built = mb.build_dicom(
        tmp_path / "scans", table, tmp_path / "out", recipe="all+brain", i_have_checked=True
    )
    assert len(list(built.folder.cases())) == 1
    for path in (tmp_path / "out").rglob("*"):
        assert not path.is_file() or NAME.encode() not in path.read_bytes()


def test_pydicoms_own_ct_and_mr_are_read() -> None:
    """Hounsfield units by its own rescale; MR from the least to the greatest value."""
    for name in ("CT_small.dcm", "MR_small.dcm"):
        path = Path(str(get_testdata_file(name, download=False)))
        source = pydicom.dcmread(path)
        volume = read_series([path], checked=True)
        expected = source.pixel_array * float(source.get("RescaleSlope", 1)) + float(
            source.get("RescaleIntercept", 0)
        )
        assert np.array_equal(volume.values[0], expected)
        assert volume.modality == name[:2]


def test_padding_is_air_and_no_value_of_its_own(tmp_path: Path) -> None:
    """What a scanner fills up with -2000 does not stretch 'minmax'."""
    values = np.full((1, SIDE, SIDE), 100)
    values[0, 0, 0] = -2000 + 2000  # stored 1024
    values[0, 5, 5] = -500
    write_ct(tmp_path, values, PixelPaddingValue=1024)
    ((_, paths),) = find_series(tmp_path).values()
    found = read_series(paths).values
    assert (found.min(), found[0, 0, 0]) == (-500, -500)


def test_a_file_without_pixels_is_said_to_have_none(tmp_path: Path) -> None:
    """A decoder would not help it."""
    path = dicom_slice(tmp_path, 1, np.zeros((SIDE, SIDE), int), "1.2.3", "1.2")
    header = pydicom.dcmread(path)
    del header.PixelData
    header.save_as(path)
    with pytest.raises(InputError, match="holds no pixels"):
        read_series([path])


def test_a_file_that_was_cut_in_its_header_is_not_passed_over(tmp_path: Path) -> None:
    """A slice that is missing without a word would be a hole in the volume."""
    whole, cut = (dicom_slice(tmp_path, n, np.zeros((SIDE, SIDE), int), "1.2.3", "1.2") for n in (1, 2))
    header = pydicom.dcmread(cut)
    for name in [name for name in header.dir() if header[name].tag > header["SeriesInstanceUID"].tag]:
        delattr(header, name)
    header.save_as(cut)
    ((_, paths),) = find_series(tmp_path).values()
    assert set(paths) == {whole, cut}
    with pytest.raises(InputError, match=f"'{cut}' holds no pixels: it may have been cut"):
        read_series(paths)


def _compressed(folder: Path, syntax: UID) -> Path:
    """Write a slice that says how it is compressed, with bytes that are no picture."""
    path = dicom_slice(folder, 1, np.zeros((SIDE, SIDE), int), "1.2.3", "1.2")
    header = pydicom.dcmread(path)
    header.file_meta.TransferSyntaxUID = syntax
    header.PixelData = encapsulate([b"no picture at all"])
    header["PixelData"].VR = "OB"
    header.save_as(path)
    return path


@pytest.mark.parametrize(
    ("syntax", "words", "hint"),
    [
        (JPEGLSLossless, "'JPEG-LS Lossless Image Compression', and no decoder for it", "pip install py"),
        (MPEG2MPML, "'MPEG2 Main Profile / Main Level', which pydicom cannot decode", "convert it first"),
        (JPEG2000Lossless, "are damaged", "a whole copy of the file"),
    ],
)
def test_no_decoder_and_damaged_pixels_are_told_apart(
    tmp_path: Path, syntax: UID, words: str, hint: str
) -> None:
    """A decoder is the user's to choose, and is named only where one would help: the bytes are the same."""
    path = _compressed(tmp_path, syntax)
    with pytest.raises(InputError) as raised:
        read_series([path])
    assert words in raised.value.message
    assert hint in raised.value.hint


@pytest.mark.filterwarnings("ignore")
def test_pydicoms_own_cut_and_compressed_files(tmp_path: Path) -> None:
    """A file that ends too early is damaged; RLE and JPEG 2000 give the pixels of the plain file back."""
    with pytest.raises(InputError, match="are damaged"):
        read_series([Path(str(get_testdata_file("MR_truncated.dcm", download=False)))], checked=True)
    plain, *others = (
        read_series([Path(str(get_testdata_file(f"{name}.dcm", download=False)))], checked=True).values
        for name in ("MR_small", "MR_small_RLE", "MR_small_jp2klossless", "MR_small_bigendian")
    )
    assert all(np.array_equal(plain, other) for other in others)


def test_slices_of_two_sizes_are_no_stack(tmp_path: Path) -> None:
    """A scout view beside the slices is named."""
    series, _ = write_ct(tmp_path, made_volume(2))
    dicom_slice(tmp_path, 9, np.zeros((16, 16), int), series, "1.2", Rows=16, Columns=16)
    ((_, paths),) = find_series(tmp_path).values()
    with pytest.raises(InputError, match="different sizes"):
        read_series(paths)


def test_a_nifti_is_turned_as_radiologists_look(tmp_path: Path) -> None:
    """Whatever its axes are: right on the left side, front above, feet first."""
    values = np.zeros((4, 5, 3))
    values[3, 4, 2] = 9.0  # far right, front, head of RAS
    write_nifti(tmp_path / "ras.nii.gz", values, (1, 1, 1))
    write_nifti(tmp_path / "las.nii.gz", values[::-1], (-1, 1, 1))
    for name in ("ras.nii.gz", "las.nii.gz"):
        volume = read_nifti(tmp_path / name, "MR")
        assert volume.values.shape == (3, 5, 4)
        assert np.argwhere(volume.values == 9.0).tolist() == [[2, 0, 0]]


@pytest.mark.parametrize("cut", [lambda data: data[:200], lambda data: data[:100] + b"\0\1\2" * 50, bytes])
def test_a_damaged_nifti_is_named(tmp_path: Path, cut: Callable[[bytes], bytes]) -> None:
    """Cut, overwritten or empty: a sentence with the file, whatever the reader stumbled over."""
    path = tmp_path / "scan.nii.gz"
    write_nifti(path, np.random.default_rng(1).uniform(0, 300, (24, 24, 10)))
    path.write_bytes(cut(path.read_bytes()) if cut is not bytes else b"")
    with pytest.raises(InputError, match="cannot be read"):
        read_nifti(path, "MR")


def test_a_nifti_goes_to_a_run(
    tmp_path: Path, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the file through the command to a comparison of the baselines."""
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(1)
    rows = []
    for number in range(4):
        (tmp_path / "scans").mkdir(exist_ok=True)
        values = rng.normal(100, 20, (24, 24, 6))
        write_nifti(tmp_path / f"scans/{number}.nii.gz", values, (1, 1, 1))
        rows.append(
            {
                "volume": f"{number}.nii.gz",
                "modality": "MR",
                "reference": f"There is a mass of {number + 1} cm in the left frontal lobe.",
                "region": "Head",
            }
        )
    write_table(tmp_path / "r.csv", rows)
    built = medbench(
        "build", "dicom", "scans", "--reports", "r.csv", "--out", "mr", "--recipe", "even-3+minmax"
    )
    assert (built.code, "Pictures by the recipe even-3+minmax+png" in built.err + built.out) == (0, True)
    assert medbench("run", "mr").code == 0
    assert "4" in medbench("compare").out


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ({"volume": "nothing"}, "no volume is called 'nothing'"),
        ({"volume": "../other"}, "lies outside"),
        ({"volume": ""}, "'volume' is missing"),
        ({"volume": "empty"}, "no DICOM files in 'empty'"),
    ],
)
def test_a_row_without_a_volume_is_named(tmp_path: Path, row: dict[str, str], words: str) -> None:
    """With the line of the table."""
    write_ct(tmp_path / "scans/x", made_volume(2))
    (tmp_path / "scans/empty").mkdir()
    (tmp_path / "other").mkdir()
    table = write_table(tmp_path / "r.csv", [{"reference": REPORT, "region": "Head", **row}])
    with pytest.raises(InputError) as raised:
        mb.build_dicom(tmp_path / "scans", table, tmp_path / "out")
    assert words in raised.value.message
    assert "line 2" in raised.value.message


def test_no_folder_is_said(tmp_path: Path) -> None:
    """Before the table is read."""
    with pytest.raises(UsageError, match="is not a folder"):
        mb.build_dicom(tmp_path / "no", tmp_path / "r.csv", tmp_path / "out")
