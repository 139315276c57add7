"""Takes the model's thoughts out of its turn: between marks, folded away, or announced in a sentence."""

from __future__ import annotations

import re

from medbench.scoring.parsing.wrappers import ends_as_sentence, has_words

_NAMES = (
    "think|thinking|thoughts?|reason|reasoning|reflection|scratchpad|rationale|cot|analysis|inner_monologue"
    "|inner_thoughts?|thought_process|thinking_process|chain_of_thought|internal_reasoning|deliberation"
    "|planning|plan"
)
_THOUGHT = re.compile(
    rf"< ?\|?(?P<close>/?) ?(?!end_)(?:[a-z]{{1,10}}[:_])??(?:{_NAMES})"
    r"(?:\s[\w-]{1,20}=[^<>]{0,80}| )?\|?>"
    r"|\[(?P<closing>/?)(?:THINK|THINKING|REASONING)\]"
    r"|(?P<opens><unused94>|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>|<\|inner_prefix\|>"
    r"|<\|channel>(?:thought\n)?|\[unused16\])"
    r"|<unused95>|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>|<\|inner_suffix\|>|<channel\|>|\[unused17\]"
    r"|\[(?:RESPONSE|ANSWER|FINAL ANSWER)\]",
    re.IGNORECASE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s*(?P<name>\w+)(?P<to>(?:[^<>]|<\|constrain\|>){0,80})<\|message\|>")
# The words of marks that were taken off: harmony's, and those that Ollama prints.
_BARE = re.compile(
    r"\A\s*(?:analysis[A-Z\s].*?assistant\s*final|Thinking\.\.\..*?\.\.\.done thinking\.)", re.DOTALL
)
_BARE_OPENS = re.compile(r"\A\s*(?:analysis[A-Z][a-z]|Thinking\.\.\.[ \t]*\n)")
_FOLDED = re.compile(
    r"<details\b[^<>]{0,40}>\s{0,9}<summary>[^<>]{0,60}(?:reason|think|thought|analysis)[^<>]{0,60}</summary>",
    re.IGNORECASE,
)
"""The beginning of a thought that a page folds away."""
_PROCESS = r"(?:thoughts?|thinking|reasoning|chain of thought)(?: process| steps)?"
_ANNOUNCED = re.compile(
    r"\A[\s*_#>]{0,9}(?:(?:(?:here(?: is| are|['\u2019]s)|this is|first,?) )?(?:my|the) (?:\w+ )?"
    rf"{_PROCESS}(?: is| was)?[*_]{{0,2}}:"
    r"|let(?: us|['\u2019]s| me) (?:think|reason)\b[^.:\n]{0,60}[.:])",
    re.IGNORECASE,
)
_LASTS = re.compile(r"process|steps|chain", re.IGNORECASE)
"""A word without which what is announced may be the answer itself: 'My reasoning: …'."""
_ANNOUNCES_ANSWER = re.compile(
    r"(?:^|(?<=[.!?])[ \t])[ \t*_#>]{0,9}(?:(?:(?:so|thus|therefore|finally|and|now),? )?"
    r"(?:here(?: is| are|['\u2019]s)|this is) )?(?!the (?:findings|output|description)\b)(?:my|the) "
    r"(?:(?:final|full|formal|complete|actual|radiology|radiological|detailed|written) ){0,3}"
    r"(?:response|answer|report|findings|output|description)(?: is| are)?(?: as follows)?[*_]{0,2}:[*_]{0,2}"
    r"|\[BEGIN FINAL RESPONSE\]",
    re.IGNORECASE | re.MULTILINE,
)
"""'The findings:' alone is no such sentence: thoughts have it as well."""
_ANSWERS = re.compile(r"\b(?:my|the) (?:final )?(?:answer|diagnosis) (?:is|would be)\b", re.IGNORECASE)
_OF_BOTH = re.compile(r"plan|analysis|rationale", re.IGNORECASE)
"""A mark around thoughts that may as well stand around a part of the answer."""
_OPENS_SENTENCE = frozenset("hHmMtTlLfF*_#>\n ")
_CONCLUDES = re.compile(r"\banswer:|^[\s*_#]*findings\b", re.IGNORECASE | re.MULTILINE)


def has_thought(turn: str) -> bool:
    """Return True if a turn shows the model's thoughts."""
    return bool(_marks(turn)) or "<|channel|>analysis" in turn or _announced(turn) is not None


def has_open_thought(turn: str) -> bool:
    """Return True if a thought begins that never ends: the turn was cut before its answer."""
    marks = _marks(turn)
    if marks and _opens(marks[-1]) and _is_cut(marks[-1], turn):
        return True
    channels = _CHANNEL.findall(turn)
    return channels[-1][0] == "analysis" if channels else _opens_in_words(turn)


def concludes(turn: str) -> bool:
    """Return True if an answer or findings stand under their name, in whatever thought."""
    return _CONCLUDES.search(turn) is not None


def without_thoughts(text: str) -> str:
    """Cut out thoughts. One without an end reaches to the end; one without a start begins the text."""
    channels = list(_CHANNEL.finditer(text)) if "<|channel|>" in text else []
    if channels:
        final = [one for one in channels if one["name"] != "analysis" and "to=" not in one["to"]]
        return text[final[-1].end() :] if final else ""
    if _opens_in_words(text) and not concludes(text):
        return ""
    text = _unannounced(_unfolded(_BARE.sub("", text, count=1)))
    kept: list[str] = []
    at = 0
    opened: re.Match[str] | None = None
    for mark in _marks(text):
        if _opens(mark):
            if not opened:
                kept.append(text[at : mark.start()])
            opened = opened or mark
        else:
            if not opened:
                # What stands before an end without a start is thought, unless nothing follows it.
                if not _OF_BOTH.search(mark[0]) and has_words(text, mark.end()):
                    kept.clear()
                else:
                    kept.append(text[at : mark.start()])
            opened = None
        at = mark.end()
    return "".join(kept) if opened and _is_cut(opened, text) else "".join([*kept, text[at:]])


def _marks(text: str) -> list[re.Match[str]]:
    """Return the marks between which thoughts stand."""
    return list(_THOUGHT.finditer(text)) if "<" in text or "[" in text or "◁" in text else []


def _opens(mark: re.Match[str]) -> bool:
    if mark["opens"]:
        return True
    return mark["close"] == "" or mark["closing"] == ""


def _is_cut(opens: re.Match[str], text: str) -> bool:
    """Return True if what a mark opens, and nothing closes, is a thought; else the answer ends with it."""
    return not (_OF_BOTH.search(opens[0]) and ends_as_sentence(text))


def _opens_in_words(text: str) -> bool:
    """Return True if a text begins with a thought that never ends, and has no mark of its own."""
    if _BARE_OPENS.match(text):
        return _BARE.match(text) is None
    folded = _FOLDED.match(text.lstrip()) if "<details" in text else None
    if folded:
        return "</details>" not in text
    announced = _announced(text)
    if announced is None or not _LASTS.search(announced[0]):
        return False
    if ends_as_sentence(text) or _ANSWERS.search(text, announced.end()):
        return False
    return not _answer_behind(text, announced)


def _unfolded(text: str) -> str:
    """Return a text without the thoughts that a page folds away."""
    at, kept = 0, list[str]()
    for start in _FOLDED.finditer(text) if "<details" in text else ():
        end = text.find("</details>", start.end())
        if start.start() < at or end < 0:
            break
        kept.append(text[at : start.start()])
        at = end + len("</details>")
    return "".join([*kept, text[at:]])


def _announced(text: str) -> re.Match[str] | None:
    """Return the sentence at the start of a text that says that thoughts follow."""
    return _ANNOUNCED.match(text) if text[:1] in _OPENS_SENTENCE else None


def _unannounced(text: str) -> str:
    """Return what stands behind the sentence that announces the answer, where one announces thoughts."""
    announced = _announced(text)
    return text[_answer_behind(text, announced) :] if announced else text


def _answer_behind(text: str, announced: re.Match[str]) -> int:
    """Return where the answer begins behind announced thoughts; 0 where nothing says so."""
    ends = (one.end() for one in _ANNOUNCES_ANSWER.finditer(text, announced.end()))
    end = next(ends, 0)
    return end if has_words(text, end) else 0
