"""Turns tags, LaTeX, fences, escapes and special tokens of an answer into plain text or Markdown."""

from __future__ import annotations

import re

from medbench.scoring.layout.json_text import unescaped as unescaped_json

_LESS = re.compile(r"&(?:amp;){0,3}(?:lt|#0{0,3}60|#x0{0,3}3c);|\\u003c|\\<|\uff1c", re.IGNORECASE)
_GREATER = re.compile(r"&(?:amp;){0,3}(?:gt|#0{0,3}62|#x0{0,3}3e);|\\u003e|\\>|\uff1e", re.IGNORECASE)
_QUOTED = re.compile(r'\s{0,20}"|\s{0,20}[\[{]\s{0,9}\\"')
_ENCODED = re.compile(r'\\["n]')
_ROUNDS = 3
"""More than anybody encodes a text."""
_SECTION_TAG = re.compile(
    r"<(/?)(findings|impression|conclusion|diagnosis|technique|recommendations?|history|indication|comparison)>",
    re.IGNORECASE,
)
_TAG_NAMES = "h[1-6]|p|div|br|li|strong|b|em|i|u|ul|ol|span|section|article|dl|dt|dd|body|html"
# One without its '>' is what a line ends with, as where the answer is cut off there.
_TAG = re.compile(
    rf"</?(?P<name>{_TAG_NAMES})(?:(?:\s[^<>]{{0,80}})?/?>|[ \t]{{0,9}}/?$)", re.IGNORECASE | re.MULTILINE
)
_CLOSING_TAG = re.compile(rf"</(?:{_TAG_NAMES})>|<br\b", re.IGNORECASE)
"""A tag without which a text is no HTML, whatever else stands in it."""
_NAMED = re.compile(r"\s(?:name|title)=[\"']([^\"'<>]{1,40})[\"']")
_LATEX = re.compile(r"\\(?:textbf|textit|emph|underline|paragraph|(?:sub){0,2}section)\*?\{([^{}\n]{1,80})\}")
_BOXED = re.compile(r"\\boxed\{([^{}]{1,4000})\}")
_STRUCK = re.compile(r"~~(?=[^~\s])[^~\n]{1,400}(?<=[\w.,;:!?)%*\"'])~~|<del>[^<>]{0,400}</del>")
"""What is struck through, and so withdrawn; '~~' behind a space is 'about'."""
_COMMENT = re.compile(r"<!--[^<>]{0,4000}-->")
_AS_TEXT = {
    "p": "\n",
    "div": "\n",
    "br": "\n",
    "dd": "\n",
    "section": "\n",
    "article": "\n",
    "b": "**",
    "strong": "**",
}
"""Names of tags to what they do to a text."""
_TOKENS = re.compile(
    r"<unused\d{1,4}>|<(?:start|end)_of_turn>(?:(?<=<start_of_turn>)(?:model|user)\b)?"
    r"|<(?:start|end)_of_image>|<image_soft_token>|</?think>|</?(?:s|bos|eos|pad)>|<\|[\w ]{1,30}\|?>"
    r"|<\w{1,30}\|>|\[/?(?:BEGIN|END) FINAL RESPONSE\]|<｜[\w▁]{1,30}｜>"  # noqa: RUF001 - a token
)
_FENCE = re.compile(r"^[ \t]{0,12}(?:```|~~~)[ \t]{0,4}[\w+-]{0,20}[ \t]{0,40}$", re.MULTILINE)


def decoded(text: str) -> str:
    """Return a text as it was before its signs were escaped, or all of it was made a text of JSON."""
    if "\\" in text:
        for _ in range(_ROUNDS):
            bare = unfenced(text).strip()
            if not (_QUOTED.match(bare) and _ENCODED.search(bare)):
                break
            text = unescaped_json(bare[1:].removesuffix('"') if bare[0] == '"' else bare).rstrip("\\")
    if ("&" in text or "\\" in text or "\uff1c" in text) and _LESS.search(text):
        text = _GREATER.sub(">", _LESS.sub("<", text))
    return text


def plain(text: str) -> str:
    """Return an answer without fences and special tokens, its HTML and LaTeX as Markdown."""
    text = _SECTION_TAG.sub(_heading, text)
    if ("</" in text or "<br" in text) and _CLOSING_TAG.search(text):
        text = _TAG.sub(_unmarked, text)
    if "\\" in text:
        text = _BOXED.sub(r"\1", _LATEX.sub(r"**\1**", text))
    if "~~" in text or "<del>" in text:
        text = _STRUCK.sub("", text)
    if "<!--" in text:
        text = _COMMENT.sub("", text)
    return unfenced(_TOKENS.sub(" ", text)).strip()


def unfenced(text: str) -> str:
    """Return a text without the marks of code fences."""
    return _FENCE.sub("", text) if "```" in text or "~~~" in text else text


def _unmarked(tag: re.Match[str]) -> str:
    """Return a tag of HTML as Markdown."""
    name, closes = tag["name"].lower(), tag[0][1] == "/"
    if name == "dt" or (name[0] == "h" and name[1].isdigit()):
        return "\n" if closes else "\n## "
    if name == "li":
        return "" if closes else "\n- "
    named = _NAMED.search(tag[0]) if name in {"section", "div", "article"} else None
    return f"\n## {named[1]}\n" if named else _AS_TEXT.get(name, "")


def _heading(tag: re.Match[str]) -> str:
    return "\n" if tag[1] else f"\n{tag[2].upper()}:\n"
