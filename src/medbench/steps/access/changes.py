"""The settings of a model with some of them changed, as `--set` and grids do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.providers._http.settings import LABEL_TEXT, LABELS, ORDERS
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Mapping

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
            known = f"one of: {', '.join(merged)}" if merged else f"{name} has no settings"
            hint = f"--set {close}={value}" if close else known
            raise UsageError(f"'{key}' is not a setting of {name}.", hint, (key, close) if close else None)
        merged[key] = _fitting(key, merged[key], value)
    return merged


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
