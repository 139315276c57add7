"""Finds the answer in a text: the model's turn, without thoughts, calls of tools, marks and fences."""

from __future__ import annotations

import re
from functools import lru_cache

from medbench.scoring.parsing import thoughts
from medbench.scoring.parsing.calls import unwrapped, without_calls
from medbench.scoring.parsing.markup import decoded, plain
from medbench.scoring.parsing.thoughts import without_thoughts
from medbench.scoring.parsing.turns import turn_of
from medbench.scoring.parsing.wrappers import has_words

_ACTS = re.compile(
    r"^[ \t*_]{0,4}Action(?: \d{1,2})?:[*_ \t]{0,4}"
    r"(?!(?:none|nil)\b)(?:[\w.]{1,60}[*_ \t]{0,4}(?:$|[\[({])|$)",
    re.MULTILINE,
)
"""The call of a tool by its name; 'Action: Insert a chest tube.' is advice."""
_ASIDE = re.compile(r"[\s*_]*(?:Question|Thought|Action)(?: \d{1,2})?:")
_ANSWER_TAG = re.compile(
    r"<(answer|final|final_(?:answer|response|report|output)|output|response|report|result|solution)>"
    r"|<\|begin_of_solution\|>",
    re.IGNORECASE,
)
_STAGE = re.compile(r"<(?:summary|caption|rationale|reasoning)>", re.IGNORECASE)
_LAST_STAGE = re.compile(r"<(conclusion)>", re.IGNORECASE)
"""The answer of models that first summarise, describe and reason, each in a tag of its own."""
_PROMISES = re.compile(
    r"\W*(?:i will|i['\u2019]ll|let me|i need to|i should)\b(?! (?:note|say|add|mention|report|state)\b)"
    r"[^.:\n]{0,200}[.:]?\s*",
    re.IGNORECASE,
)
"""What a model says before it calls a tool."""


# Parser, flags and formatting ask for the answer of one output after the other.
@lru_cache(maxsize=16)
def answer_of(text: str) -> str:
    """Return the answer without what is around it.

    Where it is nothing but an unfinished thought, its words are kept, since there are no others.
    """
    turn = _turn_of(text)
    return _answer_in(turn) or plain(without_calls(turn))


def is_unanswered(text: str) -> bool:
    """Return True if a text ends before its answer: in a thought, or with the call of a tool."""
    turn = _turn_of(text)
    if "Action" in turn and _ACTS.search(turn):
        return _ASIDE.match(turn) is not None and not thoughts.concludes(turn)
    rest = without_calls(turn)
    if rest != turn and _PROMISES.fullmatch(rest):
        return True
    if not thoughts.has_open_thought(turn) or thoughts.concludes(turn):
        return False
    return not _answer_in(turn)


def echoed_turn(text: str) -> str:
    """Return what stands before the answer where what was sent to the model comes back as well."""
    text = decoded(text)
    return text[: turn_of(text)[0]]


def has_thought(text: str) -> bool:
    """Return True if an answer shows the model's thoughts."""
    return thoughts.has_thought(_turn_of(text))


def has_open_thought(text: str) -> bool:
    """Return True if a thought begins that never ends: the answer was cut before it started."""
    return thoughts.has_open_thought(_turn_of(text))


@lru_cache(maxsize=16)
def _turn_of(text: str) -> str:
    """Return the model's turn, decoded."""
    text = decoded(text)
    start, end = turn_of(text)
    return unwrapped(text[start:end])


def _answer_in(turn: str) -> str:
    return plain(_inside(without_calls(without_thoughts(turn)), turn))


def _inside(text: str, turn: str) -> str:
    """Return what stands in the last tag that names the answer; one without an end was cut."""
    tags = list(_ANSWER_TAG.finditer(text))
    if not tags and _STAGE.search(turn) and "<findings>" not in text.lower():
        tags = list(_LAST_STAGE.finditer(text))
    if not tags:
        return text
    last = tags[-1]
    closing = f"</{last[1]}>" if last[1] else "<|end_of_solution|>"
    end = text.find(closing, last.end())
    inside = text[last.end() : end if end >= 0 else len(text)]
    return inside if has_words(inside) else text
