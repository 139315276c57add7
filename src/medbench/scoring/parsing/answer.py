"""Takes off what is around an answer: the echoed turn, thoughts, calls of tools, special tokens, fences."""

from __future__ import annotations

import json
import re
from functools import lru_cache

_THOUGHT_NAMES = (
    "think|thinking|thoughts?|reason|reasoning|reflection|scratchpad|rationale|cot|analysis|inner_monologue"
    "|inner_thoughts?|thought_process|chain_of_thought|internal_reasoning|deliberation|planning"
)
_THOUGHT = re.compile(
    rf"<\|?(?P<close>/?)(?:\w{{1,10}}:)?(?:{_THOUGHT_NAMES})\|?>|\[(?P<closing>/?)(?:THINK|THINKING|REASONING)\]"
    r"|(?P<opens><unused94>|◁think▷|<\|begin_of_thought\|>|<\|START_THINKING\|>)"
    r"|<unused95>|◁/think▷|<\|end_of_thought\|>|<\|END_THINKING\|>",
    re.IGNORECASE,
)
_TURN = re.compile(
    r"<start_of_turn>\s*model\b|<\|im_start\|>\s*assistant\b"
    r"|<\|start_header_id\|>\s*assistant\s*<\|end_header_id\|>"
    r"|<\|assistant\|>|\[/INST\]|<\|start\|>assistant|<\|Assistant\|>|<｜Assistant｜>"  # noqa: RUF001 - a token
)
_ASKS = re.compile(
    r"\s*(?:#{1,4}\s*|<\|?|\*\*)?(?:prompt|user|human|instructions?|question|input|system)"
    r"(?:\|?>|\*\*)?\s*(?::|\n)",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^[ \t]*(?:#{1,4}[ \t]*|<\|?|\*\*)?(?:output|assistant|model|response|answer|ai|bot|gpt)"
    r"(?:\|?>|\*\*)?[ \t]*(?::(?:\*\*)?|\n)",
    re.IGNORECASE | re.MULTILINE,
)
_CHANNEL = re.compile(r"<\|channel\|>\s*(\w+)[^<>]{0,80}<\|message\|>")
# The words of marks that were taken off: harmony's, and those that Ollama prints.
_BARE_CHANNELS = re.compile(
    r"\A\s*(?:analysis[A-Z\s].*?assistant\s*final|Thinking\.\.\..*?\.\.\.done thinking\.)", re.DOTALL
)
_CALL = re.compile(
    r"<(tool_call|tool_use|tool_code|function_call|function_calls|tool|invoke)\b[^<>]{0,80}>"
    r"|^[ \t]*```[ \t]*(?:tool_code|tool_call|tool|function_call|tool_use)\b[^\n]{0,40}$"
    # Code that calls something; code that is data is not a call.
    r"|^[ \t]*```[ \t]*(?:python|py|bash|sh|js)[ \t]*$"
    r"(?=\s*(?:import |from |print\(|\w+ ?= ?\w+[.(]))"
    r"|^Action:[^\n]{0,200}\nAction Input:[^\n]*|\A\s*\w+\([^()\n]{0,300}\)\s*\Z"
    r"|\[TOOL_CALLS\][^\n]*|<function=[\w.-]{1,60}>",
    re.MULTILINE,
)
_CALL_OBJECT = re.compile(
    r"\s*\[?\s*\{\s*\"(?:name|tool|tool_name|function|action|type|id|recipient_name)\"\s*:[^{}]{0,200}"
    r"\"(?:arguments|parameters|args|input|action_input|tool_input|kwargs)\"\s*:"
)
_ACTS = re.compile(r"^[ \t*_]{0,4}Action(?: \d{1,2})?:", re.MULTILINE)
_ASIDE = re.compile(r"[\s*_]*(?:Question|Thought|Action)(?: \d{1,2})?:")
_CONCLUDES = re.compile(r"\banswer:|^[\s*_#]*findings\b", re.IGNORECASE | re.MULTILINE)
_ANSWER_TAG = re.compile(
    r"<(answer|final|final_answer|output|response|report|result|solution)>|<\|begin_of_solution\|>",
    re.IGNORECASE,
)
_SECTION_TAG = re.compile(
    r"<(/?)(findings|impression|conclusion|diagnosis|technique|recommendations?|history|indication|comparison)>",
    re.IGNORECASE,
)
_FOLDED = re.compile(
    r"<details\b[^<>]{0,40}>\s{0,9}<summary>[^<>]{0,60}(?:reason|think|thought|analysis)[^<>]{0,60}</summary>",
    re.IGNORECASE,
)
"""The beginning of a thought that a page folds away."""
_TAG_NAMES = "h[1-6]|p|div|br|li|strong|b|em|i|u|ul|ol|span|section|article|body|html"
# One without its '>' is what a line ends with, as where the answer is cut off there.
_TAG = re.compile(
    rf"</?(?P<name>{_TAG_NAMES})(?:(?:\s[^<>]{{0,80}})?/?>|[ \t]{{0,9}}/?$)", re.IGNORECASE | re.MULTILINE
)
_CLOSING_TAG = re.compile(rf"</(?:{_TAG_NAMES})>|<br\b", re.IGNORECASE)
"""A tag without which a text is no HTML, whatever else stands in it."""
_LATEX = re.compile(r"\\(?:textbf|textit|emph|underline|paragraph|(?:sub){0,2}section)\*?\{([^{}\n]{1,80})\}")
_AS_TEXT = {"p": "\n", "div": "\n", "br": "\n", "section": "\n", "article": "\n", "b": "**", "strong": "**"}
"""Names of tags to what they do to a text."""
_TOKENS = re.compile(
    r"<unused\d{1,4}>|<(?:start|end)_of_turn>(?:(?<=<start_of_turn>)(?:model|user)\b)?"
    r"|<(?:start|end)_of_image>|<image_soft_token>|</?think>|</?(?:s|bos|eos|pad)>|<\|[\w ]{1,30}\|>"
)
_FENCE = re.compile(r"^[ \t]{0,12}(?:```|~~~)[ \t]{0,4}[\w+-]{0,20}[ \t]{0,40}$", re.MULTILINE)
_WORD = re.compile(r"[^\W_]")
# Most answers have none of these, and a search for one character is the quickest there is.
_OPENS_MARK = re.compile(r"[<\[◁]")
_OPENS_CALL = re.compile(r"[<\[`]")


# Parser, flags and formatting ask for the answer of one output after the other.
@lru_cache(maxsize=16)
def answer_of(text: str) -> str:
    """Return the answer without what is around it.

    Where it is nothing but an unfinished thought, its words are kept, since there are no others.
    """
    turn = text[_turn_start(text) :]
    answer = _inside(_without_calls(_without_thoughts(turn)))
    bare = _bare(answer)
    return bare or _bare(_without_calls(turn))


def is_unanswered(text: str) -> bool:
    """Return True if a text ends before its answer: in a thought, or with the call of a tool."""
    if "Action" in text and _ACTS.search(text):
        return _ASIDE.match(text) is not None and not _CONCLUDES.search(text)
    if not has_open_thought(text) or _CONCLUDES.search(text):
        return False
    return not _bare(_inside(_without_calls(_without_thoughts(text[_turn_start(text) :]))))


def echoed_turn(text: str) -> str:
    """Return what stands before the answer where what was sent to the model comes back as well."""
    return text[: _turn_start(text)]


def has_thought(text: str) -> bool:
    """Return True if an answer shows the model's thoughts."""
    return bool(_thoughts(text)) or "<|channel|>analysis" in text


def has_open_thought(text: str) -> bool:
    """Return True if a thought begins that never ends: the answer was cut before it started."""
    marks = _thoughts(text)
    if marks and _opens(marks[-1]):
        return True
    channels = _CHANNEL.findall(text)
    return bool(channels) and channels[-1] == "analysis"


def _thoughts(text: str) -> list[re.Match[str]]:
    """Return the marks between which thoughts stand."""
    return list(_THOUGHT.finditer(text)) if _OPENS_MARK.search(text) else []


def _bare(text: str) -> str:
    text = _SECTION_TAG.sub(_heading, text)
    if ("</" in text or "<br" in text) and _CLOSING_TAG.search(text):
        text = _TAG.sub(_unmarked, text)
    if "\\" in text:
        text = _LATEX.sub(r"**\1**", text)
    return _unfenced(_TOKENS.sub(" ", text)).strip()


def _unmarked(tag: re.Match[str]) -> str:
    """Return a tag of HTML as Markdown."""
    name, closes = tag["name"].lower(), tag[0][1] == "/"
    if name[0] == "h" and name[1].isdigit():
        return "\n" if closes else "\n## "
    if name == "li":
        return "" if closes else "\n- "
    return _AS_TEXT.get(name, "")


def _unfenced(text: str) -> str:
    return _FENCE.sub("", text) if "```" in text or "~~~" in text else text


def _heading(tag: re.Match[str]) -> str:
    return "\n" if tag[1] else f"\n{tag[2].upper()}:\n"


def _turn_start(text: str) -> int:
    """Return where the model's turn begins, where what was sent to it comes back as well."""
    turns = _TURN.finditer(text) if _OPENS_MARK.search(text) else ()
    start = max((mark.end() for mark in turns), default=0)
    if start and _WORD.search(text, start):
        return start
    if _ASKS.match(text):
        for answer in _ANSWERS.finditer(text):
            if answer.start() and _WORD.search(text, answer.end()):
                return answer.end()
    return 0


def _without_thoughts(text: str) -> str:
    """Cut out thoughts. One without an end reaches to the end; one without a start begins the text."""
    channels = list(_CHANNEL.finditer(text))
    if channels:
        final = [channel for channel in channels if channel[1] != "analysis"]
        return text[final[-1].end() :] if final else ""
    text = _unfolded(_BARE_CHANNELS.sub("", text, count=1))
    kept: list[str] = []
    at = depth = 0
    for mark in _thoughts(text):
        if _opens(mark):
            if not depth:
                kept.append(text[at : mark.start()])
            depth = 1
        else:
            if not depth:
                # What stands before an end without a start is thought, unless nothing follows it.
                if not _WORD.search(text, mark.end()):
                    kept.append(text[at : mark.start()])
                else:
                    kept.clear()
            depth = 0
        at = mark.end()
    return "".join(kept) if depth else "".join([*kept, text[at:]])


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


def _opens(mark: re.Match[str]) -> bool:
    if mark["opens"]:
        return True
    return mark["close"] == "" or mark["closing"] == ""


def _without_calls(text: str) -> str:
    """Cut out calls of tools, which are no answer."""
    if _CALL_OBJECT.match(_unfenced(text[:2_000])):
        return _behind_object(text)
    if not (_OPENS_CALL.search(text) or "Action:" in text or text.rstrip().endswith(")")):
        return text
    kept: list[str] = []
    at = 0
    for call in _CALL.finditer(text):
        if call.start() < at:
            continue
        kept.append(text[at : call.start()])
        closing = (
            f"</{call[1]}>" if call[1] else "```" if "```" in call[0] else "</function>" * ("<" in call[0])
        )
        end = text.find(closing, call.end())
        at = len(text) if end < 0 else end + len(closing)
    return "".join([*kept, text[at:]])


def _behind_object(text: str) -> str:
    """Return what stands behind the call that a text begins with; empty where that is not whole or all."""
    start = len(text) - len(text.lstrip())
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return ""
    return text[end:] if _WORD.search(text, end) else ""


def _inside(text: str) -> str:
    """Return what stands in the last tag that names the answer; one without an end was cut."""
    tags = list(_ANSWER_TAG.finditer(text))
    if not tags:
        return text
    last = tags[-1]
    closing = f"</{last[1]}>" if last[1] else "<|end_of_solution|>"
    end = text.find(closing, last.end())
    inside = text[last.end() : end if end >= 0 else len(text)]
    return inside if _WORD.search(inside) else text
