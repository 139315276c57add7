"""Texts that stand where an answer should be and say that there is none."""

from __future__ import annotations

import re
from typing import NamedTuple

_NOTHING = frozenset(
    {"nan", "none", "null", "n/a", "na", "nil", "undefined", "<na>", "nat", "-", "missing", "no output"}
    | {
        "[]",
        "{}",
        '""',
        "''",
        "--",
        "---",
        "\u2013",
        "\u2014",
        "...",
        "\u2026",
        "?",
        "(empty)",
        "<empty>",
        "[empty]",
    }
)
# Spreadsheets write these in the language of their user: '#NV', '#WERT!', '#¿NOMBRE?', 'Err:502'.
_SPREADSHEET = re.compile(
    r"#(?:N/[AVD]|NV|GETTING_DATA"
    r"|[\u00a1\u00bf]?[A-Z\u00c0-\u00de][A-Z\u00c0-\u00de_/0-9]{1,14}[!?])|Err:\d{3}|#{4,}"
)
_PAGE = re.compile(r"\s*(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_WENT_WRONG = (
    r"(?:failed|failure|error|timed?[ _-]?out|aborted|cancelled|skipped|blocked|truncated|exception"
    r"|unavailable|no[ _-](?:response|answer|output|text))"
)
_TECHNICAL = (
    r"(?:generation|generate|request|call|api|model|inference|response|connection|server|network|parsing|decode|"
    r"unknown|internal|runtime|cuda|gpu)"
)
# 'Heart failure.' is a finding: without brackets, only words of programs may stand beside what went wrong.
_MARKER = re.compile(
    rf"[\[<({{*]+\s*(?:\w+[ _-]){{0,3}}{_WENT_WRONG}(?:[ _-]\w+){{0,3}}\s*[\])}}>*.!]+"
    rf"|(?:{_TECHNICAL}[ _-]){{0,3}}{_WENT_WRONG}(?:[ _-]{_TECHNICAL}){{0,2}}[.!]*",
    re.IGNORECASE,
)
_ASKED_FOR = (
    r"(?:answers?|responses?|outputs?|repl(?:y|ies)|completions?|results?|content|predictions?|generations?|"
    r"requests?|server|api|model|endpoint|connect\w*|json|input|tokens?|text|data)"
)
_TO_DO = (
    r"(?:obtain|get|generate|fetch|retrieve|parse|call|connect|reach|load|receive|produce|process|decode|"
    r"complete|create|send|read|open|run)"
)
# Beginnings of what programs and chat windows write; 'Failed fusion' and 'Could not see it' are answers.
_SENTENCE = re.compile(
    "|".join(
        (
            (
                r"[\[<({]+\s*(?:\w+[ _-]){0,2}(?:error|time-?out|timed out|"
                r"exception)(?:[ _-]?\w+)?\s*[\])}>:]+\s"
            ),
            r"[\[<({]+\s*(?:\w+[ _-]){0,2}failed\s*[\])}>:]+\s",
            rf"failed to {_TO_DO}\b(?: \w+){{0,3}}? (?:{_ASKED_FOR}|images?|report)\b",
            rf"(?:could not|couldn't|was unable to) {_TO_DO}\b(?: \w+){{0,3}}? {_ASKED_FOR}\b",
            (
                rf"(?:{_TECHNICAL} )+(?:timed out|failed|aborted|was (?:cancelled|aborted|rejected|blocked|"
                rf"refused))\b"
            ),
            r"(?:rate limit|quota)\w* (?:exceeded|reached|hit)|too many requests|bad gateway",
            r"gateway time-?out",
            r"service (?:is )?(?:temporarily )?unavailable",
            r"connection (?:refused|reset|aborted|closed|timed out)",
            r"max(?:imum)? (?:number of )?(?:retries|attempts)\b|(?:all )?retries (?:exhausted|failed)",
            r"server (?:disconnected|is busy|busy)|(?:cuda )?out of memory\b|cuda error",
            r"(?:maximum )?context length (?:is |was )?exceeded",
            r"(?:sorry,? |oops[!,.]? )?something went wrong|there was an? (?:error|problem) \w+ing\b",
            r"an? (?:\w+ )?(?:error|exception) (?:has )?occurred",
            (
                r"(?:response|output|content|request|prompt) (?:(?:was|is|has been) )?(?:blocked|filtered|"
                r"withheld)\b"
            ),
            r"no (?:response|answer|output|text|completion)s? (?:was |were )?(?:received|returned|generated)",
        )
    ),
    re.IGNORECASE,
)
_EXCEPTION = re.compile(
    r"\s*(?:Traceback \(most recent call last\)"
    r"|(?:\w+\.)*\w*(?:Error|Exception|Timeout|Interrupt)\b\s*[:(]"
    r"|(?:an? )?(?:\w+ ){0,2}(?:error|exception)(?: \w+){0,3}\s*[:\-\u2013]"
    r"|(?:http(?:/\d(?:\.\d)?)?\s*)?(?:status(?: code)?:?\s*)?[45]\d\d\b\s*"
    r"(?:client|server|too|bad|internal|service|gateway|not|forbidden|unauthorized|error|request|:|-))",
    re.IGNORECASE,
)
_ERROR_JSON = re.compile(
    r"""\s*\{\s*['"](?:(?:error|errors|detail|exception|error_code|error_message)['"]\s*:"""
    r"""|(?:type|object|status)['"]\s*:\s*['"](?:error|failed|failure)['"]"""
    r"""|(?:code|status|status_code|statusCode)['"]\s*:\s*['"]?[45]\d\d\b)"""
)
_TOOL_CALL = re.compile(
    r'\s*(?:<\|?tool_call|<function|\[TOOL_CALLS?\]|\{\s*"(?:name|function|tool|tool_calls)"\s*:[^}]{0,400}'
    r'"(?:arguments|parameters|args|input)"\s*:)'
)
_INVISIBLE = re.compile(
    r"[\s\u00ad\u034f\u061c\u115f\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff\ufffc]*"
)
_LONGEST_MARKER = 60
_LONGEST_SENTENCE = 200


