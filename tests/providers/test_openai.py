"""An OpenAI-compatible server: what is sent, and what is checked before."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from medbench.errors import ImageError, ProviderError, UsageError
from medbench.images.recorded import Pictures
from medbench.providers import openai
from medbench.registry import find_model, shipped_models
from medbench.schema.case import Image
from medbench.schema.model import Limits

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


def _url(kind: str, data: bytes) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(data).decode()}"


def test_the_body_is_what_the_wire_format_wants(chat: Any) -> None:
    """Model, one message with text and data URLs, settings as fields; nothing of medbench's own."""
    seen = chat.answers(chat.completion)
    first, second = PNG + b"first", JPEG + b"second"
    settings = {"order": "text-first", "image_transform": "none", "temperature": 0.0, "max_tokens": 9}
    text = 'Say "url":"medbench:image:0"; ü.'
    request = chat.request(chat.image(first), chat.image(second), text=text, seed=None, top_p=0.9, **settings)
    chat.ask(request=request)
    assert json.loads(seen[0].content) == {
        "model": "med-1",
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": text},
                    {"type": "image_url", "image_url": {"url": _url("png", first)}},
                    {"type": "image_url", "image_url": {"url": _url("jpeg", second)}},
                ],
            }
        ],
        "temperature": 0.0,
        "max_tokens": 9,
        "top_p": 0.9,
    }
    assert (seen[0].method, str(seen[0].url)) == ("POST", "http://127.0.0.1:9/v1/chat/completions")
    assert seen[0].headers["content-type"] == "application/json"
    assert "authorization" not in seen[0].headers
    assert b"a/0" not in seen[0].content


def test_the_order_is_a_setting(chat: Any) -> None:
    """`order = "image-first"` puts the images before the text, in their own order."""
    seen = chat.answers(chat.completion)
    images = [chat.image(PNG + bytes([number])) for number in range(11)]
    chat.ask(request=chat.request(*images, order="image-first"))
    content = json.loads(seen[0].content)["messages"][0]["content"]
    assert [part["type"] for part in content] == ["image_url"] * 11 + ["text"]
    assert [part["image_url"]["url"] for part in content[:-1]] == [
        _url("png", PNG + bytes([number])) for number in range(11)
    ]


@pytest.mark.parametrize(
    ("labels", "expected"),
    [("before", ["Image 1:", "", "Image 2:", ""]), ("after", ["", "Image 1:", "", "Image 2:"])],
)
def test_labels_stand_beside_their_images(chat: Any, labels: str, expected: list[str]) -> None:
    """`image_labels` numbers the images, on the side that it says."""
    seen = chat.answers(chat.completion)
    images = [chat.image(PNG + bytes([number])) for number in range(2)]
    chat.ask(request=chat.request(*images, order="image-first", image_labels=labels))
    content = json.loads(seen[0].content)["messages"][0]["content"]
    assert [part.get("text", "") for part in content[:-1]] == expected


def test_a_label_has_the_words_that_were_asked_for(chat: Any) -> None:
    """`image_label_text` is the label, with the image's number; nothing else in braces means anything."""
    seen = chat.answers(chat.completion)
    images = [chat.image(PNG + bytes([number])) for number in range(2)]
    chat.ask(request=chat.request(*images, image_labels="after", image_label_text="SLICE {n} {0} $n"))
    content = json.loads(seen[0].content)["messages"][0]["content"]
    assert [part.get("text", "") for part in content[1:]] == ["", "SLICE 1 {0} $n", "", "SLICE 2 {0} $n"]


