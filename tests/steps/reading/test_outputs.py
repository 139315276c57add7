"""The part of an output that is judged: its findings, whole, or all of it."""

from __future__ import annotations

import hashlib

import pytest

from medbench.scoring.parsing.text import CURRENT
from medbench.steps.reading.outputs import judged_text, sha256


@pytest.mark.parametrize(
    ("output", "judged"),
    [
        ("FINDINGS: A mass.\nIMPRESSION: Cancer.", "A mass."),
        ("A mass, and no heading.", "A mass, and no heading."),
        ("", ""),
        ("  \n", "  \n"),
    ],
)
def test_findings_or_the_raw_output(output: str, judged: str) -> None:
    """Of an output without such a section not a blank is taken off: its digest is that of the whole."""
    text, record = judged_text(output)
    assert text == judged
    assert (record.parser, record.sha256) == (CURRENT, hashlib.sha256(judged.encode()).hexdigest())


def test_digests_are_of_utf8() -> None:
    """Also of letters beyond ASCII."""
    assert sha256("Gr\u00f6\u00dfe") == hashlib.sha256("Gr\u00f6\u00dfe".encode()).hexdigest()
