"""Phantom volumes: a lesion on one slice, seen in one window, the same bytes each time; and a reader."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exhaustive import bounded
from loopback_reader import Parts, loopback_reader
from PIL import Image

import medbench as mb
from medbench.datasets.phantom.volumes import LESIONS, SLICES, hounsfield_units, phantom_volumes
from medbench.images.choice import chosen
from medbench.images.slices import windowed
from medbench.images.transform import transformed

WINDOWS = {"Brain": (0, 80), "Scalp": (-135, 215), "Skull": (-1024, 1024)}
"""The window in which each kind is seen."""
TRANSFORMS = {"Brain": "window-1024-1104", "Scalp": "window-889-1239", "Skull": "window-0-2048"}


def _asymmetry(picture: np.ndarray) -> np.ndarray:
    """Return by how much each 3 x 3 pixels differ from those across the midline, rather than noise does."""
    grey = picture.astype(float)
    views = np.lib.stride_tricks.sliding_window_view(grey - grey[:, ::-1], (3, 3))
    return np.asarray(views.mean(axis=(2, 3)))


def _what_is_seen(picture: np.ndarray) -> str | None:
    """Describe the largest difference between the halves of one picture, by what is bright across from it."""
    differs = _asymmetry(picture)
    down, across = np.unravel_index(np.abs(differs).argmax(), differs.shape)
    step, there = abs(differs[down, across]), picture[down + 1, across + 1]
    if step < 35:
        return None
    mirrored = float(picture[down + 1, picture.shape[1] - 2 - across])
    darker, brighter = sorted((float(there), mirrored))
    in_bone = brighter > 225 and 140 < darker < 190
    kind = LESIONS[1] if in_bone else LESIONS[2] if darker < 60 else LESIONS[0]
    # Where the lesion is the darker of the two, as a hole in bone, its side is the darker one.
    here = (there < mirrored) == (kind is LESIONS[1])
    left_half = (across + 1 < picture.shape[1] / 2) == here
    return kind.text.replace("$side", "right" if left_half else "left")


def _reads(parts: Parts) -> str:
    """Look at each picture alone and tell what is seen, or that there is nothing."""
    pictures = [np.asarray(Image.open(io.BytesIO(part))) for part in parts if isinstance(part, bytes)]
    seen = [text for picture in pictures if (text := _what_is_seen(picture))]
    return seen[0] if seen else "No intracranial hemorrhage is seen."


def test_a_case_is_the_same_whatever_the_count() -> None:
    """And on each machine: arithmetic that is defined to the last bit, and a rounding far above it."""
    few, more = phantom_volumes(2, 3), phantom_volumes(3, 3)
    assert few == more[:2]
    files = [image.content for image in few[0].images if isinstance(image.content, bytes)]
    pixels = [np.asarray(Image.open(io.BytesIO(file))) for file in files]
    assert hashlib.sha256(np.stack(pixels).tobytes()).hexdigest()[:16] == "4afb427f195eeeed"
    assert sum(map(len, files)) < 400_000
    assert few != phantom_volumes(2, 4)


@pytest.mark.parametrize("number", range(1, 13))
def test_a_lesion_is_on_one_slice_and_in_one_window(number: int) -> None:
    """In its window it differs from across the midline by more than noise does; elsewhere it does not."""
    volume, finding = hounsfield_units(number, 1)
    kind = LESIONS[(number - 1) % 3].region
    assert volume.shape[0] == SLICES
    for window, (low, high) in WINDOWS.items():
        differs = [float(np.abs(_asymmetry(windowed(values, low, high))).max()) for values in volume]
        if finding is None:
            assert max(differs) < 35
            continue
        (place,) = finding.images
        others = [*differs[: place - 1], *differs[place:]]
        assert max(others) < 35
        assert (differs[place - 1] > 35) == (window == kind)


def test_what_is_reported_is_what_was_drawn() -> None:
    """The finding metric reads a report as one finding with its side; three of four cases have a lesion."""
    cases = phantom_volumes(24, 1)
    assert [case.region for case in cases[:4]] == ["Brain", "Skull", "Scalp", "Brain"]
    with_lesion = [case for case in cases if case.known_findings]
    assert len(with_lesion) == 18
    for case in with_lesion:
        ((known,), (read,)) = case.known_findings or (), mb.findings(case.text)
        assert (read.side, read.presence) == (known.side, "present")
        assert 7 <= known.images[0] <= 54
    assert len({case.known_findings[0].images for case in with_lesion if case.known_findings}) > 10
    assert {case.known_findings[0].side for case in with_lesion if case.known_findings} == {"left", "right"}


def test_the_window_of_a_run_is_that_of_hounsfield_units() -> None:
    """A transform of the 16-bit values shows what the window shows, to a grey level of rounding."""
    (case,) = phantom_volumes(1, 1)
    volume, _ = hounsfield_units(1, 1)
    for kind, transform in TRANSFORMS.items():
        data = case.images[30].content
        assert isinstance(data, bytes)
        shown = np.asarray(Image.open(io.BytesIO(transformed(data, transform)))).astype(int)
        assert np.abs(shown - windowed(volume[30], *WINDOWS[kind])).max() <= 1


def test_an_experiment_shows_which_slices_and_which_window(
    tmp_path: Path, medbench: Callable[..., Any]
) -> None:
    """A reader of single pictures is right where the slice is sent in its window, and nowhere else."""
    count = bounded(9, 6)
    (tmp_path / "volumes.toml").write_text(
        'question = "Which slices and which window?"\nprimary = "finding.f1"\nmax_cost = 0.0\n'
        '[benchmark]\nbuild = "phantom-volumes"\nout = "phantom-volumes"\n'
        f"cases = {count}\n"
        '[grid]\nmodel = ["reader"]\nprompt = ["slices"]\nimages = ["spread:24", "all"]\n'
        f"image_transform = {json.dumps(list(TRANSFORMS.values()))}\n"
    )
    with loopback_reader(_reads) as reader:
        (tmp_path / "medbench.toml").write_text(
            f'[models.reader]\nprovider = "openai"\nid = "reader"\nbase_url = "{reader.url}"\nkey_env = ""\n'
            'price = { free = true }\nsettings = { max_tokens = 100, image_transform = "none" }\n'
        )
        said = medbench("run", "volumes.toml")
    assert said.code == 0, said.words
    bench = mb.benchmark("phantom-volumes").folder
    known = {reference.case_id: reference.known_findings for reference in bench.references()}
    cases = {case.case_id: case for case in bench.cases()}
    rows = [row for row in mb.runs().outputs().to_dict()["rows"] if row["run"].startswith("reader")]
    assert len(rows) == 6 * count
    told = {True: 0, False: 0}
    for row in rows:
        (finding,) = known[row["case_id"]] or ()
        images = cases[row["case_id"]].images
        sent = "all" if "images=all" in row["run"] else "spread:24"
        seen = (
            images[finding.images[0] - 1] in chosen(images, sent) and TRANSFORMS[row["region"]] in row["run"]
        )
        assert (row["finding.f1"] == 1.0) == seen, row["run"]
        told[seen] += 1
    assert told[True] > count
