"""One output made of several answers, such as one an image: how they are joined and told apart again."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_MARK = re.compile(r"^=== answer \d+ of \d+ ===$\n?", re.MULTILINE)


def joined(answers: Sequence[str]) -> str:
    """Join answers to one text: a single one as it is, several under a line each that counts them."""
    if len(answers) == 1:
        return answers[0]
    many = len(answers)
    return "\n\n".join(f"=== answer {number} of {many} ===\n{text}" for number, text in enumerate(answers, 1))


def parts_of(text: str) -> list[str]:
    """Return the answers of a joined text; a text that was not joined is its only answer."""
    if not _MARK.match(text):
        return [text]
    return [part.strip("\n") for part in _MARK.split(text)[1:]]
