"""Takes calls of tools out of an answer, in the forms in which model families write them."""

from __future__ import annotations

import json
import re

from medbench.scoring.parsing.markup import unfenced

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
    r"|\A\s*\w+\([^()\n]{0,300}\)\s*\Z|\A\s*\[\w+\([^()\n]{0,300}\)(?:, ?\w+\([^()\n]{0,300}\)){0,9}\]"
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
_SIGNS = ("<", "[", "`", "✿", "Action:")
"""Parts of calls, of which most answers have none."""
_WORD = re.compile(r"[^\W_]")


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
    """Return what stands behind the call that a text begins with; empty where that is not whole or all."""
    start = len(text) - len(text.lstrip())
    try:
        _, end = json.JSONDecoder().raw_decode(text, start)
    except (ValueError, RecursionError):
        return ""
    return text[end:] if _WORD.search(text, end) else ""
