"""Tell what is missing before a model can be asked: settings, a key, a login. No server is asked."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError
from medbench.providers import Missing, provider_class
from medbench.registry import names_in

PLACEHOLDER: Final = "NAME"
"""Stands in hints for the name of a model."""

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


def missing_access(model: ModelFile, name: str = PLACEHOLDER) -> Missing | None:
    """Return the first thing that is missing to use a model; None where nothing is known to be.

    Args:
        model: Its file.
        name: The model as it was typed, for the hint.
    """
    if model.provider is None:
        return None
    if ":" not in model.provider and model.provider not in names_in("providers"):
        return Missing("provider", "pip install -U medbench")
    try:
        missing = provider_class(model.provider).missing(model.at_each_address()[0])
    except UsageError as error:
        return Missing("provider", error.hint)
    # A provider from outside the package may return a plain tuple.
    found = Missing(*missing) if missing else None
    return found and found._replace(hint=with_name(found.hint, name))


def with_name(hint: str, name: str) -> str:
    """Return a hint with a model's name, quoted where it has to be, in place of 'NAME'."""
    return re.sub(rf"\b{PLACEHOLDER}\b", lambda _: shlex.quote(name), hint)
