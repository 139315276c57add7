"""Kinds of phrases that say more of a finding: where, how large, how severe, how many."""

from __future__ import annotations

from typing import Final

DEGREES: Final = {"mild": 1, "moderate": 2, "severe": 3}
NUMBERS: Final = {"one": 1, "two": 2, "many": 3}
CHANGES: Final = frozenset({"new", "worse", "better", "same"})
SIDES: Final = frozenset({"left", "right", "both"})
_SEQUENCES: Final = frozenset({"t1", "t2"})
PLACED: Final = frozenset({"place", *SIDES})
"""Kinds of attribute that say where."""
ANYWHERE: Final = frozenset({"size", *PLACED})
"""Kinds of attribute that belong to a finding however far it is in the clause."""
ATTRIBUTES: Final = frozenset({*ANYWHERE, *DEGREES, *NUMBERS, *CHANGES, *_SEQUENCES})
