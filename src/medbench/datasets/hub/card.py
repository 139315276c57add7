"""The licence of a source, as its card, its Croissant file, the service and the shipped map state it."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

_NAME: Final = re.compile(r"[\w .,()/:'&+-]{1,120}")
"""Characters of a licence's name; anything else, such as HTML, is none."""
_CREATIVE_COMMONS: Final = re.compile(r"creativecommons\.org/licenses/([a-z-]+)/(\d\.\d)")
_LISTED: Final = re.compile(
    r"(?:spdx\.org|choosealicense\.com|opensource\.org)/licenses?/([\w.-]+?)(?:\.html)?/*$"
)
_SPOKEN: Final = re.compile(r"^(?:the )?(.+?)(?: license| licence)?$")
_KNOWN: Final = {
    "apache license 2.0": "apache-2.0",
    "apache license, version 2.0": "apache-2.0",
    "apache 2.0": "apache-2.0",
    "www.apache.org/licenses/license-2.0": "apache-2.0",
    "cc0": "cc0-1.0",
    "cc0 1.0": "cc0-1.0",
    "public domain": "cc0-1.0",
}
NO_NAMES: Final = frozenset({"", "other", "unknown"})
"""Values of a card that name no licence."""


class Statement(NamedTuple):
    """A licence, as one place states it."""

    where: str
    """The place, in words."""
    licences: frozenset[str]
    """All names that the place gives it, made alike."""
    shown: str
    """The name as it stands there."""


def licence_id(name: str) -> str:
    """Return a name of a licence as SPDX and the hub write it: 'cc-by-4.0' for its address, too."""
    plain = " ".join(name.casefold().split())
    bare = re.sub(r"^https?://", "", plain).rstrip("/")
    if found := _CREATIVE_COMMONS.search(bare):
        return f"cc-{found[1]}-{found[2]}"
    if "creativecommons.org/publicdomain/zero" in bare:
        return "cc0-1.0"
    if found := _LISTED.search(bare):
        return found[1]
    for known in (bare, bare.removesuffix(".txt"), bare.removesuffix(".html")):
        if known in _KNOWN:
            return _KNOWN[known]
    if re.match(r"cc[ -]by", bare):
        return bare.replace(" ", "-")
    spoken = _SPOKEN.match(bare)
    return spoken[1] if spoken else bare


def of_card(data: Mapping[str, Any], where: str) -> Statement | None:
    """Return what the header of a card says; None where it names no licence.

    Raises:
        InputError: What stands there is not a name.
    """
    given = data.get("license", data.get("licence"))
    names = list(_names(given, where))
    more = [*_names(data.get("license_name"), where), *_names(data.get("license_link"), where)]
    if not {licence_id(name) for name in names} - NO_NAMES:
        names = more
    if not names:
        return None
    ids = frozenset(licence_id(name) for name in (*names, *more)) - NO_NAMES
    return Statement(where, ids, names[0]) if ids else None


def of_croissant(content: bytes, where: str) -> Statement | None:
    """Return what a Croissant file says; None where it names no licence.

    Raises:
        InputError: It is not JSON, or what stands there is not a name.
    """
    try:
        data = json.loads(content)
    except (ValueError, RecursionError):
        raise InputError(f"{where} is not JSON.", "tell the owner of the source") from None
    given = data.get("license", data.get("sc:license")) if isinstance(data, dict) else None
    names = list(_names(given, where))
    ids = frozenset(map(licence_id, names)) - NO_NAMES
    return Statement(where, ids, names[0]) if ids else None


def agreed(source: str, statements: Iterable[Statement | None]) -> str | None:
    """Return the one licence that all places state; None where no place states any.

    Raises:
        InputError: Two places state different ones.
    """
    said = [statement for statement in statements if statement is not None]
    for first in said:
        for other in said:
            if first.licences.isdisjoint(other.licences):
                raise InputError(
                    f"{first.where} puts '{source}' under '{first.shown}', {other.where} under "
                    f"'{other.shown}': one of them is wrong.",
                    "ask the owner which holds; until they agree, medbench builds nothing from it",
                )
    if not said:
        return None
    shared = frozenset.intersection(*(statement.licences for statement in said)) or said[0].licences
    own = licence_id(said[0].shown)
    return own if own in shared else min(shared)


def _names(given: object, where: str) -> Iterator[str]:
    """Yield the names of a field, which may be a text, a list, or a table with a name or an address."""
    for each in given if isinstance(given, list) else [given]:
        value = (each.get("name") or each.get("url") or each.get("@id")) if isinstance(each, dict) else each
        if value is None or value is False or value == "":
            continue
        if not isinstance(value, str) or not _NAME.fullmatch(value):
            raise InputError(
                f"{where} has a licence that is not a name of one.",
                "tell the owner of the source: a licence is a name such as cc-by-4.0",
            )
        yield value
