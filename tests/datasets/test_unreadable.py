"""Files that may not be read, are folders, or lie on a failing disk: none of them is called damaged."""

from __future__ import annotations

import errno
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import small_sources
from made_volumes import SIDE, write_ct, write_nifti
from small_sources import copied

import medbench as mb
from medbench.datasets.folder import read_folder
from medbench.datasets.hub.repository import Folder
from medbench.datasets.medpix import read_medpix
from medbench.datasets.volumes.nifti import read_nifti
from medbench.datasets.volumes.series import find_series, read_series
from medbench.errors import ImageError, InputError
from medbench.images.recorded import Pictures
from medbench.schema.case import Image
from medbench.steps.export import read_radlex
from medbench.unreadable import check_readable, is_of_system

Refuse = Callable[..., None]
NUMBERS = [
    (errno.EACCES, "may not be read: Permission denied", "check its rights"),
    (errno.EIO, "cannot be read: Input/output error", "check the disk"),
]


def _from_hub(source: str, folder: Path) -> object:
    return mb.build_hf(source, folder=folder, out=folder.parent / "made")


@pytest.mark.parametrize(("number", "words", "hint"), NUMBERS)
@pytest.mark.parametrize("kind", ["zip", "parquet", "nifti", "dicom", "medpix", "splits", "radlex"])
def test_a_file_that_may_not_be_read_is_not_called_damaged(
    kind: str, number: int, words: str, hint: str, tmp_path: Path, refuse: Refuse
) -> None:
    """What is wrong, what it is wrong with, and what to do."""
    path, read = _file(kind, tmp_path)
    refuse(path, number)
    with pytest.raises(InputError) as raised:
        read()
    assert words in raised.value.message
    assert path.name in raised.value.message
    assert hint in raised.value.hint
    assert "damaged" not in raised.value.message


def _file(kind: str, folder: Path) -> tuple[Path, Callable[[], object]]:
    """Return a sound file of a kind, and what reads it."""
    if kind == "zip":
        copied(folder, small_sources.slake())
        return folder / "imgs.zip", lambda: _from_hub("slake", folder)
    if kind == "parquet":
        files = small_sources.radimagenet_vqa()
        copied(folder, files)
        path = next(folder / name for name in files if name.endswith(".parquet"))
        return path, lambda: _from_hub("radimagenet-vqa", folder)
    if kind == "nifti":
        write_nifti(folder / "a.nii.gz", np.zeros((4, 4, 4)))
        return folder / "a.nii.gz", lambda: read_nifti(folder / "a.nii.gz")
    if kind == "dicom":
        write_ct(folder / "ct", np.zeros((3, SIDE, SIDE), int))
        return sorted((folder / "ct").iterdir())[1], lambda: find_series(folder)
    if kind == "radlex":
        (folder / "radlex.csv").write_text("a,RID1\n")
        return folder / "radlex.csv", lambda: read_radlex(folder / "radlex.csv")
    case = {"U_id": "U1", "Case": {"Title": "T", "Findings": "A mass."}, "Topic": {"Title": "t"}}
    (folder / "Case_topic.json").write_text(json.dumps([case]))
    (folder / "Descriptions.json").write_text("[{}]")
    (folder / "uid_list.json").write_text("{}")
    name = "Descriptions.json" if kind == "medpix" else "uid_list.json"
    return folder / name, lambda: read_medpix(folder)


def test_a_slice_that_may_not_be_read_is_named(tmp_path: Path, refuse: Refuse) -> None:
    """Also if that comes about between looking for series and reading them."""
    write_ct(tmp_path, np.zeros((3, SIDE, SIDE), int))
    (series,) = find_series(tmp_path).values()
    refuse(series.paths[1])
    with pytest.raises(InputError, match="may not be read"):
        read_series(series.paths, checked=True)


def test_a_folder_that_may_not_be_listed_is_not_passed_over(tmp_path: Path, refuse: Refuse) -> None:
    """What lies in it would be missing from the volumes, or from the source, and nobody would know."""
    write_ct(tmp_path / "seen", np.zeros((3, SIDE, SIDE), int))
    write_ct(tmp_path / "locked", np.zeros((3, SIDE, SIDE), int))
    refuse(tmp_path / "locked")
    for read in (find_series, Folder):
        with pytest.raises(InputError, match=r"locked' may not be read: Permission denied"):
            read(tmp_path)


def test_a_folder_or_nothing_in_the_place_of_a_file(tmp_path: Path) -> None:
    """Each is said as it is."""
    (tmp_path / "imgs.zip").mkdir()
    with pytest.raises(InputError, match=r"'imgs\.zip' is a folder; a file is wanted"):
        check_readable(tmp_path / "imgs.zip", "'imgs.zip'")
    with pytest.raises(InputError, match=r"'.*gone' is not there"):
        check_readable(tmp_path / "gone")
    with pytest.raises(InputError, match="is not there"):
        read_nifti(tmp_path / "gone.nii.gz")


def test_what_a_library_calls_damage_is_damage() -> None:
    """A seek to before a file begins is the doing of what stands in the file."""
    assert is_of_system(PermissionError(errno.EACCES, "Permission denied"))
    assert not is_of_system(OSError("Couldn't deserialize thrift: TProtocolException"))
    assert not is_of_system(OSError(errno.EINVAL, "Invalid argument"))
    assert not is_of_system(EOFError())


def test_an_image_behind_a_folder_that_may_not_be_entered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its name is sound, and is not called none."""
    (tmp_path / "cases.csv").write_text("id,images,findings\n1,a.png,A mass.\n")
    (tmp_path / "a.png").touch()

    def refused(_: Path) -> bool:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "is_file", refused)
    with pytest.raises(InputError, match=r"the image 'a\.png' may not be read: Permission denied"):
        read_folder(tmp_path / "cases.csv", tmp_path)


def test_an_image_of_a_benchmark(tmp_path: Path, refuse: Refuse) -> None:
    """To build the benchmark again would change nothing."""
    (tmp_path / "a.png").touch()
    refuse(tmp_path / "a.png")
    image = Image(file="a.png", sha256="0" * 64, bytes=1, width=1, height=1, mode="L")
    with pytest.raises(ImageError, match="Permission denied") as raised:
        Pictures(tmp_path).read(image)
    assert "check its rights" in raised.value.hint
