"""Flags faults of an answer as a text; none of them changes a score.

`docs/scoring.md` says what each one catches and what it does not. Pure; in time linear in the text.
"""

from __future__ import annotations

import re
import zlib
from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING

from medbench.scoring.claims import claimed_modalities, claimed_planes, describes_radiograph
from medbench.scoring.language import is_other_language
from medbench.scoring.parsing.answer import answer_of, echoed_turn, has_open_thought
from medbench.scoring.parsing.refusals import is_refusal
from medbench.scoring.parsing.text import is_cut_json, says_nothing
from medbench.scoring.parsing.wrappers import without_run

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.schema.score import Flag

LOOP_RATIO = 0.20
"""Compressed size over size below which a text repeats itself (measured: loops .03-.07, others .42-.62)."""

_LOOP_CHARACTERS, _LOOP_DISTINCT = 300, 0.25
_SHORT_LINE, _MANY_LINES = 12, 20
# Rulers are none.
_LONG_WORD = 200
_ONE_SIGN = re.compile(rf"([^\s\-=_*#~.|])\1{{{_LONG_WORD}}}")
_DIGITS = re.compile(r"\d+")
CUT_REASONS = ("length", "max_token", "max_tokens", "max_output_tokens", "max_new_tokens", "model_length")
_END_REASONS = ("stop", "end_turn", "eos", "eos_token", "stop_sequence", "completed")

# A last line that ends in one of these says more, or is nothing but the bullet of what was to come.
_DANGLES = re.compile(
    r"(?:[,:(/-]|^[-*+•]|^\d{1,2}[.)]|\s(?:a|an|the|of|in|on|at|to|and|or|with|without|by|for|from|is|are|was|were|"
    r"be|has|have|as|than|that|which|this|these|its|their|into|between|measuring|approximately))$",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"[^\W_]|^\s{0,40}[-*+•]\s{0,40}$")
_SENTENCE_INSIDE = re.compile(r"[^\W\d_]{2}[.!?]\s")
_LINE_MARKS = "*_#`~ \t\"'”’)]}"  # noqa: RUF001 - the quotation marks that models write
_STOPS = (".", "!", "?", "…", "。")

_BRACKETED = re.compile(r"\[([^\[\]\n]{2,300})\](?!\()")
_ASKS = re.compile(
    r"(?:please |to be )?(?:insert|estimate|describe|specify|summary|summari[sz]e|enter|"
    r"fill(?:ed)?(?: in)?|provide|indicate|determined?|mention|list|state|add|replace)\b"
    r"|(?:image|brief|detailed|lesion|finding|your) (?:description|findings?|answer|text|report)\b"
    r"|(?:size|location|side|laterality|date|name|age|sex|diagnosis|findings?|impression|measurements?|number|"
    r"modality|body part|patient(?:'s)? (?:name|age|id|history)|x+|tbd|tba|your .{1,40})"
    r"(?: (?:of|in|here|if) .{0,200})?$"
    r"|(?:e\.g\.|i\.e\.|if (?:applicable|present|any|known))"
    r"|.{0,200}\b(?:e\.g\.|if applicable|as appropriate)",
    re.IGNORECASE,
)
_ANGLED = re.compile(
    r"<(?:insert|describe|specify|enter|your|size|location)\b[^<>\n]{0,80}>|\{\{[\w ]{3,30}\}\}"
)
_BLANK_NUMBER = re.compile(r"(?<!\w)(?:_{2,10}|X{1,3}(?:\.X{1,2})?|x\.x)[ \t]?(?:cm|mm|x [X_]{1,3})\b")

_IMPERATIVE = re.compile(
    r"(?:you|your|please|analy[sz]e|describe|be|do|don|never|only|provide|list|report|include|avoid|focus|return|"
    r"answer|use|write|give|identify|state|mention|examine|review|look|follow|keep|ensure|make|act|respond|format|"
    r"consider|start|end|think|output)\b",
    re.IGNORECASE,
)
_KNOWN_INSTRUCTIONS = (
    "be systematic and thorough",
    "do not provide a diagnosis",
    "describe all imaging findings in detail",
    "analyze the provided medical image",
    "you are an expert radiologist",
    "you are a board certified radiologist",
)
_UNIT_BREAK = re.compile(r"[.!?:](?=\s|$|[*_\"])|\n")
_NOT_A_WORD = re.compile(r"[\W_]+")

