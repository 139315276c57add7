"""Two models: the first names the main abnormality, the second describes all and may correct the first."""

from __future__ import annotations

from medbench.pipelines._chain import Chain


class Pipeline(Chain):
    """Asks 'first' for the main abnormality, and 'second', with the images, for the whole description."""

    roles = ("first", "second")
    prompts = {"first": "primary", "second": "elaborate"}  # noqa: RUF012 - never changed
    gives = {"second": frozenset({"answer"})}  # noqa: RUF012 - never changed
