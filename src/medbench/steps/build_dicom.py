"""The first step for volumes: DICOM series and NIfTI files become pictures, and these a benchmark."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from medbench.datasets.volumes.cases import read_volumes
from medbench.images.slices import recipe_of
from medbench.steps.build import build_table
from medbench.store.benchmark import temporary_folder

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.schema.results.build import BuildReport


def build_dicom(  # noqa: PLR0913 - the options of the command
    folder: Path,
    reports: Path,
    out: Path,
    recipe: str,
    *,
    keep: Sequence[str] = (),
    egress: Sequence[str] = (),
    checked: bool = False,
) -> BuildReport:
    """Make a benchmark of volumes and their reports; `api.build.build_dicom` describes options and errors."""
    started, how = time.monotonic(), recipe_of(recipe)
    with temporary_folder("dicom") as pictures:
        read = read_volumes(folder, reports, how, pictures, checked=checked)
        return build_table(
            f"{reports} with {folder}/", read, out, started, keep=keep, egress=egress, pictures=how.name
        )
