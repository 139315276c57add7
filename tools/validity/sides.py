"""Leaves out the sides of a text: the edit that omission is priced by."""

from __future__ import annotations

import re

_SHORT = {
    "lul": "upper lobe",
    "rul": "upper lobe",
    "lll": "lower lobe",
    "rll": "lower lobe",
    "rml": "middle lobe",
}
_SIDE = re.compile(
    r"\b(?:on|to|at|in|of) the (?:left|right)(?: side)?\b"
    r"(?=[.,;:)]|\s*$|\s+(?:there|is|are|was|were|with|of|than)\b)"
    r"|\b(?:left|right)(?:ward|[- ]sided)?\b[- ]?|\b(?:lul|rul|lll|rll|rml)\b",
    re.IGNORECASE,
)


def omit_sides(text: str) -> str | None:
    """Return a text without its sides; None where it has none."""
    edited = _SIDE.sub(lambda match: _SHORT.get(match[0].lower(), ""), text)
    return edited if edited != text else None
