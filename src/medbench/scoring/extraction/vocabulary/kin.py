"""Kin of concepts that rules of several rooms name."""

from __future__ import annotations

from typing import Final

from medbench.scoring.extraction.vocabulary.entries import Concept

NORMAL: Final = Concept("abnormality", "actionable", "", "")
"""Absent where a place is said to be normal."""
DESCRIPTORS: Final = frozenset(
    {"enhancement", "signal", "density", "septation", "necrosis", "fat content", "obstructing"}
)
"""Kin that describe another finding: a size or a place in the same clause is rather that one's."""
TRAITS: Final = DESCRIPTORS | {"edema"}
"""Kin whose place, behind the finding that they accompany, is that finding's too."""
KEPT: Final = frozenset({"postoperative", "implant", "line", "enteric tube", "airway tube", "drain"})
"""Kin that are in place although, or because, they are 'status post'."""
SIGN: Final = "/sign of it"
"""Ends the family of a sign; what stands before is that of the disease, from which a text tells it apart."""
