"""What is missing before a model can be asked: settings, a key, a login. No server is asked."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.registry import find_part, names_in

if TYPE_CHECKING:
    from medbench.schema.model import ModelFile


def is_set(variable: str) -> bool:
    """Whether an environment variable holds anything."""
    return bool(os.environ.get(variable, "").strip())


def missing_access(model: ModelFile) -> tuple[str, str] | None:
    """What is missing to use a model in one word, and what to type; None where nothing is known to be."""
    if model.provider is None:
        return None
    if ":" not in model.provider and model.provider not in names_in("providers"):
        return "provider", "pip install -U medbench"
    try:
        provider = find_part("providers", "provider", model.provider)
    except UsageError as error:
        return "provider", error.hint
    look = getattr(provider, "missing", None)
    if look is not None:
        found: tuple[str, str] | None = look(model)
        return found
    if model.key_env and not is_set(model.key_env):
        return "key", f"export {model.key_env}=…"
    return None
