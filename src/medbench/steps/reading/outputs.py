"""The part of an output that is judged, and its digest."""

from __future__ import annotations

import hashlib

from medbench.schema.verdict import JudgedText
from medbench.scoring.parsing.text import CURRENT, parse


def judged_text(output: str) -> tuple[str, JudgedText]:
    """Return the text that is graded: the findings, whole, or the raw output where it has no such section."""
    parsed = parse(output, CURRENT)
    text = parsed.findings if parsed.section == "findings" else output
    return text, JudgedText(sha256=sha256(text), parser=CURRENT)


def sha256(text: str) -> str:
    """Return the digest of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
