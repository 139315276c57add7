"""A table of reports and a folder of volumes become cases, each with the pictures of one volume."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from medbench.datasets.folder import FolderCases, cases_of, columns_of
from medbench.datasets.table import Table, read_table
from medbench.datasets.volumes.nifti import ENDINGS, read_nifti
from medbench.datasets.volumes.series import Series, find_series, read_series
from medbench.datasets.volumes.volume import under
from medbench.errors import InputError, UsageError
from medbench.images.slices import pictures_of
from medbench.sentences import counted, nearest

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.datasets.volumes.volume import Volume
    from medbench.images.slices import Recipe

_NAMES = dict.fromkeys(("series", "study", "path", "file", "folder"), "volume")


def read_volumes(
    folder: Path, reports: Path, recipe: Recipe, into: Path, *, checked: bool = False
) -> FolderCases:
    """Return a case for each row of a table, with the pictures of its volume.

    Args:
        folder: Below it lie DICOM files or NIfTI files.
        reports: A table with the columns `volume` and `reference`; `volume` is a path below the folder, a
            SeriesInstanceUID or a StudyInstanceUID. All other columns are those of `build folder`.
        recipe: Which slices become pictures, and how.
        into: An empty folder for the pictures.
        checked: True if a person has looked for what the guards ask for.

    Raises:
        UsageError: There is no such folder or table, or a library is missing.
        InputError: A row is broken or names no volume, or a volume cannot be used.
    """
    if not folder.is_dir():
        raise UsageError(
            f"'{folder}' is not a folder.", "the folder below which the DICOM or NIfTI files lie"
        )
    columns = {**columns_of({}), **_NAMES, "volume": "volume"}
    read = read_table(reports, columns, needed=("volume", "reference"))
    found = _Volumes(folder, checked=checked)
    rows = tuple((where, _row(row, where, found, recipe, into)) for where, row in read.rows)
    cases = cases_of(Table(rows, read.notes), reports, into)
    note = f"Pictures by the recipe {recipe.name}: their bytes are what a model is sent."
    return cases._replace(notes=(*cases.notes, note, *found.notes))


def _row(row: dict[str, Any], where: str, found: _Volumes, recipe: Recipe, into: Path) -> dict[str, Any]:
    """Return a row of `build folder` for a row with a volume, whose pictures are written."""
    if "volume" not in row:
        raise InputError(f"{where}: 'volume' is missing.", "a path below the folder, or the series' id")
    name = str(row.pop("volume")).strip()
    volume = found.named(name, where, str(row.get("modality") or "") or None)
    number = hashlib.sha256(name.encode()).hexdigest()[:10]
    pictures = []
    for place, data in pictures_of(volume.values, recipe):
        file = f"{number}-{place:04d}.{recipe.ending}"
        (into / file).write_bytes(data)
        pictures.append(file)
    own = {"id": f"v-{number}", "modality": volume.modality, "plane": volume.plane, "patient": volume.patient}
    return {**{key: value for key, value in own.items() if value}, **row, "images": pictures}


class _Volumes:
    """The volumes below a folder, found by the names that a table may give them."""

    def __init__(self, folder: Path, *, checked: bool) -> None:
        self._folder, self._checked = folder, checked
        self._series: dict[str, Series] | None = None
        self.notes: list[str] = []

    def named(self, name: str, where: str, modality: str | None) -> Volume:
        """Return the volume of that name.

        Raises:
            InputError: There is none, or the folder that is named holds several.
        """
        path = self._folder / name
        if not path.resolve().is_relative_to(self._folder.resolve()):
            raise InputError(f"{where}: '{name}' lies outside '{self._folder}'.", "copy it into the folder")
        if path.is_file() and path.name.endswith(ENDINGS):
            return read_nifti(path, "CT" if modality == "CT" else "MR" if modality else None)
        paths = self._of_path(path, name, where) if path.exists() else self._of_id(name, where)
        return read_series(paths, checked=self._checked)

    @property
    def _all(self) -> dict[str, Series]:
        if self._series is None:
            self._series = find_series(self._folder)
        return self._series

    def _of_path(self, path: Path, name: str, where: str) -> list[Path]:
        files = {path} if path.is_file() else set(under(path))
        inside = [series.paths for series in self._all.values() if files.intersection(series.paths)]
        if path.is_dir():  # a copy of a series in another folder is none of this one
            inside = [[one for one in paths if one in files] for paths in inside]
        if not inside:
            raise InputError(f"{where}: there are no DICOM files in '{name}'.", "the folder of one series")
        return self._largest(inside, name)

    def _of_id(self, name: str, where: str) -> list[Path]:
        if name in self._all:
            return self._all[name].paths
        of_study = [series.paths for series in self._all.values() if series.study == name]
        if not of_study:
            folders = [str(series.paths[0].parent.relative_to(self._folder)) for series in self._all.values()]
            near = nearest(name, folders)
            hint = f"'{near}'?" if near else f"{counted(len(self._all), 'series', 'series')} found below it"
            raise InputError(f"{where}: no volume is called '{name}' in '{self._folder}'.", hint)
        return self._largest(of_study, name)

    def _largest(self, series: Sequence[list[Path]], name: str) -> list[Path]:
        largest = max(series, key=len)
        if len(series) > 1:
            self.notes.append(
                f"'{name}' holds {len(series)} series; the one with most files ({len(largest)}) was taken."
            )
        return largest
