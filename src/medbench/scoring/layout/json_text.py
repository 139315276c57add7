"""Renders JSON as lines of text: 'Label: value', one line for each finding, whatever the nesting.

Reads what models write: cut off in the middle, single quotes, a comma too many, Python's `True` and `None`.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.scoring.layout.json_keys import is_part, is_told, name_of, places_box, words_of_key
from medbench.scoring.layout.json_node import Node
from medbench.scoring.layout.titles import goes_on
from medbench.scoring.layout.words import words_of

if TYPE_CHECKING:
    from collections.abc import Callable

    Rank = Callable[[str], int]

_TOKEN: Final = re.compile(
    r"""[ \t\r\n,]+|[{}\[\]:]|"(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'(?=\s{0,9}[:,\]}])"""
    r"""|-?\d[\d.eE+-]*|[A-Za-z_][\w.]*|//[^\n]*""",
    re.DOTALL,
)
_NAMED: Final = re.compile(r"[{\[]\s{0,20}[\"'{\[]")
DEEPEST: Final = 60
_ESCAPE: Final = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED: Final = {"n": "\n", "t": "\t", "r": "\n", "b": " ", "f": " "}
_LITERALS: Final[dict[str, Any]] = {
    "true": True,
    "false": False,
    "null": None,
    "none": None,
    "nan": None,
    "undefined": None,
}


_FENCED: Final = re.compile(r"\s{0,9}```\w{0,9}\s{0,9}(?=[{\[])")
_LONGEST_TITLE: Final = 60
_OTHERS: Final = frozenset({"user", "system", "human", "tool"})
_NO_NAME: Final = ("", "yes", "no", "true", "false")


class Line(NamedTuple):
    """A line of what JSON says."""

    text: str
    start: int
    """First character of its source."""
    end: int


def begins(text: str, at: int = 0) -> int:
    """Return where JSON begins in a text, or -1."""
    match = _NAMED.search(text, at) if "{" in text or "[" in text else None
    return match.start() if match else -1


def read(text: str, at: int, rank: Rank | None = None) -> tuple[list[Line], int, bool]:
    """Return the lines of the JSON that begins there, where it ends, and True if it is whole.

    No lines where it isn't JSON at all, or deeper than anybody writes.

    Args:
        text: The text.
        at: Where the JSON begins.
        rank: Gives the key that comes first the lowest number; by default they stay in their order.
    """
    tree = _Tree()
    end, whole = tree.grow(text, at)
    lines: list[Line] = []
    if tree.root is not None:
        _render(tree.root, "", lines, rank)
    # In capitals, because a line of lower case goes on with the one before.
    lines = [line._replace(text=line.text[:1].upper() + line.text[1:]) for line in lines]
    return lines, end if lines else at, whole


def records(text: str) -> list[dict[str, str]]:
    """Return the objects of the JSON in a text that hold plain values only, as keys and words.

    Keys are in lower case. An object that is cut in the middle is left out: its last value may not be whole.
    """
    at = begins(text)
    tree = _Tree()
    if at >= 0:
        tree.grow(text, at)
    found: list[dict[str, str]] = []
    nodes = [tree.root] if tree.root else []
    while nodes:
        node = nodes.pop()
        if node.keys and node not in tree.open and all(map(_is_flat, node.value)):
            keys = (words_of_key(key).lower() for key in node.keys)
            found.append(dict(zip(keys, map(_plain, node.value), strict=False)))
        elif isinstance(node.value, list):
            nodes += reversed(node.value)
    return found


