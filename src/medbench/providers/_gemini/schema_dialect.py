"""A JSON Schema in the words of `responseSchema`, the field of Gemini's API that has a dialect of OpenAPI's.

Single calls are sent the JSON Schema as it is, as `responseJsonSchema`. Batches are reported to answer that
field with JSON of another shape, and this one rightly (crmne/ruby_llm #894).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from medbench.providers._http.settings import wrong_setting

if TYPE_CHECKING:
    from medbench.errors import ProviderError

_TYPES: Final = frozenset({"string", "number", "integer", "boolean", "array", "object"})
_KEPT: Final = ("description", "minimum", "maximum", "minItems", "maxItems")
"""Keywords that the dialect has under the same name. Others, which only narrow a value, are left out."""


def response_schema(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return a JSON Schema in Gemini's dialect, which allows all that the schema allows, and maybe more.

    Raises:
        ProviderError: The dialect cannot say what the schema does.
    """
    return _translated(schema, schema, ())


def _translated(part: object, whole: Mapping[str, Any], within: tuple[object, ...]) -> dict[str, Any]:
    """Return a part of a schema; `within` are the references that led to it."""
    if not isinstance(part, Mapping):
        raise _cannot_say(f"'{part}' in the place of a schema")
    if "$ref" in part:
        reference = part["$ref"]
        if reference in within:
            raise _cannot_say(f"'{reference}' within itself")
        rest = {key: value for key, value in part.items() if key != "$ref"}
        return _translated({**_referred(whole, reference), **rest}, whole, (*within, reference))
    options, is_nullable = _options(part)
    if len(options) == 1:
        said = _of_one_type(options[0], whole, within)
    else:
        said = {**_kept(part), "anyOf": [_translated(option, whole, within) for option in options]}
    return {**said, "nullable": True} if is_nullable else said


def _options(part: Mapping[str, Any]) -> tuple[list[Mapping[str, Any]], bool]:
    """Return the schemas of which one is to hold, and whether null is allowed as well."""
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword not in part:
            continue
        options = part[keyword] if isinstance(part[keyword], list) else []
        kept = [option for option in options if option != {"type": "null"}]
        if not kept or (keyword == "allOf" and len(kept) > 1):
            raise _cannot_say(f"'{keyword}' of {len(kept)}")
        rest = {key: value for key, value in part.items() if key != keyword}
        merged = [{**rest, **option} if isinstance(option, Mapping) else option for option in kept]
        return merged, len(kept) < len(options)
    types = part.get("type")
    if not isinstance(types, list):
        return [part], False
    kept = [name for name in types if name != "null"]
    return [{**part, "type": name} for name in kept], len(kept) < len(types)


def _of_one_type(part: object, whole: Mapping[str, Any], within: tuple[object, ...]) -> dict[str, Any]:
    if not isinstance(part, Mapping) or part.keys() & {"$ref", "anyOf", "oneOf", "allOf"}:
        return _translated(part, whole, within)
    values = [part["const"]] if "const" in part else part.get("enum")
    are_texts = isinstance(values, list) and all(isinstance(value, str) for value in values)
    name = part.get("type", "string" if are_texts else None)
    if not isinstance(name, str) or name not in _TYPES:
        raise _cannot_say(f"the type '{name}'" if name else "a part without a type")
    said = {**_kept(part), "type": name.upper()}
    if values and are_texts and all(values):  # the service refuses '' among them, and any but texts
        said["enum"] = values
    if name == "array":
        said["items"] = _translated(part.get("items", {}), whole, within)
    if name == "object":
        fields, required = part.get("properties"), part.get("required")
        if not isinstance(fields, Mapping) or not fields:
            raise _cannot_say("an object without fields")
        said["properties"] = {key: _translated(field, whole, within) for key, field in fields.items()}
        if isinstance(required, list) and required:
            said["required"] = [key for key in fields if key in required]
        # Else the service asks for them by the alphabet, and a grade would come before its reason.
        said["propertyOrdering"] = list(fields)
    return said


def _kept(part: Mapping[str, Any]) -> dict[str, Any]:
    return {key: part[key] for key in _KEPT if key in part}


def _referred(whole: Mapping[str, Any], reference: object) -> Mapping[str, Any]:
    """Return the part that a reference such as '#/$defs/Name' names."""
    found: object = whole
    start, *names = reference.split("/") if isinstance(reference, str) else ("",)
    for name in names:
        found = found.get(name.replace("~1", "/").replace("~0", "~")) if isinstance(found, Mapping) else None
    if start != "#" or not isinstance(found, Mapping):
        raise _cannot_say(f"the reference '{reference}'")
    return found


def _cannot_say(what: str) -> ProviderError:
    return wrong_setting(
        f"'response_schema' has {what}, which Gemini's batches do not take; ask without --batch"
    )
