"""Whether two names mean one model."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from medbench.schema.model import same_model


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("gemini-3.8-flash", "gemini-3.8-flash"),
        ("gemini-3.8-flash", None),
        ("gemini-3.8-flash", "  "),
        ("gemini-3.8-flash", "models/gemini-3.8-flash"),
        ("models/gemini-3.8-flash", "gemini-3.8-flash"),
        ("gemini-3.8-flash", "publishers/google/models/gemini-3.8-flash"),
        ("google/gemini-3.8-flash", "projects/p/locations/global/publishers/google/models/gemini-3.8-flash"),
        ("gemini-2.0-flash", "gemini-2.0-flash-001"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash"),
        ("gemini-2.5-flash", "gemini-2.5-flash-preview-05-20"),
        ("gemini-2.5-flash", "gemini-2.5-flash-preview-09-2025"),
        ("gemini-3-flash-preview", "gemini-3-flash-preview-12-17"),
        ("gpt-5", "gpt-5-2026-01-13"),
        ("claude-x", "claude-x-20260113"),
        ("med-1", "med-1@2026"),
        ("google/medgemma-1.5-4b-it", "medgemma-1.5-4b-it"),
        ("google/MedGemma-1.5-4B-it", "google/medgemma-1.5-4b-it"),
        ("gemma3", "gemma3:latest"),
        ("gemma3:4b", "gemma3:4b"),
    ],
)
def test_these_are_one_model(asked: str, answered: str | None) -> None:
    """A prefix of the service, a version where none was asked for, capital letters and silence."""
    assert same_model(asked, answered)


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("gemini-2.5-pro", "gemini-3.8-flash"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite"),
        ("gemini-2.5-flash", "gemini-2.5-flash-lite-001"),
        ("gemini-2.0-flash-001", "gemini-2.0-flash-002"),
        ("gemini-2.5-flash-preview-05-20", "gemini-2.5-flash-preview-09-25"),
        ("gemini-3-flash-preview", "gemini-3-flash"),
        ("gemini-3-flash", "gemini-3-flash-preview"),
        ("gemini-flash-latest", "gemini-3.8-flash"),
        ("gemini-3-pro-preview", "gemini-3.1-pro-preview"),
        ("google/medgemma-1.5-4b-it", "someone/medgemma-1.5-4b-it"),
        ("medgemma-4b", "medgemma-27b"),
        ("gemma3:4b", "gemma3:12b"),
        ("gemini-3", "gemini-3.1"),
    ],
)
def test_these_are_two_models(asked: str, answered: str) -> None:
    """Another model, size, maker or pinned version, and a preview beside what followed it."""
    assert not same_model(asked, answered)
    assert not same_model(answered, asked)


NAMES = st.text("ab1-.:/@0 ", max_size=12)


@given(NAMES, NAMES)
def test_it_is_the_same_both_ways(one: str, other: str) -> None:
    """Each name is itself, and the order of two names does not matter."""
    assert same_model(one, one)
    if one.strip() and other.strip():
        assert same_model(one, other) == same_model(other, one)
