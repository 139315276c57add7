"""Takes calls of tools out of an answer, in the forms in which model families write them."""

from __future__ import annotations

import json
import re
from typing import Any

from medbench.scoring.layout.words import words_of
from medbench.scoring.parsing.markup import unfenced
from medbench.scoring.parsing.wrappers import has_words

_VALUE = r"(?:\"[^\"\n]{0,300}\"|'[^'\n]{0,300}'|-?\d[\d.]{0,20}|\[[^\]\n]{0,300}\]|True|False|None)"
_IN_CODE = (
    r"(?!(?:final|finish|answer|respond|report|submit))[\w.]{1,60}\((?:"
    rf"(?:\w{{1,40}} ?= ?{_VALUE}|[\"'\[][^()\n]{{0,300}})(?:, ?(?:\w{{1,40}} ?= ?)?{_VALUE}){{0,20}})?\)"
)
"""A call as code has it: 'zoom(x=1)'. 'Nodule(s)' and 'HCC(hepatocellular carcinoma)' are none."""
_CALL = re.compile(
    r"<(?P<tag>(?:\w{1,12}[:_])??(?:tool_calls?|tool_use|tool_code|function_calls?|tools?|TOOL_?CALLS?|invoke))\b[^<>]{0,80}>"
    r"|<(?P<marked>｜DSML｜(?:function_calls|tool_calls))>"  # noqa: RUF001 - a token
    r"|(?P<token><\|tool_call>|<\|tool_calls_section_begin\|>|<｜tool▁calls▁begin｜>|<\|action_start\|>"  # noqa: RUF001
    r"|<\|START_ACTION\|>|<start_function_call>|<\|tools_prefix\|>|<\|tool_calls_prefix\|>)"
    r"|(?:<\|python_tag\|>|<\|channel\|>\s*\w+ to=|<\|tool_call\|>|\[TOOL_CALLS\]"
    r"|\Afunctools(?=\[))[^\n]*"
    r"|✿FUNCTION✿[^\n]*\n✿ARGS✿[^\n]*"
    r"|^[ \t]*(?P<fence>```)[ \t]*(?:tool_code|tool_call|tool|function_call|tool_use)\b[^\n]{0,40}$"
    # Code that calls something; code that is data is not a call.
    r"|^[ \t]*(?P<code>```)[ \t]*(?:python|py|bash|sh|js)[ \t]*$"
    r"(?=\s*(?:import |from |print\(|\w+ ?= ?\w+[.(]))"
    r"|^Action:[^\n]{0,200}\nAction Input:[^\n]*"
    rf"|\A\s*{_IN_CODE}\s*\Z|\A\s*\[{_IN_CODE}(?:, ?{_IN_CODE}){{0,9}}\]"
    r"|<(?P<function>function)(?:=| name=\"?)[\w.-]{1,60}\"?>",
    re.MULTILINE,
)
_CLOSINGS = {
    "<|tool_call>": "<tool_call|>",
    "<|tool_calls_section_begin|>": "<|tool_calls_section_end|>",
    "<｜tool▁calls▁begin｜>": "<｜tool▁calls▁end｜>",  # noqa: RUF001 - a token
    "<|action_start|>": "<|action_end|>",
    "<|START_ACTION|>": "<|END_ACTION|>",
    "<start_function_call>": "<end_function_call>",
    "<|tools_prefix|>": "<|tools_suffix|>",
    "<|tool_calls_prefix|>": "<|tool_calls_suffix|>",
}
"""Tokens to those that close them."""
_OBJECT = re.compile(
    r"\s*\[?\s*\{\s*(?:\"content\"\s*:\s*(?:null|\"\")\s*,\s*)?(?:"
    r"\"(?:name|tool|tool_name|function|action|type|id|recipient_name|tool_call_id)\"\s*:[^{}]{0,200}"
    r"\"(?:arguments|parameters|args|input|action_input|tool_input|kwargs)\"\s*:"
    r"|\"(?:tool_?calls?|tool_uses|function_?calls?)\"\s*:\s*[\[{]"
    r"|\"id\"\s*:[^{}]{0,100}\"type\"\s*:\s*\"function\")",
    re.IGNORECASE,
)
_NAMING = frozenset({"name", "tool", "tool_name", "function", "action", "recipient_name"})
_GIVING = frozenset({"arguments", "args", "action_input", "tool_input", "kwargs"})
_GIVING_ALSO = frozenset({"parameters", "input"})
"""Keys that a report has as well."""
_CALLING = frozenset({"tool_calls", "toolcalls", "tool_call", "toolcall", "tool_uses"}) | frozenset(
    {"function_calls", "functioncalls", "function_call", "functioncall"}
)
_BESIDE = frozenset({"type", "id", "call_id", "tool_call_id", "index", "status", "role", "thought"})
_OF_CALLS = _NAMING | _GIVING | _GIVING_ALSO | _CALLING | _BESIDE
_OF_FINDINGS = frozenset(
    {*words_of("key-placing"), *words_of("key-attribute"), "amount", "volume", "width", "height", "length"}
)
"""Keys of what describes a finding, such as its size, which is no argument."""
_NAME = re.compile(r"[\w.:/-]{1,80}")
_ANSWERS = re.compile(
    r"(?:final|submit|finish|give|return|provide|respond)(?:[ _]?(?:the[ _])?"
    r"(?:answer|response|report|output|findings|result|diagnosis))?|answer",
    re.IGNORECASE,
)
"""The name of a call that gives the answer."""
_ANSWER_ACTION = re.compile(
    r"^[ \t*_]{0,4}Action(?: \d{1,2})?:[*_ \t]{0,4}(?:"
    r"Final[ _]?Answer[*_ \t]{0,4}\n[ \t*_]{0,4}Action Input(?: \d{1,2})?:[*_]{0,2}"
    r"|(?:Finish|(?:Final[ _]?)?Answer)\[(?P<inside>[^\[\]\n]{1,4000})\])",
    re.IGNORECASE | re.MULTILINE,
)
_ANSWER_OBJECT = re.compile(
    r"\{\s*\"action\"\s*:\s*\"Final[ _]?Answer\"\s*,\s*\"action_input\"\s*:\s*", re.IGNORECASE
)
_ARGUMENTS = re.compile(
    r"\"(?:arguments|args|action_input|tool_input|kwargs|tool_?calls?)\"\s*:", re.IGNORECASE
)
_REPORTS = re.compile(
    r"\"(?:findings?|impression|conclusion|report|output|answer|diagnosis|description)\"\s*:", re.IGNORECASE
)
_SIGNS = ("<", "[", "`", "✿", "Action:")
"""Parts of calls, of which most answers have none."""


