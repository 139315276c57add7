"""Run folders in a bucket, for reading: what a command reads of them is copied to this machine first."""

from __future__ import annotations

import json
import logging
import posixpath
import tempfile
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from medbench.errors import InputError, MedbenchError, StoreError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

SCHEMES = {"gs": "gcsfs", "s3": "s3fs"}
"""Beginning of a bucket's address to the library that reads it."""
_LOGINS = {"gs": "gcloud auth application-default login", "s3": "aws configure"}
"""Beginning of a bucket's address to the command that logs in."""
_HEAD = "run.json"
_RECORDS = frozenset({".json", ".jsonl", ".npz"})
_BENCHMARK = (
    "benchmark.json",
    "cases.jsonl",
    "references.jsonl",
    "pool/cases.jsonl",
    "pool/references.jsonl",
)
_LONGEST = 200
"""Characters of what a library says that are shown."""


def is_remote(name: str) -> bool:
    """Return True for a name such as gs://bucket/runs."""
    scheme, separator, _ = name.partition("://")
    return bool(separator) and scheme in SCHEMES


@cache
def fetched(name: str) -> Path:
    """Copy the runs below an address, and the texts of their benchmarks, and return the folder they are in.

    The copy is removed when this process ends. Images stay where they are.

    Raises:
        UsageError: There is no run, or the library that reads such an address is not installed.
        InputError: It cannot be read.
    """
    scheme = name.partition("://")[0]
    # What gcsfs notes of a server that cannot be reached would be printed, as nobody else takes it.
    logging.getLogger(SCHEMES[scheme]).addHandler(logging.NullHandler())
    try:
        files, path = import_module("fsspec").url_to_fs(name)
        return _copied(files, path.strip("/"), scheme, name)
    except ImportError:
        raise UsageError(
            f"'{name}' is in a bucket, and {SCHEMES[scheme]}, which reads it, is not installed.",
            'pip install "medbench[cloud]"',
        ) from None
    except MedbenchError:
        raise
    except Exception as error:  # noqa: BLE001 - each service has errors of its own, which no other code knows
        said = " ".join(f"{error}".split())[:_LONGEST] or type(error).__name__
        raise InputError(
            f"'{name}' cannot be read: {said.rstrip('.')}.",
            f"check the name, and who you are there: {_LOGINS.get(scheme, 'log in')}",
        ) from None


def check_on_disk(folder: Path) -> None:
    """Check that a folder that is to be written lies on a disk, and is not a copy of a bucket's.

    Raises:
        StoreError: It does not: a bucket has no locks, and cannot be appended to.
    """
    scheme = folder.parts[0].rstrip(":") if folder.parts and folder.parts[0].endswith(":") else ""
    copied = _mirror.cache_info().currsize and folder.resolve().is_relative_to(_mirror().resolve())
    if scheme in SCHEMES or copied:
        raise StoreError(
            f"'{folder}' is in a bucket, which has no locks and no appending: nothing is written.",
            "copy the folder to a disk first: gcloud storage cp -r | aws s3 cp --recursive",
        )


@cache
def _temporary() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="medbench-bucket-")


@cache
def _mirror() -> Path:
    """Return the folder of all copies, which goes with this process."""
    return Path(_temporary().name)


def _copied(files: Any, path: str, scheme: str, name: str) -> Path:
    root = _mirror() / scheme
    keys = [key.strip("/") for key in files.find(path)]
    heads = [key for key in keys if PurePosixPath(key).name == _HEAD]
    if not heads:
        raise UsageError(f"no run is at '{name}'.", "a folder that holds run.json, or one above it")
    _get(files, (key for key in keys if PurePosixPath(key).suffix in _RECORDS), root, name)
    for benchmark in sorted({found for head in heads if (found := _benchmark(root, head))}):
        there = (f"{benchmark}/{part}" for part in _BENCHMARK)
        _get(files, [key for key in there if files.exists(key)], root, name)
    return root / path


def _get(files: Any, keys: Iterable[str], root: Path, name: str) -> None:
    """Copy files to their places below the root."""
    places = {key: root / key for key in keys}
    for key, place in places.items():
        parts = PurePosixPath(key).parts
        if ".." in parts or "\\" in key or not place.resolve().is_relative_to(root.resolve()):
            raise InputError(f"'{name}' has a file outside its folder: '{key}'.", "do not read it")
        place.parent.mkdir(parents=True, exist_ok=True)
    if places:
        files.get([*places], [str(place) for place in places.values()])


def _benchmark(root: Path, head: str) -> str | None:
    """Return where in the bucket the benchmark of a run should lie; None where it is elsewhere."""
    with suppress(ValueError, KeyError, TypeError, AttributeError):
        link = json.loads((root / head).read_bytes())["benchmark"]["path"]
        if link.startswith("embedded:") or posixpath.isabs(link):
            return None
        found = posixpath.normpath(posixpath.join(posixpath.dirname(head), link))
        return None if found.startswith("..") else found
    return None
