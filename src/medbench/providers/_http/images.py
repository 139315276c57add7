"""A request as JSON bytes with its images in it, made in a thread where that takes long."""

from __future__ import annotations

import asyncio
import base64
import json
import secrets
import time
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

from medbench.errors import ProviderError, UsageError
from medbench.images.kinds import media_type
from medbench.images.transform import NONE, check_transform
from medbench.providers._http.settings import wrong_setting

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from medbench.images.recorded import Pictures, Sent
    from medbench.schema.response import Request

T = TypeVar("T")
_LIGHT: Final = 256 * 1024
"""Most bytes of images that are encoded without a thread, which takes less than a millisecond. A thread and
the event loop would take the interpreter from each other so often that it costs twice the processor time."""
_QUICK_S: Final = 0.05
"""Seconds in which images that are light are read and encoded, unless the disk is slow."""
_AT_A_TIME: Final = 2
"""Requests that are encoded at a time: with more threads, the event loop waits its turn too long."""


class ImageMark(NamedTuple):
    """A place for an image in a document."""

    mime_type: str
    """Type of the image."""
    data: str
    """Stands for the base64 text of its bytes; may be the end of a longer text."""


class EncodedRequest(NamedTuple):
    """A request as it is sent."""

    body: bytes
    """The JSON."""
    images: tuple[str, ...]
    """Sha256 of each image in it."""


class ImageWork:
    """Does the work on the images of requests: that of large ones in threads, and of others once it is quick.

    A network drive that is cold, or gone, would hold up all calls if it were read in the event loop. So the
    first request with images is read in a thread, and once one took long, so are all that follow.
    """

    def __init__(self) -> None:
        self._turns = asyncio.Semaphore(_AT_A_TIME)
        self._is_quick: bool | None = None

    async def do(self, request: Request, work: Callable[[], T]) -> T:
        """Return what the work on a request returns."""
        if not request.images:
            return work()
        light = is_light(request)
        if light and self._is_quick:
            return self._timed(work)
        async with self._turns:
            return await (asyncio.to_thread(self._timed, work) if light else asyncio.to_thread(work))

    def _timed(self, work: Callable[[], T]) -> T:
        begun = time.perf_counter()
        try:
            return work()
        finally:
            took = time.perf_counter() - begun
            self._is_quick = took < _QUICK_S and self._is_quick is not False


class ImageEncoder:
    """Encodes requests; reading, hashing and base64 take their time."""

    def __init__(self, pictures: Pictures) -> None:
        self._pictures, self._work = pictures, ImageWork()

    async def encode(
        self, request: Request, document: Callable[[Sequence[ImageMark]], Mapping[str, Any]]
    ) -> EncodedRequest:
        """Return a request as JSON bytes.

        Args:
            request: What is asked.
            document: Makes the JSON's content, with a mark in the place of each image, in their order.

        Raises:
            ImageError: An image is gone, or is not the one that was recorded.
            ProviderError: An image is of no known type, or a setting cannot be sent.
        """
        return await self._work.do(request, lambda: self._encoded(request, document))

    def _encoded(
        self, request: Request, document: Callable[[Sequence[ImageMark]], Mapping[str, Any]]
    ) -> EncodedRequest:
        images = images_to_send(self._pictures, request)
        # A mark is random: no prompt can hold it.
        marks = [ImageMark(mime_type(image.data), f"image-{secrets.token_hex(16)}") for image in images]
        # Megabytes of base64 never pass through the JSON encoder, which would look at each character.
        rest, parts = json.dumps(document(marks), separators=(",", ":"), allow_nan=False).encode(), []
        for mark, image in zip(marks, images, strict=True):
            before, found, rest = rest.partition(mark.data.encode())
            if not found:
                raise ValueError("a document without a place for an image")
            parts += [before, base64.b64encode(image.data)]
        return EncodedRequest(b"".join([*parts, rest]), tuple(image.sha256 for image in images))


def is_light(request: Request) -> bool:
    """Return True if the images of a request are few bytes that are sent as they are."""
    return _transform(request) == NONE and sum(image.bytes for image in request.images) <= _LIGHT


def _transform(request: Request) -> str:
    return str(request.settings.get("image_transform") or NONE)


def images_to_send(pictures: Pictures, request: Request) -> list[Sent]:
    """Return the images of a request, transformed as its settings ask for; for a thread unless it is light.

    Raises:
        ImageError: One is gone, or is not the one that was recorded.
        ProviderError: There is no such transform.
    """
    try:
        transform = check_transform(_transform(request))
        return [pictures.to_send(image, transform) for image in request.images]
    except UsageError as error:
        raise wrong_setting(error) from None


def mime_type(image: bytes) -> str:
    """Return the media type of an image.

    Raises:
        ProviderError: It is of none that is known.
    """
    found = media_type(image)
    if found is None:
        reason = f"an image begins with '{image[:8].hex(' ')}': of no known type"
        raise ProviderError("image", reason, final=True, sent=False)
    return found
