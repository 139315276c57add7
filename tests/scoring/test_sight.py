"""Short answers are read as a person reads them, and a model that does not look is found out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.response import Request
from medbench.schema.results.doctor import Answered, Probe, Question
from medbench.scoring.sight import Sight, denies_image, presence_in, side_in, sight

SIDES = ("left", "right", "right", "left")
THERE = ("no", "yes", "yes", "no")


def _answered(question: Question, truth: str, text: str | None, failure: str = "") -> Answered:
    probe = Probe(f"{question}-{truth}", question, "text-first", truth, Request(model="m", text="?"))
    return Answered(probe, text, failure)


def _seen(side: Sequence[str | None], presence: Sequence[str | None], without: str | None = "no") -> Sight:
    return sight(
        [
            *(_answered("side", truth, text, "timeout") for truth, text in zip(SIDES, side, strict=True)),
            *(
                _answered("presence", truth, text, "timeout")
                for truth, text in zip(THERE, presence, strict=True)
            ),
            _answered("without", "", without, "bad_request"),
        ]
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("left", "left"),
        ("Right.", "right"),
        ("**Left**", "left"),
        ("\\boxed{right}", "right"),
        ("The spot is in the upper left quadrant, on the left side of the image.", "left"),
        ("upper-left", "left"),
        ("\u2018left\u2019", "left"),
        ("left-sided", "left"),
        ("It is on the left, not on the right.", "left"),
        ("Left. The right side shows no spot.", "left"),
        ("You ask for a side: left or right?\nAnswer: right", "right"),
        ("I see the image. The spot is on the right side.", "right"),
        ("The right half looks normal; the spot is on the left.", None),
        ("in the middle", None),
        ("", None),
        ("copyright", None),
        ("I cannot see any image, but I would guess left.", None),
    ],
)
def test_a_side_is_read_where_one_is_said(text: str, said: str | None) -> None:
    """One word, or prose that names one side; what names both without choosing says neither."""
    assert side_in(text) == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes", "yes"),
        ("no.", "no"),
        ("**No**", "no"),
        ("No, there is a normal brain.", "no"),
        ("Yes. There is no doubt.", "yes"),
        ("There is a large bright spot inside the oval.", "yes"),
        ("A bright spot is clearly visible.", "yes"),
        ("There is no such spot in this image.", "no"),
        ("No spot is visible.", "no"),
        ("The spot is not visible in this image.", "no"),
        ("I cannot see a large bright spot in this image.", "no"),
        ("There isn\u2019t a bright spot.", "no"),
        ("none", "no"),
        ("'No'", "no"),
        ("yes/no", None),
        ("An oval with a rim.", None),
        ("No image was provided.", None),
    ],
)
def test_presence_is_read_where_it_is_said(text: str, said: str | None) -> None:
    """Yes, no, or prose that means one of them."""
    assert presence_in(text) == said


@pytest.mark.parametrize(
    ("text", "denies"),
    [
        ("No image was provided.", True),
        ("There is no image attached.", True),
        ("I don't see an image. Please upload the image.", True),
        ("I'm sorry, but I can't view images.", True),
        ("I do not have access to the image", True),
        ("The image was not included in your message.", True),
        ("As a text-based model, I cannot answer.", True),
        ("Could you share the picture?", True),
        ("No, image quality is fine.", False),
        ("There is no spot in the image.", False),
        ("I cannot see such a spot in this image.", False),
        ("The spot is not visible in this image.", False),
        ("left", False),
    ],
)
def test_an_answer_that_there_is_no_image_is_told_from_a_no(text: str, denies: bool) -> None:
    """'I see no image' says that none came; 'I see no spot in the image' is an answer."""
    assert denies_image(text) is denies


@given(st.text(max_size=300))
def test_any_text_is_read_without_a_fault(text: str) -> None:
    """Whatever a model says is one of the two words, or neither."""
    assert side_in(text) in {"left", "right", None}
    assert presence_in(text) in {"yes", "no", None}


def test_reading_takes_no_longer_than_the_text_is() -> None:
    """A long answer full of near matches is read at once: no expression backtracks without end."""
    for piece in ("no image not ", "cannot see to the a an this ", "there is no a b c d e ", "left right "):
        presence_in(piece * 3000)
        side_in(piece * 3000)


def test_all_right_answers_show_that_it_sees() -> None:
    """Four right sides and four right presences."""
    found = _seen(SIDES, THERE)
    assert found.proven
    assert not found.blind
    assert found.example == ""


def test_the_patients_sides_are_told_apart_too() -> None:
    """Swapped in all four answers is another name for the sides; swapped in three is not."""
    assert _seen([{"left": "right", "right": "left"}[side] for side in SIDES], THERE).proven
    assert not _seen(["right", "left", "left", "left"], THERE).proven


def test_swapped_presence_is_no_sight() -> None:
    """A spot that is said to be where none is has no other name."""
    assert not _seen(SIDES, [{"yes": "no", "no": "yes"}[one] for one in THERE]).proven


@pytest.mark.parametrize("side", ["left", "right", "It depends.", "I see no image."])
@pytest.mark.parametrize("there", ["yes", "no", "Maybe.", "Please attach the image."])
def test_the_same_answers_whatever_the_image_are_blindness(side: str, there: str) -> None:
    """A constant answer is right on half of the images at most, and is called what it is."""
    found = _seen([side] * 4, [there] * 4)
    assert found.blind
    assert not found.proven
    assert found.side.right in {0, 2}
    assert found.presence.right in {0, 2}


def test_one_answer_shows_no_dependence_either_way() -> None:
    """Where all but one call failed, nothing is said about blindness."""
    found = _seen(["left", None, None, None], ["no", None, None, None])
    assert not found.blind
    assert not found.proven
    assert found.failures == {"timeout": 6}


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("I cannot see an image.", "says so"),
        ("No.", "changes"),
        ("Yes.", "same"),
        ("A brain.", "unclear"),
        (None, "failed"),
    ],
)
def test_what_happens_without_an_image(text: str | None, what: str) -> None:
    """It says that there is none, answers no, still says yes, says neither, or the call fails."""
    assert _seen(SIDES, THERE, text).without == what


def _share(pass_: Callable[[Sight], bool]) -> float:
    from itertools import product

    both = list(product(("left", "right"), repeat=4)), list(product(("yes", "no"), repeat=4))
    found = [pass_(_seen(side, there)) for side in both[0] for there in both[1]]
    return sum(found) / len(found)


def test_what_guessing_reaches_is_what_the_documentation_says() -> None:
    """A coin is right on all eight in 1 of 256; with swapped sides allowed it passes in 1 of 128."""
    assert _share(lambda found: found.side.all_right) == 1 / 16
    assert _share(lambda found: found.side.all_right and found.presence.all_right) == 1 / 256
    assert _share(lambda found: found.proven) == 1 / 128
