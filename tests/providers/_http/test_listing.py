"""A service's list of models: ids of those that answer prompts, whatever else stands in it."""

from __future__ import annotations

from typing import Any

import pytest

from medbench.errors import ProviderError
from medbench.providers._http.listing import ids_in


def test_models_that_answer_prompts_are_listed() -> None:
    """By either name of the list, and without the ones that only embed texts."""
    assert ids_in({"data": [{"id": "a"}, {"id": 7}, "b", {}]}) == ("a",)
    models = [
        {"name": "models/a", "supportedGenerationMethods": ["generateContent"]},
        {"name": "models/b", "supportedGenerationMethods": ["embedContent"]},
        {"name": "models/c"},
    ]
    assert ids_in({"models": models}) == ("a", "c")


@pytest.mark.parametrize("methods", [True, 7, 1e300, "generateContent", {"generateContent": 1}])
def test_methods_of_a_wrong_type_are_none(methods: Any) -> None:
    """Such a model is not listed, and `models --new` ends as ever."""
    assert ids_in({"models": [{"name": "a", "supportedGenerationMethods": methods}]}) == ()


@pytest.mark.parametrize("data", [None, [], {}, {"data": {}}, {"models": "a"}, 7])
def test_what_is_no_list_is_a_failure(data: Any) -> None:
    """And no empty list, by which all models of that service would be gone."""
    with pytest.raises(ProviderError, match="not a list of models"):
        ids_in(data)
