"""A case of a source: its modality as a whole, and if its images can be read."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.datasets.source import SourceCase, SourceImage


def _case(*images: SourceImage) -> SourceCase:
    return SourceCase("1", "Head", images, "text")


@pytest.mark.parametrize(
    ("kinds", "modality"),
    [
        ((), "unknown"),
        ((None,), "unknown"),
        (("CT", "CT"), "CT"),
        (("MR", None, "CT"), "CT+MR"),
    ],
)
def test_the_modality_of_a_case(kinds: tuple[None, ...], modality: str) -> None:
    """One name where all that say agree, several in a fixed order, 'unknown' where none says."""
    assert _case(*(SourceImage("x", b"", kind) for kind in kinds)).modality == modality


def test_a_case_is_complete_if_each_image_can_be_read(tmp_path: Path) -> None:
    """Bytes and files can; a missing file and a folder cannot."""
    (tmp_path / "a.png").write_bytes(b"x")
    drawn, file = SourceImage("drawn", b"x"), SourceImage("file", tmp_path / "a.png")
    missing, folder = SourceImage("missing", tmp_path / "b.png"), SourceImage("folder", tmp_path)
    assert _case(drawn, file).complete
    assert _case().complete
    assert not _case(drawn, missing).complete
    assert not folder.exists
