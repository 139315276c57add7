"""The root of a run: one digest to publish, from which no file of the run can be changed unnoticed."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


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
