"""The line that was typed, and what it should have been."""

from __future__ import annotations

import re
import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from medbench.api.arguments import split_names
from medbench.errors import MedbenchError
from medbench.sentences import line_of

if TYPE_CHECKING:
    from collections.abc import Sequence

_LISTS = frozenset({"-m", "--model", "--judge"})
"""Options that take several names, with commas."""
_MEANT = re.compile(r" (?:Did you mean |\(Possible options: )(.*?)[?.) ]*$")
_WRONG = re.compile(r"No such (?:option: |command ')([^\s']+)")
_UNFIT = re.compile(r"Invalid value for ('.+?'): Input (should be .*)")


def typed_line() -> str:
    """Return the command as it was typed, for the record and for 'the same line again'."""
    return _line(sys.argv[1:]).encode(errors="replace").decode()  # arguments may hold bytes that are no text


def doctor_line(name: str) -> tuple[str, str]:
    """Return what to type about a model whose calls failed; one of a file is named by the path typed."""
    words = split_names(sys.argv[1:])
    typed = next((word for word in words if word.endswith(".toml") and Path(word).stem == name), name)
    return line_of("doctor", "-m", typed), "what the model says now, and what to try"


def retyped(error: MedbenchError) -> str:
    """Return what to try: the typed line with the wrong name put right where that is known, else the hint."""
    typed = sys.argv[1:]
    if error.exit_code == 2 and (line := with_commas(typed)):
        return line
    if error.instead is None:
        return error.hint
    words = [_put_right(word, *error.instead) for word in typed]
    _, bracket, rest = error.hint.partition("   (")
    return _line(words) + bracket + rest if words != typed else error.hint


def usage(message: str, help_line: str) -> tuple[str, str]:
    """Return what is wrong with a line that Typer refuses, and what to try.

    Args:
        message: Typer's own words, which name what was probably meant.
        help_line: The command that shows what may be typed.
    """
    typed = sys.argv[1:]
    problem, meant = _problem(message), _MEANT.search(message)
    if line := with_commas(typed):
        return problem, line
    names = re.split(r",? or |, ", meant[1].replace("'", "")) if meant else []
    wrong = _WRONG.search(message)
    if message.startswith("Usage: "):
        inner = re.findall(r"^  ([\w-]+)", message.partition("\nCommands:")[2], re.MULTILINE)
        return f"'{_line(typed)}' needs a subcommand.", f"one of: {', '.join(inner)}   ({help_line})"
    if wrong and len(names) == 1:
        return (
            problem,
            f"{_line([_put_right(word, wrong[1], names[0]) for word in typed])}   (all: {help_line})",
        )
    return problem, f"{' or '.join(names)}   ({help_line})" if names else help_line


def _problem(message: str) -> str:
    first = _MEANT.sub("", message).strip().partition("\n")[0] or "the command cannot be understood"
    if unfit := _UNFIT.match(first):
        words, names = sys.argv[1:], re.findall(r"'([^']+)'", unfit[1])
        given = (_value(words, at) for at, word in enumerate(words) if word.partition("=")[0] in names)
        first = f"'{next(given, '')}' for {unfit[1]} {unfit[2].partition(', unable')[0]}"
    first = re.sub(r"option: (\S+)", r"option '\1'", first).replace("Value error, ", "")
    return (first[0].lower() + first[1:]).rstrip(".") + "."


def _value(words: Sequence[str], at: int) -> str:
    _, equals, value = words[at].partition("=")
    return value if equals else "".join(words[at + 1 : at + 2])


def with_commas(words: Sequence[str]) -> str | None:
    """Return the line with models that stand apart behind an option joined by commas; None without any."""
    from medbench.config import load_settings
    from medbench.registry import model_names

    if not _LISTS.intersection(words):
        return None
    try:
        names = model_names(load_settings().models)
    except MedbenchError:
        return None
    joined: list[str] = []
    follows = False
    for word in words:
        if follows and word in names:
            joined[-1] += f",{word}"
        else:
            joined.append(word)
            follows = len(joined) > 1 and joined[-2] in _LISTS
    return _line(joined) if len(joined) < len(words) else None


def _put_right(word: str, wrong: str, right: str) -> str:
    name, equals, value = word.partition("=")
    parts = [right if part == wrong else part for part in name.split(",")]
    return ",".join(parts) + equals + (right if value == wrong else value)


def _line(words: Sequence[str]) -> str:
    return shlex.join(["medbench", *words])