class _Tree:
    """JSON while it is being read."""

    def __init__(self) -> None:
        self.root: Node | None = None
        self.open: list[Node] = []
        """The objects and lists that are not closed yet."""
        self._key = ""
        self._wants_key = False

    def grow(self, text: str, at: int) -> tuple[int, bool]:
        """Read the text from there; return where the JSON ends, and True if it is whole."""
        while at < len(text) and len(self.open) <= DEEPEST:
            match = _TOKEN.match(text, at)
            if match is None and (text[at] not in "\"'" or not self.open):
                break
            # Without a match, a text that is cut in the middle.
            token = match[0] if match else text[at:] + text[at]
            start, at = at, match.end() if match else len(text)
            self._take(token, start, at)
            if self.root is not None and not self.open:
                return at, True
        if at < len(text):
            self.root = None
        for node in self.open:
            node.end = len(text)
        return at, False

    def _take(self, token: str, start: int, end: int) -> None:
        head = token[0]
        inside = self.open[-1].keys if self.open else None
        if head in " \t\r\n,/":
            self._wants_key = inside is not None and (self._wants_key or "," in token)
        elif head in ":}]":
            self._wants_key = False
            if head != ":" and self.open:
                self.open.pop().end = end
        elif self._wants_key and head not in "{[":
            self._key, self._wants_key = _string(token), False
        else:
            self._add(head, Node([] if head in "{[" else _scalar(token), start, end), inside)

    def _add(self, head: str, node: Node, keys: list[str] | None) -> None:
        if self.open:
            self.open[-1].value.append(node)
            if keys is not None:
                keys.append(self._key)
        else:
            self.root = node
        self._key = ""
        if head in "{[":
            node.keys = [] if head == "{" else None
            self._wants_key = head == "{"
            self.open.append(node)


def _scalar(token: str) -> Any:
    if token[0] in "\"'":
        return _string(token)
    return _LITERALS.get(token.lower(), token)


def _string(token: str) -> str:
    if token[0] not in "\"'":
        return token
    return unescaped(token[1:-1])


def unescaped(inside: str) -> str:
    """Return what stands between the quotation marks of a text of JSON, as it is meant."""
    if "\\" not in inside:
        return inside
    return _ESCAPE.sub(lambda m: chr(int(m[1], 16)) if m[1] else _ESCAPED.get(m[2], m[2]), inside)


def _plain(node: Node) -> str:
    """Return a scalar, or a list of scalars, as words."""
    value = node.value
    if isinstance(value, list):
        return ", ".join(filter(None, map(_plain, value)))
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value).strip()


def _part(key: str, node: Node) -> str:
    """Return a value as words, also one that is an object of sizes or places: '30 x 20 mm'."""
    if not node.keys:
        return _plain(node)
    parts = {name_of(name): _plain(child) for name, child in _children(key, node)}
    units = (unit for unit in ("mm", "cm") if any(name.endswith(f"_{unit}") for name in parts))
    unit = parts.pop("unit", "") or next(units, "")
    told = list(filter(None, parts.values()))
    joint = " x " if all(words[0].isdigit() for words in told) else ", "
    return f"{joint.join(told)} {unit}".strip()


def _is_flat(node: Node) -> bool:
    return not isinstance(node.value, list) or (
        node.keys is None and not any(isinstance(one.value, list) for one in node.value)
    )


def _children(key: str, node: Node) -> list[tuple[str, Node]]:
    """Return the children of an object or list, which has a key, by theirs, without what is for a program."""
    if node.keys is None:
        return [("", child) for child in node.value if _role(child) not in _OTHERS]
    is_box = places_box(key, node)
    return [
        (key, one)
        for key, one in zip(node.keys, node.value, strict=False)
        if is_told(key, one, is_box=is_box)
    ]


def _role(node: Node) -> str:
    """Return whose turn of a conversation an object is; empty where it does not say."""
    if not node.keys or "role" not in node.keys:
        return ""
    value = node.value[node.keys.index("role")].value
    return value if isinstance(value, str) else ""


def _title_of(node: Node, rank: Rank | None) -> str:
    """Return the name of the section that an object is: {"title": "Findings", "content": …}."""
    if rank is None or node.keys is None or len(node.value) < 2:
        return ""
    for key, child in zip(node.keys, node.value, strict=False):
        title = child.value if isinstance(child.value, str) and len(child.value) < _LONGEST_TITLE else ""
        if title and name_of(key) in words_of("key-title") and rank(title):
            return title
    return ""


