"""The models there are: what each costs, and what is missing to use it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from medbench.errors import UsageError
from medbench.pricing import Prices
from medbench.registry import find_model, find_part, model_names, names_in
from medbench.schema.view import ModelView

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping
    from typing import Any

    from medbench.schema.model import ModelFile


SOON: Final = timedelta(days=90)
"""How long before it happens a rise of a price, or the end of a model, is spoken of."""


def models_known(own: Mapping[str, Mapping[str, Any]], at: dt.datetime) -> list[ModelView]:
    """All models, retired and hidden ones too, by name.

    Args:
        own: `[models.*]` of medbench.toml.
        at: Time for which prices hold.

    Raises:
        UsageError: A model of medbench.toml has a wrong key.
    """
    return [_view(name, find_model(name, own), at, own=name in own) for name in model_names(own)]


def _view(name: str, model: ModelFile, at: dt.datetime, *, own: bool) -> ModelView:
    prices = Prices(model)
    missing, hint = _missing(model)
    today, dearer = at.date(), prices.dearer(at)
    return ModelView(
        name=name,
        model=model,
        own=own,
        price=prices.describe(at),
        price_date=prices.date,
        dearer=dearer if dearer and dearer[0] <= today + SOON else None,
        leaves=not model.is_retired(today) and model.is_retired(today + SOON),
        gone=model.is_retired(today),
        missing=missing,
        hint=hint,
    )


def _missing(model: ModelFile) -> tuple[str, str]:
    """What is missing to use a model, in one word, and what to type; two empty texts where nothing is."""
    if model.provider is None:
        return "", ""
    if ":" not in model.provider and model.provider not in names_in("providers"):
        return "provider", ""
    try:
        provider = find_part("providers", "provider", model.provider)
    except UsageError as error:
        return "provider", error.hint
    look = getattr(provider, "missing", None)
    return (look(model) if look else None) or ("", "")
