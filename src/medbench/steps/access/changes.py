"""The settings of a model with some of them changed, as `--set` and grids do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.providers import provider_class
from medbench.providers._http.settings import LABEL_TEXT, LABELS, ORDERS
from medbench.sentences import listed, misspelt, nearest
from medbench.toml_input import as_typed

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from medbench.schema.model import ModelFile

SHOWN: dict[str, Any] = {
    "order": ORDERS[0],
    "image_labels": LABELS[0],
    "image_label_text": LABEL_TEXT,
    "image_transform": "none",
    "system": "",
    "history": True,
}
"""Settings of every model that say how a case is shown, with their usual values."""


def changed(name: str, defaults: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a model with some of them changed.

    Raises:
        UsageError: A setting does not exist, or a value is of another kind than the default.
    """
    merged = dict(defaults)
    for key, value in changes.items():
        if key in SHOWN and key not in merged and defaults:
            # Where a file does not say how images are shown, the usual way is in no digest.
            if _fitting(key, SHOWN[key], value) != SHOWN[key]:
                merged[key] = value
            continue
        if key not in merged:
            close = nearest(key, merged)
            hint = f"--set {close}={value}" if close else _known(name, merged)
            raise UsageError(f"'{key}' is not a setting of {name}.", hint, (key, close) if close else None)
        merged[key] = _fitting(key, merged[key], value)
    return merged


def _known(name: str, settings: Mapping[str, Any]) -> str:
    if not settings:
        return f"{name} has no settings"
    return f"one of: {', '.join(settings)}; another goes in [settings]"


def check_settings(name: str, file: ModelFile, usual: Mapping[str, Any], *, asks: bool) -> None:
    """Check that the settings of a file are its pipeline's, or may be those of the model that it asks.

    Args:
        name: Name of the file's model or pipeline.
        file: The file.
        usual: Settings of the pipeline.
        asks: True if the pipeline asks models.

    Raises:
        UsageError: One is mistyped, or nothing would read it.
    """
    for key, value in file.settings.items():
        if key in usual:
            continue
        if file.provider is not None:
            close = None if key in (_known_to(file) or ()) else misspelt(key, usual)
            if close is None:
                continue
        elif not usual and not asks:
            continue  # a pipeline of the user's, which may read what it likes
        else:
            close = nearest(key, usual)
        known = f"one of: {', '.join(usual)}" if usual else f"{name} has no settings of its own"
        hint = f"{close} = {as_typed(value)}" if close else known
        raise UsageError(f"'{key}' is not a setting of {name}.", hint)


def unknown_settings(models: Iterable[tuple[str, ModelFile]]) -> list[str]:
    """Return a sentence for each model with settings that are sent though medbench does not know them."""
    found: dict[str, dict[str, None]] = {}
    for name, model in models:
        known = _known_to(model)
        if known is not None and (unknown := [f"'{key}'" for key in model.settings if key not in known]):
            found.setdefault(name, {}).update(dict.fromkeys(unknown))
    return [
        f"{name} is sent {listed([*unknown], 4)}, unknown to medbench: does its server document it? "
        "Servers ignore what they do not know."
        for name, unknown in found.items()
    ]


def _known_to(model: ModelFile) -> frozenset[str] | None:
    return provider_class(model.provider or "echo").known_settings


def _fitting(key: str, default: Any, value: Any) -> Any:
    if isinstance(default, float) and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if type(value) is not type(default):
        kind = {float: "a number", int: "a whole number", bool: "true or false", str: "a text"}.get(
            type(default), ""
        )
        raise UsageError(
            f"'{value}' does not fit setting '{key}', which is {kind}.", f"--set {key}={default}"
        )
    return value
