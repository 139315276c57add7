"""The models as a table."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.table import table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.console import RenderableType

    from medbench.schema.model import ModelFile, Price


def listing(
    models: Mapping[str, ModelFile], providers: frozenset[str], own: frozenset[str]
) -> RenderableType:
    """A line a model: exact id, provider, images, list price, whether it can run; one for all baselines."""
    baselines = [
        name.removeprefix("baseline-") for name, model in models.items() if model.family == "baseline"
    ]
    rows = [["baseline-*", " ".join(baselines), "", "", "free", "yes"]]
    rows += [
        [
            name + (" *" if name in own else ""),
            model.id or model.summary,
            model.provider or "",
            "any" if model.limits.images is None else str(model.limits.images),
            _price(model.price),
            _ready(model, providers),
        ]
        for name, model in models.items()
        if model.family != "baseline"
    ]
    return table(
        ["name", "answers as", "by", "images", "list price", "ready"], rows, left=(0, 1, 2, 4, 5), wraps=(1,)
    )


def _price(price: Price | None) -> str:
    if price is None:
        return "unknown"
    if price.free:
        return "free"
    if price.gpu_hour is not None:
        return f"${price.gpu_hour:.2f} an hour"
    if price.input is not None and price.output is not None:
        return f"${price.input:.2f} in, ${price.output:.2f} out per M"
    return "unknown"


def _ready(model: ModelFile, providers: frozenset[str]) -> str:
    if model.provider is None or ":" in model.provider or model.provider in providers:
        return "yes"
    return "not yet"
