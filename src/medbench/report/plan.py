"""A dry run as it stands on the screen."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from rich.text import Text

from medbench.report.table import printable, table

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from rich.console import RenderableType

    from medbench.schema.plan import PlannedSystem


def plan(benchmark: str, systems: Sequence[PlannedSystem]) -> Iterator[RenderableType]:
    """How much is left of each system, and one request whole."""
    calls = sum(system.left for system in systems if not system.free)
    yield Text(f"{len(systems)} systems on {benchmark}: {calls} calls (the baselines make none).\n")
    yield table(
        ["system", "calls", "on disk", "images"],
        (
            [
                Path(system.folder).name,
                "-" if system.free else str(system.left),
                f"{system.wanted - system.left}/{system.wanted}",
                "-" if system.free else str(system.images),
            ]
            for system in systems
        ),
    )
    shown = next((system for system in systems if system.example), None)
    if shown is None or shown.example is None:
        return
    request = shown.example
    settings = ", ".join(f"{key} {value}" for key, value in request.settings.items()) or "none"
    images = "\n".join(
        f"           {image.width}x{image.height} {image.mode}, bytes unchanged, sha256 {image.sha256[:8]}…"
        for image in request.images
    )
    body = "\n           ".join(request.text.splitlines())
    yield Text(
        printable(
            f"\nOne call of {Path(shown.folder).name} ({request.case_key}), exactly as it would go out:\n"
            f"  model    {request.model}\n  system   {request.system or 'none'}\n  settings {settings}\n"
            f"  text     {body}\n  images   {len(request.images)}\n{images}"
        )
    )