@pytest.mark.parametrize(
    ("text", "images", "expected"),
    [
        ("Look.\n\nWhat is seen?\n\nBe brief.", 2, ["Look.", "", "", "\n\nWhat is seen?\n\nBe brief."]),
        ("What is seen?", 2, ["", "", "What is seen?"]),
        ("Look.\n\nWhat is seen?", 0, ["Look.\n\nWhat is seen?"]),
    ],
)
def test_images_between_stand_after_the_first_paragraph(
    chat: Any, text: str, images: int, expected: list[str]
) -> None:
    """The texts together are the prompt, to the last character; without images it stays whole."""
    seen = chat.answers(chat.completion)
    request = chat.request(*(chat.image(PNG + bytes([n])) for n in range(images)), order="images-between")
    chat.ask(request=request.model_copy(update={"text": text}))
    content = json.loads(seen[0].content)["messages"][0]["content"]
    assert [part.get("text", "") for part in content] == expected
    assert "".join(part.get("text", "") for part in content) == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"order": "sideways"},
        {"image_labels": "beside"},
        {"image_label_text": "SLICE"},
        {"image_label_text": "{n} of {n}"},
    ],
)
def test_a_wrong_way_to_show_images_is_said_before_anything_is_sent(chat: Any, wrong: dict[str, Any]) -> None:
    """With the value and what fits."""
    seen = chat.answers(chat.completion)
    with pytest.raises(ProviderError, match=next(iter(wrong))) as told:
        chat.ask(request=chat.request(**wrong))
    assert (told.value.kind, seen) == ("setting", [])


@pytest.mark.parametrize("how", ["request", "setting"])
def test_a_system_message_stands_first(chat: Any, how: str) -> None:
    """The request's system text, or the setting of that name, is a message of its own."""
    seen = chat.answers(chat.completion)
    words = "You are a radiologist."
    asked = chat.request().model_copy(update={"system": words})
    chat.ask(request=asked if how == "request" else chat.request(system=words))
    sent = json.loads(seen[0].content)
    assert sent["messages"][0] == {"role": "system", "content": words}
    assert [message["role"] for message in sent["messages"]] == ["system", "user"]
    assert "system" not in sent


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (PNG, "png"),
        (JPEG, "jpeg"),
        (b"GIF89a", "gif"),
        (b"RIFF\0\0\0\0WEBP", "webp"),
        (b"BM\0\0", "bmp"),
        (b"II*\0", "tiff"),
        (b"MM\0*", "tiff"),
    ],
)
def test_the_type_is_read_from_the_bytes(chat: Any, start: bytes, kind: str) -> None:
    """The data URL names the type that the first bytes say."""
    seen = chat.answers(chat.completion)
    chat.ask(request=chat.request(chat.image(start + b"x")))
    assert f'"data:image/{kind};base64,'.encode() in seen[0].content


def test_bytes_of_no_known_type_are_not_sent(chat: Any) -> None:
    """A file that is not a picture fails its case."""
    seen = chat.answers(chat.completion)
    assert chat.fails(request=chat.request(chat.image(b"%PDF-1.7"))).kind == "image"
    assert not seen


def test_the_images_sent_are_named_by_digest(chat: Any) -> None:
    """The reply has the sha256 of each image as the server got it; a changed file is never sent."""
    seen = chat.answers(chat.completion)
    image = chat.image(PNG + b"pixels")
    reply = chat.ask(request=chat.request(image))
    url = json.loads(seen[0].content)["messages"][0]["content"][1]["image_url"]["url"]
    got = base64.b64decode(url.partition(",")[2])
    assert reply.images_sent == (hashlib.sha256(got).hexdigest(),) == (image.sha256,)
    (chat.folder / image.file).write_bytes(PNG + b"changed")
    with pytest.raises(ImageError):
        chat.ask(request=chat.request(image))
    assert len(seen) == 1


def test_the_body_is_four_thirds_of_the_files(chat: Any) -> None:
    """Four images of 700 kB: base64 and a few hundred bytes, no more."""
    seen = chat.answers(chat.completion)
    images = [chat.image(PNG + bytes([number]) * 700_000) for number in range(4)]
    chat.ask(request=chat.request(*images))
    assert len(seen[0].content) - sum(image.bytes for image in images) * 4 / 3 < 600


