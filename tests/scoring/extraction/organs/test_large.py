"""What an organ measures is a finding where that is too large."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract


@pytest.mark.parametrize(
    "text",
    [
        "The spleen measures 11 cm.",
        "The common bile duct measures 5 mm.",
        "The spleen is normal, measuring 14.5 cm.",
    ],
)
def test_what_is_not_too_large_is_no_finding(text: str) -> None:
    """The size of an organ by itself says nothing."""
    assert not [one for one in extract(text) if one.presence == "present"]
