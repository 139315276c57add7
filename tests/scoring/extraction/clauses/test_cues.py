"""Denial, doubt, past, advice, sides and sizes as people word them: the table in cues.txt."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.scoring.extraction.extract import extract

TABLE = [
    tuple(line.split(" | "))
    for line in Path(__file__).with_name("cues.txt").read_text("utf-8").splitlines()
    if not line.startswith("#")
]


def reading(text: str, of: str, right: str) -> bool:
    """Return True if all that a text says of a finding, or of its kin, is right."""
    about = extract(of)
    names = {finding.concept.name for finding in about}
    kins = {finding.concept.kin for finding in about} - {""}
    said = [
        one
        for one in extract(text)
        if one.concept.name in names or one.concept.kin in kins or (right == "absent" and one.is_normal)
    ]
    if right == "none":
        return not any(one.presence in {"present", "uncertain"} for one in said)
    if right.isdigit():
        return {one.size_mm for one in said} - {None} == {float(right)}
    if right in {"left", "right", "both"}:
        sides = {one.side for one in said if one.presence == "present"} - {""}
        return sides == {right} or (right == "both" and sides == {"left", "right"})
    allowed = {right, "absent"} if right == "past" else {right}
    return bool(said) and {one.presence for one in said} <= allowed


@pytest.mark.parametrize(("text", "of", "right"), TABLE)
def test_each_phrase_is_read_right(text: str, of: str, right: str) -> None:
    """A phrase says of its finding what the table says."""
    assert reading(text, of, right)
