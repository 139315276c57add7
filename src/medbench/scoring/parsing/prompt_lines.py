"""Takes the lines of the prompt out of an answer: nothing is earned by repeating what was asked."""

from __future__ import annotations

import re
from functools import lru_cache

_ITEM = re.compile(r"[\s>*_#-]*(?:\d{1,2}[.)]\s*|\([a-z\d]\)\s*)?")
_PARENTHESIS = re.compile(r"\([^()]{0,200}\)?")
_NOT_A_WORD = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"(?<=[.!?:])\s+")
_TITLE_WORDS = 10
"""More words than a heading has; marks count as words."""


def without_prompt(text: str, prompt: str) -> str:
    """Return a text without the sentences of the prompt; a line that repeats one of its titles is a title."""
    said = _said(prompt)
    kept: list[str] = []
    for line in text.splitlines():
        if _plain(line) in said or _plain(_PARENTHESIS.sub(" ", line)) in said:
            if not _is_title(line):
                continue
            bare = line.rstrip(" *_")
            kept.append(bare if bare.endswith(":") else f"{bare}:")
        else:
            sentences = _SENTENCE.split(line)
            own = [one for one in sentences if one.rstrip(" *_")[-1:] == ":" or _plain(one) not in said]
            if len(own) == len(sentences):
                kept.append(line)
            elif any(_plain(one) for one in own):
                kept.append(" ".join(own))
    return "\n".join(kept).strip()


def _is_title(line: str) -> bool:
    """Return True for a few words that text may stand under; an instruction or an example of JSON is none."""
    words = _PARENTHESIS.sub(" ", line).split()
    sentence = line.rstrip(" *_:").endswith((".", "!", "?"))
    return not sentence and len(words) <= _TITLE_WORDS and not line.lstrip().startswith(("{", "["))


# Most runs have one prompt for all cases.
@lru_cache(maxsize=64)
def _said(prompt: str) -> frozenset[str]:
    """Return the lines and sentences of a prompt, and its titles without their examples, as plain words."""
    return frozenset().union(*map(_said_in, prompt.splitlines()))


# In others they differ in a line or two.
@lru_cache(maxsize=512)
def _said_in(line: str) -> frozenset[str]:
    pieces = [line, *_SENTENCE.split(line)]
    shorter = [_PARENTHESIS.sub(" ", piece) for piece in pieces]
    return frozenset(map(_plain, (*pieces, *shorter))) - {""}


# The prompts of a run differ in a line or two.
@lru_cache(maxsize=512)
def _plain(line: str) -> str:
    item = _ITEM.match(line)
    return _NOT_A_WORD.sub(" ", line[item.end() if item else 0 :]).strip().lower()
