"""A system as a person writes it: on the command line, in a model file, in an experiment file."""

from __future__ import annotations

from typing import Any, Final

from medbench.schema.base import Record

PROMPT: Final = "comprehensive"
"""The prompt, unless another one is named; it is in no name of a system."""


class StageSpec(Record):
    """The model of one role of a pipeline."""

    model: str | None = None
    """Its name, as at -m; None for the system's."""
    prompt: str | None = None
    """Name or TOML file of its prompt; None for the system's."""
    images: str | None = None
    """Choice of a case's images; None for the system's choice."""
    settings: dict[str, Any] = {}
    """Settings that differ from those of its model file."""


class SystemSpec(Record):
    """A system as a person writes it. `steps.access.systems.prepare` turns it into one that can be run."""

    model: str | None = None
    """Name of a model, a TOML file, 'replay:RUN' or 'my_pkg.my_mod:Name'; None where all stages have one."""
    pipeline: str | None = None
    """A file of `pipelines/` or 'my_pkg.my_mod:Name'; None for the model file's, else 'single'."""
    stages: dict[str, StageSpec] = {}
    """Role to what is asked in it, for a pipeline of several models."""
    name: str | None = None
    """Name of the system; None to make one of its model and of what differs from the defaults."""
    prompt: str = PROMPT
    """Name or TOML file of the prompt."""
    images: str = "spread"
    """Choice of a case's images: 'first', 'all', 'spread' (evenly, the usual number), 'spread:N', 'each' or
    'none'."""
    settings: dict[str, Any] = {}
    """Settings that differ from those of the model file."""
    probe: str | None = None
    """Probe shown in place of each case, to test what answers rest on; None for the case itself."""