SCAN_PLANES = frozenset({"axial", "coronal", "sagittal"})
"""Planes that a claim can be held against."""


def find_flags(  # noqa: PLR0913 - what is known of an answer
    text: str,
    *,
    finish_reason: str | None,
    prompt: str | None,
    modalities: frozenset[str],
    planes: frozenset[str] = frozenset(),
    other_model: bool = False,
) -> tuple[Flag, ...]:
    """Return the flags of an answer, in alphabetical order.

    Args:
        text: The answer as it came.
        finish_reason: Why it ended, as the provider says it; None is unknown.
        prompt: What was sent; None is unknown.
        modalities: Those of the case's images; not judged where empty or with 'OT' among them.
        planes: Those of the case's images; not judged where empty or with any but the three of a scan.
        other_model: True if another model answered than the one that was asked.
    """
    answer = answer_of(text)
    raised: dict[Flag, bool] = {
        "empty": says_nothing(text),
        "language": is_other_language(answer),
        "loop": is_loop(answer),
        "other_model": other_model,
        "placeholder": has_placeholder(answer),
        "prompt_echo": echoes(answer, prompt) or echoes(echoed_turn(text), prompt),
        "refusal": is_refusal(answer),
        "truncated": is_truncated(text, finish_reason),
        "wrong_modality": claims_wrong_modality(answer, modalities),
        "wrong_plane": claims_wrong_plane(answer, planes),
    }
    return tuple(sorted(flag for flag, is_raised in raised.items() if is_raised))