class FailedText(NamedTuple):
    """The failure that a text stands for."""

    kind: str
    """'empty', 'error', 'html' or 'tool_call'."""
    reason: str
    """The failure in words, with the beginning of the text."""


def failed_text(text: str) -> FailedText | None:
    """Return the failure that a text stands for; None for an answer, however poor.

    A table that a program wrote holds 'nan', '#NAME?', "Error: 503 …", a page of HTML, a call of a tool or
    the text of an exception where a call failed. Scored as an answer, it would count as a wrong one.
    """
    bare = text.strip()
    if _INVISIBLE.fullmatch(text):
        return FailedText("empty", "the answer has no visible character")
    shown = " ".join(bare.split())[:80]
    if bare.casefold() in _NOTHING:
        return FailedText("empty", f"the answer is '{shown}'")
    if _PAGE.match(text):
        return FailedText("html", f"the answer is a page of HTML: '{shown}'")
    if _TOOL_CALL.match(text):
        return FailedText("tool_call", f"the answer is a call of a tool: '{shown}'")
    marked = len(bare) <= _LONGEST_MARKER and _MARKER.fullmatch(bare)
    told = len(bare) <= _LONGEST_SENTENCE and _SENTENCE.match(bare)
    of_a_program = marked or told or _EXCEPTION.match(text) or _ERROR_JSON.match(text)
    if of_a_program or is_spreadsheet_error(bare):
        return FailedText("error", f"the answer is an error: '{shown}'")
    return None


def is_spreadsheet_error(cell: str) -> bool:
    """Return True if a spreadsheet could not compute a cell: '#REF!', '#NV', 'Err:502'."""
    return _SPREADSHEET.fullmatch(cell.strip()) is not None
