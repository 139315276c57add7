"""How a judge is asked to grade: rubrics as data files, beside the prompts that models see."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Literal

from medbench.errors import UsageError
from medbench.prompts.prompt import prompt_names
from medbench.registry import unknown
from medbench.schema.base import Record, digest
from medbench.toml_input import fitting, parsed

RUBRIC = "matched-1"
"""The rubric where none is named."""
REQUIRED = frozenset({"blocks", "facts"})
PLACEHOLDERS = frozenset({*REQUIRED, "findings"})


class Rubric(Record):
    """A rubric file. A published one is never edited: a new text gets a new name."""

    kind: Literal["judge"]
    """Always 'judge'."""
    answer: Literal["matches", "grade"]
    """What the judge gives: matches of findings, from which the grade follows, or the grade itself."""
    uses: tuple[str, ...]
    """Placeholders in the text: 'blocks' (both texts), 'facts' (hidden facts), 'findings' (the list)."""
    system: str = ""
    """The system message."""
    text: str
    """The words, with `$placeholders`."""
    listing: str = ""
    """Of a rubric that asks for matches: how the reference's findings are listed, with `$reference`."""
    name: str = ""
    """Name of the file; with the start of its digest where it is no shipped one."""

    @property
    def digest(self) -> str:
        """Sha256 of the words and of what they ask for."""
        return digest(self.model_dump(exclude={"name", "uses"}) | {"uses": sorted(self.uses)})


def load_rubric(name: str = RUBRIC) -> Rubric:
    """The rubric of that name, or of a TOML file.

    Raises:
        UsageError: There is no such rubric, or it cannot be used.
    """
    if name.endswith(".toml"):
        if not Path(name).is_file():
            raise UsageError(f"no rubric file '{name}' is here.", "check the path")
        rubric = _read(name, Path(name).read_bytes())
        return rubric.model_copy(update={"name": f"{Path(name).stem}@{rubric.digest[:8]}"})
    if name not in prompt_names("judge"):
        raise unknown("rubric", name, prompt_names("judge"), option="--rubric ")
    content = files("medbench.prompts").joinpath("judge", f"{name}.toml").read_bytes()
    return _read(name, content).model_copy(update={"name": name})


def _read(name: str, content: bytes) -> Rubric:
    where = f"rubric '{name}'"
    rubric = fitting(parsed(content, where), Rubric, where)
    _check(name, rubric)
    return rubric


def _check(name: str, rubric: Rubric) -> None:
    lists = "reference" in Template(rubric.listing).get_identifiers()
    if lists != (rubric.answer == "matches") or not Template(rubric.listing).is_valid():
        raise UsageError(
            f"rubric '{name}' asks for {rubric.answer}, and its 'listing' does not fit that.",
            '\'listing\' with $reference for answer = "matches", and none for "grade"',
        )
    template = Template(rubric.text)
    if not template.is_valid():
        raise UsageError(f"rubric '{name}' has a lone '$'.", "write $$ for a dollar sign")
    found = frozenset(template.get_identifiers())
    needed = REQUIRED | ({"findings"} if rubric.answer == "matches" else frozenset())
    if wrong := sorted((found | frozenset(rubric.uses)) - PLACEHOLDERS):
        raise unknown(f"placeholder of rubric '{name}'", wrong[0], PLACEHOLDERS)
    if missing := sorted(needed - found):
        raise UsageError(f"rubric '{name}' never says ${missing[0]}.", f"put ${missing[0]} where it belongs")
    if found != frozenset(rubric.uses):
        raise UsageError(
            f"rubric '{name}' says it uses {sorted(rubric.uses)}, its text has {sorted(found)}.",
            f"uses = {sorted(found)}",
        )
