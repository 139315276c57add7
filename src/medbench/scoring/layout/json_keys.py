"""Which keys of a JSON object are for readers, and which for a program: ids, places in a picture, scores."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from medbench.scoring.layout.words import words_of

if TYPE_CHECKING:
    from medbench.scoring.layout.json_node import Node

_CAMEL: Final = re.compile(r"(?<=[a-z])(?=[A-Z][a-z])")
_SILENT: Final = re.compile("|".join(words_of("key-silent")))
_SILENT_IN_NUMBERS: Final = re.compile("|".join(words_of("key-silent-in-numbers")))
_COORDINATE: Final = re.compile("|".join(words_of("key-coordinate")))
_BORDER: Final = re.compile("|".join(words_of("key-border")))
_NUMBER: Final = re.compile(r"-?\d[\d.eE+-]*")
_OF_TEXT: Final = frozenset({"text", "output_text", "message"})
"""Types that say no more than that a text follows."""
_SIZE: Final = re.compile(r"\d[\d.]*\s?(?:mm|cm)?")
_OF_SIZE: Final = ("size", "measure", "dimension", "diameter")
_FOR_PROGRAM: Final = re.compile(
    # A token without a space, such as an id or a file, but no size; a name of an answer; a degree.
    r"(?!\d[\d.]*(?:mm|cm|ml))(?=\S*[\d._/\\])\S+|response|list|batch"
    r"|(?:(?:very|high|highly|low|moderate|medium|to|certain|definite|probable|likely|sure|confident)\b|[\W\d])*",
    re.IGNORECASE,
)
_WORD: Final = re.compile(r"[^\W\d_]{2}")


def words_of_key(key: str) -> str:
    """Return a key as words."""
    return " ".join(_CAMEL.sub(" ", key).replace("_", " ").split())


def name_of(key: str) -> str:
    """Return a key in the form in which lists of keys have it."""
    return words_of_key(key).lower().replace(" ", "_").replace("-", "_")


def places_box(key: str, node: Node) -> bool:
    """Return True if an object says where in a picture a box is: beside 'x', a width is no size."""
    if name_of(key).startswith(_OF_SIZE):
        return False
    pairs = zip(node.keys or (), node.value, strict=False)
    names = {name_of(key) for key, one in pairs if _is_number(one.value)}
    return {"left", "top"} <= names or any(map(_COORDINATE.fullmatch, names))


def is_told(key: str, child: Node, *, is_box: bool) -> bool:
    """Return True if a key of an object, perhaps of one that places a box, is for readers."""
    name, value = name_of(key), child.value
    if _SILENT.fullmatch(name) or (name == "type" and str(value) in _OF_TEXT) or name == "role":
        return False
    if _SILENT_IN_NUMBERS.fullmatch(name):
        return _speaks(child)
    if isinstance(value, list):
        are_numbers = len(value) > 1 and all(_is_number(one.value) for one in value)
        return not are_numbers or name not in words_of("key-place-in-numbers")
    return not (is_box and _is_number(value) and (_COORDINATE.fullmatch(name) or _BORDER.fullmatch(name)))


def is_part(key: str, node: Node) -> bool:
    """Return True for an object that gives the sizes or the place of a finding."""
    if not node.keys or any(isinstance(one.value, list) or one.value is None for one in node.value):
        return False
    name, names = name_of(key), [name_of(inner) for inner in node.keys]
    if name.startswith(_OF_SIZE):
        pairs = zip(names, node.value, strict=False)
        return all(inner == "unit" or _SIZE.fullmatch(str(one.value)) for inner, one in pairs)
    return name in {"location", "site"} and {*words_of("key-placing"), *words_of("key-attribute")}.issuperset(
        names
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, str) and _NUMBER.fullmatch(value) is not None


def _speaks(node: Node) -> bool:
    """Return True if a value, or one in it, has words that are more than an id or a degree."""
    if isinstance(node.value, list):
        return any(map(_speaks, node.value))
    return (
        isinstance(node.value, str)
        and bool(_WORD.search(node.value))
        and not _FOR_PROGRAM.fullmatch(node.value)
    )
