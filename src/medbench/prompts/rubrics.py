"""Rubrics as data files: how a judge is asked to grade."""

from __future__ import annotations

from pathlib import Path
from string import Template
from typing import Final, Literal

from medbench.errors import UsageError
from medbench.prompts.prompt import check_placeholders
from medbench.registry import read_named
from medbench.schema.base import Record, digest
from medbench.toml_input import fitting, parsed

RUBRIC: Final = "matched-1"
"""The rubric where none is named."""
_NEEDED: Final = frozenset({"blocks", "facts"})


class Rubric(Record):
    """A rubric file. A published one is never edited: a new text gets a new name."""

    kind: Literal["judge"]
    """Always 'judge'."""
    answer: Literal["matches", "grade"]
    """The judge's answer: matches of findings, from which the grade follows, or the grade itself."""
    uses: tuple[str, ...]
    """Placeholders in the text: 'blocks' (both texts), 'facts' (hidden facts), 'findings' (the list)."""
    system: str = ""
    """The system message."""
    text: str
    """The words, with `$placeholders`."""
    listing: str = ""
    """For matches: the request to list the reference's findings, with `$reference`; else ''."""
    name: str = ""
    """Name of the file; with the start of its digest for a file that did not come with medbench."""

    @property
    def digest(self) -> str:
        """Return the sha256 of the words and of the answer that they ask for."""
        return digest(self.model_dump(exclude={"name", "uses"}) | {"uses": sorted(self.uses)})


def load_rubric(name: str = RUBRIC) -> Rubric:
    """Return the rubric of that name, or of a TOML file.

    Raises:
        UsageError: There is no such rubric, or it cannot be used.
    """
    where = f"rubric '{name}'"
    content = read_named("prompts/judge", name, "rubric", option="--rubric ")
    rubric = fitting(parsed(content, where), Rubric, where)
    listing = Template(rubric.listing)
    if not listing.is_valid() or ("reference" in listing.get_identifiers()) != (rubric.answer == "matches"):
        raise UsageError(
            f"{where} asks for {rubric.answer}, and its 'listing' does not fit that.",
            '\'listing\' with $reference for answer = "matches", and none for "grade"',
        )
    needed = _NEEDED | ({"findings"} if rubric.answer == "matches" else set())
    check_placeholders(where, rubric.text, rubric.uses, _NEEDED | {"findings"}, needed)
    own = name.endswith(".toml")
    return rubric.model_copy(update={"name": f"{Path(name).stem}@{rubric.digest[:8]}" if own else name})
