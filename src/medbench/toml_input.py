"""Reads TOML files that people write into records, and says in a sentence what is wrong with one."""

from __future__ import annotations

import json
import re
import tomllib
from importlib.resources import files
from typing import TYPE_CHECKING, Any, Final, TypeVar, get_args, get_origin

from pydantic import ValidationError

from medbench.errors import UsageError
from medbench.schema.base import Record
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pydantic_core import ErrorDetails

R = TypeVar("R", bound=Record)
SHOWN: Final = 60
"""Most characters of a wrong value that a message quotes."""
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
"""The value that is expected, by the first word of pydantic's name for the mistake."""


def parsed(content: bytes, where: str) -> dict[str, Any]:
    """Return the content of a TOML file.

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
        raise _not_toml(text, where, str(error)) from None


def packaged(package: str, name: str) -> dict[str, Any]:
    """Return the content of a TOML file that came with medbench."""
    return tomllib.loads(files(package).joinpath(name).read_text("utf-8"))


def as_typed(value: object) -> str:
    """Return a value of a TOML file as it is typed there, on one line."""
    if isinstance(value, dict):
        inner = ", ".join(f"{key} = {as_typed(each)}" for key, each in value.items())
        return f"{{ {inner} }}" if inner else "{}"
    if isinstance(value, list):
        return f"[{', '.join(map(as_typed, value))}]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _not_toml(text: str, where: str, error: str) -> UsageError:
    at = re.search(r"\(at line (\d+), column \d+\)", error)
    lines = text.splitlines() or [""]
    number = int(at.group(1)) if at else len(lines)
    line = lines[min(number, len(lines)) - 1].strip()
    if _SECRET.search(line):  # perhaps a key, which must not be printed
        line = f"{line.partition('=')[0].strip()} = …"
    return UsageError(
        f"{where}, line {number} is not TOML: '{line[:SHOWN]}'.",
        'key = value, where a value is a "text", a number, true, false or a [list]',
    )


def fitting(data: Mapping[str, Any], record: type[R], where: str) -> R:
    """Return the record of these fields.

    Args:
        data: The content of the file.
        record: The kind of record.
        where: Name of the file for messages.

    Raises:
        UsageError: A field is unknown or has a wrong value; both are quoted.
    """
    try:
        return record.model_validate(data)
    except ValidationError as error:
        mistakes = error.errors(include_url=False)
        # With a mistyped field, the right one is often missing as well: name the one that was typed.
        first = next((each for each in mistakes if each["type"] == "extra_forbidden"), mistakes[0])
        raise _wrong(where, first, record) from None


def _wrong(where: str, mistake: ErrorDetails, record: type[Record]) -> UsageError:
    place = mistake["loc"]
    field = ".".join(str(part) for part in place)
    if mistake["type"] == "extra_forbidden":
        known = _fields_at(record, place[:-1])
        close = nearest(str(place[-1]), known)
        hint = f"{close} = …" if close else f"one of: {', '.join(known)}"
        if "settings" in known and close != "settings":  # of a model and a pipeline, which only they know
            hint += f"; or a setting: settings = {{ {place[-1]} = … }}"
        return UsageError(f"{where} has an unknown field '{field}'.", hint)
    if mistake["type"] == "missing":
        return UsageError(f"{where} has no field '{field}'.", f"{place[-1]} = …")
    if mistake["type"] == "value_error":
        of = f": field '{field}'" if field else ""
        return UsageError(f"{where}{of} {mistake['ctx']['error']}.", "correct that field")
    if mistake["type"] == "string_pattern_mismatch":  # perhaps the key itself, which is not printed
        return UsageError(
            f"{where}: field '{field}' is not the name of a variable.", f'{field} = "MY_SERVER_KEY"'
        )
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
    """Return the known fields of the table at that place."""
    parts = iter(place)
    for part in parts:
        annotation = record.model_fields[str(part)].annotation
        if get_origin(annotation) is dict:
            next(parts, None)  # a table of tables: what follows is the name of one of them
        inner = [kind for kind in (annotation, *get_args(annotation)) if isinstance(kind, type)]
        record = next(kind for kind in inner if issubclass(kind, Record))
    return [field.alias or name for name, field in record.model_fields.items()]
