"""The body of a generateContent request, the same for single calls and for the lines of batches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.providers._gemini.settings import generation_config
from medbench.providers._http.settings import in_order

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.schema.response import Request


def body_of(request: Request, images: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """Return a request in the words of Google's API.

    Args:
        request: What is asked.
        images: The media type and the base64 text of each image, in their order.
    """
    inline = [{"inlineData": {"mimeType": mime_type, "data": data}} for mime_type, data in images]
    parts = in_order(request.settings, request.text, inline, lambda text: {"text": text})
    body: dict[str, Any] = {"contents": [{"role": "user", "parts": parts}]}
    if system := request.system or request.settings.get("system"):
        body["systemInstruction"] = {"parts": [{"text": system}]}
    if config := generation_config(request.settings):
        body["generationConfig"] = config
    return body
