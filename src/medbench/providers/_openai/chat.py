"""The document of a request in the chat-completions format."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.providers._http.settings import in_order, text_part, wrong_setting
from medbench.providers._openai.settings import RESERVED, fields_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.providers._http.images import ImageMark
    from medbench.schema.response import Request


def chat_completion(request: Request, marks: Sequence[ImageMark], *, model: str) -> dict[str, Any]:
    """Return all fields of a request.

    Raises:
        ProviderError: A setting has a value that cannot be sent.
    """
    wrong = sorted(RESERVED & request.settings.keys())
    if wrong:
        raise wrong_setting(f"'{wrong[0]}' is set by medbench and is not a setting")
    fields = fields_of(request.settings)
    # Servers have their own name for the JSON Schema of the answer.
    if (schema := fields.pop("response_schema", None)) is not None:
        strictly = {"name": "answer", "strict": True, "schema": schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": strictly}
    return {"model": model, "messages": _messages(request, marks), **fields}


def _messages(request: Request, marks: Sequence[ImageMark]) -> list[dict[str, Any]]:
    images = [
        {"type": "image_url", "image_url": {"url": f"data:{mark.mime_type};base64,{mark.data}"}}
        for mark in marks
    ]
    user = {"role": "user", "content": in_order(request.settings, request.text, images, text_part)}
    system = request.system or request.settings.get("system")
    # A plain text, which every server reads; parts of a system message are not known to all.
    return [{"role": "system", "content": str(system)}, user] if system else [user]
