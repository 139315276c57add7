"""The chat-completions format that many servers speak: a request as bytes, an answer as a reply."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.errors import ProviderError, UsageError
from medbench.images.transform import NONE, check_transform
from medbench.schema.response import Reply, Usage

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
_BLOCKED = frozenset(
    {
        "content_filter",
        "content_filtered",
        "refusal",
        "safety",
        "image_safety",
        "prohibited_content",
        "blocklist",
        "recitation",
        "spii",
    }
)
# The server gave up on the call by itself (vLLM and SGLang: 'abort'): what is there is no whole answer.
_BROKEN_OFF = frozenset({"abort", "error", "cancelled", "insufficient_system_resource"})
# MedGemma wraps its thoughts in two tokens without a name; others open the answer with a <think> block.
# One that is never closed was cut at max_tokens: nothing after it is an answer.
_THOUGHT = re.compile(
    r"<unused94>(?:thought\b)?(.*?)(?:<unused95>|\Z)|\A\s*<think>(.*?)(?:</think>|\Z)", re.DOTALL
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


def reply_from(data: object, images_sent: tuple[str, ...] | None) -> Reply:
    """What a chat completion says.

    Args:
        data: The answer's JSON.
        images_sent: Sha256 of the images that were sent.

    Raises:
        ProviderError: It is no chat completion, or the answer was withheld.
    """
    if not isinstance(data, dict):
        raise _unreadable(f"{_kind_of(data)} in place of a chat completion")
    choice = _first_choice(data)
    message = choice.get("message")
    if not isinstance(message, dict):
        raise _unreadable("a chat completion without a message")
    finish = choice.get("finish_reason")
    finish = finish.lower() if isinstance(finish, str) else None
    said = _text(message.get("content"))
    text, thoughts = _apart(said)
    apart = message.get("reasoning_content") or message.get("reasoning")
    thoughts = [apart.strip(), *thoughts] if isinstance(apart, str) else thoughts
    answered = data.get("model")
    reply = Reply(
        text=text,
        answered=answered if isinstance(answered, str) and answered else None,
        finish_reason=finish,
        thoughts="\n\n".join(thoughts) or None,
        usage=_usage(data.get("usage")),
        images_sent=images_sent,
    )
    try:
        _check_end(finish, message.get("refusal"), said)
    except ProviderError as error:
        error.reply = reply  # what came is no answer, and may have to be paid
        raise
    return reply


def _first_choice(data: Mapping[str, Any]) -> Mapping[str, Any]:
    choices = data.get("choices")
    if isinstance(choices, list) and choices and isinstance(choices[0], dict):
        return choices[0]
    error = data.get("error") or (data.get("object") == "error" and data.get("message"))
    if error:
        said = error.get("message") if isinstance(error, dict) else error
        raise _unreadable(f"an error in a 200: '{' '.join(str(said).split())[:200]}'")
    raise _unreadable(f"no choices, only: {', '.join(sorted(map(str, data)))[:100] or 'nothing'}")


def _text(content: object) -> str:
    if content is None:
        return ""
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        return "".join(_text(part.get("text")) if isinstance(part, dict) else _text(part) for part in content)
    raise _unreadable(f"content that is {_kind_of(content)}")


def _check_end(finish: str | None, refusal: object, text: str) -> None:
    """An answer that was withheld or broken off is none, whatever text came with it."""
    if finish in _BLOCKED:
        raise ProviderError("blocked", f"the answer was withheld: finish_reason '{finish}'", final=True)
    if isinstance(refusal, str) and refusal.strip() and not text.strip():
        said = " ".join(refusal.split())[:200]
        raise ProviderError("blocked", f"the model refused: '{said}'", final=True)
    if finish in _BROKEN_OFF:
        raise ProviderError("unavailable", f"the server broke off: finish_reason '{finish}'", final=False)


def _apart(text: str) -> tuple[str, list[str]]:
    """The answer without the thoughts in it, and these."""
    found = [(one or other).strip() for one, other in _THOUGHT.findall(text)]
    return (_THOUGHT.sub("", text).strip(), found) if found else (text, [])


def _usage(said: object) -> Usage:
    if not isinstance(said, dict):
        return Usage()
    prompt, output = _count(said, "prompt_tokens"), _count(said, "completion_tokens")
    thoughts = _count(said.get("completion_tokens_details"), "reasoning_tokens")
    if output is not None and thoughts:
        # Most count thoughts among the completion; where the sum shows otherwise, nothing is taken off.
        beside = _count(said, "total_tokens") == (prompt or 0) + output + thoughts
        output = output if beside or thoughts > output else output - thoughts
    counts = {
        "input": prompt,
        "output": output,
        "thoughts": thoughts,
        "cached": _count(said.get("prompt_tokens_details"), "cached_tokens"),
    }
    known = any(count is not None for count in counts.values())
    return Usage.model_validate({**counts, "source": "provider" if known else None})


def _count(said: object, key: str) -> int | None:
    value = said.get(key) if isinstance(said, dict) else None
    # Vertex hands usage on as floats; true and -1 are no counts.
    whole = isinstance(value, int | float) and not isinstance(value, bool) and value == value // 1
    return int(value) if whole and value is not None and 0 <= value < 10**12 else None


def _unreadable(what: str) -> ProviderError:
    return ProviderError("unreadable", f"the server answered with {what}", final=False)


def _kind_of(value: object) -> str:
    names = {
        "NoneType": "null",
        "str": "a text",
        "list": "a list",
        "dict": "an object",
        "bool": "true or false",
    }
    return names.get(type(value).__name__, "a number")
