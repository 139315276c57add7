"""Finds and reads benchmark folders, checks their digests, and makes new folders whole or not at all."""

from __future__ import annotations

import glob
import os
import shutil
import tempfile
from contextlib import AbstractContextManager, contextmanager
from functools import cached_property, lru_cache
from importlib.resources import files
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from medbench.config import load_settings
from medbench.errors import InputError, StoreError, UsageError
from medbench.paths import check_links, inside
from medbench.schema.base import digest
from medbench.schema.benchmark import POOL, Benchmark
from medbench.schema.case import Case, Example
from medbench.schema.reference import Reference
from medbench.sentences import line_of, nearest
from medbench.store.jsonl import file_digest, file_state, read_one, read_records, sync_folder
from medbench.store.lock import clear_leftovers, hold_unfinished
from medbench.store.remote import check_on_disk

if TYPE_CHECKING:
    from collections.abc import Iterator

    from medbench.schema.benchmark import Terms

HEAD = "benchmark.json"
CASES = "cases.jsonl"
REFERENCES = "references.jsonl"
DEFAULT = "phantom-40"
EMBEDDED = (DEFAULT, "phantom-200")
"""The benchmarks that come with medbench."""
_EMBEDDED = "embedded:"
_KEPT = 1_000
"""Most cases of a benchmark that are kept in memory once they were read: 3 MB."""


class BenchmarkFolder:
    """A benchmark on the disk. Cases are read when they are needed; many are not kept in memory."""

    def __init__(self, path: Path, link: str | None = None) -> None:
        self.path = path
        self.link = link
        """'embedded:NAME' for a benchmark that came with medbench; None for others."""
        if link is None:  # an installer may link the files of a package to its cache
            check_links(path)
            check_links(self.pool_path)
        self.head = read_one(path / HEAD, Benchmark)

    @property
    def address(self) -> str:
        """Return the name by which `find_benchmark` opens it again."""
        return self.link or str(self.path)

    def check(self) -> None:
        """Check that the files are those that were frozen.

        Raises:
            InputError: A file does not have the digest that benchmark.json says, or there are no cases.
        """
        listed = self.head.files
        # Benchmarks of before terms were in the digest have that of their files alone.
        known = {CASES, REFERENCES} <= listed.keys() and {
            benchmark_digest(listed),
            benchmark_digest(listed, self.head.dataset.terms),
        }
        if not known or self.head.digest not in known:
            raise InputError(
                f"{self.path / HEAD} has digest '{self.head.digest[:8]}', which is not that of its files "
                "and terms: it was changed.",
                "build the benchmark again into another folder (--out)",
            )
        for name, expected in listed.items():
            current = file_digest(self.path / name if self.link else inside(self.path, name)).sha256
            if current != expected:
                raise InputError(
                    f"{self.path / name} was changed or cut: its digest is '{current[:8]}', {HEAD} says "
                    f"'{expected[:8]}'.",
                    "build the benchmark again into another folder (--out)",
                )
        if self.head.cases == 0:
            raise InputError(
                f"benchmark '{self.head.name}' has no cases.", "build it again with wider strata"
            )

    def cases(self) -> Iterator[Case]:
        """Yield the cases in order.

        Raises:
            InputError: An image path leaves the folder.
        """
        if self.head.cases <= _KEPT:
            return iter(_kept_cases(self.path.resolve(), file_state(self.path / CASES)))
        return _checked_cases(self.path)

    def asks_questions(self) -> bool:
        """Return True if a case asks a question. Where none does, the bytes tell, and no case is read."""
        with (self.path / CASES).open("rb") as file:
            # A key may also be written in escapes.
            if not any(b'"question"' in line or b"\\u" in line for line in file):
                return False
        return any(case.question for case in self.cases())

    def references(self) -> Iterator[Reference]:
        """Yield the references in the order of the cases."""
        return read_records(self.path / REFERENCES, Reference)

    @cached_property
    def pool(self) -> tuple[Example, ...]:
        """Return the cases that may be shown as examples, with image paths relative to `pool_path`.

        Raises:
            InputError: A case has no text, or an image path leaves the folder.
        """
        texts = {ref.case_id: ref.text for ref in read_records(self.pool_path / REFERENCES, Reference)}
        cases = tuple(_checked_cases(self.pool_path))
        bare = next((case.case_id for case in cases if case.case_id not in texts), None)
        if bare is not None:
            raise InputError(
                f"{self.pool_path / REFERENCES} has no text for case '{bare}'.",
                "build the benchmark again into another folder (--out)",
            )
        return tuple(Example(case=case, text=texts[case.case_id]) for case in cases)

    @property
    def pool_path(self) -> Path:
        """Return the folder of the pool's files."""
        return self.path / POOL

    @property
    def pool_digest(self) -> str:
        """Return the sha256 over the pool's cases and references."""
        return digest({name: value for name, value in self.head.files.items() if name.startswith(f"{POOL}/")})


@lru_cache(maxsize=2)
def _kept_cases(folder: Path, _state: tuple[int, ...]) -> tuple[Case, ...]:
    """Return the cases of a small benchmark, which a command goes through several times."""
    return tuple(_checked_cases(folder))


