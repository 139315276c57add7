"""One request in full."""

from __future__ import annotations

from typing import Any

from results import request
from screens import printed

from medbench.report.request import request_in_full
from medbench.schema.case import Image

IMAGE = Image.model_validate(
    {"file": "a.png", "sha256": "0123456789" * 6 + "abcd", "bytes": 9, "width": 4, "height": 5, "mode": "L"}
)


def test_an_image_is_a_line() -> None:
    """Size, mode and the digest of the bytes that would be sent."""
    screen = printed(request_in_full("One call", request(images=(IMAGE, IMAGE), system="Be brief.")))
    assert "  system   Be brief.\n" in screen
    assert screen.endswith("  images   2\n" + "           4x5 L, bytes unchanged, sha256 01234567…\n" * 2)


def test_the_fields_of_a_json_answer_are_no_setting() -> None:
    """Their names have a line of their own; a question without images has none for images."""
    schema: dict[str, Any] = {"properties": {"reason": {}, "grade": {}}}
    screen = printed(request_in_full("One question", request(settings={"response_schema": schema})))
    assert "  settings none\n" in screen
    assert screen.endswith("  schema   reason, grade\n")
