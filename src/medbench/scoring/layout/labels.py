"""Parts a sentence into label and value, at a colon, or at a dash, comma or bracket before a status."""

from __future__ import annotations

import re
from string import ascii_letters, digits
from typing import Final

from medbench.scoring.layout.status import MARKS, SIGNS, Status, status_of
from medbench.scoring.layout.titles import LONGEST, asks, is_sentence, lead_of
from medbench.scoring.layout.words import words_of

# One set of characters in front, so that the search leaps from one of them to the next.
_COLON: Final = re.compile(
    r"[:\uff1a=\-\u2192](?:(?<=[:\uff1a])(?!//)(?:(?!\d)|(?<=\D:))|(?<=[=-])>|(?<=\u2192)|(?<=[^<>=!]=)(?!=))"
)
_WEAK: Final = re.compile(
    r"[ ](?:[\u2013\u2014] ?|--? | {2,}|\.{3,} ?|(?:\. ?){3,}|(?=[(\[][^()\[\]]{1,24}[)\]][ .*]{0,4}$)"
    r"|(?=[" + SIGNS + r"]\ufe0f?[ .]*$))"
    r"|[\u2013\u2014] ?|\t+| ?\| ?|\.{3,} ?|\u2026 ?|[,;] ?"
)
"""Marks that may part a label from a status, though they rarely do."""
_LED: Final = re.compile(rf"\s{{0,4}}(?:[(\[]([-+])[)\]]|([{SIGNS}])\ufe0f?)\s{{0,3}}(?=\w)")
_DASH: Final = re.compile("[\u2013\u2014\u2026]")
_CLOSING: Final = f")]\ufe0f{SIGNS}"
_ENDS: Final = frozenset(words_of("last"))
"""The last words of a sentence that a comma may part from its label."""
_LETTERS: Final = f"{ascii_letters}{digits}."
_LAST: Final = 24
_SAID: Final = re.compile(rf"[:=({SIGNS}](?:(?<!\()|(?:[-+]|yes|no|absent|present)\))")
"""Words that may be a status, or stand before one."""
_DIGIT: Final = re.compile(r"\d")
_REDACTED: Final = re.compile(
    r"[\[(<_*]+(?:date|time|name|age|patient|hospital|doctor|physician|location|redacted|removed|deidentified"
    r"|id|mrn|year|month|day)\b",
    re.IGNORECASE,
)
"""A mark in the place of what would identify a patient: 'since [DATE]'."""
_OPTIONS: Final = re.compile(r"\s+(?=\[[ xX\u2713\u2714*]?\]\s{0,2}[A-Za-z]{1,12}\s+\[)")
"""What parts a label from the boxes of its answers: 'Effusion [ ] yes [x] no'."""
_UNTICKED: Final = re.compile(r"\s[\[(] ?[\])][\s.]*$")
"""The empty box behind what it is for: 'Effusion [ ]'."""
_LISTED: Final = re.compile(r"[,;]\s+")
_MEASURED: Final = re.compile(r"[A-Za-z][A-Za-z /-]{2,40} \d{1,3}(?:\.\d{1,2})? ?[cm]m")
_LONGEST: Final = 1_000
ADJECTIVES: Final = re.compile(
    r"\"?(?:absent|present|none|negative|positive|neg|pos|nil|no|yes|true|false|[01](?:\.0)?"
    r"|(?:not|none) (?:present|seen|identified|detected|visible|found|evident|noted))\W{0,3}$",
    re.IGNORECASE,
)
"""A status that is all that follows."""


def several(words: str) -> list[str]:
    """Return the labels with a status that a sentence lists, 'mass: no, ascites: yes'; else itself.

    So with a label of several things at places: 'Cysts: liver 2 cm, left kidney 5 cm'.
    """
    if "," not in words and ";" not in words:
        return [words]
    label, colon, value = words.partition("s: ")
    places = _LISTED.split(value.rstrip(" .")) if colon and len(value) < LONGEST else []
    if len(places) > 1 and all(map(_MEASURED.fullmatch, places)):
        return [f"{label}s: {place}" for place in places]
    # Only a tick or a cross is a sign beside these.
    signs = words.count(":") + words.count("=") + words.count("(")
    if (signs < 2 and words.isascii()) or len(_SAID.findall(words, 0, _LONGEST)) < 2:
        return [words]
    parts = _LISTED.split(words)
    found = [labelled(part) for part in parts]
    return parts if len(parts) > 1 and all(one and one[2] and one[2].stance for one in found) else [words]


def labelled(words: str) -> tuple[str, str, Status | None] | None:
    """Return label, value and the status at the value's head; None for a sentence without a label."""
    led = None if words[:1].isalnum() else _LED.match(words)
    if led:
        return words[led.end() :].strip("\"' \t*_"), "", Status(MARKS[led[1] or led[2]], 0)
    colon = _COLON.search(words, 1, LONGEST)
    if colon is None and words.count("[") > 1:
        colon = _OPTIONS.search(words, 1, LONGEST)
    if colon:
        label, value = words[: colon.start()].strip("\"' \t*_"), words[colon.end() :]
        value = value.strip(" \t*_\"'") if value.strip(" \t*_\"'.,") else ""
        value = value.lstrip("= ")
        if not label or (is_sentence(label) and not asks(label) and not lead_of(label)):
            return None
        return label, value, status_of(value)
    last = words[-_LAST:].rstrip(" .*\n")
    if last[-1:] not in _CLOSING and _last_word(last) not in _ENDS and not _is_parted(words):
        return None
    return _parted(words)


def _parted(words: str) -> tuple[str, str, Status] | None:
    """Return label, value and status of a sentence in which a weak mark parts them."""
    if unticked := _UNTICKED.search(words, max(0, len(words) - _LAST)):
        return words[: unticked.start()], "", Status("absent", 0)
    for weak in _WEAK.finditer(words, 2, LONGEST):
        value = words[weak.end() :]
        if (weak[0][0] in ",;" and not ADJECTIVES.match(value)) or _REDACTED.match(value):
            continue
        status = status_of(value)
        if status is None or not status.stance or (status.stance == "unknown" and not value.strip(" .")):
            continue
        label = words[: weak.start()].strip("\"' \t*_")
        if label and not is_sentence(label) and not (value[:1].isdigit() and _DIGIT.search(label)):
            return label, value, status
    return None


def _last_word(words: str) -> str:
    """Return the last word in lower case; empty if anything but a quotation mark is behind it."""
    words = words.removesuffix('"')
    return words[len(words.rstrip(_LETTERS)) :].lower()


def _is_parted(words: str) -> bool:
    """Return True if a sentence has a dash, leaders or a gap, which may part a label from its status."""
    if " - " in words or "..." in words or ". ." in words or "   " in words or "\t" in words:
        return True
    return not words.isascii() and _DASH.search(words) is not None
