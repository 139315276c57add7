"""Reads a benchmark's Croissant description with mlcroissant: it is valid, and leads to all records."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from medbench.store.benchmark import find_benchmark

SETS = ("cases", "references", "images")


def main() -> None:
    """Describe each benchmark that is named, or phantom-40, and read it by mlcroissant."""
    mlcroissant = import_module("mlcroissant")
    for name in sys.argv[1:] or ["phantom-40"]:
        source = find_benchmark(name)
        with tempfile.TemporaryDirectory() as folder:
            copy = Path(folder, source.head.name)
            shutil.copytree(source.path, copy)
            described = copy / "croissant.json"
            export = [
                sys.executable,
                "-m",
                "medbench",
                "export",
                str(copy),
                "--croissant",
                "-o",
                str(described),
            ]
            subprocess.run(export, check=True)
            data = mlcroissant.Dataset(jsonld=str(described))
            read = {one: sum(1 for _ in data.records(record_set=one)) for one in SETS}
            expected = {
                "cases": source.head.cases,
                "references": source.head.cases,
                "images": source.head.images,
            }
            print(
                json.dumps(
                    {"benchmark": name, "read": read, "issues": data.metadata.ctx.issues.report()}, indent=1
                )
            )
            if read != expected:
                sys.exit(f"read {read}, not {expected}")


if __name__ == "__main__":
    main()
