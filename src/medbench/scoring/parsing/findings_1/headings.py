"""Recognises the headings that divide a report, however a model formats them.

A heading stands at the start of a line, perhaps behind ``#`` or ``*``, and either ends in a colon (inside or
outside the bold) or is the whole line. A line that begins with a bullet is content, never a heading: models
write ``*   **Findings:**`` under each organ, and cutting there would lose the rest of the report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["lead", "findings", "key_findings", "conclusion", "note", "disclaimer", "other"]
"""The content of a section: 'lead' is the text before any heading, 'note' a remark of one paragraph."""

_FINDINGS = """findings; finding; imaging findings; primary imaging findings; primary findings; detailed
findings; detailed imaging findings; image findings; radiological findings; radiologic
findings; radiographic findings; radiology findings; description of findings; findings
section; report findings"""
_KEY_FINDINGS = """key findings; key imaging findings; main findings; significant findings; positive findings;
summary of findings; findings summary; observations; imaging observations"""
_CONCLUSION = """impression; impressions; overall impression; clinical impression; radiological impression;
radiologic impression; conclusion; conclusions; final assessment; assessment; overall
assessment; final impression; summary; overall summary; diagnosis; diagnoses; final
diagnosis; primary diagnosis; likely diagnosis; most likely diagnosis; possible diagnosis;
possible diagnoses; preliminary diagnosis; working diagnosis; differential; differentials;
differential diagnosis; differential diagnoses; differential considerations; impression and
recommendations; impression and differential diagnosis; diagnosis and differential"""
_NOTE = "note; notes; please note; n.b.; nb; remark; remarks"
_DISCLAIMER = """disclaimer; disclaimers; important note; important notes; important disclaimer; medical
disclaimer; important considerations; important; limitations; limitation; caveat; caveats"""
_OTHER = """image; images; image description; image analysis; image interpretation; analysis; image
type; technique; clinical history; clinical information; clinical context; clinical
indication; clinical correlation; history; indication; recommendation; recommendations;
further recommendations; next steps; critique; self-critique; potential improvements;
radiology report; report; examination; exam; procedure"""

_NAMES: dict[Kind, str] = {
    "findings": _FINDINGS,
    "key_findings": _KEY_FINDINGS,
    "conclusion": _CONCLUSION,
    "note": _NOTE,
    "disclaimer": _DISCLAIMER,
    "other": _OTHER,
}
_KINDS = {" ".join(name.split()): kind for kind, names in _NAMES.items() for name in names.split(";")}
_LONGEST = 80
_FORMATTING = "*_#`~= \t\u00a0"
_BULLET = re.compile(r"[-*+•‣▪●◦·–—][ \t\u00a0]")  # noqa: RUF001 - the bullets that models write
_NUMBER = re.compile(r"(?:\d{1,2}|[IVX]{1,4})[.)][ \t]*(?=[A-Za-z*_])")
_AFTERTHOUGHT = re.compile(r"\s*\([^()]{0,60}\)$")


@dataclass(frozen=True, slots=True)
class Heading:
    """The start of a section."""

    kind: Kind
    rest: str
    """Text behind the heading on its own line."""


def heading_of(line: str) -> Heading | None:
    """Return the heading that this line is or begins with, if any.

    Looks at a bounded piece of the line, so that its cost does not grow with a hostile line.
    """
    shown = line[: _LONGEST * 2].strip()
    if not shown or _BULLET.match(shown):
        return None
    bare = shown.lstrip(_FORMATTING)
    number = _NUMBER.match(bare)
    if number:
        bare = bare[number.end() :].lstrip(_FORMATTING)
    title, colon, _ = bare[:_LONGEST].replace("：", ":", 1).partition(":")  # noqa: RUF001 - East Asian colon
    kind = _kind(title)
    if kind is None:
        return None
    if colon:
        # Behind the first colon of the line itself: the piece looked at may end before the line does.
        after = line.replace("：", ":", 1).partition(":")[2]  # noqa: RUF001
        rest = _unformatted(after)
        return None if number and rest else Heading(kind, rest)
    whole = len(line.strip()) <= _LONGEST
    # A bare lower-case word is the end of a wrapped sentence rather than a heading.
    return Heading(kind, "") if whole and title.strip(_FORMATTING)[:1].isupper() else None


def _kind(title: str) -> Kind | None:
    name = " ".join(title.strip(_FORMATTING).lower().split())
    if name not in _KINDS:
        name = _AFTERTHOUGHT.sub("", name).strip(_FORMATTING)
    if name.startswith(("revised ", "critique ")):
        return "other"
    return _KINDS.get(name)


def _unformatted(after: str) -> str:
    """Return the text behind the colon, without the bold that the heading closed there."""
    stripped = after.strip()
    for mark in ("**", "__", "*"):
        # '**Diagnosis:** text' closes a bold here, 'Diagnosis: **text**' opens one.
        if stripped.startswith(mark) and stripped.count(mark) % 2 == 1:
            return stripped.removeprefix(mark).strip()
    return stripped
