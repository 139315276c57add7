"""The models as a table, and what is to be known about them."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.table import printable, table
from medbench.sentences import WIDTH

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.results.view import ModelView


def listing(models: Sequence[ModelView]) -> RenderableType:
    """A line a model: id, provider, images, price, whether it is set up; one for all baselines.

    The price column names the earliest day on which one of the prices was read.
    """
    rows = [_row(model) for model in models if model.model.family != "baseline"]
    baselines = [one.name.removeprefix("baseline-") for one in models if one.model.family == "baseline"]
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
        view.price.removesuffix(" per M"),  # said once below the table, which has no room for it
        set_up,
    ]


def remarks(models: Sequence[ModelView]) -> RenderableType:
    """What prices are in; which of all models cost more soon, are gone, or go soon."""
    there = [view for view in models if not view.gone]
    by_token = any(view.price.endswith(" per M") for view in models)
    said = [
        *(["Tokens: dollars a million."] if by_token else []),
        *_said("Dearer soon", (_dearer(view) for view in there)),
        *_said("Gone", (_gone(view) for view in models if view.gone)),
        *_said("Retires soon", (_gone(view) for view in models if view.leaves)),
        "Set up: the settings are complete, a key that they name is there; no server was asked.",
    ]
    lines = textwrap.wrap("  ".join(said), WIDTH, break_long_words=False, break_on_hyphens=False)
    return Text(printable("\n".join(lines)))


def _said(title: str, parts: Iterator[str]) -> list[str]:
    found = list(dict.fromkeys(part for part in parts if part))
    return [f"{title}: {'; '.join(found)}."] if found else []


def _dearer(view: ModelView) -> str:
    if view.dearer is None:
        return ""
    day, factor = view.dearer
    times = "twice" if factor == 2 else f"{factor:.3g} times"
    return f"{view.model.id} costs {times} as much from {day}"


def _gone(view: ModelView) -> str:
    successor = f", now {view.model.successor}" if view.model.successor else ""
    return f"{view.model.id} ({view.model.retires}{successor})"


def what_to_type(models: Sequence[ModelView]) -> list[str]:
    """What makes the models usable that are not, each once; then how to go on with those that are."""
    hints = [view.hint for view in models if view.missing and view.hint and not view.gone]
    return [
        *dict.fromkeys(hints),
        "medbench doctor -m NAME                        does it answer, and does it see?",
        "medbench run BENCHMARK -m NAME --dry-run       what it would cost",
    ]
