"""The chat-completions format that many servers speak: a request as bytes."""

from __future__ import annotations

import asyncio
import base64
import json
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.errors import ProviderError, UsageError
from medbench.images.transform import NONE, check_transform

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.images.recorded import Pictures
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request

NOT_SENT: Final = frozenset({"order", "image_transform", "system"})
"""Settings that decide how a request is built and are no fields of it."""
OURS: Final = frozenset({"model", "messages", "stream", "stream_options", "n"})
"""Fields that are no settings: with another value no answer could be read, or another model would answer."""
SCHEMA: Final = "response_schema"
"""Setting that holds the JSON Schema of the answer; servers have their own names for it."""
ORDERS: Final = ("text-first", "image-first")

_MAGIC = (
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\0", "image/tiff"),
    (b"MM\0*", "image/tiff"),
)

_ENCODED_AT_A_TIME = 2
"""Requests that are read and encoded at a time: with more threads, the event loop waits its turn too long."""


class Encoded(NamedTuple):
    """A request as it goes out."""

    body: bytes
    """The JSON."""
    images: tuple[str, ...]
    """Sha256 of each image in it."""


class Encoder:
    """Makes the bytes of requests in threads, since reading, hashing and base64 take their time."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures = pictures
        self._places = asyncio.Semaphore(_ENCODED_AT_A_TIME)

    async def encode(self, document: Mapping[str, Any], request: Request) -> Encoded:
        """A document with marks, as JSON with the request's images in their places.

        Raises:
            ImageError: An image is gone, or is not the one that was recorded.
            ProviderError: An image is of no known type.
        """
        async with self._places:
            return await asyncio.to_thread(self._encoded, document, request)

    def _encoded(self, document: Mapping[str, Any], request: Request) -> Encoded:
        transform = str(request.settings.get("image_transform") or NONE)
        images = [self._pictures.to_send(image, transform) for image in request.images]
        body = encoded(document, [image.data for image in images])
        return Encoded(body, tuple(image.sha256 for image in images))


def check_settings(model: ModelFile) -> None:
    """Check that a model file sets nothing that medbench sets.

    Raises:
        UsageError: It does.
    """
    wrong = sorted(OURS & model.settings.keys())
    if wrong:
        raise UsageError(
            f"'{wrong[0]}' is set by medbench and cannot stand in [settings].", "leave that line out"
        )


def body(request: Request, *, model: str | None = None) -> dict[str, Any]:
    """All fields of a request, with marks where the images go; `encoded` fills them in.

    Args:
        request: What is asked.
        model: Name to send where it is not the request's own.

    Raises:
        ProviderError: A setting has a value that cannot be sent.
    """
    wrong = sorted(OURS & request.settings.keys())
    if wrong:
        raise ProviderError(
            "setting",
            f"'{wrong[0]}' is set by medbench and is no setting",
            final=False,
            stops=True,
            sent=False,
        )
    try:
        check_transform(str(request.settings.get("image_transform") or NONE))
    except UsageError as error:
        reason = f"{error.message} {error.hint}"
        raise ProviderError("setting", reason, final=False, stops=True, sent=False) from None
    fields = {
        key: value for key, value in request.settings.items() if key not in NOT_SENT and value is not None
    }
    if (schema := fields.pop(SCHEMA, None)) is not None:
        strictly = {"name": "answer", "strict": True, "schema": schema}
        fields["response_format"] = {"type": "json_schema", "json_schema": strictly}
    marks = [_mark(number) for number in range(len(request.images))]
    return {
        "model": request.model if model is None else model,
        "messages": messages(request, marks),
        **fields,
    }


def messages(request: Request, urls: Sequence[str]) -> list[dict[str, Any]]:
    """The messages of a request, in the order of text and images that its settings ask for.

    Args:
        request: What is asked.
        urls: One address an image: a data URL, or a mark that `encoded` replaces.
    """
    order = request.settings.get("order") or ORDERS[0]
    if order not in ORDERS:
        raise ProviderError(
            "setting",
            f"order '{order}' is not one of: {', '.join(ORDERS)}",
            final=False,
            stops=True,
            sent=False,
        )
    text = [{"type": "text", "text": request.text}]
    images = [{"type": "image_url", "image_url": {"url": url}} for url in urls]
    content = text + images if order == "text-first" else images + text
    system = request.system or request.settings.get("system")
    # A plain text, which every server reads; parts of a system message are not known to all.
    said = [{"role": "system", "content": str(system)}] if system else []
    return [*said, {"role": "user", "content": content}]


def encoded(document: Mapping[str, Any], images: Sequence[bytes]) -> bytes:
    """A document as JSON, the data URLs of the images in the places of their marks.

    Megabytes of base64 never pass through the JSON encoder, which would look at each character.
    """
    # A mark cannot be mistaken for text: inside a JSON string, the quotes around it would be escaped.
    rest, parts = json.dumps(document, separators=(",", ":"), allow_nan=False).encode(), []
    for number, image in enumerate(images):
        before, found, rest = rest.partition(f'"url":"{_mark(number)}"'.encode())
        if not found:
            # Image-first or not, the marks stand in their own order; only a program's fault gets here.
            raise ValueError(f"no place for image {number + 1}")
        parts += [before, b'"url":"', *data_url(image), b'"']
    return b"".join([*parts, rest])


def data_url(image: bytes) -> tuple[bytes, bytes]:
    """A picture as a data URL, in two parts that join to it."""
    return f"data:{mime_type(image)};base64,".encode(), base64.b64encode(image)


def mime_type(image: bytes) -> str:
    """The type that the first bytes say; file names may lie.

    Raises:
        ProviderError: They say none.
    """
    if image[:4] == b"RIFF" and image[8:12] == b"WEBP":
        return "image/webp"
    for magic, name in _MAGIC:
        if image.startswith(magic):
            return name
    raise ProviderError(
        "image", f"an image begins with '{image[:8].hex(' ')}': of no known type", final=True, sent=False
    )


def _mark(number: int) -> str:
    return f"medbench:image:{number}"
