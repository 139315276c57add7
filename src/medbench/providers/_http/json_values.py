"""Values from servers, which may be of any type."""

from __future__ import annotations

from typing import Any, Final

from medbench.errors import ProviderError
from medbench.schema.response import Usage

_BESIDE_A_LIST: Final = frozenset({"kind", "nextPageToken", "unreachable"})
"""Keys of a page of Google's that may stand without a list."""


def mapping(value: object) -> dict[str, Any]:
    """Return an object as it is, and anything else as an empty one."""
    return value if isinstance(value, dict) else {}


def objects_in(page: object, key: str, *, may_lack: bool = False) -> list[dict[str, Any]]:
    """Return the objects of one page of a list.

    Args:
        page: The answer.
        key: Key of the list.
        may_lack: True for a service of Google's, which leaves out a list that is empty.

    Raises:
        ProviderError: It is not such a page. To take it for an empty one would say that nothing is there.
    """
    data = mapping(page)
    is_empty = may_lack and page is data and data.keys() <= _BESIDE_A_LIST
    found = [] if is_empty else data.get(key)
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ProviderError(
            "unreadable", f"the server's answer is not a list of {key}", final=False, status=200
        )
    return found


def count(value: object, key: str) -> int | None:
    """Return a number of tokens in an object; None where there is none.

    Vertex AI hands counts on as floats. True, -1 and 1e300 are no counts.
    """
    number = mapping(value).get(key)
    if isinstance(number, bool) or not isinstance(number, int | float):
        return None
    return int(number) if 0 <= number < 10**12 and number == int(number) else None


def name(value: object) -> str | None:
    """Return a text that holds more than spaces; None for anything else."""
    return value if isinstance(value, str) and value.strip() else None


def kind_of(value: object) -> str:
    """Return the type of a value in words."""
    names = {
        "NoneType": "null",
        "str": "a text",
        "list": "a list",
        "dict": "an object",
        "bool": "true or false",
    }
    return names.get(type(value).__name__, "a number")


def usage_of(*, input: int | None, output: int | None, thoughts: int | None, cached: int | None) -> Usage:  # noqa: A002 - the record's own names
    """Return the tokens that a server counted; it counted none where all are unknown."""
    counts = {"input": input, "output": output, "thoughts": thoughts, "cached": cached}
    known = any(count is not None for count in counts.values())
    return Usage.model_validate({**counts, "source": "provider" if known else None})
