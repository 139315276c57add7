"""Hostile and broken sources: each is refused in a sentence that quotes no text, and nothing is written."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import small_sources
from exhaustive import bounded
from hub_server import LATER, NAME, TOKEN, Hub
from small_sources import copied, endless_nifti, nifti, pictures, png, zipped

from medbench.datasets.hub.cases import read_cases
from medbench.datasets.hub.repository import Folder
from medbench.datasets.hub.source_map import find_map

_MAP = ("--map", "findings=report,image=image,modality=kind")


@pytest.mark.parametrize(
    ("rows", "says"),
    [
        ({"image": lambda n: {"bytes": b"no picture", "path": "x"}}, "is not a picture that can be read"),
        ({"image": lambda n: {"bytes": None, "path": "x"}}, "a row has no picture"),
        ({"report": lambda n: "A mass. " * 40_000}, "'report' has more than 200,000 characters"),
        ({"id": "the same"}, "row 2 has the id of"),
        ({"findings": "x", "report2": "y"}, ""),
    ],
)
def test_hostile_rows_are_named_without_their_texts(
    rows: dict[str, Any], says: str, hub: Hub, medbench: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pictures that are none, endless cells, ids that stand twice: nothing of a gated source is quoted."""
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    hub.gated, hub.files = "manual", pictures(4, **rows)
    more = ",id=id" if "id" in rows else ""
    said = medbench("build", "hf", NAME, "--map", f"findings=report,image=image{more}", "--out", "made")
    assert (said.code == 0) is not bool(says), said.err
    assert says in said.err
    assert "mass" not in said.err
    assert TOKEN not in said.err


def test_very_many_rows_are_read_without_their_pictures(tmp_path: Path) -> None:
    """All pictures are never in memory at a time: the texts alone are read until the draw is known."""
    count, picture = bounded(100_000, 30_000), random.Random(1).randbytes(1000)
    image = pa.array([{"bytes": picture, "path": "x"}] * count)
    table = pa.table({"image": image, "report": [f"{small_sources.TEXT} {n}" for n in range(count)]})
    pq.write_table(
        table, tmp_path / "t.parquet", row_group_size=1000, use_dictionary=False, compression="none"
    )
    assert (tmp_path / "t.parquet").stat().st_size > 1000 * count
    del image, table
    pool, usual = pa.system_memory_pool(), pa.default_memory_pool()
    pa.set_memory_pool(pool)
    try:
        source = find_map(NAME, {"findings": "report", "image": "image"})
        read = read_cases(source, Folder(tmp_path), tmp_path / "made")
    finally:
        pa.set_memory_pool(usual)
    assert len(read.cases) == count
    assert 0 < (pool.max_memory() or 0) < 10_000_000


@pytest.mark.parametrize(
    "name", ["../../secret.png", "/etc/passwd", "a/../../../x.png", "", "x\0.png", "link.png"]
)
def test_images_outside_the_source_are_not_read(
    name: str, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """Whether a table names them or a link leads there."""
    (tmp_path / "secret.png").write_bytes(png(1))
    rows = json.dumps([{"report": small_sources.TEXT, "image": name}])
    folder = copied(tmp_path / "copy", {"data/t.json": rows.encode()})
    (folder / "link.png").symlink_to(tmp_path / "secret.png")
    said = medbench(
        "build", "hf", NAME, *_MAP[:1], "findings=report,image=image", "--folder", folder, "--out", "made"
    )
    assert said.code == 1
    assert "lies outside the source" in said.err or "leads out of" in said.err or "has no file" in said.err
    assert not (tmp_path / "made").exists()


@pytest.mark.parametrize(
    ("source", "change", "says"),
    [
        ("slake", {"imgs.zip": b"PK no archive"}, "'imgs.zip' is not a ZIP file, or is damaged."),
        (
            "slake",
            {"imgs.zip": zipped({"\xe4": b""}).replace(b"\xc3\xa4", b"\xc3\xc3")},
            "'imgs.zip' is not a ZIP file, or is damaged.",
        ),
        (
            "slake",
            {"imgs.zip": zipped({"imgs/xmlab0/source.jpg": png(1)})},
            "has no file 'imgs/xmlab1/source.jpg'",
        ),
        ("slake", {"test.json": b"[1]"}, "is not a list of objects."),
        ("slake", {"test.json": b"[" * 100_000}, "is not JSON."),
        ("ct-rate", {"valid_1_a_1.nii.gz": b"no volume"}, "cannot be read"),
        ("ct-rate", {"valid_1_a_1.nii.gz": nifti(1, low=0)}, "holds no Hounsfield units: its least value is"),
        ("ct-rate", {"valid_1_a_1.nii.gz": endless_nifti()}, "states 1,000,000,000 values"),
        ("mr-rate", {"st11.zip": zipped({"st11/img/other.nii.gz": b"x"})}, "has none of the series"),
        ("iu-xray", {"indiana_projections.csv": b"uid,projection\n0,Frontal\n"}, "has no column 'filename'"),
    ],
)
def test_broken_files_are_named(
    source: str, change: dict[str, bytes], says: str, medbench: Callable[..., Any], tmp_path: Path
) -> None:
    """A sentence each, and no benchmark."""
    files = getattr(small_sources, source.replace("-", "_"))()
    for name, data in change.items():
        files |= {path: data for path in files if path.endswith(name)}
    files.pop("../../outside.png", None)
    said = medbench("build", "hf", source, "--folder", copied(tmp_path / "copy", files), "--out", "made")
    assert said.code == 1, said.err
    assert says in said.err
    assert "mass" not in said.err
    assert not (tmp_path / "made").exists()


def test_a_name_in_a_gated_history_is_not_repeated(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """That a history seems to name a person is said, by `build` and by `doctor`, and not whom."""
    files = small_sources.ct_rate()
    table = next(path for path in files if path.endswith("reports.csv"))
    files[table] = files[table].replace(b"Cough.", b"Cough of Mr. Quillfeather.")
    said = medbench("build", "hf", "ct-rate", "--folder", copied(tmp_path / "copy", files), "--out", "made")
    assert said.code == 0, said.err
    checked = medbench("doctor", "made")
    for out in (said.out, checked.out):
        assert "to name a person" in " ".join(out.split())
        assert "Quillfeather" not in out


def test_a_file_in_an_archive_that_grows_is_cut_off(
    medbench: Callable[..., Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever size the archive states: no more is written than a picture has."""
    monkeypatch.setattr("medbench.datasets.hub.pictures.MAX_BYTES", 100)
    folder = copied(tmp_path / "copy", small_sources.slake())
    said = medbench("build", "hf", "slake", "--folder", folder, "--out", "made")
    assert said.code == 1
    assert "'source.jpg' would unpack to more than 100 bytes." in said.err


def test_a_column_that_unpacks_to_endless_bytes_is_refused(hub: Hub, medbench: Callable[..., Any]) -> None:
    """A bomb among texts or pictures is known by its sizes before it is unpacked."""
    bomb = bytes(80 * 1024 * 1024)
    for column in ("image", "report"):
        value: Any = {"bytes": bomb, "path": "x"} if column == "image" else bomb.decode()
        rows = [
            {"image": {"bytes": b"x", "path": "x"}, "report": small_sources.TEXT, "kind": "CT", column: value}
        ]
        hub.files = {**pictures(), "data/test-0.parquet": small_sources.parquet(rows, compression="zstd")}
        said = medbench("build", "hf", NAME, *_MAP, "--out", "made", "--revision", "main")
        assert said.code == 1
        assert f"'{column}' would unpack from" in said.err
        hub.commit = LATER
