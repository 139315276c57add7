"""Counts differences by kind: the field of a record, or the screen of a command, with an example."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from scene import Step

ORDER = ("case_id", "replicate", "stage", "rater", "sample", "judge_replicate", "probe", "detail", "order")
"""Fields that tell which records of two files are about the same."""
_NAMES = ("name", "system", "a", "b", "rater", "by", "value", "case_id")
_OF_AN_ESTIMATE = re.compile(
    r"(?<=\.)(by|unflagged|everything)\.(?:.*\.)?(?=metrics\.)"
    r"|\.(?:interval(?:\..*)?|mean|median|p95|n|missing|difference|higher|lower|p|p_mid|p_holm|test)$"
)
_WIDEST = 60


class Kind(NamedTuple):
    """Where something differs, and how."""

    place: str
    """Name of a file, or 'stdout' and 'stderr' with the command."""
    what: str
    """'changed', 'gone' or 'new' with a field; of other texts 'text'."""


class Kinds:
    """The kinds of differences that were seen."""

    def __init__(self) -> None:
        self._counts: Counter[Kind] = Counter()
        self._examples: dict[Kind, str] = {}

    def take(self, old: Step, new: Step) -> None:
        """Take the differences of one command."""
        command = new.line.split(" ", 1)[0]
        if old.code != new.code:
            self._add(Kind(f"exit code of {command}", "changed"), f"{old.code} → {new.code}", new.line)
        for part in dict.fromkeys([*old.parts, *new.parts]):
            before, after = old.parts.get(part), new.parts.get(part)
            place = f"{part} of {command}" if part in {"stdout", "stderr"} else PurePath(part).name
            if before is None or after is None:
                self._add(Kind(place, "new file" if before is None else "gone file"), part, new.line)
            elif before != after:
                for kind, example in _of_texts(place, before, after):
                    self._add(kind, example, new.line)

    def lines(self) -> Iterator[str]:
        """Yield a line a kind, by place."""
        for kind, count in sorted(self._counts.items()):
            yield f"{kind.place:<28} {kind.what:<56} {count:>7,}  {self._examples[kind]}"

    def _add(self, kind: Kind, example: str, line: str) -> None:
        self._counts[kind] += 1
        self._examples.setdefault(kind, f"{example}   ({line[:_WIDEST]})")


def _of_texts(place: str, old: str, new: str) -> Iterator[tuple[Kind, str]]:
    before, after = _records(old), _records(new)
    if before is None or after is None:
        yield Kind(place, "text"), ""
        return
    if len(before) != len(after):
        yield Kind(place, "number of records"), f"{len(before)} → {len(after)}"
    for one, other in _pairs(before, after):
        fields, others = dict(_flat(one)), dict(_flat(other))
        for name in dict.fromkeys([*fields, *others]):
            how = "changed" if name in fields and name in others else "gone" if name in fields else "new"
            if how != "changed" or fields[name] != others[name]:
                example = f"{_short(fields.get(name))} → {_short(others.get(name))}"
                yield Kind(place, f"{how} {_field(name)}"), example


def _records(text: str) -> list[Any] | None:
    """Return the JSON of a text, whole or line by line; None where it is none."""
    quoted = re.sub(r"(?<=[: \[])(<[^<>\"\n]+>)", r'"\1"', text)
    for parts in ([quoted], quoted.splitlines()):
        try:
            return [json.loads(part) for part in parts]
        except ValueError:
            continue
    return None


def _pairs(old: Sequence[Any], new: Sequence[Any]) -> Iterator[tuple[Any, Any]]:
    if len(old) == len(new):
        yield from zip(old, new, strict=True)
        return
    waiting: dict[tuple[str, ...], list[Any]] = {}
    for record in old:
        waiting.setdefault(_identity(record), []).append(record)
    for record in new:
        if same := waiting.get(_identity(record)):
            yield same.pop(0), record


def _identity(record: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(str(record.get(key)) for key in ORDER)


def _flat(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """Yield the values inside a value, each with its path."""
    if isinstance(value, dict) and value:
        for key, one in value.items():
            yield from _flat(one, f"{path}.{key}")
    elif isinstance(value, list) and any(isinstance(one, (dict, list)) for one in value):
        for number, one in enumerate(value):
            yield from _flat(one, f"{path}[{_name(one) or number}]")
    else:
        yield path, value


def _name(one: Any) -> str:
    """Return what an entry of a list is about, if it says so: lists are in the order of what was measured."""
    if not isinstance(one, dict):
        return ""
    return " ".join(one[key] for key in _NAMES if isinstance(one.get(key), str))


def _field(path: str) -> str:
    """Return a path without places in lists, parts of the benchmark and what an estimate is made of."""
    return _OF_AN_ESTIMATE.sub("", re.sub(r"\[[^\]]*\]", "", path)).strip(".")


def _short(value: Any) -> str:
    text = " ".join(str(value).split())
    return text if len(text) <= _WIDEST else f"{text[:_WIDEST]}…"
