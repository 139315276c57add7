"""The models as a table, and what to know about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Paragraph, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from medbench.report.blocks import Table
    from medbench.schema.results.view import ModelView


def listing(models: Sequence[ModelView]) -> Table:
    """Show a line a model: its id, provider, images, price and whether it is set up; one for all baselines.

    The price column names the earliest day on which one of the prices was read.
    """
    rows = [_row(model) for model in models if model.model.family != "baseline"]
    baselines = [view.name.removeprefix("baseline-") for view in models if view.model.family == "baseline"]
    if baselines:
        rows.insert(0, ["baseline-*", " ".join(baselines), "", "", "free", "yes"])
    days = [model.price_date for model in models if model.price_date]
    price = f"price, {min(days)}" if days else "price"
    return table(
        ["name", "answers as", "by", "images", price, "set up"], rows, left=(0, 1, 2, 4, 5), wraps=(0, 1)
    )


def _row(view: ModelView) -> list[str]:
    model = view.model
    set_up = "gone" if view.gone else f"no: {view.missing}" if view.missing else "yes"
    return [
        view.name + (" *" if view.own else ""),
        model.id.rpartition("/")[2] or model.summary,
        (model.provider or "").partition(":")[0],
        "any" if model.limits.images is None else str(model.limits.images),
        view.price.removesuffix(" per M"),  # stands once below the table, which has no room for it
        set_up,
    ]


def remarks(models: Sequence[ModelView]) -> Paragraph:
    """Say what prices are in, and which of all models cost more soon, are gone, or go soon."""
    available = [view for view in models if not view.gone]
    parts = [
        "Tokens: dollars a million." if any(view.price.endswith(" per M") for view in models) else "",
        _listed("Dearer soon", map(_dearer, available)),
        _listed("Gone", (_retired(view) for view in models if view.gone)),
        _listed("Retires soon", (_retired(view) for view in models if view.leaves)),
        "Set up: the settings are complete, a key that they name is there; no server was asked.",
    ]
    return Paragraph("  ".join(part for part in parts if part), hang=0)


def _listed(title: str, parts: Iterable[str]) -> str:
    named = list(dict.fromkeys(part for part in parts if part))
    return f"{title}: {'; '.join(named)}." if named else ""


def _dearer(view: ModelView) -> str:
    if view.dearer is None:
        return ""
    day, factor = view.dearer
    times = "twice" if factor == 2 else f"{factor:.3g} times"
    return f"{view.model.id} costs {times} as much from {day}"


def _retired(view: ModelView) -> str:
    successor = f", now {view.model.successor}" if view.model.successor else ""
    return f"{view.model.id} ({view.model.retires}{successor})"


def what_to_type(models: Sequence[ModelView]) -> list[str]:
    """Return what makes the models usable that are not, each once; then how to go on with those that are."""
    hints = [view.hint for view in models if view.missing and view.hint and not view.gone]
    return [
        *dict.fromkeys(hints),
        "medbench doctor -m NAME                        does it answer, and does it see?",
        "medbench run BENCHMARK -m NAME --dry-run       what it would cost",
    ]
