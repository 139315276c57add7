"""A model describes the images, and another one, which sees only the text, rewrites the description."""

from __future__ import annotations

from medbench.pipelines._chain import Chain


class Pipeline(Chain):
    """Asks 'describe' with the images, and 'rewrite' with its text alone."""

    roles = ("describe", "rewrite")
    prompts = {"rewrite": "rewrite"}  # noqa: RUF012 - never changed
    images = {"rewrite": "none"}  # noqa: RUF012 - never changed
    gives = {"rewrite": frozenset({"answer"})}  # noqa: RUF012 - never changed
