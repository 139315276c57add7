"""Whether the model that answered is the one that was asked for; names alone decide, nothing is looked up."""

from __future__ import annotations

import re
from typing import Final

_RESOURCE: Final = re.compile(r"^(?:projects/[^/]+/locations/[^/]+/)?publishers/([^/]+)/models/")
# What names one release of a model, or of its preview: '-001', '-05-20', '-2026-01-13', '-20260113';
# '@version' on Vertex AI; ':latest' where no tag was asked for (Ollama).
_DAY: Final = r"\d{4}-\d{2}-\d{2}|\d{8}|\d{2}-\d{4}|\d{2}-\d{2}"
_RELEASE: Final = rf"(?:-(?:{_DAY})|-\d{{3}}|@[^@/]+|:latest)$"
_VERSIONS: Final = (re.compile(_RELEASE), re.compile(rf"-preview{_RELEASE}"))


def same_model(asked: str, answered: str | None) -> bool:
    """Whether two names mean one model.

    A name without a version means any version of it, so 'gemini-2.5-flash' may be answered by
    'gemini-2.5-flash-001' or 'gemini-2.5-flash-preview-05-20'; two versions are two models. A preview and
    the model that followed it are two models, and so is an alias that moves, such as 'gemini-flash-latest'.
    Who made it counts only where both names say so, and 'models/' or 'publishers/google/models/' is no part
    of a name.

    Args:
        asked: Name that was sent.
        answered: Name that came back; None where the server says none, which shows no difference.
    """
    if not answered or not answered.strip():
        return True
    one, other = _plain(asked), _plain(answered)
    if one == other:
        return True
    maker, name = _parts(one)
    other_maker, other_name = _parts(other)
    if maker and other_maker and maker != other_maker:
        return False
    return other_name in _meant_by(name) or name in _meant_by(other_name)


def _plain(name: str) -> str:
    name = _RESOURCE.sub(r"\1/", name.strip().lower())
    return name.removeprefix("models/")


def _parts(name: str) -> tuple[str, str]:
    maker, _, rest = name.rpartition("/")
    return maker, rest


def _meant_by(name: str) -> set[str]:
    """The name, and the names without a version that it is a version of."""
    return {name, *(version.sub("", name) for version in _VERSIONS)}
