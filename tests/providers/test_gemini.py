"""Gemini: what is sent, and what is checked before; `nox -s genai` runs it with each google-genai."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from medbench.errors import ImageError, UsageError
from medbench.images.recorded import Pictures
from medbench.providers import gemini
from medbench.schema.case import Image
from medbench.schema.model import Limits

PNG, JPEG = b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0"


def _parts(sent: Any) -> list[dict[str, Any]]:
    parts: list[dict[str, Any]] = json.loads(sent.content)["contents"][0]["parts"]
    return parts


def _inline(kind: str, data: bytes) -> dict[str, Any]:
    return {"inlineData": {"data": base64.b64encode(data).decode(), "mimeType": f"image/{kind}"}}


def test_the_body_is_what_the_wire_format_wants(gem: Any) -> None:
    """One turn of text and images, settings where the API has them; nothing of medbench's own."""
    seen = gem.answers()
    first, second = PNG + b"first", JPEG + b"\xfb\xff\xbf second"
    settings = {"order": "text-first", "image_transform": "none", "temperature": 0.0, "max_tokens": 9}
    more = {"seed": 3, "top_p": 0.9, "top_k": 5, "thinking": "low", "media_resolution": "high", "stop": ["."]}
    text = 'Say "data": "medbench"; ü.'
    gem.ask(request=gem.request(gem.image(first), gem.image(second), text=text, **settings, **more))
    assert json.loads(seen[0].content) == {
        "contents": [
            {"role": "user", "parts": [{"text": text}, _inline("png", first), _inline("jpeg", second)]}
        ],
        "generationConfig": {
            "temperature": 0.0,
            "maxOutputTokens": 9,
            "seed": 3,
            "topP": 0.9,
            "topK": 5,
            "stopSequences": ["."],
            "mediaResolution": "MEDIA_RESOLUTION_HIGH",
            "thinkingConfig": {"thinkingLevel": "LOW"},
        },
    }
    where = "https://generativelanguage.googleapis.com/v1beta/models/gemini-9-flash:generateContent"
    assert (seen[0].method, str(seen[0].url)) == ("POST", where)
    assert seen[0].headers["content-length"] == str(len(seen[0].content))
    assert b"a/0" not in seen[0].content


def test_the_shipped_defaults_send_only_what_they_say(gem: Any) -> None:
    """'default' leaves a choice to the service; a setting of None is not there."""
    seen = gem.answers()
    gem.ask(request=gem.request(thinking="default", media_resolution="default", seed=None))
    assert not json.loads(seen[0].content).get("generationConfig")


