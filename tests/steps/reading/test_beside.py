"""Images that two sources have in common are named, in another size and format, too."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image
from small_sources import TEXT, parquet, png


def _copied(data: bytes) -> bytes:
    """Return a picture in another size, as a JPEG, as those who make a data set from another do."""
    file = io.BytesIO()
    Image.open(io.BytesIO(data)).resize((96, 96)).save(file, "JPEG", quality=80)
    return file.getvalue()


def _source(folder: Path, pictures: list[bytes]) -> Path:
    folder.mkdir()
    rows = [
        {"image": {"bytes": data, "path": None}, "report": TEXT.format(n=n)}
        for n, data in enumerate(pictures)
    ]
    (folder / "t.parquet").write_bytes(parquet(rows))
    return folder


def test_images_of_another_source_are_found(medbench: Callable[..., Any], tmp_path: Path) -> None:
    """By `build` and by `doctor`, with the cases; nothing is said where all images differ."""
    images = ("--map", "findings=report,image=image", "--folder")
    first = _source(tmp_path / "first", [png(n) for n in range(5)])
    copies = _source(tmp_path / "second", [_copied(png(1)), _copied(png(3)), png(50), png(51)])
    others = _source(tmp_path / "third", [png(n) for n in range(70, 74)])
    assert medbench("build", "hf", "a/first", *images, first, "--out", "one").code == 0
    said = medbench("build", "hf", "b/second", *images, copies, "--out", "two")
    assert said.code == 0, said.err
    words = " ".join(said.out.split())
    assert "2 images of 2 cases are almost the same as in 'one' (a/first): " in words
    apart = medbench("build", "hf", "c/third", *images, others, "--out", "three")
    assert "almost the same" not in apart.out
    again = medbench("build", "hf", "a/first", *images, first, "--out", "four")
    assert "almost the same as in 'two'" in " ".join(again.out.split())
    assert "almost the same as in 'one'" not in again.out
    checked = medbench("doctor", "two")
    assert "almost the same as in 'one'" in " ".join(checked.out.split())