def is_loop(text: str) -> bool:
    """Return True if the text, or its second half, says the same again and again.

    Rulers, indentation and case are taken out first, so that a table is not a loop. Compression finds cycles
    of any length up to 32 KB; the share of distinct six-word runs (measured: loops .06-.16) keeps formulaic
    reports out, such as a spine read level by level.
    """
    words = [word for word in text.lower().split() if word.isalnum() or any(map(str.isalnum, word))]
    return (
        without_run(text) != text
        or _counts_up(text)
        or any(len(word) > _LONG_WORD and _ONE_SIGN.search(word) for word in text.split())
        or any(_repeats(part) for part in (words, words[len(words) // 2 :]))
    )


def _counts_up(text: str) -> bool:
    """Return True if more than half of a text is one line that differs by its numbers alone."""
    long = [line for line in text.splitlines() if len(line) > _SHORT_LINE]
    if len(long) < _MANY_LINES:
        return False
    lines = Counter(_DIGITS.sub("0", line.strip().lower()) for line in long)
    return any(count >= _MANY_LINES and 2 * count > len(long) for count in lines.values())


def _repeats(words: list[str]) -> bool:
    # No run of six words has a word more than all runs have together.
    if len(words) >= 6 and len(set(words)) >= _LOOP_DISTINCT * (len(words) - 5) + 5:
        return False
    raw = " ".join(words).encode("utf-8", "replace")
    if len(raw) < _LOOP_CHARACTERS or len(zlib.compress(raw, 6)) >= LOOP_RATIO * len(raw):
        return False
    runs = [tuple(words[start : start + 6]) for start in range(len(words) - 5)]
    return not runs or len(set(runs)) < _LOOP_DISTINCT * len(runs)


def is_truncated(text: str, finish_reason: str | None) -> bool:
    """Return True if the answer was cut: by the provider's word or, without one, by its end."""
    reason = (finish_reason or "").lower().rpartition(".")[2]
    if reason in CUT_REASONS or reason in _END_REASONS:
        return reason in CUT_REASONS
    if has_open_thought(text) or is_cut_json(answer_of(text)):
        return True
    raw = [line for line in answer_of(text).splitlines() if _CONTENT.search(line)]
    lines = [line.strip(_LINE_MARKS) for line in raw]
    if not lines or lines[-1].endswith(_STOPS):
        return False
    if text.count("```") % 2:
        return True
    if _opens_bold(raw[-1]) or _DANGLES.search(lines[-1]):
        return len(lines) > 1 or len(lines[-1].split()) > 2
    return _stops_short(lines)


def _opens_bold(line: str) -> bool:
    return line.count("**") % 2 == 1 and not line.rstrip().endswith("**")


def _stops_short(lines: list[str]) -> bool:
    """Return True if the last line alone lacks an end, or is the start of an earlier line."""
    last = lines[-1]
    words = last.split()
    for line in lines[:-1]:
        if len(line) > len(last) and line.startswith(last) and (len(words) > 1 or line[len(last)].isalnum()):
            return True
    # Lists without full stops are a style; one line without, among lines with, was cut.
    others = [line for line in lines[:-1] if len(line.split()) > 3]
    stopped = sum(line.endswith(_STOPS) for line in others)
    return len(words) > 3 and (
        _SENTENCE_INSIDE.search(last) is not None or (len(others) >= 3 and stopped >= 0.9 * len(others))
    )


def has_placeholder(text: str) -> bool:
    """Return True if a blank of a template was left unfilled."""
    if any(_ASKS.match(match[1].strip()) for match in _BRACKETED.finditer(text)):
        return True
    numbered = "_" in text or "X" in text or "x.x" in text
    return _ANGLED.search(text) is not None or (numbered and _BLANK_NUMBER.search(text) is not None)


def echoes(text: str, prompt: str | None) -> bool:
    """Return True if the answer repeats its instructions.

    With the prompt: one of its instructing sentences, or three of its lines in a row with nothing between.
    A heading that the prompt asked for isn't an echo. Without the prompt: a few instructions known to recur.
    """
    units = set(_units(text))
    if prompt is None:
        return any(known in units for known in _KNOWN_INSTRUCTIONS)
    instructions, lines = _parts_of(prompt)
    if units & instructions:
        return True
    streak = 0
    for line in filter(None, map(_plain, text.splitlines())):
        streak = streak + 1 if line in lines else 0
        if streak == 3:
            return True
    return False


# Most runs have one prompt for all cases.
@lru_cache(maxsize=64)
def _parts_of(prompt: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the instructing sentences of a prompt, and its lines."""
    instructions: frozenset[str] = frozenset().union(*map(_instructions_in, prompt.split("\n")))
    return instructions, frozenset(map(_plain, prompt.splitlines())) - {""}


# In others they differ in a line or two.
@lru_cache(maxsize=512)
def _instructions_in(line: str) -> frozenset[str]:
    return frozenset(unit for unit in _units(line) if len(unit.split()) > 3 and _IMPERATIVE.match(unit))


def _units(text: str) -> Iterable[str]:
    return filter(None, map(_plain, _UNIT_BREAK.split(text)))


# The prompts of a run differ in a line or two.
@lru_cache(maxsize=512)
def _plain(text: str) -> str:
    return _NOT_A_WORD.sub(" ", text).strip().lower()


def claims_wrong_modality(text: str, modalities: frozenset[str]) -> bool:
    """Return True if the text gives the image a modality that none of the case's images has."""
    if not modalities or "OT" in modalities:
        return False
    filled = _BRACKETED.sub(" ", text)
    claims = claimed_modalities(filled)
    if not claims:
        return "XR" not in modalities and describes_radiograph(filled)
    return any(not claim & modalities for claim in claims)


def claims_wrong_plane(text: str, planes: frozenset[str]) -> bool:
    """Return True if the text gives the image a plane that none of the case's images has."""
    if not planes or not planes <= SCAN_PLANES:
        return False
    claims = claimed_planes(_BRACKETED.sub(" ", text))
    return bool(claims) and not claims & planes
