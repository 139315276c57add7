"""A draft and its twin: the same in all that was read, a finding of its own from then on."""

from __future__ import annotations

from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.vocabulary.entries import Place
from medbench.scoring.extraction.vocabulary.vocabulary import vocabulary

CONCEPT = vocabulary().concepts["pleural effusion"]


def test_a_twin_has_all_that_was_read() -> None:
    """Also what a later version of a draft knows: every attribute is compared."""
    draft = Draft(CONCEPT, 1, 2, 3, "uncertain")
    for kind, value in (
        ("place", Place("chest/lung", "left")),
        ("size", 9.0),
        ("severe", None),
        ("t1", None),
    ):
        draft.take(kind, value)
    draft.beside, draft.words, draft.dropped, draft.names_the_last = frozenset({"liver"}), "w", True, True
    draft.number, draft.change, draft.spills = 2, "new", ("vessel/ivc",)
    draft.row = (("vessel/ivc", ""),)
    names = [name for name in dir(Draft) if not name.startswith("_") and not callable(getattr(Draft, name))]
    known = {*names, "at", "concept", "end", "presence", "start"}
    assert len(known) == 19
    assert {name: getattr(draft.twin(), name) for name in known} == {
        name: getattr(draft, name) for name in known
    }
    assert all(getattr(draft, name) for name in known)


def test_a_twin_goes_its_own_way() -> None:
    """'Mild left and severe right effusion': the side of one is not that of the other."""
    draft = Draft(CONCEPT, 1, 2, 3, "present")
    twin = draft.twin()
    twin.take("left", None)
    assert (draft.side, twin.side) == ("", "left")
