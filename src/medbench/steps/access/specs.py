"""From what is typed at -m, --set, --prompt and --images to the specs of systems."""

from __future__ import annotations

import math
import tomllib
from typing import TYPE_CHECKING, Any

from medbench.errors import UsageError
from medbench.images.choice import full_choice
from medbench.prompts.prompt import load_prompt
from medbench.schema.spec import PROMPT, SystemSpec

if TYPE_CHECKING:
    from collections.abc import Sequence


def specs_of(
    models: Sequence[str], changes: Sequence[str] = (), prompt: str | None = None, images: str = "spread"
) -> list[SystemSpec]:
    """Return the specs of models that differ from their files in the same way, each once.

    Args:
        models: Names, TOML files, 'replay:RUN' or 'my_pkg.my_mod:Name'.
        changes: Settings as 'key=value'.
        prompt: Name or file of the prompt; None for the usual one.
        images: Which images of a case are sent.

    Raises:
        UsageError: Something is mistyped, also where no model makes use of it.
    """
    settings = parse_changes(changes)
    names = list(dict.fromkeys(models))
    if settings and all(name.startswith("baseline-") for name in names):
        raise UsageError(
            f"--set {next(iter(settings))}=… has no model to set it for.", "-m NAME --set key=value"
        )
    load_prompt("findings", prompt or PROMPT)
    full_choice(images)
    return [
        SystemSpec(model=name, settings=settings, prompt=prompt or PROMPT, images=images) for name in names
    ]


def parse_changes(changes: Sequence[str]) -> dict[str, Any]:
    """Return 'key=value' texts as values: numbers, true/false and quoted texts as in TOML, else plain text.

    Raises:
        UsageError: A text has no key, or a number is not finite.
    """
    parsed: dict[str, Any] = {}
    for change in changes:
        key, equals, text = change.partition("=")
        key = key.strip()
        if not equals or not key:
            raise UsageError(f"--set takes key=value, not '{change}'.", "--set temperature=0.3")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        if isinstance(value, float) and not math.isfinite(value):
            raise UsageError(f"'{change}' is not a finite number.", f"--set {key}=0.3")
        parsed[key] = value
    return parsed
