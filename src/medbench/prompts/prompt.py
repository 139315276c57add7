"""Words only: prompts as data files, and filling them in from what may be shown of a case."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING

from medbench.errors import UsageError
from medbench.registry import unknown
from medbench.schema.base import Record, digest
from medbench.toml_input import fitting, parsed

if TYPE_CHECKING:
    from medbench.schema.case import Case

PLACEHOLDERS = frozenset({"history", "region", "modality", "age", "sex", "images"})
NOT_GIVEN = "not given"


class Prompt(Record):
    """A prompt file. A published one is never edited: a new text gets a new name."""

    kind: str
    """What it asks for: 'findings', or 'doctor' for the questions that show whether a model sees."""
    uses: tuple[str, ...] = ()
    """Placeholders in the text; each is filled from the case."""
    text: str
    """The words, with `$placeholders`."""
    name: str = ""
    """Name of the file."""

    @property
    def digest(self) -> str:
        """Sha256 of the words and of what they use."""
        return digest({"kind": self.kind, "uses": sorted(self.uses), "text": self.text})


def prompt_names(kind: str) -> list[str]:
    """Names of the prompts that came with medbench."""
    folder = files("medbench.prompts").joinpath(kind)
    return sorted(
        entry.name.removesuffix(".toml") for entry in folder.iterdir() if entry.name.endswith(".toml")
    )


def load_prompt(kind: str, name: str) -> Prompt:
    """The prompt of that name, or of a TOML file.

    Raises:
        UsageError: There is no such prompt, or it uses a placeholder that does not exist.
    """
    if name.endswith(".toml"):
        path, plain = Path(name), Path(name).stem
        if not path.is_file():
            raise UsageError(f"no prompt file '{name}' is here.", "check the path")
        content = path.read_bytes()
    elif name in prompt_names(kind):
        plain = name
        content = files("medbench.prompts").joinpath(kind, f"{name}.toml").read_bytes()
    else:
        raise unknown("prompt", name, prompt_names(kind))
    where = f"prompt '{name}'"
    prompt = fitting({**parsed(content, where), "name": plain}, Prompt, where)
    _check_placeholders(prompt)
    return prompt


def _check_placeholders(prompt: Prompt) -> None:
    if not Template(prompt.text).is_valid():
        raise UsageError(f"prompt '{prompt.name}' has a lone '$'.", "write $$ for a dollar sign")
    found = frozenset(Template(prompt.text).get_identifiers())
    wrong = sorted((found | frozenset(prompt.uses)) - PLACEHOLDERS)
    if wrong:
        raise unknown(f"placeholder of prompt '{prompt.name}'", wrong[0], PLACEHOLDERS)
    if found != frozenset(prompt.uses):
        raise UsageError(
            f"prompt '{prompt.name}' says it uses {sorted(prompt.uses)}, its text has {sorted(found)}.",
            f"uses = {sorted(found)}",
        )


def fill(prompt: Prompt, case: Case, images: int | None = None) -> str:
    """The prompt's words for one case; what the case does not have reads 'not given'.

    Args:
        prompt: The words.
        case: What fills them in.
        images: How many of the case's images are sent with them; None for all.
    """
    values = {
        "history": case.history,
        "region": case.region,
        "modality": case.modality,
        "age": case.age,
        "sex": case.sex,
        "images": str(len(case.images) if images is None else images),
    }
    return Template(prompt.text).substitute({name: values[name] or NOT_GIVEN for name in prompt.uses})
