"""Recognises titles: those that open a list of negatives, that only name kinds of things, that ask."""

from __future__ import annotations

import re
from functools import cache, lru_cache
from typing import Final, Literal

from medbench.scoring.layout.words import words_of

Lead = Literal["", "absent", "uncertain", "normal", "plain", "silent"]
"""Statement of a title on the list below it: 'plain' is none, 'silent' that the list claims nothing."""

_SEEN: Final = (
    r"(?:seen|identified|present|visuali[sz]ed|detected|noted|evident|found|observed|demonstrated"
    r"|appreciated)"
)
_THINGS: Final = (
    r"(?:findings?|features?|abnormalit(?:y|ies)|signs?|observations?|patholog(?:y|ies)|conditions?|items?"
    r"|entities|diagnos[ei]s|lesions?)"
)
_AROUND: Final = (
    r"(?:(?:the|all|any|other|key|main|pertinent|relevant|important|significant|notable|associated|additional"
    r"|specific|imaging|radiologic(?:al)?|critical|acute|explicitly|following|of|these|also|are|is|were|was"
    r"|there|as|on|this|study|image|images|scan|exam|examination|i|we) )*"
)
_PARENTHESIS: Final = re.compile(r"\([^()]{0,200}\)?")
_WORD: Final = re.compile(r"[a-z]+")
_SPECIFIC: Final = re.compile(
    r"\b(?:left|right|bilateral|mild|moderate|severe|small|large|acute|chronic|\d+ ?(?:mm|cm))\b",
    re.IGNORECASE,
)
_VERBS: Final = frozenset(words_of("verb"))
_LEADING: Final = frozenset(words_of("leading-on"))
_FINITE: Final = _VERBS - frozenset(words_of("going-on"))
_ASKS: Final = re.compile(
    r"[\W_]*(?:(?:Q(?:uestion)?\s?\d{0,2}\s?[.:)-]\s*)?"
    r"(?:is|are|was|were|does|do|did|has|have|can|could|any"
    r"|evidence of|presence of|what|which|where|how|who)\b)",
    re.IGNORECASE,
)
LONGEST: Final = 110
"""Characters of the longest title."""


@cache
def _leads() -> tuple[tuple[Lead, re.Pattern[str]], ...]:
    leads: tuple[Lead, ...] = ("absent", "uncertain", "normal", "silent", "plain")
    patterns = (
        "|".join(words_of(f"list-{lead}")).replace("SEEN", _SEEN).replace("THINGS", _THINGS) for lead in leads
    )
    return tuple(
        (lead, re.compile(rf"{_AROUND}(?:{pattern}) {_AROUND}$"))
        for lead, pattern in zip(leads, patterns, strict=True)
    )


@cache
def _kinds() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that name kinds of things to report, and all that may stand beside them."""
    generic, joining = words_of("generic"), words_of("joining")
    return frozenset(generic), frozenset((*generic, *joining))


# Titles recur from output to output.
@lru_cache(maxsize=4_000)
def lead_of(title: str) -> Lead:
    """Return what a title says of the list that it opens; empty if it is no such title."""
    name = " ".join(_WORD.findall(_PARENTHESIS.sub(" ", title[:LONGEST].lower())))
    if name:
        for lead, pattern in _leads():
            if pattern.match(f"{name} "):
                return lead
    return ""


@lru_cache(maxsize=4_000)
def names_kinds(title: str) -> bool:
    """Return True if a title only names kinds of things to report: 'Size and shape of lesions'."""
    bare = _PARENTHESIS.sub(" ", title[:LONGEST].lower())
    head, _, things = bare.partition(" of ")
    words, named = _WORD.findall(head), _WORD.findall(things)
    generic, allowed = _kinds()
    if generic.isdisjoint(words):
        return False
    listed = "(" in title and "," in title and words[-1] in generic
    return listed or (allowed.issuperset(words) and allowed.union(words_of("asked-of")).issuperset(named))


def is_specific(title: str) -> bool:
    """Return True if a title says more than a name: a side, a size, a degree."""
    return _SPECIFIC.search(title) is not None


def is_sentence(text: str) -> bool:
    """Return True if there is a verb, so that a text isn't a label or an entry of a list."""
    return not _VERBS.isdisjoint(text[:400].lower().split())


def goes_on(text: str) -> bool:
    """Return True if a text has no verb of its own, and so describes what was named before it."""
    return _FINITE.isdisjoint(text[:400].lower().split())


def leads_on(text: str) -> bool:
    """Return True if a text begins as the rest of a sentence does: 'on the left, with …'."""
    return text[:20].lower().split(" ")[0] in _LEADING


def asks(text: str) -> bool:
    """Return True if a text begins as a question does."""
    return _ASKS.match(text) is not None
