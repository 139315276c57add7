"""Prompts as data files, filled in from what may be shown of a case."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from string import Template
from typing import TYPE_CHECKING, Any, Final, Literal

from pydantic import Field

from medbench.errors import UsageError
from medbench.registry import read_named, unknown
from medbench.schema.base import Record, digest
from medbench.toml_input import fitting, parsed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.case import Case, Question

OF_CASE: Final = frozenset({"history", "region", "modality", "age", "sex", "images"})
"""Placeholders that a case fills in."""
GIVEN: Final = frozenset({"answer", "examples", "question"})
"""Placeholders that only some pipelines fill in: an earlier answer, pool cases, one of the questions."""
PLACEHOLDERS: Final = OF_CASE | GIVEN
OF_QUESTION: Final = frozenset({"question", "answers"})
"""Placeholders of the words for a question: the question, and the form of its answer with the choices."""
QUESTIONS: Final = "short"
"""Name of the words for questions where a prompt has none of its own."""
ANY: Final = "any"
"""Key of the questions for a region that has none of its own."""
NOT_GIVEN: Final = "not given"


class Prompt(Record):
    """A prompt file. A published one is never edited: a new text gets a new name."""

    kind: str
    """Purpose: 'findings', or 'doctor' for the questions that show if a model sees."""
    uses: tuple[str, ...] = ()
    """Placeholders in the text; each is filled in from the case."""
    text: str
    """The words, with `$placeholders`."""
    by: Literal["region", "modality"] | None = None
    """Property of a case that has words or questions of its own; None where all cases have the same."""
    texts: dict[str, str] = Field(default={})
    """Region or modality to its words; the others have `text`."""
    questions: dict[str, tuple[str, ...]] = Field(default={})
    """Region or modality, or 'any', to questions that are asked one after the other as `$question`."""
    for_questions: str = ""
    """Words for a case that asks a question: `$question` and `$answers`; '' for the usual ones."""
    response_schema: dict[str, Any] = Field(default={})
    """JSON Schema that answers are held to, where the service can; none for free text."""
    name: str = ""
    """Name of the file."""

    @property
    def digest(self) -> str:
        """Return the sha256 of the words and of the placeholders that they use."""
        words: dict[str, Any] = {"kind": self.kind, "uses": sorted(self.uses), "text": self.text}
        own = {
            "by": self.by,
            "texts": self.texts,
            "questions": self.questions,
            "for_questions": self.for_questions,
            "response_schema": self.response_schema,
        }
        return digest(words | {key: value for key, value in own.items() if value})

    @property
    def needs(self) -> frozenset[str]:
        """Return the placeholders in it that a case does not fill in."""
        return frozenset(self.uses) & GIVEN

    def text_for(self, case: Case) -> str:
        """Return the words for a case."""
        return self.texts.get(self._part(case), self.text)

    def questions_for(self, case: Case) -> tuple[str, ...]:
        """Return the questions for a case; none where the prompt has no questions."""
        return self.questions.get(self._part(case), self.questions.get(ANY, ()))

    def _part(self, case: Case) -> str:
        return str(getattr(case, self.by) or ANY) if self.by else ANY


def answers_to(question: Question) -> str:
    """Return how a question is to be answered, with its choices by letter."""
    if question.kind == "yes/no":
        return "Answer with yes or no alone."
    if question.kind == "exact":
        return "Answer with a word or a few words alone."
    choices = (f"{chr(ord('A') + place)}. {choice}" for place, choice in enumerate(question.choices))
    return "\n".join((*choices, "", "Answer with the letter of the right choice alone."))


def load_prompt(kind: str, name: str) -> Prompt:
    """Return the prompt of that name, or of a TOML file.

    Raises:
        UsageError: There is no such prompt, or it uses a placeholder that does not exist.
    """
    content, where = read_named(f"prompts/{kind}", name, "prompt"), f"prompt '{name}'"
    plain = Path(name).stem if name.endswith(".toml") else name
    prompt = fitting({**parsed(content, where), "name": plain}, Prompt, where)
    for text in (prompt.text, *prompt.texts.values()):
        check_placeholders(where, text, prompt.uses, PLACEHOLDERS)
    if prompt.for_questions:
        template = Template(prompt.for_questions)
        check_placeholders(
            f"'for_questions' of {where}",
            prompt.for_questions,
            tuple(template.get_identifiers()) if template.is_valid() else (),
            OF_QUESTION | OF_CASE,
            OF_QUESTION,
        )
    if bool(prompt.questions) != ("question" in prompt.uses):
        raise UsageError(
            f"{where} has either questions or $question.", '[questions] any = ["…"], and $question'
        )
    return prompt


def check_placeholders(
    where: str, text: str, uses: Sequence[str], known: frozenset[str], needed: frozenset[str] = frozenset()
) -> None:
    """Check that a text can be filled in, and uses the placeholders that it says.

    Args:
        where: Name of the file for messages.
        text: The text, with `$placeholders`.
        uses: Placeholders that the file says it uses.
        known: Placeholders that can be filled in.
        needed: Placeholders that the text must have.

    Raises:
        UsageError: It cannot be filled in, or says something else than it does.
    """
    template = Template(text)
    if not template.is_valid():
        raise UsageError(f"{where} has a lone '$'.", "write $$ for a dollar sign")
    used = frozenset(template.get_identifiers())
    if wrong := sorted((used | frozenset(uses)) - known):
        raise unknown(f"placeholder of {where}", wrong[0], known)
    if missing := sorted(needed - used):
        raise UsageError(f"{where} never says ${missing[0]}.", f"put ${missing[0]} where it belongs")
    if used != frozenset(uses):
        raise UsageError(
            f"{where} says it uses {sorted(uses)}, its text has {sorted(used)}.", f"uses = {sorted(used)}"
        )


def fill(prompt: Prompt, case: Case, images: int | None = None, **given: str) -> str:
    """Return the prompt's words for one case; what the case does not have reads 'not given'.

    Args:
        prompt: The words.
        case: The case that fills them in.
        images: Number of the case's images that are sent with them; None for all.
        given: What a pipeline fills in: `answer`, `examples`, `question`.
    """
    if case.question is not None and not prompt.needs:
        return _question(prompt, case, case.question)
    values = {
        "history": case.history,
        "region": case.region,
        "modality": case.modality,
        "age": case.age,
        "sex": case.sex,
        "images": str(len(case.images) if images is None else images),
        **given,
    }
    return Template(prompt.text_for(case)).substitute(
        {name: values[name] or NOT_GIVEN for name in prompt.uses}
    )


def _question(prompt: Prompt, case: Case, question: Question) -> str:
    """Return the words for a question; a prompt's words for findings do not ask it."""
    words = prompt.for_questions or _words_for_questions()
    of_case = {name: getattr(case, name) or NOT_GIVEN for name in OF_CASE - {"images"}}
    asked = {"question": question.text, "answers": answers_to(question), "images": str(len(case.images))}
    return Template(words).substitute({**of_case, **asked})


@cache
def _words_for_questions() -> str:
    content = read_named("prompts/question", QUESTIONS, "prompt")
    return str(parsed(content, f"prompt '{QUESTIONS}'")["text"])
