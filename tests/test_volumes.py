"""Volumes from their folder over the wire to a comparison, with a reader that looks at what it is sent."""

from __future__ import annotations

import io
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from loopback_reader import Parts, loopback_reader
from made_volumes import SIDE, dicom_slice, write_ct, write_nifti, write_table
from PIL import Image
from pydicom.data import get_testdata_file
from pydicom.uid import MRImageStorage, generate_uid

import medbench as mb

LESION = "There is a hyperdense hemorrhage in the left frontal lobe."
NOTHING = "No hemorrhage is seen. The brain is normal."
NOTEBOOK = (
    *("--prompt", "slices", "--images", "all", "--set", "order=images-between"),
    *("--set", "image_labels=after", "--set", "image_label_text=SLICE {n}"),
)


def _reads(parts: Parts) -> str:
    """Describe a lesion where any of the pictures has a bright square of 4 x 4 pixels."""
    pictures = [np.asarray(Image.open(io.BytesIO(part))) for part in parts if isinstance(part, bytes)]
    shown = [picture if picture.ndim == 2 else picture[:, :, 2] for picture in pictures]
    squares = [np.lib.stride_tricks.sliding_window_view(one, (4, 4)).mean(axis=(2, 3)) for one in shown]
    return LESION if any(one.max() > 200 for one in squares) else NOTHING


def _settings(folder: Path, url: str) -> None:
    (folder / "medbench.toml").write_text(
        f'[models.reader]\nprovider = "openai"\nid = "reader"\nbase_url = "{url}"\nkey_env = ""\n'
        "price = { free = true }\nsettings = { temperature = 0.0, max_tokens = 100 }\n"
    )


def _ct(lesion_at: int | None) -> np.ndarray:
    values = np.random.default_rng(7).integers(25, 45, (120, SIDE, SIDE))
    values[:, :3] = -1000
    if lesion_at is not None:
        values[lesion_at, 8:14, 8:14] = 75
    return values


def _made_ct(folder: Path, lesion: bool) -> str:
    write_ct(folder, _ct(41 if lesion else None))
    return "CT"


def _made_mr(folder: Path, lesion: bool) -> str:
    values = np.random.default_rng(2).integers(100, 200, (9, SIDE, SIDE))
    values[0, 0, 0] = 400
    if lesion:
        values[4, 8:14, 8:14] = 390
    series, study = generate_uid(), generate_uid()
    for number, one in enumerate(values):
        dicom_slice(
            folder,
            number,
            one,
            series,
            study,
            Modality="MR",
            SOPClassUID=MRImageStorage,
            RescaleIntercept=-1024,
        )
    return "MR"


def _pydicoms(folder: Path, lesion: bool) -> str:
    """Copy pydicom's own slice of a CT, with and without brightness in it."""
    header = pydicom.dcmread(str(get_testdata_file("CT_small.dcm", download=False)))
    pixels = header.pixel_array.copy()
    pixels[pixels > 1000] = 1000
    if lesion:
        pixels[40:50, 40:50] = 2400
    header.PixelData = pixels.tobytes()
    folder.mkdir(parents=True)
    header.save_as(folder / "1.dcm")
    return "CT"


def _nifti(folder: Path, lesion: bool) -> str:
    values = np.random.default_rng(5).uniform(100, 200, (SIDE, SIDE, 10))
    values[0, 0, 0] = 400
    if lesion:
        values[8:14, 8:14, 5] = 390
    write_nifti(folder / "scan.nii.gz", values)
    return "MR"


@pytest.mark.parametrize(
    ("make", "recipe"),
    [
        (_pydicoms, "all+bone+png"),
        (_made_ct, "medgemma-notebook"),
        (_made_mr, "mr"),
        (_nifti, "mr"),
    ],
)
def test_from_a_folder_to_a_comparison(
    tmp_path: Path, medbench: Callable[..., Any], make: Callable[[Path, bool], str], recipe: str
) -> None:
    """Pictures go over the wire; who looks at them names the lesion in those that have one."""
    rows = []
    for number in range(6):
        name = f"p{number}"
        kind = make(tmp_path / "scans" / name, number % 2 == 0)
        named = f"{name}/scan.nii.gz" if make is _nifti else name
        text = LESION if number % 2 == 0 else NOTHING
        rows.append({"volume": named, "modality": kind, "reference": text, "region": "Head", "patient": name})
    write_table(tmp_path / "reports.csv", rows)
    build = ("build", "dicom", "scans", "--reports", "reports.csv", "--out", "vol", "--recipe", recipe)
    assert medbench(*build, "--i-have-checked").code == 0
    with loopback_reader(_reads) as reader:
        _settings(tmp_path, reader.url)
        assert medbench("run", "vol", "-m", "reader", "--images", "all").code == 0
        assert len(reader.sent) == 6
    (row,) = json.loads(medbench("compare", "--json").out)["systems"]
    assert (row["name"], row["metrics"]["finding.f1"]["mean"]) == ("reader+images=all", 1.0)


