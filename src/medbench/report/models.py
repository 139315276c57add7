"""The models as a table, and what to know about them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.report.blocks import Paragraph, flush, table
from medbench.report.numbers import UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from medbench.report.blocks import Table
    from medbench.schema.results.view import ModelView, ServiceList


def listing(models: Sequence[ModelView]) -> Table:
    """Show a line a model: its id, provider, price and what it needs; one for all baselines."""
    rows = [_row(model) for model in models if model.model.family != "baseline"]
    baselines = [view.name.removeprefix("baseline-") for view in models if view.model.family == "baseline"]
    if baselines:
        rows.insert(0, ["baseline-*", " ".join(baselines), "", "free", UNKNOWN])
    return table(["name", "answers as", "by", "price, $", "needs"], rows, left=(0, 1, 2, 3, 4), wraps=(0, 1))


def _row(view: ModelView) -> list[str]:
    model = view.model
    price = view.price.removesuffix(" per M").removesuffix(" out").replace(" in, ", ", ").partition(" (")[0]
    return [
        view.name + (" *" if view.own else ""),
        model.id.rpartition("/")[2] or model.summary,
        (model.provider or "").partition(":")[0],
        price.replace("$", "").replace(" an hour", "/hour"),
        "gone" if view.gone else view.missing or UNKNOWN,
    ]


def remarks(models: Sequence[ModelView]) -> Paragraph:
    """Say what prices are in and of when, how many images fit, and which models change soon or are gone.

    The day is the earliest on which one of the prices was read.
    """
    available = [view for view in models if not view.gone]
    days = [view.price_date for view in models if view.price_date]
    limits = [
        (view.name, view.model.limits.images) for view in available if view.model.limits.images is not None
    ]
    parts = [
        f"Prices of {min(days)}; of tokens in and out, a million." if days else "",
        _listed("Images a call", (f"{name} {images}" for name, images in limits)),
        _listed("Dearer soon", map(_dearer, available)),
        _listed("Gone", (_retired(view) for view in models if view.gone)),
        _listed("Retires soon", (_retired(view) for view in models if view.leaves)),
        "Needs: what is missing of the settings, or the key that they name; no server was asked.",
    ]
    return flush("  ".join(part for part in parts if part))


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


def lists(found: Sequence[ServiceList]) -> Iterator[Paragraph]:
    """Yield what each service lists and medbench has not, and which of its models it does not list."""
    for one in found:
        parts = [f"new: {', '.join(one.new)}"] * bool(one.new) + [
            f"not listed any more: {', '.join(one.gone)}"
        ] * bool(one.gone)
        yield Paragraph(f"{one.service}: {one.problem or '; '.join(parts) or 'nothing new, nothing gone'}")


def what_to_type(models: Sequence[ModelView]) -> list[tuple[str, str]]:
    """Return what makes the models usable that are not, each once; then how to go on with those that are."""
    hints = [view.hint.partition("   ") for view in models if view.missing and view.hint and not view.gone]
    return [
        *dict.fromkeys((line, about.strip()) for line, _, about in hints),
        ("medbench doctor -m NAME", "does it answer, and does it see?"),
        ("medbench run BENCHMARK -m NAME --dry-run", "what it would cost"),
    ]
