"""A place that one word names, with the noun of the next one, is a place."""

from __future__ import annotations

import pytest

from medbench.scoring.extraction.extract import extract

ROWS = [
    ("Nodules in the right upper and left lower lobes.",
     {("right", ("chest/lung/upper",)), ("left", ("chest/lung/lower",))}),
    ("Opacities in the right upper, middle and lower lobes.",
     {("right", ("chest/lung/upper", "chest/lung/middle", "chest/lung/lower"))}),
    ("Left upper and lower lobe consolidation.", {("left", ("chest/lung/upper", "chest/lung/lower"))}),
    ("Tears of the medial and lateral menisci.",
     {("", ("joint/knee/medial meniscus",)), ("", ("joint/knee/lateral meniscus",))}),
    ("Disruption of the anterior and posterior cruciate ligaments.",
     {("", ("joint/knee/anterior cruciate",)), ("", ("joint/knee/posterior cruciate",))}),
    ("Fractures of the third, fourth and fifth ribs.", {("", ("bone/rib/3", "bone/rib/4", "bone/rib/5"))}),
    ("Consolidation in the right upper, middle, and lower lobes.",
     {("right", ("chest/lung/upper", "chest/lung/middle", "chest/lung/lower"))}),
    ("No mass in the upper, middle, or lower lobes.",
     {("", ("chest/lung/upper", "chest/lung/middle", "chest/lung/lower"))}),
    ("It is lateral, and medial meniscus is torn.", {("", ("joint/knee/medial meniscus",))}),
    ("Left upper, right upper and right lower lobe nodules.",
     {("left", ("chest/lung/upper",)), ("right", ("chest/lung/upper", "chest/lung/lower"))}),
    ("Opacities in the right lower lobe and left lower lobe.", {("both", ("chest/lung/lower",))}),
    ("A mass in the anterior and middle mediastinum.",
     {("", ("chest/mediastinum/anterior", "chest/mediastinum/middle"))}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), ROWS)
def test_a_word_of_a_row_is_a_place(text: str, found: set[tuple[str, tuple[str, ...]]]) -> None:
    """With the side that stands before it."""
    assert {(one.side, one.places) for one in extract(text)} == found


def test_a_word_that_names_no_place_is_none() -> None:
    """The noun behind the row may be of a finding, or make no place with the word."""
    assert [one.places for one in extract("Upper and lower GI bleed.")] == [()]
    assert [one.places for one in extract("A first and large mass in the liver.")] == [("abdomen/liver",)]


NAMED = [
    ("Anterior and posterior cruciate ligament tears.",
     {"anterior cruciate ligament tear", "posterior cruciate ligament tear"}),
    ("No medial or lateral meniscal tear.", {"medial meniscal tear", "lateral meniscal tear"}),
    ("Medial and lateral malleolar fractures.", {"ankle fracture"}),
    ("Upper and lower GI bleed.", {"gastrointestinal bleeding"}),
]  # fmt: skip


@pytest.mark.parametrize(("text", "names"), NAMED)
def test_a_word_of_a_row_is_a_finding(text: str, names: set[str]) -> None:
    """Where it names another one with the words behind the first of the next name."""
    assert {one.concept.name for one in extract(text)} == names
    assert len(extract(text)) == len(names)
