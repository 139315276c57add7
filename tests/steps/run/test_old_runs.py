"""Runs that were written before systems had stages: their digests stand, and they go on as before."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from medbench.schema.base import split_seal
from medbench.schema.run import Run
from medbench.store.jsonl import read_one, write_one
from medbench.store.runs import HEAD, OUTPUTS, RESPONSES

OLD = Path(__file__).resolve().parents[2] / "golden" / "old_runs"
"""Written by the version before (70411d2): `run phantom-40 --limit 2` with several models, and the import of
the run of February 2026."""
DIGESTS = {
    "february/medgemma-4b": "9d4cdd284754c38f74dbdfe21699a0bdf2d57f4df6fef031ea15c1eeceec18ea",
    "phantom-40/baseline-normal": "ccc749d097263277724065465061b7729ad50727324f72cb790fb89750671328",
    "phantom-40/baseline-random": "938f88f0c2fec00a35e7ba985d5a739fc46ed541100d5e56e5aa48ac659f7b4e",
    "phantom-40/echo+images=each": "7d674487ef71d8ae11e32bfeda9e260609f726ab1b9b0f817dc840dc397e9dff",
    "phantom-40/replay-tuned+temperature=0.25": (
        "51d6d74ebaf44b7903dbdb76c039608f5ae80e3d3353bb5470d3f100b2e58370"
    ),
    "phantom-40/tuned+temperature=0.25": ("b5b684912b5ed511841461623b377c2d0878387bd0bd3800574efa2ffd32b8dd"),
}


@pytest.mark.parametrize("name", DIGESTS)
def test_a_system_keeps_its_digest_and_its_form_on_the_disk(name: str, tmp_path: Path) -> None:
    """run.json is read, its system has the digest that it was written with, and it is written as it was."""
    path = OLD / name / HEAD
    head = read_one(path, Run)
    assert head.system.digest == head.system_digest == DIGESTS[name]
    write_one(tmp_path / HEAD, head)
    assert split_seal((tmp_path / HEAD).read_bytes())[0] == path.read_bytes().rstrip()
    models = [(stage.role, stage.model, stage.settings) for stage in head.system.stages]
    assert models == ([("model", head.system.model, head.system.settings)] if head.system.model else [])


@pytest.mark.parametrize("kept", [(OUTPUTS, RESPONSES), (RESPONSES,)], ids=["whole", "outputs lost"])
def test_the_same_line_goes_on_with_an_old_run(
    medbench: Callable[..., Any], tmp_path: Path, kept: tuple[str, ...]
) -> None:
    """The line that wrote a run asks nothing again: not where it is complete, nor where the ledger is all."""
    name = "phantom-40/echo+images=each"
    folder = tmp_path / "runs" / name
    shutil.copytree(OLD / name, folder)
    texts = _texts(folder)
    if OUTPUTS not in kept:
        (folder / OUTPUTS).unlink()
    before = {part: (folder / part).read_bytes() for part in (HEAD, *kept)}
    said = medbench("run", *read_one(folder / HEAD, Run).command.split()[2:])
    assert said.code == 0, said.err
    assert {part: (folder / part).read_bytes() for part in before} == before
    assert _texts(folder) == texts


def _texts(folder: Path) -> list[str]:
    lines = (folder / OUTPUTS).read_text("utf-8").splitlines()
    return sorted(line["text"] for line in map(json.loads, lines))