def test_large_images_are_read_and_encoded_in_a_thread(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading, hashing and base64 hold up the event loop for less than a millisecond."""
    chat.answers(chat.completion)
    threads: set[int] = set()
    read, encode = Pictures.read, base64.b64encode

    def watched(self: Pictures, image: Image) -> bytes:
        threads.add(threading.get_ident())
        return read(self, image)

    def encoded(data: bytes) -> bytes:
        threads.add(threading.get_ident())
        return encode(data)

    monkeypatch.setattr(Pictures, "read", watched)
    monkeypatch.setattr(base64, "b64encode", encoded)
    chat.ask(request=chat.request(chat.image(PNG + bytes(200_000)), chat.image(PNG + bytes(100_000))))
    assert threads
    assert threading.get_ident() not in threads


def test_too_many_images_are_not_sent(chat: Any) -> None:
    """More images than the model takes is a failure that names the way out."""
    seen = chat.answers(chat.completion)
    image = chat.image(PNG)
    error = chat.fails(chat.model(limits=Limits(images=1)), chat.request(image, image))
    assert (error.kind, error.final) == ("too_many_images", True)
    assert error.reason == "2 images asked for, but 'med-1' takes 1; try --images spread"
    assert "--images none" in chat.fails(chat.model(limits=Limits(images=0)), chat.request(image)).reason
    assert not seen


def test_too_large_a_body_is_not_sent(chat: Any) -> None:
    """A body above the model's limit is a failure with both figures."""
    seen = chat.answers(chat.completion)
    model = chat.model(limits=Limits(body_bytes=1_000))
    error = chat.fails(model, chat.request(chat.image(PNG + b"x" * 1_000)))
    assert (error.kind, error.final) == ("too_large", True)
    assert "takes 1,000" in error.reason
    assert chat.ask(model).text == "A mass."
    assert len(seen) == 1


@pytest.mark.parametrize(
    "settings", [{"order": "sideways"}, {"image_transform": "half"}, {"stream": True}, {"model": "other"}]
)
def test_a_setting_that_cannot_be_sent_stops_the_provider(chat: Any, settings: dict[str, Any]) -> None:
    """Every call would fail the same way, and none of it is final."""
    seen = chat.answers(chat.completion)
    error = chat.fails(request=chat.request(**settings))
    assert (error.kind, error.final, error.stops) == ("setting", False, True)
    assert not seen


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"base_url": None}, "where its server is"),
        ({"base_url": "localhost:8000"}, "not an address"),
        ({"base_url": "ftp://host/v1"}, "not an address"),
        ({"base_url": "http://[half"}, "not an address"),
        ({"settings": {"stream": True}}, "'stream' is set by medbench"),
        ({"key_env": "NOT_SET_ANYWHERE"}, "'NOT_SET_ANYWHERE' is not set"),
    ],
)
def test_a_model_file_that_cannot_work_is_a_wrong_setting(chat: Any, more: dict[str, Any], says: str) -> None:
    """It is said before anything is sent, in two lines."""
    with pytest.raises(UsageError, match=says) as caught:
        openai.Provider(chat.model(**more), chat.pictures)
    assert caught.value.hint
    if "base_url" in more:
        assert caught.value.hint.startswith("base_url = ")


def test_the_shipped_local_model_can_be_made(chat: Any) -> None:
    """`-m local-vllm` needs a running server and nothing else."""
    model = find_model("local-vllm", {})
    assert isinstance(openai.Provider(model, chat.pictures), openai.Provider)
    assert shipped_models()["local-vllm"]["base_url"] == "http://localhost:8000/v1"


@pytest.mark.parametrize(
    ("more", "lacking"),
    [
        ({}, None),
        ({"base_url": None}, ("server", 'base_url = "http://localhost:8000/v1"')),
        ({"key_env": "NOT_SET_ANYWHERE"}, ("key", "export NOT_SET_ANYWHERE=…")),
        ({"key_env": ""}, None),
        ({"key_env": "SET_SOMEWHERE"}, None),
    ],
)
def test_what_is_missing_is_named(
    chat: Any, monkeypatch: pytest.MonkeyPatch, more: dict[str, Any], lacking: tuple[str, str] | None
) -> None:
    """One word, and what to type: a server or the key that the model file names."""
    monkeypatch.setenv("SET_SOMEWHERE", "x")
    assert openai.Provider.missing(chat.model(**more)) == lacking


def test_help_and_models_load_no_network_library(tmp_path: Path) -> None:
    """The network library is loaded when a provider is made, and not before."""
    code = (
        "import sys; from medbench.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "import medbench.providers.openai\nassert 'httpx' not in sys.modules"
    )
    for arguments in (["--help"], ["models"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *arguments],
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
