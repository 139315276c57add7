"""The first step for volumes: DICOM series and NIfTI files become pictures, and these a benchmark."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.datasets.volumes.cases import read_volumes
from medbench.images.slices import recipe_of
from medbench.steps.build import build_table

if TYPE_CHECKING:
    from collections.abc import Sequence

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
    """Make a benchmark of volumes and their reports.

    Args:
        folder: Below it lie DICOM or NIfTI files.
        reports: A table with the columns `volume` and `reference`, and any of `build folder`.
        out: Folder of the benchmark.
        recipe: Which slices become pictures, and how.
        keep: Kinds of cases that are kept although the guards would leave them out.
        egress: Hosts that may be sent the cases; none for any.
        checked: True if a person has looked at pictures that may hold names.

    Raises:
        UsageError: An option names something that does not exist, or a library is missing.
        InputError: The table or a volume is missing or broken, or somebody has to look first.
        StoreError: The folder cannot be written, or holds another benchmark.
    """
    started, how = time.monotonic(), recipe_of(recipe)
    with tempfile.TemporaryDirectory(prefix="medbench-") as name:
        read = read_volumes(folder, reports, how, Path(name), checked=checked)
        return build_table(
            f"{reports} with {folder}/", read, out, started, keep=keep, egress=egress, pictures=how.name
        )
