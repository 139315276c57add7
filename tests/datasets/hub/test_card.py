"""Names of licences: one licence has one name, however a card or a Croissant file writes it."""

from __future__ import annotations

import pytest

from medbench.datasets.hub.card import agreed, licence_id, of_card
from medbench.datasets.hub.source_map import MAPS, shipped
from medbench.errors import InputError
from medbench.registry import shipped_names


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("cc-by-4.0", "cc-by-4.0"),
        ("CC BY 4.0", "cc-by-4.0"),
        ("https://creativecommons.org/licenses/by/4.0/", "cc-by-4.0"),
        ("http://creativecommons.org/licenses/by-nc-sa/4.0/legalcode", "cc-by-nc-sa-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/", "cc0-1.0"),
        ("https://spdx.org/licenses/Apache-2.0.html", "apache-2.0"),
        ("https://choosealicense.com/licenses/apache-2.0/", "apache-2.0"),
        ("https://www.apache.org/licenses/LICENSE-2.0", "apache-2.0"),
        ("Apache License 2.0", "apache-2.0"),
        ("MIT License", "mit"),
        ("Our Data Use Agreement", "our data use agreement"),
    ],
)
def test_a_licence_has_one_name(written: str, name: str) -> None:
    """Addresses and long names, too."""
    assert licence_id(written) == name


def test_a_licence_of_its_own_may_be_named_or_linked() -> None:
    """`license: other` names none; its name or its address does."""
    card = {"license": "other", "license_name": "our-terms", "license_link": "https://example.org/terms"}
    statement = of_card(card, "the card")
    assert statement is not None
    assert agreed("x", [statement, None]) == "our-terms"
    linked = of_card({"license": "other", "license_link": "https://example.org/terms"}, "the file")
    assert agreed("x", [statement, linked])
    assert of_card({"license": "unknown"}, "the card") is None
    with pytest.raises(InputError, match="one of them is wrong"):
        agreed("x", [statement, of_card({"license": ["mit"]}, "the file")])


@pytest.mark.parametrize("name", shipped_names(MAPS))
def test_a_shipped_map_states_its_terms(name: str) -> None:
    """Each says what its source asks, and where it is from."""
    source = shipped(name)
    assert source.terms
    assert source.address.startswith("https://")
    assert source.columns
