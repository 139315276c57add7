"""A project and location of Vertex AI, and names of what lies in them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

from medbench.errors import ProviderError
from medbench.providers._vertex.endpoint import check_place

Kind = Literal["endpoints", "models", "operations"]
PREFIX: Final = "medbench-"
"""Beginning of the name of all that medbench puts up."""
OURS: Final = re.compile(r"medbench-[a-z0-9.-]{1,60}-\d{8}-\d{6}-[0-9a-f]{6}")
"""A whole name: the model, when it was asked for, and six digits drawn at random."""
# A name that the service gives goes into an address that credentials are sent to.
_ID: Final = r"[A-Za-z0-9_.@-]{1,200}"
_PATHS: Final = {
    "endpoints": rf"endpoints/{_ID}",
    "models": rf"models/{_ID}",
    "operations": rf"(?:[A-Za-z]{{1,40}}/{_ID}/){{0,2}}operations/{_ID}",
}


@dataclass(frozen=True, slots=True)
class Place:
    """A project and location."""

    project: str
    """Project, by id or number."""
    location: str
    """Location, such as 'us-central1'."""

    def __post_init__(self) -> None:
        check_place(self.project, self.location)

    @property
    def name(self) -> str:
        """Its full name."""
        return f"projects/{self.project}/locations/{self.location}"

    @property
    def url(self) -> str:
        """Google's host for it."""
        return f"https://{self.location}-aiplatform.googleapis.com"

    def checked(self, kind: Kind, name: object) -> str:
        """Return a full name that the service gave, once it is one of something in this location.

        Raises:
            ProviderError: It is not.
        """
        # The service names a project by its number, whatever it was asked with.
        shape = rf"projects/[a-z0-9.:-]{{1,63}}/locations/{re.escape(self.location)}/{_PATHS[kind]}"
        if not isinstance(name, str) or not re.fullmatch(shape, name) or ".." in name:
            reason = f"'{str(name)[:100]}' is not a name of {kind} in {self.location}"
            raise ProviderError("unreadable", reason, final=False, stops=True)
        return name
