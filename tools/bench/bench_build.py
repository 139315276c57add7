"""`build medpix` of every case that can be drawn, against copying and digesting the same images."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from measure import line, medpix_folder, seconds_of

_COUNTING = """
import json, sys
from collections import Counter
opened = Counter()
def hook(event, args):
    if event == "open" and str(args[0]).startswith(sys.argv[1]) and str(args[0]).endswith(".png"):
        opened[str(args[0])] += 1
sys.addaudithook(hook)
from pathlib import Path
from medbench.datasets.draw import STANDARD
from medbench.steps.build import build_medpix
wanted = STANDARD.model_copy(update={"per_stratum": 400, "available_only": True})
build_medpix(Path(sys.argv[1]), Path(sys.argv[2]), wanted)
print(json.dumps(opened))
"""


def main() -> None:
    """Measure; without MedPix there is nothing to measure."""
    source = medpix_folder()
    if source is None:
        print("build medpix: not measured, no MedPix 2.0 here ($MEDBENCH_MEDPIX names one)")
        return
    with tempfile.TemporaryDirectory() as name:
        _measure(source.resolve(), Path(name))


def _measure(source: Path, folder: Path) -> None:
    counted = [sys.executable, "-c", _COUNTING, str(source), str(folder / "counted")]
    opened = Counter(json.loads(_output(counted)))
    paths = [Path(path) for path in opened]
    size = sum(path.stat().st_size for path in paths)
    command = [
        sys.executable,
        "-m",
        "medbench",
        "build",
        "medpix",
        "--source",
        str(source),
        "--available-only",
    ]
    took = seconds_of([*command, "--per-stratum", "400", "--out", str(folder / "timed")])
    copied = _copy_and_digest(paths, folder / "copied")
    written = sum(path.stat().st_size for path in (folder / "timed").rglob("*.png"))
    detail = (
        f"{took:.1f} s, {size / took / 1e6:.0f} MB/s read, {written / 1e6:.0f} MB written, "
        f"{len(paths)} images; cp + sha256sum {copied:.2f} s"
    )
    line("build medpix of all / cp and sha256sum of its images", took / copied, "-", detail)
    spread = Counter(opened.values())
    shown = ", ".join(f"{number} images {times} x" for times, number in sorted(spread.items()))
    print(f"reads of each image file: {shown}   (target: each 1 x)")


def _output(command: list[str]) -> str:
    import subprocess

    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip().splitlines()[-1]


def _copy_and_digest(paths: list[Path], target: Path) -> float:
    target.mkdir()
    names = [str(path) for path in paths]
    if shutil.which("sha256sum") is None:
        import hashlib

        begun = time.perf_counter()
        for path in paths:
            hashlib.sha256(Path(shutil.copy(path, target)).read_bytes())
        return time.perf_counter() - begun
    return seconds_of(["cp", *names, str(target)]) + seconds_of(["sha256sum", *names])


if __name__ == "__main__":
    main()
