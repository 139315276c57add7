"""The body that goes to Vertex AI is the one that litellm makes of the same call."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from drawn_calls import litellm_bodies
from vertex_calls import NAMES, our_body, same_body


@pytest.fixture(scope="module")
def theirs() -> dict[str, Any]:
    """The bodies that litellm sent."""
    return litellm_bodies("vertex")


@pytest.mark.parametrize("name", NAMES)
def test_our_body_is_litellms(name: str, theirs: dict[str, Any], tmp_path: Path) -> None:
    """Fields, messages, order, data URLs and settings: nothing differs but a 'stream' of false."""
    assert same_body(our_body(name, tmp_path), theirs[name])


def test_a_difference_would_be_seen(theirs: dict[str, Any], tmp_path: Path) -> None:
    """Another order, another picture or another setting is no equal body."""
    assert not same_body(our_body("image/chat", tmp_path), theirs["image-first/chat"])
    changed = json.loads(json.dumps(theirs["image/predict"]).replace("500", "501"))
    assert not same_body(our_body("image/predict", tmp_path), changed)