def unwrapped(text: str) -> str:
    """Return a text whose answer is given by a call, 'Action: Final Answer', with the answer in its place."""
    given = _ANSWER_OBJECT.search(text) if '"action_input"' in text else None
    if given:
        return _argument(text, given.end())
    if "Action" not in text:
        return text
    return _ANSWER_ACTION.sub(lambda call: f"Final Answer: {call['inside'] or ''}", text)


def _argument(text: str, at: int) -> str:
    """Return the text or the JSON that begins there, all that is left where it was cut off."""
    try:
        value, end = json.JSONDecoder().raw_decode(text, at)
    except (ValueError, RecursionError):
        return text[at:].lstrip('"')
    return value if isinstance(value, str) else text[at:end]


def without_calls(text: str) -> str:
    """Return a text without calls of tools, which are no answer."""
    if _OBJECT.match(unfenced(text[:2_000])):
        return _behind_object(text)
    if not any(sign in text for sign in _SIGNS) and not text.rstrip().endswith(")"):
        return text
    kept: list[str] = []
    at = 0
    for call in _CALL.finditer(text):
        if call.start() >= at:
            kept.append(text[at : call.start()])
            at = _end_of(call, text)
    return "".join([*kept, text[at:]])


def _end_of(call: re.Match[str], text: str) -> int:
    """Return where a call ends: behind what closes it, or at the end where that was cut off."""
    name = call["tag"] or call["marked"] or call["function"]
    closing = (
        f"</{name}>" if name else call["fence"] or call["code"] or _CLOSINGS.get(call["token"] or "", "")
    )
    end = text.find(closing, call.end())
    return len(text) if end < 0 else end + len(closing)


def _behind_object(text: str) -> str:
    """Return what stands behind the call that a text begins with, all of a text whose JSON is no call.

    Empty where nothing follows, or the call was cut off.
    """
    bare = unfenced(text)
    start = len(bare) - len(bare.lstrip())
    try:
        value, end = json.JSONDecoder().raw_decode(bare, start)
    except (ValueError, RecursionError):
        return text if _REPORTS.search(bare) or not _ARGUMENTS.search(bare) else ""
    calls = value if isinstance(value, list) else [value]
    if not calls or not all(isinstance(call, dict) and _is_call(call) for call in calls):
        return text
    return bare[end:] if has_words(bare, end) else ""


def _is_call(keys: dict[str, Any]) -> bool:
    """Return True for an object that calls a tool; a key of anything else makes it a report."""
    told = {key.lower(): value for key, value in keys.items() if value not in ("", None)}
    if not told.keys() <= _OF_CALLS or not all(_is_tool(told[key]) for key in told.keys() & _NAMING):
        return False
    calling = told.keys() & _CALLING
    if calling:
        return all(told[key] for key in calling)
    if told.keys() & _GIVING or isinstance(told.get("function"), dict):
        return True
    return bool(told.keys() & _NAMING) and all(_is_asked(told[key]) for key in told.keys() & _GIVING_ALSO)


def _is_tool(name: Any) -> bool:
    """Return False for words that no tool is named by, and for the tool that gives the answer."""
    return not isinstance(name, str) or (
        _NAME.fullmatch(name) is not None and _ANSWERS.fullmatch(name) is None
    )


def _is_asked(given: Any) -> bool:
    """Return True for what a tool is given, False for what may describe a finding."""
    return isinstance(given, dict) and _OF_FINDINGS.isdisjoint(key.lower() for key in given)
