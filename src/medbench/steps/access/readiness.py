"""Tell what is missing before a model can be asked: settings, a key, a login. No server is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.providers import Missing, provider_class
from medbench.registry import names_in

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


def missing_access(model: ModelFile) -> Missing | None:
    """Return the first thing that is missing to use a model; None where nothing is known to be."""
    if model.provider is None:
        return None
    if ":" not in model.provider and model.provider not in names_in("providers"):
        return Missing("provider", "pip install -U medbench")
    try:
        missing = provider_class(model.provider).missing(model.at_each_address()[0])
    except UsageError as error:
        return Missing("provider", error.hint)
    # A provider from outside the package may return a plain tuple.
    return Missing(*missing) if missing else None
