"""Refusals of the service, in plain words: above all quotas, which are 0 in a new project."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from medbench.providers._http.service import one_line

if TYPE_CHECKING:
    from medbench.endpoints.place import Place
    from medbench.errors import ProviderError

# 'CustomModelServingL4GPUsPerProjectPerRegion', 'custom_model_serving_nvidia_l4_gpus'
_QUOTA: Final = re.compile(
    r"\b(?:[A-Z][A-Za-z0-9]{2,80}Per[A-Z][A-Za-z0-9]{2,60}|[a-z]+(?:_[a-z0-9]+){3,12})\b"
)
_KIND: Final = re.compile(r"([A-Z]+\d+)GPUs|nvidia_([a-z0-9]+)_gpus")
_EXHAUSTED, _INVALID, _DENIED, _CANCELLED = 8, 3, 7, 1
"""Codes of google.rpc.Status."""


def in_words(code: object, message: object, place: Place, what: str) -> tuple[str, str]:
    """Return what an operation failed with, and what to try."""
    said = one_line(str(message or "the service gave no reason"), 400)
    if code == _CANCELLED:
        return f"{what} was cancelled: '{said}'.", ""
    if code == _EXHAUSTED or is_about_quota(said):
        return quota_words(said, place)
    if re.search(r"stockout|not enough resources|does not have enough|resource pool", said, re.IGNORECASE):
        return (
            f"{place.location} has no such machine free now: '{said}'.",
            "the same line later, another machine with --machine, or another location in medbench.toml",
        )
    if re.search(r"eula|licen[cs]e|terms", said, re.IGNORECASE):
        return f"the licence is not accepted: '{said}'.", "read it, then the same line with --accept-eula"
    if code == _DENIED:
        return (
            f"{what} is not allowed to this account: '{said}'.",
            f"ask for the role 'Vertex AI Administrator' in project '{place.project}'",
        )
    hint = (
        "another machine with --machine, as --dry-run lists them"
        if code == _INVALID
        else "the same line again"
    )
    return f"{what} failed: '{said}'.", hint


def refused(error: ProviderError, place: Place) -> tuple[str, str]:
    """Return what a call was refused with, and what to try."""
    if error.status == 429 or is_about_quota(error.reason):
        return quota_words(error.reason, place)
    return f"{error.reason}.", "put that right, then the same line again"


def is_about_quota(said: str) -> bool:
    """Return True if words of the service speak of a quota."""
    return re.search(r"quota|RESOURCE_EXHAUSTED", said, re.IGNORECASE) is not None


def quota_words(said: str, place: Place) -> tuple[str, str]:
    """Return in plain words that a quota does not allow it, and where to ask for more."""
    names = list(dict.fromkeys(_QUOTA.findall(said)))
    kind = next((match[1] or match[2] for match in map(_KIND.search, names) if match), "")
    gpus = f"GPUs of kind {kind.upper()}" if kind else "machines of this kind"
    named = f" ({', '.join(names[:3])})" if names else ""
    message = (
        f"project '{place.project}' may not use so many {gpus} in {place.location}{named}: "
        f"the quota of a new project is 0. The service says: '{one_line(said, 240)}'."
    )
    console = f"console.cloud.google.com/iam-admin/quotas?project={place.project}"
    return message, f"ask for more, which can take a day or two: {console}"
