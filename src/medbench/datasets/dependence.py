"""Finds cases that are not independent: several of one patient, which statistics must take together.

Sixty slices of six patients tell as much as six cases. A table says whose a case is by its columns 'patient'
or 'group'; where it does not, the same words, almost the same image or the beginning of the ids tell.
"""

from __future__ import annotations

import re
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, NamedTuple

from medbench.errors import ImageError
from medbench.faults import naming
from medbench.images.fingerprint import near_pairs
from medbench.images.load import read_image
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    import numpy as np
    from numpy.typing import NDArray

    from medbench.datasets.source import SourceCase
    from medbench.images.load import LoadedImage

ALMOST_THE_SAME = 0.985
"""Similarity of two images from which they are neighbouring slices or copies; other patients stay below."""
_READERS = 4
_PART = (
    r"(?:slices?|sl|images?|img|im|frames?|views?|series|ser|se|sections?|level|part|inst|instance|no|nr"
    r"|z|s|i|n)"
)
_SUFFIXED = re.compile(rf"(?P<stem>.*[^\W_].*?)[\s_.:/-]*(?<![a-z]){_PART}[\s_.:=-]*\d+[a-z]?", re.IGNORECASE)
_NUMBERED = re.compile(r"(?P<stem>.*\d.*?)[\s_.:/-]+\d+[a-z]?", re.IGNORECASE)
_COUNTED = re.compile(rf"\b{_PART}\s+(?:\d+|[a-z])\b|\b\d+\b|\b[a-z]\b")


class Groups(NamedTuple):
    """Cases with the groups that were found among them."""

    cases: list[SourceCase]
    """The cases; those of one group have one topic."""
    notes: tuple[str, ...]
    """Sentences on what was found, or on what could not be decided."""
    decoded: Mapping[str, LoadedImage] = MappingProxyType({})
    """The images that were decoded for it, by sha256, without their bytes."""


def grouped(
    cases: Sequence[SourceCase],
    named: Sequence[str | None],
    decoded_before: Mapping[str, LoadedImage] = MappingProxyType({}),
) -> Groups:
    """Return the cases, each group under one topic.

    Args:
        cases: Cases of a table.
        named: The patient or group that the table names for each; None where it does not.
        decoded_before: Images that were decoded already, by sha256.
    """
    if all(name or case.topic for name, case in zip(named, cases, strict=True)):
        return _joined(cases, {"patient or group": named}, said=True)
    decoded = dict(decoded_before)
    links = {
        "named as one patient or group": named,
        "in the same words": list(map(_wording, cases)),
        "by their ids": [_stem(_SUFFIXED, case.source_id) for case in cases],
        "with almost the same image": _alike(cases, decoded),
    }
    found = _joined(cases, links)._replace(decoded=decoded)
    numbered = [_stem(_NUMBERED, case.source_id) for case in cases]
    shared = [stem for stem in numbered if stem]
    if not found.notes and len(shared) > len(set(shared)) > 1:
        note = (
            "Some ids begin alike: if these are several images of one patient, name the patient in a column "
            "'patient', or statistics will take them for independent."
        )
        return found._replace(notes=(note,))
    return found


class _Union:
    """Which of so many things belong together."""

    def __init__(self, count: int) -> None:
        self._parent = list(range(count))

    def root(self, index: int) -> int:
        while self._parent[index] != index:
            self._parent[index] = self._parent[self._parent[index]]
            index = self._parent[index]
        return index

    def link(self, one: int, other: int) -> None:
        """Join two."""
        self._parent[self.root(other)] = self.root(one)

    def join(self, keys: Iterable[str | None]) -> int:
        """Join all that share a key; return how many share one."""
        members: dict[str, list[int]] = defaultdict(list)
        for index, key in enumerate(keys):
            if key:
                members[key].append(index)
        for group in members.values():
            for index in group[1:]:
                self.link(group[0], index)
        return sum(len(group) for group in members.values() if len(group) > 1)

    def groups(self) -> list[list[int]]:
        """Return the members of each group, in order."""
        found: dict[int, list[int]] = defaultdict(list)
        for index in range(len(self._parent)):
            found[self.root(index)].append(index)
        return list(found.values())


def _joined(
    cases: Sequence[SourceCase], links: dict[str, Sequence[str | None]], *, said: bool = False
) -> Groups:
    """Put cases that any link joins under one topic."""
    union = _Union(len(cases))
    ways = [f"{count:,} {way}" for way, keys in links.items() if (count := union.join(keys))]
    union.join(case.topic.casefold() if case.topic else None for case in cases)
    groups = union.groups()
    if not ways:
        return Groups(list(cases), ())
    topics = {
        index: cases[group[0]].topic or f"group {cases[group[0]].source_id}"
        for group in groups
        for index in group
        if len(group) > 1
    }
    same = [replace(case, topic=topics.get(index, case.topic)) for index, case in enumerate(cases)]
    words = f"{counted(len(cases), 'case')} are {counted(len(groups), 'independent group')}"
    if said:
        return Groups(same, (f"{words}, as the table says: statistics take a group together.",))
    note = (
        f"{words}: {', '.join(ways)}. Statistics take a group together; if that is wrong, a column 'patient' "
        "with a name for each row decides."
    )
    return Groups(same, (note,))


def _stem(pattern: re.Pattern[str], source_id: str) -> str | None:
    match = pattern.fullmatch(source_id.strip())
    return match["stem"].casefold() if match else None


def _wording(case: SourceCase) -> str | None:
    """Return the words of a reference that finds something, without counts; None for one that finds nothing.

    Two normal studies are described alike; two lesions of two patients hardly ever are.
    """
    from medbench.scoring.extraction.extract import extract

    if case.question:
        return None
    with naming(f"the findings of the reference of '{case.source_id}' cannot be read"):
        findings = extract(case.text)
    if not any(finding.presence == "present" for finding in findings):
        return None
    words = re.findall(r"[^\W_]+", _COUNTED.sub(" ", case.text.casefold()))
    return " ".join(words) or None


def _alike(cases: Sequence[SourceCase], decoded: dict[str, LoadedImage]) -> list[str | None]:
    """Return a name for each case that it shares with those that have almost the same image."""
    with ThreadPoolExecutor(_READERS) as readers:
        prints = list(readers.map(partial(_fingerprints, decoded=decoded), cases))
    owners = [index for index, of_case in enumerate(prints) for _ in of_case]
    union = _Union(len(cases))
    rows = [row for of_case in prints for row in of_case]
    for one, other in near_pairs(rows, rows, ALMOST_THE_SAME):
        union.link(owners[one], owners[other])
    names: list[str | None] = [None] * len(cases)
    for group in union.groups():
        for index in group if len(group) > 1 else ():
            names[index] = str(group[0])
    return names


def _fingerprints(case: SourceCase, decoded: dict[str, LoadedImage]) -> list[NDArray[np.uint8]]:
    """Return the fingerprints of a case's images; one that cannot be read is refused when it is drawn."""
    found = []
    for image in case.images:
        try:
            loaded = read_image(image.content, image.name, decoded)
        except ImageError:
            continue
        decoded[loaded.sha256] = replace(loaded, data=b"")
        found.append(loaded.fingerprint)
    return found
