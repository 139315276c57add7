"""Questions with a known answer: right or wrong, and whether an answer could be read at all.

A text that commits to no answer is wrong. What guessing gets is told by the same number against the answers
of other questions ('swap.answer.right'): that of yes/no questions, and one in so many of a choice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.scoring.questions import reading
from medbench.scoring.questions.reading import answer_of, plain_words, right_answer

if TYPE_CHECKING:
    from collections.abc import Callable

    from medbench.scoring.item import Item

NAME = "answers"
"""Name of the scorer in signatures."""
METRICS = ("answer.right", "answer.read")
RATES = METRICS
METHOD = f"answers:{reading.VERSION}"


def make() -> Callable[[Item], dict[str, float | None]]:
    """Return the scorer."""
    return answers


def answers(item: Item) -> dict[str, float | None]:
    """Return 1 or 0 for a right answer, and for one that could be read; None where nothing was asked.

    For a reference that is none of the choices, as that of another question, the first is what guessing gets.
    """
    question = item.question
    if question is None:
        return dict.fromkeys(METRICS)
    given = None if item.empty else answer_of(item.parsed.findings, question)
    read = float(given is not None)
    right = right_answer(item.reference, question)
    if question.kind == "choice" and right not in map(plain_words, question.choices):
        return {"answer.right": read / len(question.choices), "answer.read": read}
    return {"answer.right": float(given == right), "answer.read": read}
