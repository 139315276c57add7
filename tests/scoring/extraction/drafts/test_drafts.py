"""A draft and its twin: the same in all that was read, a finding of its own from then on."""

from __future__ import annotations

import itertools

import pytest

from medbench.scoring.extraction.drafts.draft import Draft
from medbench.scoring.extraction.extract import extract
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
    draft.number, draft.change, draft.listed = 2, "new", True
    names = [name for name in dir(Draft) if not name.startswith("_") and not callable(getattr(Draft, name))]
    known = {*names, "at", "concept", "end", "presence", "start"}
    assert len(known) == 18
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


@pytest.mark.parametrize(
    ("text", "right", "left"),
    [
        ("Pleural effusions, 3 cm on the left and 1 cm on the right.", 10, 30),
        ("Bilateral adrenal nodules measuring 12 mm on the right and 18 mm on the left.", 12, 18),
        ("A 5 mm right and an 8 mm left renal stone.", 5, 8),
        ("Bilateral renal stones (right 4 mm, left 9 mm).", 4, 9),
        ("Bilateral renal cysts, the right measuring 5 cm and the left 2 cm.", 50, 20),
    ],
)
def test_each_side_has_its_size(text: str, right: float, left: float) -> None:
    """Two sizes, each with a side, make two findings."""
    assert {(one.side, one.size_mm) for one in extract(text)} == {("right", right), ("left", left)}


@pytest.mark.parametrize("sides", [*itertools.product(("left", "right"), repeat=4)])
def test_four_sides_without_a_size_are_read(sides: tuple[str, ...]) -> None:
    """As a text that repeats itself has them: nothing is taken for the size or degree of another side."""
    found = extract(f"Effusions {' '.join(sides)}.")
    assert found
    assert all((one.size_mm, one.severity) == (None, 0) for one in found)


def test_each_side_has_its_size_and_degree() -> None:
    """A degree beside a size goes with its side, too."""
    found = extract("Pleural effusions, small, 1 cm on the left and large, 5 cm on the right.")
    assert {(one.side, one.size_mm, one.severity) for one in found} == {("left", 10, 1), ("right", 50, 3)}