def _checked_cases(folder: Path) -> Iterator[Case]:
    for case in read_records(folder / CASES, Case):
        for image in case.images:
            parts = image.file.split("/")
            if not parts[0] or ".." in parts or "\\" in image.file or ":" in image.file:
                raise InputError(
                    f"case '{case.case_id}' of {folder} has an image outside its folder: '{image.file}'.",
                    "do not run this benchmark; build it again from its source",
                )
        yield case


def benchmark_digest(files_digests: dict[str, str], terms: Terms | None = None) -> str:
    """Return the digest of a benchmark, over those of its cases and references and over its source's terms.

    The pool is not in it.
    """
    sealed: dict[str, object] = {name: files_digests[name] for name in (CASES, REFERENCES)}
    if terms is not None:
        sealed["terms"] = terms.model_dump(mode="json", exclude_defaults=True)
    return digest(sealed)


def embedded_path(name: str) -> Path:
    """Return the folder of a benchmark that came with medbench; it need not exist."""
    return Path(str(files("medbench.datasets").joinpath("embedded", name)))


def find_benchmark(name: str) -> BenchmarkFolder:
    """Open a benchmark by its folder, or by the name of one that came with medbench.

    A folder is also looked for under that of medbench.toml's `benchmarks`.

    Raises:
        UsageError: There is no such benchmark.
        InputError: The folder has no benchmark.json.
    """
    path = Path(name)
    if (path / HEAD).is_file():
        return BenchmarkFolder(path)
    plain = name.removeprefix(_EMBEDDED)
    if plain == PurePosixPath(plain).name and (embedded_path(plain) / HEAD).is_file():
        return BenchmarkFolder(embedded_path(plain), link=_EMBEDDED + plain)
    shelf = load_settings().defaults.benchmarks
    if shelf and (Path(shelf) / name / HEAD).is_file():
        return BenchmarkFolder(Path(shelf) / name)
    known = [*EMBEDDED, *sorted(str(head.parent) for head in Path().glob(f"*/{HEAD}"))]
    if path.is_dir():
        raise InputError(
            f"'{name}' is a folder without {HEAD}, so no whole benchmark.", *_suggest(name, known)
        )
    if path.is_file():
        build = line_of("build", "folder", "--cases", path, "--images", "FOLDER", "--out", "NAME")
        hint = f"'{path.parent}'" if (path.parent / HEAD).is_file() else f"{build}   (from a table)"
        raise UsageError(f"'{name}' is a file, and a benchmark is a folder.", hint)
    raise UsageError(
        f"no benchmark is called '{name}', and no folder of that name is here.", *_suggest(name, known)
    )


def _suggest(name: str, known: list[str]) -> tuple[str, tuple[str, str] | None]:
    close = nearest(name, known)
    if close:
        return f"'{close}'", (name, close)
    if name.startswith("medpix-"):
        return f"medbench build medpix   (or one of: {', '.join(known)})", None
    return f"one of: {', '.join(known)}   (or medbench build medpix)", None


@contextmanager
def working_folder(target: Path) -> Iterator[Path]:
    """Give a new folder beside a name to work in, which others cannot read; it is removed in the end.

    Where its process is killed, the next that works under the same name removes it.
    """
    check_on_disk(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    clear_leftovers(target.parent, glob.escape(target.name))
    work = Path(tempfile.mkdtemp(prefix=f".{target.name}.", suffix=".partial", dir=target.parent))
    held: int | None = None
    try:
        if os.name != "nt":  # Windows cannot open a folder
            held = os.open(work, os.O_RDONLY)
            hold_unfinished(held)
        yield work
    finally:
        if held is not None:
            os.close(held)
        shutil.rmtree(work, ignore_errors=True)


def temporary_folder(name: str) -> AbstractContextManager[Path]:
    """Give such a folder where the system keeps temporary files, for one purpose of medbench's."""
    return working_folder(Path(tempfile.gettempdir()) / f"medbench-{name}")


@contextmanager
def partial_folder(target: Path) -> Iterator[Path]:
    """Give a new folder beside the target to work in; what is left of it in the end is removed.

    Raises:
        StoreError: The disk refuses.
    """
    try:
        with working_folder(target) as work:
            work.chmod(0o755)
            yield work
    except OSError as error:
        raise StoreError(
            f"'{target}' cannot be written: {error.strerror or error}.",
            "free some space or check the folder's rights; nothing was left behind",
        ) from error


@contextmanager
def new_folder(target: Path) -> Iterator[Path]:
    """Give a folder to fill, which gets the target's name once it is whole.

    Raises:
        StoreError: The target exists, or the disk refuses.
    """
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(
            f"'{target}' is there already, and is not what is to be written there.",
            "another folder with --out; a run that lost its run.json needs it back from a copy",
        )
    with partial_folder(target) as work:
        yield work
        if target.is_dir():
            target.rmdir()
        os.rename(work, target)  # noqa: PTH104 - unlike Path.replace, refuses a target that appeared meanwhile
        sync_folder(target.parent)
