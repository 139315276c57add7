"""Edits of a report with a known effect on its worth: swapped sides, negation, tripled sizes, inventions.

Each takes a text and gives the edited text, or None where there is nothing in it to edit. They are pure and
deterministic. A grader of reports should notice those that do harm, and not other words or another order.
"""

from __future__ import annotations

import re

from medbench.scoring.extraction.extract import extract
from medbench.scoring.matching.key import key_finding

EMERGENCIES = (
    "There is a large left tension pneumothorax with mediastinal shift. "
    "There is an acute intracranial hemorrhage with midline shift."
)
"""Two urgent findings that no reference of a report on something else has."""

_SENTENCE = re.compile(r"[^.!?\n]*(?:\.(?=\d)[^.!?\n]*)*(?:[.!?]+|\n+|$)\s*")
_SIDE = re.compile(r"\b(?:left|right|leftward|rightward|lul|lll|rul|rml|rll)(?=\b|(?:-))", re.IGNORECASE)
_OTHER_SIDE = {
    "left": "right", "right": "left", "leftward": "rightward", "rightward": "leftward",
    "lul": "rul", "rul": "lul", "lll": "rll", "rll": "lll", "rml": "lul",
}  # fmt: skip
_SIZE = re.compile(
    r"\d{1,4}(?:\.\d{1,3})?(?=(?:\s{0,2}(?:mm|cm|x|by|\u00d7|-|\u2013|to)?\s{0,2}\d{1,4}(?:\.\d{1,3})?){0,3}\s{0,2}-?"
    r"(?:mm|cm|millimet|centimet))",
    re.IGNORECASE,
)
_PARAPHRASES = (
    (r"\bmass\b", "tumor"), (r"\bis seen\b", "is noted"), (r"\bare seen\b", "are noted"),
    (r"\bdemonstrates?\b", "shows"), (r"\bshows?\b", "demonstrates"), (r"\bdilated\b", "distended"),
    (r"\benlarged\b", "increased in size"), (r"\bunremarkable\b", "normal"), (r"\bthere is\b", "one sees"),
    (r"\bhypodense\b", "low attenuation"), (r"\bhyperdense\b", "high attenuation"),
    (r"\bhyperintense\b", "high signal"), (r"\bhypointense\b", "low signal"), (r"\bmultiple\b", "numerous"),
    (r"\bconsistent with\b", "in keeping with"), (r"\bhemorrhage\b", "haemorrhage"), (r"\bedema\b", "oedema"),
    (r"\bcalculus\b", "stone"), (r"\bopacity\b", "opacification"), (r"\blarge\b", "marked"),
    (r"\bno evidence of\b", "no"), (r"\bsmall\b", "mild"), (r"\brenal\b", "kidney"),
    (r"\bhepatic\b", "liver"),
)  # fmt: skip
_RULES = tuple((re.compile(pattern, re.IGNORECASE), word) for pattern, word in _PARAPHRASES)


def sentences(text: str) -> list[str]:
    """Split a text into sentences; joined, they are the text."""
    return [sentence for sentence in _SENTENCE.findall(text) if sentence]


def swap_sides(text: str) -> str | None:
    """Write left for right and right for left, everywhere."""

    def other(match: re.Match[str]) -> str:
        word = _OTHER_SIDE[match[0].lower()]
        return word.upper() if match[0].isupper() else word.capitalize() if match[0][0].isupper() else word

    edited = _SIDE.sub(other, text)
    return edited if edited != text else None


def triple_sizes(text: str) -> str | None:
    """Make every size in mm or cm three times as large."""
    edited = _SIZE.sub(lambda match: f"{float(match[0]) * 3:g}", text)
    return edited if edited != text else None


def negate_key(text: str) -> str | None:
    """Turn the sentence of the key finding into its denial."""
    key = key_finding(extract(text))
    if key is None:
        return None
    start, end = key.span
    before, after = text[:start], text[end:]
    tail = "" if not after or after[0].isspace() else " "
    return f"{before}There is no {key.words}.{tail}{after}".strip()


def invent_emergencies(text: str) -> str | None:
    """Append two urgent findings."""
    return f"{text.rstrip()} {EMERGENCIES}" if text.strip() else None


def reverse_sentences(text: str) -> str | None:
    """Reverse the order of the sentences."""
    parts = [part.strip() for part in sentences(text)]
    parts = [part if part.endswith((".", "!", "?")) else f"{part}." for part in parts if part]
    return " ".join(reversed(parts)) if len(parts) > 1 else None


def paraphrase(text: str) -> str | None:
    """Replace common words by their synonyms."""
    edited = text
    for pattern, word in _RULES:
        edited = pattern.sub(word, edited)
    return edited if edited != text else None
