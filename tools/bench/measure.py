"""What the benches share: running a child, its seconds and its peak memory, and the one line a measure."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CHILD = """
import runpy, sys
try:
    sys.argv = ["medbench", *sys.argv[1:]]
    runpy.run_module("medbench", run_name="__main__")
except SystemExit as ended:
    code = ended.code or 0
try:
    status = open("/proc/self/status").read()
    peak = int(status.partition("VmHWM:")[2].split()[0]) * 1024
except (OSError, IndexError, ValueError):
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)
import time
print(f"\\nused {time.process_time()} {peak}", file=sys.stderr)
sys.exit(code)
"""


def line(what: str, ratio: float, target: str, detail: str) -> None:
    """Print one measure."""
    print(f"{what:<58}{ratio:8.2f} x   target {target:<10}{detail}", flush=True)


def seconds_of(command: Sequence[str], folder: Path | None = None) -> float:
    """Wall seconds of a command that must succeed."""
    begun = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, cwd=folder)
    return time.perf_counter() - begun


def medbench(arguments: Sequence[str], folder: Path) -> tuple[float, int]:
    """Processor seconds and peak memory in bytes of one medbench command.

    Seconds of the processor, since other work on the machine does not add to them.
    """
    done = subprocess.run(
        [sys.executable, "-c", _CHILD, *arguments], check=False, capture_output=True, text=True, cwd=folder
    )
    if done.returncode:
        sys.exit(f"medbench {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
    seconds, peak = done.stderr.rsplit("used ", 1)[1].split()
    return float(seconds), int(peak)


def median_of(times: Sequence[float]) -> float:
    """The middle of several timings, which one slow moment of the machine does not move."""
    return statistics.median(times)


def medpix_folder() -> Path | None:
    """A folder with MedPix 2.0, where one is at hand."""
    root = Path(__file__).resolve().parents[2]
    named = os.environ.get("MEDBENCH_MEDPIX")
    places = [
        *([Path(named)] if named else []),
        root.parent / "shared" / "data" / "medpix",
        root / "MedPix-2.0",
    ]
    return next((place for place in places if place.is_dir()), None)
