"""JSON Schemas in Gemini's dialect: what it can say, what it leaves out and what it cannot say."""

from __future__ import annotations

from typing import Any

import pytest

from medbench.errors import ProviderError
from medbench.judging.answer import answer_schema
from medbench.prompts.prompt import load_prompt
from medbench.providers._gemini.schema_dialect import response_schema

ITSELF = {"type": "object", "properties": {"more": {"$ref": "#"}}}


def _fields(**fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(fields)}


def test_the_schema_of_a_grade() -> None:
    """The reason comes before the grade: without an order the service would go by the alphabet."""
    said = response_schema(answer_schema("grade"))
    assert said["propertyOrdering"] == said["required"] == ["reason", "key_finding", "rating"]
    assert said["properties"] == {
        "reason": {"type": "STRING"},
        "key_finding": {"type": "BOOLEAN"},
        "rating": {"type": "STRING", "enum": ["good", "partial", "poor"]},
    }
    assert said["type"] == "OBJECT"
    assert said["description"].startswith("The answer to a rubric")
    assert "additionalProperties" not in said


def test_references_are_written_out() -> None:
    """The dialect has none that the service takes."""
    said = response_schema(answer_schema("matches"))
    matches, invented = said["properties"]["matches"], said["properties"]["invented"]
    assert matches["type"] == invented["type"] == "ARRAY"
    assert matches["items"]["propertyOrdering"] == ["finding", "outcome", "said"]
    assert invented["items"]["properties"] == {"said": {"type": "STRING"}, "serious": {"type": "BOOLEAN"}}
    assert "$" not in str(said)


@pytest.mark.parametrize("name", ["structured", "screening"])
def test_shipped_prompts_can_be_said(name: str) -> None:
    """An empty text among the values is refused by the service, so that such a field may be any text."""
    finding = response_schema(load_prompt("findings", name).response_schema)["properties"]["findings"][
        "items"
    ]
    assert finding["properties"]["side"] == {"type": "STRING"}
    assert finding["properties"]["present"]["enum"][0] == "yes"


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ({"type": ["string", "null"]}, {"type": "STRING", "nullable": True}),
        ({"anyOf": [{"type": "integer"}, {"type": "null"}]}, {"type": "INTEGER", "nullable": True}),
        ({"type": ["string", "number"]}, {"anyOf": [{"type": "STRING"}, {"type": "NUMBER"}]}),
        (
            {"oneOf": [{"const": "a"}, {"type": "boolean"}]},
            {"anyOf": [{"type": "STRING", "enum": ["a"]}, {"type": "BOOLEAN"}]},
        ),
        ({"type": "integer", "enum": [1, 2]}, {"type": "INTEGER"}),
        ({"enum": ["a", "b"]}, {"type": "STRING", "enum": ["a", "b"]}),
        (
            {"type": "number", "minimum": 0, "maximum": 1, "multipleOf": 0.5},
            {"type": "NUMBER", "minimum": 0, "maximum": 1},
        ),
        ({"type": "string", "pattern": "a+", "format": "email", "title": "T"}, {"type": "STRING"}),
        ({"allOf": [{"type": "string"}], "description": "d"}, {"type": "STRING", "description": "d"}),
        (
            {"type": "array", "items": {"type": "string"}, "maxItems": 3, "uniqueItems": True},
            {"type": "ARRAY", "items": {"type": "STRING"}, "maxItems": 3},
        ),
    ],
)
def test_what_a_field_becomes(field: dict[str, Any], said: dict[str, Any]) -> None:
    """All that the schema allows is allowed; what only narrows it may be left out."""
    assert response_schema(_fields(field=field))["properties"]["field"] == said


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (ITSELF, "'#' within itself"),
        (_fields(a={"$ref": "#/$defs/Gone"}), "the reference '#/$defs/Gone'"),
        (_fields(a={"$ref": "other.json"}), "the reference 'other.json'"),
        (_fields(a={"$ref": 3}), "the reference '3'"),
        (_fields(a={}), "a part without a type"),
        (_fields(a=True), "'True' in the place of a schema"),
        (_fields(a={"type": "array"}), "a part without a type"),
        (_fields(a={"type": "date"}), "the type 'date'"),
        (_fields(a={"type": {}, "enum": 3}), "a part without a type"),
        (
            _fields(a={"type": "object", "additionalProperties": {"type": "string"}}),
            "an object without fields",
        ),
        (_fields(a={"allOf": [{"type": "string"}, {"type": "number"}]}), "'allOf' of 2"),
        (_fields(a={"anyOf": [{"type": "null"}]}), "'anyOf' of 0"),
        (_fields(a={"anyOf": 3}), "'anyOf' of 0"),
    ],
)
def test_what_cannot_be_said_is_refused(schema: dict[str, Any], words: str) -> None:
    """Before anything is sent: every other request of the batch would fail alike."""
    with pytest.raises(ProviderError) as raised:
        response_schema(schema)
    error = raised.value
    assert words in error.reason
    assert "without --batch" in error.reason
    assert (error.kind, error.stops, error.sent) == ("setting", True, False)
