"""The root of a run: one digest to publish, from which no file of the run can be changed unnoticed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from medbench.store.benchmark import HEAD as MANIFEST
from medbench.store.jsonl import file_digest
from medbench.store.runs import HEAD, SCORES

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


def root_files(run: Path, benchmark: Path) -> dict[str, str]:
    """Return the files that the root of a run is over, each with its sha256.

    Images, cases and references stand in benchmark.json, by their digests. Scores follow from the rest.
    """
    paths = [run / HEAD, *run.glob("*.jsonl"), *run.glob("imported/*")]
    files = {
        path.relative_to(run).as_posix(): file_digest(path).sha256
        for path in paths
        if path.name != SCORES and path.stat().st_size
    }
    return {**files, "benchmark/benchmark.json": file_digest(benchmark / MANIFEST).sha256}


def merkle_root(files: Mapping[str, str]) -> str:
    """Return the root of a Merkle tree over files, in the order of their names (RFC 6962, section 2.1).

    Args:
        files: Name of each file to its sha256, in hex.
    """
    nodes = [_hash(b"\0", f"{name} {files[name]}".encode()) for name in sorted(files)]
    while len(nodes) > 1:
        pairs = [nodes[at : at + 2] for at in range(0, len(nodes), 2)]
        nodes = [_hash(b"\1", *pair) if len(pair) == 2 else pair[0] for pair in pairs]
    return nodes[0].hex()


def _hash(*parts: bytes) -> bytes:
    return hashlib.sha256(b"".join(parts)).digest()
