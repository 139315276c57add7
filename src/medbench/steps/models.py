"""The models there are: what each costs, and what is missing to use it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from medbench.pricing.prices import Prices
from medbench.registry import find_model, model_names
from medbench.schema.results.view import ModelView
from medbench.steps.access.readiness import missing_access

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
    missing, hint = missing_access(model) or ("", "")
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
