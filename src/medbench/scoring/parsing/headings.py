"""Recognises the headings that divide a report, however a model formats them.

A heading stands at the start of a line, perhaps behind ``#`` or ``*``, and either ends in a colon (inside or
outside the bold) or is the whole line. A line that begins with a bullet is content, never a heading: models
write ``*   **Findings:**`` under each organ, and cutting there would lose the rest of the report.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

_Report = Literal["lead", "findings", "key_findings", "answer", "conclusion"]
_Beside = Literal["history", "thought", "note", "disclaimer", "other"]
Kind = _Report | _Beside
"""The content of a section: 'lead' is text before any heading; a note, history or thought is a paragraph."""

_FINDINGS = """findings; finding; imaging findings; primary imaging findings; primary findings;
detailed findings; detailed imaging findings; image findings; radiological findings;
radiologic findings; radiographic findings; radiology findings; description of findings;
findings section; report findings; findings and impression; findings & impression; findings/impression;
impression and findings; befund; befunde; hallazgos; résultats; constatations; referto; reperti;
bevindingen; achados; final answer; final report;
final response; the final answer; the final answer is; my final answer"""
_ANSWER = "answer; output; response; the answer; the answer is"
_KEY_FINDINGS = """key findings; key imaging findings; main findings; significant findings;
positive findings; summary of findings; findings summary; observations; imaging observations"""
_CONCLUSION = """impression; impressions; overall impression; clinical impression;
radiological impression; radiologic impression; conclusion; conclusions; final assessment; assessment;
overall assessment; final impression; summary; overall summary; diagnosis; diagnoses; final diagnosis;
primary diagnosis; likely diagnosis; most likely diagnosis; possible diagnosis; possible diagnoses;
preliminary diagnosis; working diagnosis; differential; differentials; differential diagnosis;
differential diagnoses; differential considerations; impression and recommendations;
impression and differential diagnosis; diagnosis and differential; beurteilung; impresión; conclusión;
conclusiones; conclusioni; conclusie; conclusão; impressão; opinion; diagnostic impression; interpretation"""
_NOTE = "note; notes; please note; n.b.; nb; remark; remarks"
_DISCLAIMER = """disclaimer; disclaimers; important note; important notes; important disclaimer;
medical disclaimer; important considerations; important; limitations; limitation; caveat; caveats"""
_OTHER = """image; images; image description; image analysis; image interpretation; analysis;
image type; technique; comparison; comparisons; contrast; views; protocol; clinical correlation;
recommendation; recommendations; further recommendations; next steps; critique; self-critique;
potential improvements; radiology report; report; examination; exam; procedure"""

_THOUGHT = """thought process; thinking; thought; thoughts; reasoning; rationale; rationales;
chain of thought; scratchpad; reasoning content; thinking process; internal thoughts; inner thoughts;
step-by-step reasoning; step by step reasoning; reasoning steps; reasoning process"""
_HISTORY = """clinical history; clinical information; clinical context; clinical indication;
clinical question; clinical data; clinical details; clinical presentation; history; indication;
indications; reason for exam; reason for examination; reason for study; reason for the study;
reason for visit; reason for referral; patient history; patient information; patient; chief complaint;
presenting complaint; clinical background; medical history; anamnese"""

_NAMES: dict[Kind, str] = {
    "findings": _FINDINGS,
    "key_findings": _KEY_FINDINGS,
    "answer": _ANSWER,
    "conclusion": _CONCLUSION,
    "history": _HISTORY,
    "thought": _THOUGHT,
    "note": _NOTE,
    "disclaimer": _DISCLAIMER,
    "other": _OTHER,
}
_KINDS = {" ".join(name.split()): kind for kind, names in _NAMES.items() for name in names.split(";")}
_LONGEST = 80
_FORMATTING = "*_#`~=[]<>\u3010\u3011\u300c\u300d\u300e\u300f \t\u00a0"
_PICTURES = re.compile(r"^[\U0001f000-\U0001faff\u2600-\u27bf\ufe0f\u200d\s]+")
_SENTENCE = 4
"""Least words of a cell that are no value of a table."""
_DASHES = " -\u2013\u2014*_"
_BULLET = re.compile(r"[-*+•‣▪●◦·–—][ \t\u00a0]")  # noqa: RUF001 - the bullets that models write
_NUMBER = re.compile(
    r"(?:(?:\d{1,2}|[IVX]{1,4}|[A-H])[.)]|(?:step|stage|part|section) \d{1,2} ?[:.)-])[ \t]*(?=[A-Za-z*_])",
    re.IGNORECASE,
)
# 'FINDINGS The lungs are clear', 'Findings - The lungs are clear'.
_UNMARKED = re.compile(
    r"([A-Z][A-Z &/]{4,40}?)[ \t]+(?=[A-Z][a-z]|No |\d|A )"
    r"|([A-Za-z][A-Za-z &/]{4,40}?)[*_]{0,2}[ \t]+(?:[-=]>?|[\u2013\u2014\u2192])[ \t]+(?=\S)"
)
_QUESTION = re.compile(
    r"(?:Q(?:uestion)?\s?\d{0,2}\s?[.:)-]\s*)?[*_]{0,2}what (?:"
    r"(?P<seen>(?:do|can|did) you (?:see|observe|find)|does the [\w ]{1,20} (?:show|reveal|demonstrate)"
    r"|(?:is|are) (?:seen|shown|visible))\b[^?\n]{0,40}"
    r"|(?:is|are|was|were) (?:the|your) (?P<name>[a-z ]{3,30}?)"
    r"(?: (?:of|in|on|for|here|from)\b[^?\n]{0,40})?)\?"
    r"|[*_]{0,2}(?P<named>[a-z ]{4,30})\?",
    re.IGNORECASE,
)
_ANSWERS = re.compile(r"[\s*_]{0,9}(?:A(?:nswer)?\s?\d{0,2}\s?[.:)][*_]{0,2})?")
_TWO_NAMES = re.compile(r"\s/\s|[()|\uff08\uff09]")
_AFTERTHOUGHT = re.compile(r"\s*\([^()]{0,60}\)$")


@dataclass(frozen=True, slots=True)
class Heading:
    """The start of a section."""

    kind: Kind
    rest: str
    """Text behind the heading on its own line."""
    is_row: bool = False
    """True for a row of a table, which may be followed by rows of something else."""
    asks: bool = False
    """True for a question, such as 'What are the findings?', whose answer follows."""


def heading_of(line: str) -> Heading | None:
    """Return the heading that this line is or begins with, if any.

    Looks at a bounded piece of the line, so that its cost does not grow with a hostile line.
    """
    shown = line[: _LONGEST * 2].strip()
    if not shown or _BULLET.match(shown):
        return None
    if shown[0] == "|":
        return _of_row(shown, line)
    bare = shown.lstrip(_FORMATTING)
    if not bare[:1].isascii():
        bare = _PICTURES.sub("", bare).lstrip(_FORMATTING)
    number = _NUMBER.match(bare)
    if number:
        bare = bare[number.end() :].lstrip(_FORMATTING)
        # Its colon isn't that of the heading: 'Step 1: Findings:'.
        line = line[line.find(number[0]) + number.end() :]
    question = _QUESTION.match(bare) if "?" in bare else None
    if question and (kind := _kind_asked(question)):
        return Heading(kind, _ANSWERS.sub("", line.partition("?")[2], count=1).strip(), asks=True)
    return _of_title(bare, line, is_numbered=number is not None)


def _of_title(bare: str, line: str, *, is_numbered: bool) -> Heading | None:
    """Return the heading that a line begins with, without the marks and the number before it."""
    title, colon, _ = bare[:_LONGEST].replace("：", ":", 1).partition(":")  # noqa: RUF001 - East Asian colon
    unmarked = _UNMARKED.match(bare)
    if unmarked and (kind := kind_of(unmarked[1] or unmarked[2])):
        return Heading(kind, _unformatted(line[line.find(unmarked[0]) + unmarked.end() :]))
    kind = kind_of(title if colon else title.rstrip(_DASHES if "..." not in title else f"{_DASHES}."))
    if kind is None:
        return None
    if colon:
        # Behind the first colon of the line itself: the piece looked at may end before the line does.
        after = line.replace("：", ":", 1).partition(":")[2]  # noqa: RUF001
        rest = _unformatted(after)
        return None if is_numbered and rest else Heading(kind, rest)
    whole = len(line.strip()) <= _LONGEST
    # A bare lower-case word is the end of a wrapped sentence rather than a heading.
    return Heading(kind, "") if whole and title.strip(_FORMATTING)[:1].isupper() else None


def _kind_asked(question: re.Match[str]) -> Kind | None:
    """Return the kind of section that a question asks for."""
    return "findings" if question["seen"] else kind_of(question["name"] or question["named"])


def _of_row(shown: str, line: str) -> Heading | None:
    """Return the heading that the first of two cells is, where the other has the sentences below it."""
    title, *_ = shown.strip("| \t").split("|", 1)
    cells = line.strip().strip("|").split("|", 2)
    kind = kind_of(title) if len(cells) == 2 and len(cells[1].split()) >= _SENTENCE else None
    return Heading(kind, cells[1].strip(), is_row=True) if kind else None


def kind_of(title: str) -> Kind | None:
    """Return the kind of section that a title names, if any."""
    name = " ".join(title.strip(_FORMATTING).lower().split())
    if name not in _KINDS:
        name = _AFTERTHOUGHT.sub("", name).strip(_FORMATTING)
    if name.startswith(("revised ", "critique ")):
        return "other"
    return _KINDS.get(name) or _KINDS.get(_misspelt(name)) or _of_two_languages(title)


def _of_two_languages(title: str) -> Kind | None:
    """Return the kind of a title in two languages, such as 'Befund / Findings'; None for any other."""
    if not _TWO_NAMES.search(title):
        return None
    names = (" ".join(name.strip(_FORMATTING).lower().split()) for name in _TWO_NAMES.split(title))
    return next((_KINDS[name] for name in names if name in _KINDS), None)


# Lines of answers recur.
@lru_cache(maxsize=4_000)
def _misspelt(name: str) -> str:
    """Return the long name that a title is but for one letter; the title itself if there is none."""
    if not 7 <= len(name) <= 20:
        return name
    return next((known for known in _KINDS if len(known) >= 8 and _one_letter_apart(name, known)), name)


def _one_letter_apart(one: str, other: str) -> bool:
    if abs(len(one) - len(other)) > 1 or one[0] != other[0]:
        return False
    same = next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )
    return (
        one[same + 1 :] == other[same + 1 :]
        or one[same:] == other[same + 1 :]
        or one[same + 1 :] == other[same:]
    )


def _unformatted(after: str) -> str:
    """Return the text behind the colon, without the bold that the heading closed there."""
    stripped = after.strip()
    for mark in ("**", "__", "*"):
        # '**Diagnosis:** text' closes a bold here, 'Diagnosis: **text**' opens one.
        if stripped.startswith(mark) and stripped.count(mark) % 2 == 1:
            return stripped.removeprefix(mark).strip()
    return stripped
