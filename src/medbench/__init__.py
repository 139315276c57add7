"""Measure how well multimodal models describe the findings on radiology images.

The commands as functions, with the same names and defaults; each is loaded when it is first used:

    import medbench as mb

    mb.score(text, reference)    metrics of one text; also mb.parse, mb.findings, mb.flags

`docs/notebook.md` shows them at work.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medbench.api.texts import findings, flags, score
    from medbench.errors import MedbenchError
    from medbench.scoring.parsing.text import parse

    __version__: str

__all__ = [
    "MedbenchError",
    "__version__",
    "findings",
    "flags",
    "parse",
    "score",
]

# Each name is imported when it is first asked for: the command line needs few of them, and at once.
_MODULES = {
    "MedbenchError": "medbench.errors",
    "findings": "medbench.api.texts",
    "flags": "medbench.api.texts",
    "parse": "medbench.scoring.parsing.text",
    "score": "medbench.api.texts",
}


def __getattr__(name: str) -> Any:
    if name == "__version__":
        from importlib.metadata import version

        return version("medbench")
    if name not in _MODULES:
        msg = f"module 'medbench' has no attribute '{name}'"
        raise AttributeError(msg, name=name, obj=importlib.import_module(__name__))
    return getattr(importlib.import_module(_MODULES[name]), name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
