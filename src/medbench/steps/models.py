"""Lists the models with their prices, and what is missing to use each."""

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
"""Time before a price rises or a model is shut down from which the list says so."""


def models_known(own: Mapping[str, Mapping[str, Any]], at: dt.datetime) -> list[ModelView]:
    """Return all models by name, retired and hidden ones too.

    Args:
        own: `[models.*]` of medbench.toml.
        at: Time of the prices.

    Raises:
        UsageError: A model of medbench.toml has an unknown field.
    """
    return [_view(name, find_model(name, own), at, own=name in own) for name in model_names(own)]


def _view(name: str, model: ModelFile, at: dt.datetime, *, own: bool) -> ModelView:
    # A list imports no code of one's own: such a model is listed by what its file says.
    known = model.model_copy(update={"provider": None}) if ":" in (model.provider or "") else model
    prices = Prices(known)
    missing, hint = missing_access(known) or ("", "")
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
