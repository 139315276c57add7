"""Takes an answer apart: the findings that are scored, the impression, the notes.

Pure, in time linear in the text, and nothing is ever cut by length. `docs/scoring.md` holds the rules in
words. From the first release on, a change of what is returned for any text is a new parser name, since the
name is in every signature.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from medbench.registry import unknown
from medbench.scoring.layout import json_text
from medbench.scoring.parsing.answer import answer_of, is_unanswered
from medbench.scoring.parsing.headings import Heading, Kind, heading_of
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.parsing.parts import parts_of
from medbench.scoring.parsing.prompt_lines import without_prompt
from medbench.scoring.parsing.section_rows import headed
from medbench.scoring.parsing.wrappers import (
    ends_as_sentence,
    has_words,
    trimmed,
    without_boilerplate,
    without_preamble,
    without_run,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

CURRENT = "findings-2"
"""The parser that is used where none is named."""

FINDINGS_1 = "findings-1"
"""The parser of medbench's first finding metric."""

OLD = "report-2026-02"
"""The parser that computes the report of February 2026 again."""

_TEMPLATE = re.compile(r"\[[^\[\]\n]{0,300}\]")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[*_)\"\u201d]{0,3}[.!?]")

_NOTHING = re.compile(
    r"\W*(?:nan|none|null|n/?a|undefined|nil|empty|no (?:output|answer|response|text|content)(?: \w{2,12})?"
    r"|(?:<[^<>]{1,80}>\s*){0,9}(?:(?:internal |api |server |http |runtime |value )?error|traceback|exception"
    r"|timeout|timed out|rate limit|too many requests|service unavailable|bad gateway"
    r"|connection (?:error|reset|refused)|[45]\d\d [A-Z][a-z]+)\b[^\n]{0,300})\W*",
    re.IGNORECASE,
)
_CONCLUDED = re.compile(
    r"(?<=[.!?])[ \t]{1,9}(?=[*_]{0,3}(?:(?:IMPRESSION|Impression|CONCLUSION|Conclusion)[*_]{0,3}|Q\d{0,2}):)"
)
"""The space before a heading that stands behind a sentence in its line."""
_ANSWERS = re.compile(r"\W{0,6}A(?:nswer)?\s?\d{0,2}\s?[.:)][*_]{0,2}\s{0,9}")
_ASIDES = frozenset({"history", "thought"})
_OF_ONE_PARAGRAPH = _ASIDES | {"note"}
_FINDINGS = frozenset({"findings", "key_findings"})
_OF_REPORT = _FINDINGS | {"conclusion"}
_WORDS_AROUND = 40
"""Words around JSON that announce or explain it and are dropped."""


@dataclass(slots=True)
class _Section:
    kind: Kind
    lines: list[str] = field(default_factory=list)
    behind: Kind | None = None
    """The remark behind whose paragraph an earlier section goes on; None where a heading begins this one."""
    asked: bool = False
    """True where a question stands in the place of its heading."""

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def parser_names() -> tuple[str, ...]:
    """Return the names of all parsers, the current one first."""
    return (CURRENT, FINDINGS_1, OLD)


def parse(text: str, parser: str = CURRENT, *, prompt: str | None = None) -> ParsedText:
    """Take an answer apart.

    Args:
        text: The answer as it came.
        parser: How it is taken apart.
        prompt: What was sent, if it is known: the current parser scores none of its lines.

    Raises:
        UsageError: There is no parser of that name.
    """
    if parser == CURRENT:
        return _of_parts([_parse_current(part, prompt) for part in parts_of(text)])
    # Old parsers are imported only where they are asked for.
    if parser == FINDINGS_1:
        from medbench.scoring.parsing.findings_1 import text as findings_1

        return _of_parts([findings_1.parse(part) for part in parts_of(text)])
    if parser == OLD:
        from medbench.scoring.parsing import report_2026_02

        section = report_2026_02.findings_section(text)
        if section is None:
            return ParsedText(OLD, "whole", report_2026_02.fallback(text))
        return ParsedText(OLD, "findings", section)
    raise unknown("parser", parser, parser_names(), option="--parser ")


