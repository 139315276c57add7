"""Try medbench against servers and clients that others wrote: `python tools/peers [NAME …]`.

Each file `peer_NAME.py` has `main(work) -> str`, which returns what passed in a line. It raises `Skipped`
where the peer cannot be had here, and AssertionError where medbench and the peer do not agree.
"""

from __future__ import annotations

import importlib
import sys
import tempfile
import traceback
from pathlib import Path

from place import Skipped

HERE = Path(__file__).resolve().parent


def run(names: list[str]) -> int:
    """Run these peers, or all; the number of those that failed."""
    known = sorted(path.stem.removeprefix("peer_") for path in HERE.glob("peer_*.py"))
    failed = 0
    for name in names or known:
        with tempfile.TemporaryDirectory(prefix=f"medbench-{name}-", ignore_cleanup_errors=True) as work:
            try:
                print(importlib.import_module(f"peer_{name}").main(Path(work)), flush=True)
            except Skipped as why:
                print(f"{name}: SKIPPED, {why}", flush=True)
            except Exception:  # noqa: BLE001 - the other peers are still tried
                traceback.print_exc()
                print(f"{name}: FAILED", flush=True)
                failed += 1
    return failed


if __name__ == "__main__":
    sys.exit(1 if run(sys.argv[1:]) else 0)
