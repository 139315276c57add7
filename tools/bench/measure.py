"""What the benches share: running a child, its seconds and its peak memory, and the one line a measure."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
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


@dataclass(frozen=True, slots=True)
class Used:
    """What one command took."""

    wall_s: float
    cpu_s: float
    """Processor seconds of the command and of the processes that it started."""
    peak: int
    """Most bytes of memory that it had itself."""
    workers: int
    """Most bytes that the processes it started had, each at its own peak, all together."""


def watched(arguments: Sequence[str], folder: Path, every_s: float = 0.1) -> Used:
    """Run a medbench command that must succeed, and look at it and its processes while it runs (Linux)."""
    command = [sys.executable, "-m", "medbench", *arguments]
    begun = time.perf_counter()
    with subprocess.Popen(
        command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as child:
        peaks: dict[int, int] = {}
        seconds: dict[int, float] = {}
        said: list[str] = []
        assert child.stderr is not None
        reader = threading.Thread(target=said.extend, args=(child.stderr,))
        reader.start()
        while True:
            for pid in (child.pid, *_below(child.pid)):
                peaks[pid] = max(peaks.get(pid, 0), _peak_of(pid))
                seconds[pid] = max(seconds.get(pid, 0.0), _seconds_of(pid))
            # Not waited for: what has ended can still be looked at.
            if os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                break
            time.sleep(every_s)
        took = time.perf_counter() - begun
        seconds[child.pid] = _seconds_of(child.pid)
        if child.wait():
            sys.exit(f"medbench {' '.join(arguments)} failed:\n{''.join(said)}")
        reader.join()
    own = peaks.pop(child.pid)
    return Used(took, sum(seconds.values()), own, sum(peaks.values()))


def _below(pid: int) -> list[int]:
    """Return the processes that a process started, and those that these started."""
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except OSError:
        return []
    return [one for child in map(int, children.split()) for one in (child, *_below(child))]


def _peak_of(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
        return int(status.partition("VmHWM:")[2].split()[0]) * 1024
    except (OSError, IndexError, ValueError):
        return 0


def _seconds_of(pid: int) -> float:
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
