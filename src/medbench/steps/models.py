"""Lists the models with their prices and what each still needs, beside the services' own lists."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from medbench.deadline import in_time
from medbench.errors import ProviderError, UsageError
from medbench.images.recorded import Pictures
from medbench.pricing.prices import Prices
from medbench.registry import find_model, model_names
from medbench.schema.model import same_model
from medbench.schema.results.view import ModelView, ServiceList
from medbench.steps.access.clients import new_provider, server_of
from medbench.steps.access.deployments import with_deployment
from medbench.steps.access.hosts import hosts_of
from medbench.steps.access.readiness import missing_access

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Mapping, Sequence
    from typing import Any

    from medbench.schema.model import ModelFile


SOON: Final = timedelta(days=90)
"""Time before a price rises or a model is shut down from which the list says so."""


def models_known(own: Mapping[str, Mapping[str, Any]], at: dt.datetime) -> list[ModelView]:
    """Return all models by name, retired and hidden ones too.

    Raises:
        UsageError: A model of medbench.toml has an unknown field.
    """
    return [
        _view(name, with_deployment(name, find_model(name, own)), at, own=name in own)
        for name in model_names(own)
    ]


async def service_lists(views: Sequence[ModelView]) -> list[ServiceList]:
    """Ask each service of these models for its own list, and return what differs.

    Nothing is asked of a service whose key is missing, and none that only answers here, such as a test's.
    """
    by_server: dict[tuple[str | None, ...], list[ModelView]] = defaultdict(list)
    for view in views:
        provider = view.model.provider
        if provider and ":" not in provider and hosts_of(view.model) != ():
            by_server[server_of(view.model)].append(view)
    return await asyncio.gather(*(_listed(of_server) for of_server in by_server.values()))


async def _listed(views: Sequence[ModelView]) -> ServiceList:
    asked = next((view for view in views if not view.gone and not view.missing), None)
    first = (asked or views[0]).model
    hosts = hosts_of(first) or ()
    service = " ".join([str(first.provider), *hosts[:1]])
    if asked is None:
        return ServiceList(service, problem=f"not asked: no {views[0].missing or 'model that is not gone'}")
    try:
        provider = new_provider(first, Pictures(Path()))
        try:
            ids = await in_time(provider.listed(), "list of models")
        finally:
            await provider.close()
    except (ProviderError, UsageError) as error:
        return ServiceList(service, problem=str(error).partition("\n")[0])
    if ids is None:
        return ServiceList(service, problem="has no list of models")
    ours = [view.model.id for view in views]
    return ServiceList(
        service,
        new=tuple(sorted(one for one in ids if not any(same_model(own, one) for own in ours))),
        gone=tuple(
            view.name
            for view in views
            if not view.gone and not any(same_model(view.model.id, one) for one in ids)
        ),
    )


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