def _of_parts(parts: list[ParsedText]) -> ParsedText:
    """Put together the parts of an output of several answers."""
    if len(parts) == 1:
        return parts[0]
    return ParsedText(
        parts[0].parser,
        "findings" if all(part.section == "findings" for part in parts) else "whole",
        "\n\n".join(part.findings for part in parts if part.findings),
        _joined(part.impression or "" for part in parts),
        _joined(part.notes or "" for part in parts),
    )


def says_nothing(text: str) -> bool:
    """Return True if an answer has no word but headings, only says that there is none, or never begins."""
    answer = answer_of(text)
    if _NOTHING.fullmatch(answer) or is_unanswered(text):
        return True
    rendered = _from_json(answer)
    sections = _sections(answer if rendered is None else rendered)
    if rendered is not None and _has_empty_findings(sections):
        return True
    return _is_cut_thought(sections) or not any(has_words(section.text) for section in sections)


def _is_cut_thought(sections: list[_Section]) -> bool:
    """Return True if there is nothing but a thought under its heading, and that has no end."""
    spoken = [section for section in sections if has_words(section.text)]
    return (
        bool(spoken)
        and all(one.kind == "thought" for one in spoken)
        and not ends_as_sentence(spoken[-1].text)
    )


def is_json(answer: str) -> bool:
    """Return True if an answer without thoughts and fences is JSON."""
    return _from_json(answer) is not None


def is_cut_json(answer: str) -> bool:
    """Return True if an answer is JSON that was cut off in the middle."""
    return answer[:1] in {"{", "["} and json_text.begins(answer) == 0 and not json_text.read(answer, 0)[2]


def _parse_current(text: str, prompt: str | None) -> ParsedText:
    answer = without_run(answer_of(text))
    rendered = _from_json(answer)
    sections = _sections(answer if rendered is None else rendered)
    if is_unanswered(text) or _is_cut_thought(sections):
        return ParsedText(CURRENT, "whole", "")
    impression = _joined(section.text for section in sections if section.kind == "conclusion")
    notes = [section.text for section in sections if section.kind in {"note", "disclaimer"}]
    if rendered is not None and _has_empty_findings(sections):
        return ParsedText(CURRENT, "findings", "", impression, _joined(notes))
    section = _findings(sections)
    body, remark = without_boilerplate(_whole(answer, sections) if section is None else section)
    if section is None:
        body = without_preamble(body)
    findings = trimmed(body) or trimmed(answer) or answer
    if prompt:
        findings = without_prompt(findings, prompt)
    source: Literal["findings", "whole"] = "whole" if section is None else "findings"
    return ParsedText(CURRENT, source, findings, impression, _joined([*notes, remark]))


def _from_json(answer: str) -> str | None:
    """Return an answer that is JSON, perhaps between a few words, as headed text; None for any other."""
    begin = json_text.begins(answer)
    if begin < 0 or (begin and len(answer[:begin].split()) > _WORDS_AROUND):
        return None
    lines, end, _ = json_text.read(answer, begin, _rank)
    if not lines or len(answer[end:].split()) > _WORDS_AROUND:
        return None
    return "\n".join(line.text for line in lines)


def _rank(key: str) -> int:
    """Give a key its turn: findings behind what has no such name, what concludes or remarks last."""
    heading = heading_of(f"{key}:")
    if heading is None or heading.kind == "answer":
        return 0
    return 1 if heading.kind in _FINDINGS else 2


def _has_empty_findings(sections: list[_Section]) -> bool:
    """Return True if findings are given in so many words as none."""
    found = [section for section in sections if section.kind in {"findings", "key_findings"}]
    return bool(found) and not any(has_words(section.text) for section in found)


def _sections(answer: str) -> list[_Section]:
    sections = [_Section("lead")]
    resume: Kind | None = None
    in_row = False
    for line in _CONCLUDED.sub("\n", headed(answer)).splitlines():
        if sections[-1].asked and not sections[-1].text:
            sections[-1].lines.append(_ANSWERS.sub("", line, count=1))
            continue
        heading = _as_meant(heading_of(line), sections)
        if heading:
            in_row = _ends_with_its_row(heading, sections)
            # 'Note: …' is a remark of one paragraph; what follows it belongs to the section before.
            resume = sections[-1].kind if heading.kind in _OF_ONE_PARAGRAPH and heading.rest else None
            resume = "lead" if in_row or resume in _OF_ONE_PARAGRAPH else resume
            lines = [heading.rest] if heading.rest else []
            sections.append(_Section(heading.kind, lines, asked=heading.asks))
            continue
        if resume and (in_row or not line.strip()):
            sections.append(_Section(resume, behind=sections[-1].kind))
            resume = None
        sections[-1].lines.append(line)
    return sections