def _render(node: Node, key: str, lines: list[Line], rank: Rank | None) -> None:
    label = "" if name_of(key) in words_of("key-carrying") else words_of_key(key)
    if not isinstance(node.value, list):
        _render_scalar(node, label, lines, rank)
        return
    children, title = _children(key, node), _title_of(node, rank)
    if title:
        lines.append(Line(f"{title}:", node.start, node.start))
        for name, child in children:
            if child.value != title:
                _render(child, "" if name_of(name) in words_of("key-describing") else name, lines, rank)
        return
    line = _record(node, children, label) if node.keys is not None else None
    if line is not None:
        lines.append(line)
        return
    if label:
        lines.append(Line(f"{label}:", node.start, node.start))
    if rank:
        children = sorted(children, key=lambda one: rank(words_of_key(one[0]) or _title_of(one[1], rank)))
    for name, child in children:
        before = len(lines)
        _render(child, name, lines, rank)
        if node.keys is None and len(lines) == before + 1:
            lines[before] = lines[before]._replace(text=f"- {lines[before].text}")


def _render_scalar(node: Node, label: str, lines: list[Line], rank: Rank | None) -> None:
    words = _plain(node)
    inner = _FENCED.sub("", words, count=1) if "```" in words else words
    if inner[:1] in {"{", "["} and _NAMED.match(inner):
        # JSON in a text of JSON, as some services give it.
        rendered, _, _ = read(inner, 0, rank)
        lines += [line._replace(start=node.start, end=node.end) for line in rendered]
    elif label and rank and "\n" in words and any(map(rank, _titles(words))):
        lines += [Line(f"{label}:", node.start, node.end), Line(words, node.start, node.end)]
    elif words or (label and node.value is None):
        lines.append(Line(f"{label}: {words}" if label else words, node.start, node.end))


def _titles(words: str) -> list[str]:
    """Return what stands before a colon in the lines of a text."""
    return [line.partition(":")[0] for line in words.splitlines() if ":" in line]


def _record(node: Node, children: list[tuple[str, Node]], label: str) -> Line | None:
    """Return an object that speaks of one finding as one line; None for any other object."""
    if not children or not all(_is_flat(child) or is_part(key, child) for key, child in children):
        return None
    flat = {key.lower().replace(" ", "_").replace("-", "_"): _part(key, child) for key, child in children}
    if any(_NAMED.match(words) or "```" in words for words in flat.values()):
        return None
    if not flat.keys().isdisjoint(words_of("key-section")):
        return None
    if "diagnosis" in flat and flat.keys().isdisjoint((*words_of("key-saying"), *words_of("key-placing"))):
        return None
    # A key that is true or false is itself the finding: {"mass": true, "lesion": false} names none.
    naming = next((name for name in words_of("key-naming") if flat.get(name, "").lower() not in _NO_NAME), "")
    saying = next((name for name in words_of("key-saying") if name in flat and name != naming), "")
    told = [name for name in words_of("key-describing") if flat.get(name) and name != naming]
    placed = any(name in flat for name in words_of("key-placing") if name != naming)
    if not (naming or told or (label and (saying or placed))) or not (
        naming or saying or placed or len(flat) == 1
    ):
        return None
    about = flat[naming] if naming else label or flat[told.pop(0)]
    used = {naming, saying, *told, *words_of("key-skipped")} | ({about} if not naming else set())
    rest = [_measured(name, words) for name, words in flat.items() if name not in used and words != about]
    details = ", ".join(filter(None, rest))
    text = about.rstrip(". ")
    if saying:
        text += f": {flat[saying] or 'n/a'}" + (f", {details}" if details else "")
    elif details:
        text += f", {details}" if naming or not label else f": {details}"
    sentences = ". ".join(flat[name].rstrip(". ") for name in told)
    if sentences and flat.get(saying, "").lower() not in {"no", "absent", "false", "negative", "none", "0"}:
        joint = ", " if goes_on(sentences) else ". "
        text += f"{joint}{sentences}" if ":" in text else f": {sentences}"
    return Line(f"{text}.", node.start, node.end)


def _measured(name: str, words: str) -> str:
    for unit in ("mm", "cm"):
        if name.endswith(f"_{unit}") and words and words[-1].isdigit():
            return f"{words} {unit}"
    if words and name in words_of("key-trait"):
        trait = name.replace("_", " ")
        return words if trait in words.lower() or not words.replace(" ", "").isalpha() else f"{words} {trait}"
    if words and name in words_of("key-meaning"):
        return f"consistent with {words}"
    return "" if words in {"no", "yes", "N/A", "n/a", "none", "None", "unknown"} else words
