"""Rubrics: data files that are checked when they are read, each a rater of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from medbench.errors import UsageError
from medbench.prompts.rubrics import load_rubric
from medbench.registry import shipped_names

PLAIN = 'kind = "judge"\nanswer = "grade"\nuses = ["blocks", "facts"]\ntext = "$blocks $facts"\n'


@pytest.mark.parametrize("name", shipped_names("prompts/judge"))
def test_every_shipped_rubric_can_be_used(name: str) -> None:
    """It loads, is called like its file, and asks for matches only with a way to list the findings."""
    rubric = load_rubric(name)
    assert rubric.name == name
    assert ("findings" in rubric.uses) == bool(rubric.listing) == (rubric.answer == "matches")


def test_a_rubric_of_ones_own_carries_its_digest(tmp_path: Path) -> None:
    """Two files of one name with different words are two raters."""
    names = []
    for words in ("$blocks $facts", "$blocks $facts Be strict."):
        (tmp_path / "mine.toml").write_text(PLAIN.replace("$blocks $facts", words), "utf-8")
        names.append(load_rubric(str(tmp_path / "mine.toml")).name)
    assert names[0] != names[1]
    assert all(name.startswith("mine@") for name in names)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        ("kind = ", "is not TOML"),
        (PLAIN.replace('"grade"', '"marks"'), "'answer'"),
        (PLAIN.replace('"judge"', '"findings"'), "'kind'"),
        (PLAIN + "more = 1\n", "'more'"),
        (PLAIN.replace("$facts", "$fact"), "no placeholder of rubric"),
        (PLAIN.replace(" $facts", ""), r"never says \$facts"),
        (PLAIN.replace("$facts", "$facts $"), "lone"),
        (PLAIN.replace('["blocks", "facts"]', '["blocks"]'), "says it uses"),
        (PLAIN.replace('"grade"', '"matches"'), "'listing' does not fit"),
        (PLAIN + 'listing = "$reference"\n', "'listing' does not fit"),
    ],
)
def test_a_wrong_rubric_is_refused(tmp_path: Path, content: str, why: str) -> None:
    """What is wrong is named before anything is sent."""
    path = tmp_path / "wrong.toml"
    path.write_text(content, "utf-8")
    with pytest.raises(UsageError, match=why):
        load_rubric(str(path))


def test_a_rubric_that_is_not_there_is_refused() -> None:
    """By its path, or with the nearest name."""
    with pytest.raises(UsageError, match="no rubric file"):
        load_rubric("nowhere.toml")
    with pytest.raises(UsageError) as caught:
        load_rubric("matched1")
    assert caught.value.hint == "--rubric matched-1"
