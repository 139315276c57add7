"""The marks in front of a line: bullets, numbers, boxes to tick."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.scoring.layout.status import MARKS, SIGNS

if TYPE_CHECKING:
    from medbench.scoring.layout.status import Stance

BULLET: Final = re.compile(
    r"[ \t>]*(?:[-*+\u2022\u2023\u25aa\u25cf\u25e6\u00b7\u2013\u2014][ \t\u00a0]+"
    r"|\(?(?:\d{1,2}|[a-zA-Z])[.)][ \t]+)?"
)
BOX: Final = re.compile(
    r"[*_ \t]*(?:\[(?P<box>[ xX\u2713\u2714\u2717\u2718+-]?)\]"
    r"|(?P<mark>[" + SIGNS + r"]))"
    r"[\ufe0f \t*_:]*(?=[\w(\"'])"
)


def stance_of(box: re.Match[str]) -> Stance:
    """Return what a box says of what stands behind it: present if it is ticked."""
    mark = box["box"] if box["box"] is not None else box["mark"]
    return "present" if mark in {"x", "X"} or MARKS.get(mark) == "present" else "absent"