def test_the_notebooks_message_on_the_wire(tmp_path: Path, medbench: Callable[..., Any]) -> None:
    """Instruction, then each image with 'SLICE n' after it, then the question; pictures byte for byte.

    The expected bytes are made here from what was put into the files, as Google's notebook does it.
    """
    values = _ct(41)
    write_ct(tmp_path / "scans/p", values)
    write_table(tmp_path / "r.csv", [{"volume": "p", "reference": LESION, "region": "Head"}])
    build = ("build", "dicom", "scans", "--reports", "r.csv", "--out", "vol", "--recipe", "medgemma-notebook")
    assert medbench(*build).code == 0
    with loopback_reader(_reads) as reader:
        _settings(tmp_path, reader.url)
        assert medbench("run", "vol", "-m", "reader", *NOTEBOOK).code == 0
        ((instruction, *slices, question), *_) = reader.sent
    assert isinstance(instruction, str)
    assert isinstance(question, str)
    assert instruction.startswith("You are an instructor teaching medical students.")
    assert question.startswith("\n\nClinical history: not given\n\nBased on the visual evidence")
    assert slices[1::2] == [f"SLICE {number}" for number in range(1, 86)]
    for sent, place in zip(slices[::2], [int(round(i / 85 * 119)) for i in range(1, 86)], strict=True):  # noqa: RUF046 - as it is there
        layers = []
        for low, high in ((-1024, 1024), (-135, 215), (0, 80)):
            layer = np.clip(values[place].astype(np.float64), low, high).astype(np.float32)
            layer -= low
            layer /= high - low
            layer *= 255.0
            layers.append(np.round(layer, 0).astype(np.uint8))
        made = io.BytesIO()
        Image.fromarray(np.stack(layers, axis=-1)).save(made, format="jpeg")
        assert sent == made.getvalue()
    (run,) = [one for one in mb.runs() if one.name.startswith("reader")]
    assert run.system.settings["image_label_text"] == "SLICE {n}"


def test_a_reader_of_one_slice_scores_only_where_it_is_sent(
    tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """The first, middle and last of them leave the lesion out; the notebook's 85 have it."""
    write_ct(tmp_path / "scans/p", _ct(41))
    write_table(tmp_path / "r.csv", [{"volume": "p", "reference": LESION, "region": "Head"}])
    build = ("build", "dicom", "scans", "--reports", "r.csv", "--out", "vol")
    assert medbench(*build).code == 0
    with loopback_reader(_reads) as reader:
        _settings(tmp_path, reader.url)
        for choice in ("spread:3", "all"):
            assert medbench("run", "vol", "-m", "reader", "--images", choice).code == 0
    rows = mb.runs().outputs().to_dict()["rows"]
    texts = {row["run"]: [row["text"]] for row in rows if row["run"].startswith("reader")}
    assert texts == {"reader+images=spread-3": [NOTHING], "reader+images=all": [LESION]}


def test_a_volume_that_is_too_large_is_refused_before_the_first_call(
    tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """With the number of slices that fit, which then do."""
    noise = np.random.default_rng(1).integers(-1000, 1000, (40, 96, 96))
    for name in ("p", "q"):
        write_ct(tmp_path / "scans" / name, noise)
    rows = [
        {"volume": name, "reference": LESION, "region": "Head", "patient": name, "id": name} for name in "pq"
    ]
    write_table(tmp_path / "r.csv", rows)
    build = ("build", "dicom", "scans", "--reports", "r.csv", "--out", "vol", "--recipe", "all+medgemma+png")
    assert medbench(*build).code == 0
    shutil.rmtree(tmp_path / "scans")
    with loopback_reader(_reads) as reader:
        _settings(tmp_path, reader.url)
        toml = tmp_path / "medbench.toml"
        toml.write_text(f"{toml.read_text()}limits = {{ body_bytes = 500_000 }}\n")
        for more in ((), ("--dry-run",)):
            refused = medbench("run", "vol", "-m", "reader", "--images", "all", *more)
            assert refused.code == 2
            assert re.search(r"40 images of case 'head-\w+' make a request of \d\.\d MB", refused.words)
            assert "but 'reader+images=all' takes 0.5 MB" in refused.words
        assert reader.sent == []
        count = int(re.search(r"--images spread:(\d+), which fits", refused.words)[1])  # type: ignore[index] # it does
        assert medbench("run", "vol", "-m", "reader", "--images", f"spread:{count + 2}").code == 2
        assert medbench("run", "vol", "-m", "reader", "--images", f"spread:{count}").code == 0
        assert len(reader.sent) == 2
        smaller = ("--images", "all", "--set", "image_transform=jpeg-40")
        assert medbench("run", "vol", "-m", "reader", *smaller).code == 0
