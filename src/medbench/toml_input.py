"""Files that a person writes, in TOML: read into a record, or a sentence on what is wrong with one."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args

from pydantic import ValidationError

from medbench.errors import UsageError
from medbench.schema.base import Record
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

R = TypeVar("R", bound=Record)
SHOWN: Final = 60
"""Characters of a wrong value that are quoted at most."""
_SECRET: Final = re.compile("key|token|secret|password|credential", re.IGNORECASE)
_EXPECTED: Final = {
    "int": "a whole number",
    "float": "a number",
    "finite": "a number",
    "string": 'a text in quotes: "…"',
    "bool": "true or false",
    "date": "a day, such as 2026-11-22",
    "tuple": 'a list, such as ["a", "b"]',
    "frozen": 'a list, such as ["a", "b"]',
    "model": "a table, such as { key = 1 }",
    "dict": "a table, such as { key = 1 }",
}
"""By the first word of pydantic's name for a mistake: what should stand there."""


def parsed(content: bytes, where: str) -> dict[str, Any]:
    """The content of a TOML file.

    Args:
        content: Its bytes.
        where: How messages name it.

    Raises:
        UsageError: It is not TOML; the line is quoted.
    """
    try:
        text = content.decode("utf-8-sig")
        return tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise UsageError(f"{where}, line {line} is not UTF-8, so not TOML.", "save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise _no_toml(text, where, str(error)) from None


def packaged(package: str, name: str) -> dict[str, Any]:
    """Return the content of a TOML file that came with medbench."""
    return tomllib.loads(files(package).joinpath(name).read_text("utf-8"))


def _no_toml(text: str, where: str, said: str) -> UsageError:
    at = re.search(r"\(at line (\d+), column \d+\)", said)
    lines = text.splitlines() or [""]
    number = int(at.group(1)) if at else len(lines)
    line = lines[min(number, len(lines)) - 1].strip()
    if _SECRET.search(line):  # a key that somebody put there in spite of all is not printed
        line = f"{line.partition('=')[0].strip()} = …"
    return UsageError(
        f"{where}, line {number} is not TOML: '{line[:SHOWN]}'.",
        'key = value, where a value is a "text", a number, true, false or a [list]',
    )


def fitting(data: Mapping[str, Any], record: type[R], where: str) -> R:
    """The record of these fields.

    Args:
        data: What was read.
        record: What it should be.
        where: How messages name the file.

    Raises:
        UsageError: A field is unknown or has a value that does not fit; it and the value are quoted.
    """
    try:
        return record.model_validate(data)
    except ValidationError as error:
        found = error.errors(include_url=False)
        # A mistyped field is often missed as well: the one that is there is spoken of.
        first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
        raise _wrong(where, first, record) from None


def _wrong(where: str, mistake: ErrorDetails, record: type[Record]) -> UsageError:
    place = mistake["loc"]
    field = ".".join(str(part) for part in place)
    if mistake["type"] == "extra_forbidden":
        known = _fields_at(record, place[:-1])
        close = nearest(str(place[-1]), known)
        hint = f"{close} = …" if close else f"one of: {', '.join(known)}"
        return UsageError(f"{where} has an unknown field '{field}'.", hint)
    if mistake["type"] == "missing":
        return UsageError(f"{where} has no field '{field}'.", f"{place[-1]} = …")
    if mistake["type"] == "value_error":
        of = f": field '{field}'" if field else ""
        return UsageError(f"{where}{of} {mistake['ctx']['error']}.", "mend that field")
    if mistake["type"] == "string_pattern_mismatch":  # perhaps the key itself, which is not printed
        return UsageError(f"{where}: field '{field}' is no name of a variable.", f'{field} = "MY_SERVER_KEY"')
    value = _as_written(mistake["input"])
    return UsageError(f"{where}: field '{field}' is '{value}'.", f"expected: {_expected(mistake)}")


def _as_written(value: object) -> str:
    text = str(value).lower() if isinstance(value, bool) else str(value)
    return text if len(text) <= SHOWN else f"{text[:SHOWN]}…"


def _expected(mistake: ErrorDetails) -> str:
    kind, limits = mistake["type"], mistake.get("ctx", {})
    if kind == "greater_than_equal":
        return f"{limits['ge']:g} or more"
    if kind == "greater_than":
        return f"more than {limits['gt']:g}"
    if kind == "literal_error":
        return str(limits["expected"])
    return _EXPECTED.get(kind.partition("_")[0], str(mistake["msg"]))


def _fields_at(record: type[Record], place: Sequence[int | str]) -> list[str]:
    """The known fields of the table at that place."""
    for part in place:
        annotation = record.model_fields[str(part)].annotation
        inner = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
        record = next(kind for kind in inner if issubclass(kind, Record))
    return [field.alias or name for name, field in record.model_fields.items()]
