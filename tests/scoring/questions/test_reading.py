"""The answer that a text gives to a question: by stated rules, and none where it commits to none."""

from __future__ import annotations

import pytest

from medbench.schema.case import Question
from medbench.scoring.item import Item
from medbench.scoring.parsing.text import parse
from medbench.scoring.questions.answers import answers
from medbench.scoring.questions.reading import answer_of, plain_words

_YES_NO = Question(text="Is there an effusion?", kind="yes/no")
_CHOICE = Question(text="What is it?", kind="choice", choices=("lung", "lung cancer", "a normal chest"))
_EXACT = Question(text="Which organs?", kind="exact")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("Yes", "yes"),
        ("no.", "no"),
        ("**Yes**, a small one on the left.", "yes"),
        ("No, there is none.", "no"),
        ("No there is none.", "no"),
        ("Yes there is.", "yes"),
        ("The lungs are clear. Answer: no", "no"),
        ("At first yes. Final answer: **No**", "no"),
        ("The answer is yes.", "yes"),
        ("\\boxed{yes}", "yes"),
        ("No effusion is seen.", None),
        ("There is an effusion.", None),
        ("I cannot say.", None),
        ("Nothing.", None),
        ("yesterday", None),
        ("Yes or no?", None),
        ("Answer: Yes/No", None),
        ("It is not possible to answer yes or no.", None),
        ("Answer yes or no. Answer: no", "no"),
        ("Answer: No effusion is seen.", None),
        ("The answer is no longer certain.", None),
        ("", None),
    ],
)
def test_yes_or_no(text: str, answer: str | None) -> None:
    """At the beginning or announced; 'No effusion' is a finding, whatever was asked."""
    assert answer_of(text, _YES_NO) == answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("B", "lung cancer"),
        ("(B)", "lung cancer"),
        ("B. lung cancer", "lung cancer"),
        ("**A**", "lung"),
        ("Answer: C", "normal chest"),
        ("A mass is seen. The correct option is B.", "lung cancer"),
        ("A mass is seen.", None),
        ("It is lung cancer.", "lung cancer"),
        ("a normal chest", "normal chest"),
        ("lung cancer or a normal chest", None),
        ("D", None),
        ("b", "lung cancer"),
        ("the answer is c.", "normal chest"),
        ("The answer is a mass.", None),
        ("The correct answer is B. Option A is wrong, as a mass is seen.", "lung cancer"),
        ("Answer: B\nOption C is incorrect.", "lung cancer"),
        ("It might be A. Final answer: B", "lung cancer"),
        ("I would choose option B.", "lung cancer"),
        ("Option A or option B.", None),
        ("Option A is wrong. Option B is right.", None),
        ("A, B", None),
        ("A or B", None),
        ("Answer: A and C", None),
        ("A. lung\nB. lung cancer\nC. a normal chest", None),
        ("A normal chest, lung cancer", None),
        ("lung cancer, a normal chest", None),
        ("", None),
    ],
)
def test_choice(text: str, answer: str | None) -> None:
    """By its letter, which is a capital by itself, or by its words where they name one alone."""
    assert answer_of(text, _CHOICE) == answer


def test_choices_that_differ_in_a_sign_are_told_apart() -> None:
    """Else each of them would be right; the same for the words of an exact answer."""
    size = Question(text="How large?", kind="choice", choices=("< 5 mm", "5 mm", "> 5 mm"))
    for place, choice in enumerate(size.choices):
        item = Item(parse("ABC"[place]), choice, question=size)
        assert answers(item)["answer.right"] == 1
        assert answers(Item(parse("ABC"[place - 1]), choice, question=size))["answer.right"] == 0
        assert answer_of(choice, size) == plain_words(choice)
    pairs = (
        ("-5", "5"),
        ("T1+", "T1-"),
        ("ER+", "ER"),
        ("1/2", "2/1"),
        ("1,5 cm", "5,1 cm"),
        ("group A", "group"),
    )
    for one, other in pairs:
        assert plain_words(one) != plain_words(other)
    letters = Question(text="Which image?", kind="choice", choices=("A", "B", "C"))
    assert [answer_of(letter, letters) for letter in "ABC"] == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "right"),
    [
        ("Liver, spleen", True),
        ("the spleen and the liver.", True),
        ("Answer: Liver; Spleen", True),
        ("LIVER/SPLEEN", True),
        ("Liver", False),
        ("The liver, spleen and kidney", False),
        ("It shows liver and spleen.", False),
    ],
)
def test_exact(text: str, right: bool) -> None:
    """The same words, whatever their case, articles, punctuation and the order of a list."""
    item = Item(parse(text), "Liver, Spleen", question=_EXACT)
    assert answers(item)["answer.right"] == float(right)


def test_what_is_not_read_is_wrong() -> None:
    """And is told apart from a wrong answer; a text that asks nothing has no number."""
    silent = Item(parse("I cannot say."), "No", question=_YES_NO)
    assert answers(silent) == {"answer.right": 0.0, "answer.read": 0.0}
    assert answers(Item(parse("No."), "No")) == {"answer.right": None, "answer.read": None}


def test_the_answer_of_another_choice_is_what_guessing_gets() -> None:
    """One in so many, for an answer that was given at all."""
    item = Item(parse("B"), "cyst", question=_CHOICE)
    assert answers(item)["answer.right"] == pytest.approx(1 / 3)
    assert answers(Item(parse("?"), "cyst", question=_CHOICE, empty=True))["answer.right"] == 0
