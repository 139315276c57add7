"""Lines that say where, how large or of what kind the thing is that a line above them names: 'Size: 3 cm'."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.scoring.layout.titles import is_sentence
from medbench.scoring.layout.words import words_of

if TYPE_CHECKING:
    from medbench.scoring.layout.status import Status

_KEYS: Final = frozenset((*words_of("key-placing"), *words_of("key-attribute")))
_SIDES: Final = frozenset({"side", "laterality"})
_NO_SIDE: Final = re.compile(r"\W*(?:mid-?line|central|unpaired)\W*$", re.IGNORECASE)


def attribute(label: str, value: str, status: Status | None) -> str | None:
    """Return what a line says of the thing above it, empty for an empty slot; None if it is not such a line.

    Args:
        label: The line's label.
        value: What stands behind it.
        status: What the value says of the label, if it says that.
    """
    key = label.lower().replace(" ", "_")
    if key not in _KEYS or is_sentence(value):
        return None
    if status is not None:
        empty = status.stance == "unknown" or not value[status.rest :].strip(" .")
        return "" if empty and status.stance in {"unknown", "absent"} else None
    return "" if key in _SIDES and _NO_SIDE.match(value) else value.rstrip(". ")