SETTINGS: dict[str, dict[str, Any]] = {
    "some": {
        "order": "images-between",
        "image_labels": "before",
        "thinking": "low",
        "system": "Be brief.",
        "max_tokens": 9,
    },
    "none": {"thinking": "default", "media_resolution": "default"},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
def test_a_batch_holds_what_a_single_call_sends(gem: Any, settings: dict[str, Any]) -> None:
    """The same parts in the same order, the same system message and settings."""
    seen = gem.answers()
    images = [gem.image(PNG + b"first"), gem.image(JPEG + b"\xfb\xff\xbf second")]
    request = gem.request(*images, text="First.\n\nThen.", **settings)
    gem.ask(request=request)
    batches = gemini.Provider(gem.model(), gem.pictures).batches()
    assert batches is not None
    line = json.loads(asyncio.run(batches.line("k", request)).data)
    sent = json.loads(seen[0].content)
    if not sent.get("generationConfig", True):  # the SDK adds an empty one
        del sent["generationConfig"]
    assert line == {"key": "k", "request": sent}
    assert ("generationConfig" in sent) == ("max_tokens" in settings)


@pytest.mark.parametrize("budget", [0, -1, 512])
def test_a_thinking_budget_is_sent(gem: Any, budget: int) -> None:
    """Gemini 2.5 takes a number of tokens in place of a level."""
    seen = gem.answers()
    gem.ask(request=gem.request(thinking_budget=budget, include_thoughts=True, thinking="default"))
    sent = json.loads(seen[0].content)["generationConfig"]["thinkingConfig"]
    assert sent == {"thinkingBudget": budget, "includeThoughts": True}


def test_a_json_schema_is_sent_as_it_is(gem: Any) -> None:
    """`response_schema` is plain JSON Schema, and asks for JSON."""
    seen = gem.answers()
    schema = {
        "type": "object",
        "properties": {"grade": {"type": "string", "enum": ["good", "poor"], "maxLength": 9}},
        "additionalProperties": False,
    }
    gem.ask(request=gem.request(response_schema=schema))
    sent = json.loads(seen[0].content)["generationConfig"]
    assert sent == {"responseMimeType": "application/json", "responseJsonSchema": schema}


def test_the_order_is_a_setting(gem: Any) -> None:
    """`order = "image-first"` puts the images before the text, in their own order."""
    seen = gem.answers()
    images = [PNG + bytes([number]) for number in range(11)]
    gem.ask(request=gem.request(*map(gem.image, images), order="image-first"))
    assert _parts(seen[0]) == [*(_inline("png", data) for data in images), {"text": "Describe."}]


@pytest.mark.parametrize("how", ["request", "setting"])
def test_a_system_message_is_the_system_instruction(gem: Any, how: str) -> None:
    """The request's system text, or the setting of that name, stands beside the turn."""
    seen = gem.answers()
    words = "You are a radiologist."
    asked = gem.request().model_copy(update={"system": words})
    gem.ask(request=asked if how == "request" else gem.request(system=words))
    sent = json.loads(seen[0].content)
    assert sent["systemInstruction"] == {"parts": [{"text": words}]}
    assert _parts(seen[0]) == [{"text": "Describe."}]


def test_the_images_sent_are_named_by_digest(gem: Any) -> None:
    """The reply has the sha256 of each image as the server got it; a changed file is never sent."""
    seen = gem.answers()
    image = gem.image(PNG + bytes(range(256)))
    reply = gem.ask(request=gem.request(image))
    got = base64.b64decode(_parts(seen[0])[1]["inlineData"]["data"])
    assert reply.images_sent == (hashlib.sha256(got).hexdigest(),) == (image.sha256,)
    (gem.folder / image.file).write_bytes(PNG + b"changed")
    with pytest.raises(ImageError):
        gem.ask(request=gem.request(image))
    assert len(seen) == 1


def test_the_body_is_four_thirds_of_the_files(gem: Any) -> None:
    """Four images of 700 kB: base64 and a few hundred bytes, no more."""
    seen = gem.answers()
    images = [gem.image(PNG + bytes([number]) * 700_000) for number in range(4)]
    gem.ask(request=gem.request(*images))
    assert len(seen[0].content) - sum(image.bytes for image in images) * 4 / 3 < 600


def test_large_images_are_read_in_a_thread(gem: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Reading and hashing hold up the event loop for less than a millisecond."""
    gem.answers()
    threads: set[int] = set()
    read = Pictures.read

    def watched(self: Pictures, image: Image) -> bytes:
        threads.add(threading.get_ident())
        return read(self, image)

    monkeypatch.setattr(Pictures, "read", watched)
    gem.ask(request=gem.request(gem.image(PNG + bytes(200_000)), gem.image(PNG + bytes(100_000))))
    assert threads
    assert threading.get_ident() not in threads


def test_many_calls_get_their_own_images(gem: Any) -> None:
    """Forty calls at a time on one provider: each request has its own text and image."""
    seen = gem.answers()

    async def many() -> None:
        provider = gemini.Provider(gem.model(), gem.pictures)
        made = [gem.request(gem.image(PNG + str(n).encode()), text=f"case {n}.") for n in range(40)]
        await asyncio.gather(*(provider.ask(request) for request in made))
        await provider.close()

    asyncio.run(many())
    got = {_parts(sent)[0]["text"]: base64.b64decode(_parts(sent)[1]["inlineData"]["data"]) for sent in seen}
    assert got == {f"case {n}.": PNG + str(n).encode() for n in range(40)}


def test_no_continuation_is_asked_for(gem: Any) -> None:
    """An answer that wants to go on is a failure, and no second request goes out."""
    said = gem.parts({"text": "half"}, finishReason="CONTINUATION", continuationToken="dG9r")
    seen = gem.answers(said)
    assert gem.fails().kind == "stopped"
    assert len(seen) == 1


def test_bytes_of_no_known_type_are_not_sent(gem: Any) -> None:
    """A file that is not a picture fails its case."""
    seen = gem.answers()
    assert gem.fails(request=gem.request(gem.image(b"%PDF-1.7"))).kind == "image"
    assert not seen


def test_limits_are_checked_before_sending(gem: Any) -> None:
    """Too many images or too large a body: nothing is sent, and the way out is named."""
    seen = gem.answers()
    image = gem.image(PNG + b"x" * 1_000)
    error = gem.fails(gem.model(limits=Limits(images=1)), gem.request(image, image))
    assert (error.kind, error.final, error.sent) == ("too_many_images", True, False)
    error = gem.fails(gem.model(limits=Limits(body_bytes=1_000)), gem.request(image))
    assert (error.kind, error.final, error.sent) == ("too_large", True, False)
    assert "takes 1,000" in error.reason
    assert not seen


@pytest.mark.parametrize(
    ("settings", "says", "hint"),
    [
        ({"temprature": 1.0}, "'temprature' is not a setting", "temperature"),
        ({"qqqq": 1}, "'qqqq' is not a setting", "one of"),
        ({"stream": True}, "'stream' is not a setting", ""),
        ({"order": "sideways"}, "'sideways' does not fit 'order'", "text-first"),
        ({"image_transform": "half"}, "'half' does not fit 'image_transform'", "none"),
        ({"temperature": "hot"}, "'hot' does not fit 'temperature'", "0.3"),
        ({"temperature": True}, "'True' does not fit 'temperature'", "0.3"),
        ({"max_tokens": 0}, "'0' does not fit 'max_tokens'", "8192"),
        ({"max_tokens": 9.5}, "'9.5' does not fit 'max_tokens'", "8192"),
        ({"thinking": "deep"}, "'deep' does not fit 'thinking'", "low"),
        ({"thinking": ["low"]}, "does not fit 'thinking'", "low"),
        ({"thinking_budget": -2}, "'-2' does not fit 'thinking_budget'", "0"),
        ({"media_resolution": "huge"}, "'huge' does not fit 'media_resolution'", "high"),
        ({"response_schema": "x"}, "'x' does not fit 'response_schema'", ""),
        ({"include_thoughts": "yes"}, "'yes' does not fit 'include_thoughts'", "true"),
        ({"stop": "END"}, "'END' does not fit 'stop'", "END"),
        ({"system": 7}, "'7' does not fit 'system'", ""),
        ({"thinking": "low", "thinking_budget": 0}, "both set", "default"),
    ],
)
def test_a_wrong_setting_is_named(gem: Any, settings: dict[str, Any], says: str, hint: str) -> None:
    """In a model file it is an error before anything is sent; changed with --set, it stops the provider."""
    seen = gem.answers()
    with pytest.raises(UsageError) as caught:
        gemini.Provider(gem.model(settings=settings), gem.pictures)
    assert says in caught.value.message
    assert hint in caught.value.hint
    error = gem.fails(request=gem.request(**settings))
    assert (error.kind, error.final, error.stops, error.sent) == ("setting", False, True, False)
    assert says in error.reason
    assert not seen


@pytest.mark.parametrize("level", ["minimal", "low", "medium", "high", "xhigh"])
def test_a_level_of_thinking_is_sent_whatever_the_installed_sdk_knows(gem: Any, level: str) -> None:
    """google-genai 2 knows fewer levels than 3; the service says what a model takes."""
    seen = gem.answers()
    gem.ask(request=gem.request(thinking=level))
    assert json.loads(seen[0].content)["generationConfig"] == {
        "thinkingConfig": {"thinkingLevel": level.upper()}
    }


def test_help_and_models_load_no_sdk(tmp_path: Path) -> None:
    """The SDK takes most of a second to load: neither help, nor the list of models, nor `missing` does it.

    The list of models loads the table of prices, which brings an HTTP library of its own.
    """
    code = (
        "import sys; from medbench.__main__ import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "from medbench.providers.gemini import Provider\nfrom medbench.registry import find_model\n"
        "Provider.missing(find_model('gemini-flash', {}))\n"
        "assert not {'google', 'google.genai'} & set(sys.modules)"
    )
    for argument in ("--help", "models"):
        done = subprocess.run(
            [sys.executable, "-c", code, argument], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
