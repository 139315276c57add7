"""Declarations of an experiment, with their times: experiment.json beside its runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.schema.experiment import Declared, Seal
from medbench.store.jsonl import read_one, write_one
from medbench.store.runs import EXPERIMENTS_FOLDER

if TYPE_CHECKING:
    from pathlib import Path

    from medbench.schema.experiment import Declaration

FILE = "experiment.json"


def seal_path(root: Path, benchmark: str, name: str) -> Path:
    """Return where the declarations of an experiment on a benchmark are."""
    return root / benchmark / EXPERIMENTS_FOLDER / name / FILE


def read_seal(path: Path) -> Seal | None:
    """Return the declarations so far; None before the first."""
    return read_one(path, Seal) if path.is_file() else None


def declare(path: Path, name: str, declaration: Declaration, *, answers: int, at: str) -> Seal:
    """Write down what an experiment declares now, unless the last declaration says the same."""
    seal = read_seal(path)
    before = seal.declared if seal else ()
    if seal is not None and before[-1].digest == declaration.digest:
        return seal
    declared = Declared(at=at, answers=answers, digest=declaration.digest, declaration=declaration)
    seal = Seal(name=name, declared=(*before, declared))
    path.parent.mkdir(parents=True, exist_ok=True)
    write_one(path, seal)
    return seal
