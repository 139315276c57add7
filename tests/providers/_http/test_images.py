"""Requests as JSON with images: small ones are made at once, large ones in a thread."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import json
import threading
from typing import TYPE_CHECKING, Any

import pytest
from PIL import Image as pillow  # noqa: N813 - the class of that name is a record here

from medbench.errors import ImageError
from medbench.images.recorded import Pictures
from medbench.providers._http import images
from medbench.providers._http.images import EncodedRequest, ImageEncoder
from medbench.schema.case import Image
from medbench.schema.response import Request

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from medbench.providers._http.images import ImageMark

PNG = b"\x89PNG\r\n\x1a\n"
LIGHT = 256 * 1024


def _request(folder: Path, images: Sequence[bytes], **settings: Any) -> Request:
    """Return a request with images of these bytes, which are written to a folder."""
    recorded = []
    for data in images:
        digest = hashlib.sha256(data).hexdigest()
        (folder / digest).write_bytes(data)
        recorded.append(Image(file=digest, sha256=digest, bytes=len(data), width=1, height=1, mode="L"))
    return Request(model="m", text="Describe.", images=tuple(recorded), settings=settings)


def _encoded(
    folder: Path, request: Request, encoder: ImageEncoder | None = None
) -> tuple[EncodedRequest, bool]:
    """Encode a request, after the first one of its encoder; True if that was done in the event loop."""
    threads: list[int] = []

    def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
        threads.append(threading.get_ident())
        return {"images": [f"data:{mark.mime_type};base64,{mark.data}" for mark in marks]}

    encoder = encoder or _used(folder)
    encoded = asyncio.run(encoder.encode(request, document))
    return encoded, threads == [threading.get_ident()]


def _used(folder: Path) -> ImageEncoder:
    """Return an encoder that knows the disk to be quick."""
    encoder = ImageEncoder(Pictures(folder))
    assert _encoded(folder, _request(folder, [PNG]), encoder)[1] is False
    return encoder


@pytest.mark.parametrize("sizes", [(), (100,), (LIGHT,), (LIGHT // 2, LIGHT // 2), (LIGHT + 1,), (LIGHT, 8)])
def test_no_more_than_a_quarter_of_a_megabyte_is_encoded_in_the_event_loop(
    tmp_path: Path, sizes: Sequence[int]
) -> None:
    """The body is the same either way: every image in its place, and its digest."""
    request = _request(tmp_path, [PNG + bytes(size - len(PNG)) for size in sizes])
    encoded, in_loop = _encoded(tmp_path, request)
    assert in_loop == (sum(sizes) <= LIGHT)
    sent = [base64.b64decode(url.partition("base64,")[2]) for url in json.loads(encoded.body)["images"]]
    assert [len(image) for image in sent] == [*sizes]
    assert [hashlib.sha256(image).hexdigest() for image in sent] == [*encoded.images]


@pytest.mark.parametrize("transform", ["none", None, "mirror"])
def test_an_image_is_not_changed_in_the_event_loop(tmp_path: Path, transform: object) -> None:
    """To change a picture takes ten times as long as to send its file."""
    png = io.BytesIO()
    pillow.new("L", (8, 8)).save(png, "PNG")
    request = _request(tmp_path, [png.getvalue()], image_transform=transform)
    _, in_loop = _encoded(tmp_path, request)
    assert in_loop == (transform != "mirror")


def test_a_drive_that_is_slow_once_is_read_in_threads_from_then_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A network drive is slow now and then; requests without images have nothing to wait for."""
    encoder = _used(tmp_path)
    request = _request(tmp_path, [PNG])
    assert _encoded(tmp_path, request, encoder)[1]
    with monkeypatch.context() as slow:
        slow.setattr(images, "_QUICK_S", 0.0)
        assert _encoded(tmp_path, request, encoder)[1], "nobody knows before it is read"
    assert not _encoded(tmp_path, request, encoder)[1]
    assert not _encoded(tmp_path, request, encoder)[1]
    assert _encoded(tmp_path, _request(tmp_path, []), encoder)[1]


def test_the_event_loop_goes_on_while_a_cold_drive_is_read(tmp_path: Path) -> None:
    """The first images of a run, which are those that may not be there yet."""
    here = threading.Event()

    class Cold(Pictures):
        def read(self, image: Image) -> bytes:
            assert here.wait(30), "the event loop waited for the drive"
            return super().read(image)

    async def scenario() -> EncodedRequest:
        encoder = ImageEncoder(Cold(tmp_path))
        task = asyncio.ensure_future(
            encoder.encode(_request(tmp_path, [PNG]), lambda marks: {"image": marks[0].data})
        )
        await asyncio.sleep(0)
        here.set()
        return await task

    assert len(asyncio.run(scenario()).images) == 1


def test_an_image_that_is_gone_is_an_error_either_way(tmp_path: Path) -> None:
    """In the loop, and in a thread."""
    encoder, request = _used(tmp_path), _request(tmp_path, [PNG + b"gone"])
    (tmp_path / request.images[0].file).unlink()
    for one in (encoder, ImageEncoder(Pictures(tmp_path))):
        with pytest.raises(ImageError, match="cannot be read"):
            _encoded(tmp_path, request, one)
