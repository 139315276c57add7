"""The models there are: what each costs, and what is missing to use it."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, overload

from medbench.addresses import shown_address
from medbench.api.frames import Rows, same_named
from medbench.api.result import Result
from medbench.config import load_settings
from medbench.registry import unknown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from medbench.report.blocks import Block
    from medbench.schema.model import ModelFile
    from medbench.schema.results.view import ModelView


class ModelList(Result, Sequence["ModelView"]):
    """Models in the order of their names; one of them by its number or its name."""

    def __init__(self, views: Iterable[ModelView]) -> None:
        self._views = tuple(views)

    def __len__(self) -> int:
        return len(self._views)

    @overload
    def __getitem__(self, which: int | str) -> ModelView: ...
    @overload
    def __getitem__(self, which: slice) -> ModelList: ...
    def __getitem__(self, which: int | str | slice) -> ModelView | ModelList:
        """Return a model by its number or name, or a part of the list.

        Raises:
            UsageError: No model has that name.
            IndexError: There are not so many.
        """
        if isinstance(which, slice):
            return ModelList(self._views[which])
        if isinstance(which, int):
            return self._views[which]
        view = next((view for view in self._views if view.name == which), None)
        if view is None:
            raise unknown("model", which, self.names)
        return view

    @property
    def names(self) -> list[str]:
        """The names of the models."""
        return [view.name for view in self._views]

    def to_dict(self) -> dict[str, Any]:
        """Return {'models': …}, a dict for each model with its file."""
        rows = self._rows()
        files = (_file(view.model) for view in self._views)
        return {"models": [{**row, "file": file} for row, file in zip(rows, files, strict=True)]}

    def __repr__(self) -> str:
        return f"<ModelList {len(self)}: {', '.join(self.names)}>"

    def _rows(self) -> Rows:
        return Rows(_COLUMNS, [_cells(view) for view in self._views])

    def _blocks(self) -> Iterable[Block]:
        from medbench.report.models import listing, remarks

        return [listing(self._views), remarks(self._views)]


def models(*, all: bool = False) -> ModelList:  # noqa: A002 - the option's name
    """Return the models of medbench and of medbench.toml, with prices and what is missing to use them.

    Args:
        all: Retired models, and those for tests, too.

    Raises:
        UsageError: A model of medbench.toml has a wrong key.
    """
    from medbench.steps.models import models_known

    known = models_known(load_settings().models, dt.datetime.now(dt.UTC))
    return ModelList(view for view in known if all or not (view.model.hidden or view.gone))


def _file(model: ModelFile) -> dict[str, Any]:
    file: dict[str, Any] = json.loads(model.model_dump_json())
    if model.base_url and model.provider != "batch-files":  # of which it is a folder
        file["base_url"] = shown_address(model.base_url)
    file["addresses"] = [shown_address(address) for address in model.addresses]
    return file


_COLUMNS = {
    "model": str,
    "provider": str,
    "pipeline": str,
    "id": str,
    "family": str,
    "price": str,
    "missing": str,
    "hint": str,
    "own": bool,
    "retired": bool,
}


def _cells(view: ModelView) -> dict[str, str | bool | None]:
    cells = same_named(_COLUMNS, view.model) | same_named(_COLUMNS, view)
    return cells | {"model": view.name, "retired": view.gone}
