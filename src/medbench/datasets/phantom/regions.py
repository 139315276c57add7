"""Reads from TOML what can be drawn in each region, and the words of its reports."""

from __future__ import annotations

from medbench.errors import UsageError
from medbench.schema.base import Record
from medbench.schema.case import Modality
from medbench.schema.reference import Side
from medbench.toml_input import packaged


class View(Record):
    """One of the images that can be drawn of a region."""

    name: str
    """Name of the view."""
    plane: str
    """Orientation, such as 'axial'."""
    pixel_mm: float
    """Width of a pixel in real millimetres."""
    sequence: str | None = None
    """MR sequence; None for other modalities."""
    marks: str = "RL"
    """Letters that mark the patient's right, left or front."""


class Kind(Record):
    """A kind of finding."""

    name: str
    """Name of the kind, such as 'effusion'."""
    sites: tuple[str, ...]
    """Where it may lie."""
    views: tuple[str, ...]
    """Names of the views that show it."""
    sides: tuple[Side, ...] = ()
    """Sides of the patient it may lie on; empty for a finding without a side."""
    sizes: tuple[int, int] | None = None
    """Smallest and largest size in millimetres; docs/phantom.md says what is measured."""
    counts: tuple[int, ...] = (1,)
    """Possible numbers of lesions; a number that is listed twice is chosen twice as often."""
    partners: tuple[str, ...] = ()
    """Kinds that may be the second finding of a case; the drawing keeps the two apart."""
    sentences: tuple[str, ...] = ()
    """Sentences of a report of the first edition, one of which is taken, with side, site, size and number
    filled in; empty for a kind that only the second edition draws."""
    sentences_for_several: tuple[str, ...] = ()
    """The same for more than one finding; empty to use `sentences`."""
    statements: tuple[str, ...]
    """The sentence of the second edition; where there are two, the second is for more than one finding."""


class Absent(Record):
    """A sentence about a finding that is not there."""

    untrue_with: tuple[str, ...]
    """Kinds that would make the sentence untrue."""
    text: str
    """The sentence."""


class Region(Record):
    """A region of the body: its views, its findings and the words of its reports."""

    name: str
    """Name of the region in cases."""
    modality: Modality
    """Modality of its images."""
    contrast: str | None = None
    """Contrast agent; None for radiographs."""
    views: tuple[View, ...]
    """The images that can be drawn, in the order in which a case has them."""
    normal: tuple[str, ...]
    """First sentences of a report without findings."""
    histories: tuple[str, ...]
    """Reasons for a study; none of them depends on a finding."""
    absent: tuple[Absent, ...]
    """Sentences about what is not there."""
    kinds: tuple[Kind, ...]
    """The findings that can be drawn."""

    def kind(self, name: str) -> Kind:
        """Return the kind of that name.

        Raises:
            UsageError: The region has no such kind.
        """
        for kind in self.kinds:
            if kind.name == name:
                return kind
        names = ", ".join(kind.name for kind in self.kinds)
        raise UsageError(f"'{name}' cannot be drawn in '{self.name}'", f"one of {names}")


def _read(name: str) -> Region:
    return Region.model_validate(packaged("medbench.datasets.phantom", f"{name}.toml"))


REGIONS = {region.name: region for region in map(_read, ("head", "chest", "abdomen", "spine", "pelvis"))}
"""The regions by name, in the order in which the cases take turns."""


def find_region(name: str) -> Region:
    """Return the region of that name.

    Raises:
        UsageError: There is no such region.
    """
    if name not in REGIONS:
        raise UsageError(f"the phantom has no region '{name}'", f"one of {', '.join(REGIONS)}")
    return REGIONS[name]
