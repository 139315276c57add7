"""The parser findings-1, kept as it was so that its numbers can be computed again."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from medbench.scoring.parsing.findings_1.headings import Kind, heading_of
from medbench.scoring.parsing.parsed import ParsedText
from medbench.scoring.parsing.wrappers import (
    PROMISE_OF_ANYTHING,
    has_words,
    trimmed,
    without_boilerplate,
    without_preamble,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

PARSER = "findings-1"
"""Name of this parser."""

_THOUGHTS = (("<unused94>", "<unused95>"), ("<think>", "</think>"))
_TOKENS = re.compile(
    r"<unused\d{1,4}>|<(?:start|end)_of_turn>(?:(?<=<start_of_turn>)(?:model|user)\b)?"
    r"|<(?:start|end)_of_image>|<image_soft_token>|</?think>|</?(?:s|bos|eos|pad)>|<\|[\w ]{1,30}\|>"
)
_FENCE = re.compile(r"^[ \t]{0,12}(?:```|~~~)[ \t]{0,4}[\w+-]{0,20}[ \t]{0,40}$", re.MULTILINE)
_TEMPLATE = re.compile(r"\[[^\[\]\n]{0,300}\]")
_SENTENCE_END = re.compile(r"[^\W\d_]{2}[*_)\"\u201d]{0,3}[.!?]")


@dataclass(slots=True)
class _Section:
    kind: Kind
    lines: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def answer_of(text: str) -> str:
    """Return the answer without thoughts, special tokens and the marks of code fences.

    Where it is nothing but an unfinished thought, its words are kept, since there are no others.
    """
    kept = text
    for opening, closing in _THOUGHTS:
        kept = _without_spans(kept, opening, closing)
    bare = _FENCE.sub("", _TOKENS.sub(" ", kept)).strip()
    return bare or _FENCE.sub("", _TOKENS.sub(" ", text)).strip()


def _without_spans(text: str, opening: str, closing: str) -> str:
    """Cut out the spans between two marks; an unclosed one reaches to the end."""
    kept: list[str] = []
    at = 0
    while (start := text.find(opening, at)) >= 0:
        kept.append(text[at:start])
        end = text.find(closing, start)
        if end < 0:
            return "".join(kept)
        at = end + len(closing)
    return "".join([*kept, text[at:]])


def parse(text: str) -> ParsedText:
    """Take one answer apart as findings-1 did."""
    answer = answer_of(text)
    answer = _from_json(answer) or answer
    sections = _sections(answer)
    impression = _joined(section.text for section in sections if section.kind == "conclusion")
    notes = [section.text for section in sections if section.kind in {"note", "disclaimer"}]
    section = _findings(sections)
    body, remark = without_boilerplate(_whole(sections) if section is None else section)
    if section is None:
        body = without_preamble(body, PROMISE_OF_ANYTHING)
    findings = trimmed(body) or trimmed(answer) or answer
    source: Literal["findings", "whole"] = "whole" if section is None else "findings"
    return ParsedText(PARSER, source, findings, impression, _joined([*notes, remark]))


def _from_json(answer: str) -> str | None:
    """Return an answer that is a JSON object with findings in it as headed text."""
    if not answer.startswith("{"):
        return None
    try:
        data = json.loads(answer)
    except (ValueError, RecursionError):
        return None
    parts: list[str] = []
    for key, value in data.items():
        words = [value] if isinstance(value, str) else value
        if isinstance(words, list) and words and all(isinstance(word, str) for word in words):
            parts.append("\n".join([f"{str(key).replace('_', ' ').upper()}:", *words]))
    return "\n\n".join(parts) if "findings" in {str(key).lower() for key in data} and parts else None


def _sections(answer: str) -> list[_Section]:
    sections = [_Section("lead")]
    resume: Kind | None = None
    for line in answer.splitlines():
        heading = heading_of(line)
        if heading:
            # 'Note: …' is a remark of one paragraph; what follows it belongs to the section before.
            resume = sections[-1].kind if heading.kind == "note" and heading.rest else None
            sections.append(_Section(heading.kind, [heading.rest] if heading.rest else []))
            continue
        if resume and not line.strip():
            sections.append(_Section(resume))
            resume = None
        sections[-1].lines.append(line)
    return sections


def _findings(sections: list[_Section]) -> str | None:
    """Return the findings section that is meant: the last complete one that isn't a template.

    Sections under the plain name come before 'key findings', which are often a summary of them.
    """
    for kind in ("findings", "key_findings"):
        groups = _groups(sections, kind)
        spoken = [(text, ended) for text, ended in groups if _has_sentence(text)]
        for candidates in ([group for group in spoken if group[1]], spoken, groups):
            if candidates:
                return candidates[-1][0]
    return None


def _groups(sections: list[_Section], kind: str) -> list[tuple[str, bool]]:
    """Return runs of findings sections, each with True if it came to an end; templates are left out.

    Sections that follow each other without another heading between are one group: models repeat the heading
    under each organ. A section without a finished sentence before one that has one is the prompt's list.
    """
    groups: list[tuple[list[str], bool]] = []
    before: Kind | None = None
    for index, section in enumerate(sections):
        text = section.text
        if section.kind == kind and text:
            ended = index + 1 < len(sections) or _ends(text)
            if before == kind:
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


def _whole(sections: list[_Section]) -> str:
    """Return all but the conclusions and notes at the end, or these where there is nothing else."""
    kept = [section for section in sections if has_words(_TEMPLATE.sub("", section.text))]
    kept = kept or [section for section in sections if section.text]
    body = list(kept)
    while body and body[-1].kind in {"conclusion", "note", "disclaimer"}:
        body.pop()
    substance = without_preamble("\n".join(section.text for section in body), PROMISE_OF_ANYTHING)
    chosen = body if has_words(_TEMPLATE.sub("", substance)) else kept
    return "\n\n".join(section.text for section in chosen)


def _joined(texts: Iterable[str]) -> str | None:
    kept = [part for part in map(trimmed, texts) if has_words(_TEMPLATE.sub("", part))]
    return "\n\n".join(kept) or None


def _has_sentence(text: str) -> bool:
    return _SENTENCE_END.search(text) is not None


def _ends(text: str) -> bool:
    return text.rstrip('*_) \n\t"”').endswith((".", "!", "?"))
