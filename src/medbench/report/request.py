"""One request as it would go out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Verbatim

if TYPE_CHECKING:
    from medbench.schema.response import Request


def request_in_full(title: str, request: Request) -> Verbatim:
    """Show a request: model, system instruction, settings, text, images, and the fields of a JSON answer."""
    settings = dict(request.settings)
    schema = settings.pop("response_schema", None)
    text = "\n           ".join(request.text.splitlines())
    lines = [
        f"{title}, exactly as it would go out:",
        f"  model    {request.model}",
        f"  system   {request.system or 'none'}",
        f"  settings {', '.join(f'{key} {value}' for key, value in settings.items()) or 'none'}",
        f"  text     {text}",
    ]
    if schema:
        lines.append(f"  schema   {', '.join(schema['properties'])}")
    if request.images or not schema:
        lines.append(f"  images   {len(request.images)}")
    lines += [
        f"           {image.width}x{image.height} {image.mode}, bytes unchanged, sha256 {image.sha256[:8]}…"
        for image in request.images
    ]
    return Verbatim("\n".join(lines))
