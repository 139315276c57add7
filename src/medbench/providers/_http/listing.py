"""A service's own list of its models."""

from __future__ import annotations

from typing import Any

from medbench.errors import ProviderError
from medbench.providers._http.json_values import mapping


def ids_in(data: Any) -> tuple[str, ...]:
    """Return the ids of a list of models that answer prompts: OpenAI's, Anthropic's or Gemini's.

    Raises:
        ProviderError: It is not such a list.
    """
    entries = mapping(data).get("data", mapping(data).get("models"))
    if not isinstance(entries, list):
        raise ProviderError("unreadable", "the server's answer is not a list of models", final=False)
    found = []
    for entry in map(mapping, entries):
        methods = entry.get("supportedGenerationMethods")
        answers = methods is None or (isinstance(methods, list) and "generateContent" in methods)
        name = entry.get("id", entry.get("name"))
        if isinstance(name, str) and answers:
            found.append(name.removeprefix("models/"))
    return tuple(found)
