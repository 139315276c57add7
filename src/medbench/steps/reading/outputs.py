"""Which output of a case counts, and what of it is judged."""

from __future__ import annotations

import hashlib

from medbench.schema.verdict import JudgedText
from medbench.scoring.parsing.text import CURRENT, parse


def judged_text(text: str) -> tuple[str, JudgedText]:
    """What of an output is graded: its findings, whole; the raw output where there is no such section."""
    parsed = parse(text, CURRENT)
    said = parsed.findings if parsed.section == "findings" else text
    return said, JudgedText(sha256=sha256(said), parser=CURRENT)


def sha256(text: str) -> str:
    """Digest of a text's UTF-8, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()