def _as_meant(heading: Heading | None, sections: list[_Section]) -> Heading | None:
    """Return a heading as it is meant behind these sections; None where the line is of the last of them.

    'Answer: Renal cell carcinoma.' behind a report is its last line, not all that is to be scored. So is a
    row on the technique in a table of findings. Thoughts that are headed as such go on up to the answer.
    """
    last = sections[-1].kind
    if heading is None:
        return None
    if heading.kind == "answer":
        if not any(map(_is_said, sections)):
            return heading
        return Heading("lead", heading.rest) if last in _ASIDES else None
    beside = heading.is_row and heading.kind not in _OF_REPORT and last in _FINDINGS
    return None if beside else heading


def _is_said(section: _Section) -> bool:
    """Return True for words of a section that are no history, no thought, and none that goes on with one."""
    return section.kind not in _ASIDES and section.behind != "thought" and any(map(has_words, section.lines))


def _ends_with_its_row(heading: Heading, sections: list[_Section]) -> bool:
    """Return True for a row of a history, technique or diagnosis in a table that is no table of sections."""
    if not heading.is_row or heading.kind in _FINDINGS:
        return False
    return all(section.kind not in _FINDINGS for section in sections)


def _findings(sections: list[_Section]) -> str | None:
    """Return the findings section that is meant: the last complete one that isn't a template.

    Sections under the plain name come before 'key findings', which are often a summary of them, and both
    before what is only headed as the answer.
    """
    for kind in ("findings", "key_findings", "answer"):
        groups = _groups(sections, kind)
        spoken = [(text, ended) for text, ended in groups if _has_sentence(text)]
        for candidates in ([group for group in spoken if group[1]], spoken, groups):
            if candidates:
                return candidates[-1][0]
    return None


def _groups(sections: list[_Section], kind: str) -> list[tuple[str, bool]]:
    """Return runs of findings sections, each with True if it came to an end; templates are left out.

    Sections that follow each other without another heading between are one group: models repeat the heading
    under each organ. What goes on behind a remark is the same section still. A section without a finished
    sentence before one that has one is the prompt's list.
    """
    groups: list[tuple[list[str], bool]] = []
    before: Kind | None = None
    for index, section in enumerate(sections):
        text = section.text
        if section.kind == kind and text:
            ended = index + 1 < len(sections) or ends_as_sentence(text)
            if groups and (before == kind or section.behind is not None):
                earlier = groups[-1][0]
                if _has_sentence(text) and not any(map(_has_sentence, earlier)):
                    earlier.clear()
                earlier.append(text)
                groups[-1] = (earlier, ended)
            else:
                groups.append(([text], ended))
        # A remark inside the findings, or an empty section, does not end them.
        if section.kind != "note" and (text or section.kind != kind):
            before = section.kind
    joined = [("\n\n".join(texts), ended) for texts, ended in groups]
    return [(text, ended) for text, ended in joined if has_words(_TEMPLATE.sub("", text))]


def _whole(answer: str, sections: list[_Section]) -> str:
    """Return an answer but the conclusions and notes at the end, or these where there is nothing else."""
    spoken = [section for section in sections if has_words(_TEMPLATE.sub("", section.text))]
    if spoken and all(section.kind in _ASIDES for section in spoken):
        return answer  # With its headings, which say that it is not a description.
    kept = [section for section in spoken if section.kind not in _ASIDES]
    kept = kept or [section for section in sections if section.text]
    body = list(kept)
    while body and body[-1].kind in {"conclusion", "note", "disclaimer"}:
        body.pop()
    substance = without_preamble("\n".join(section.text for section in body))
    chosen = body if has_words(_TEMPLATE.sub("", substance)) else kept
    return "\n\n".join(section.text for section in chosen)


def _joined(texts: Iterable[str]) -> str | None:
    kept = [part for part in map(trimmed, texts) if has_words(_TEMPLATE.sub("", part))]
    return "\n\n".join(kept) or None


def _has_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None
