"""Checks of a system's settings before they are sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

from medbench.errors import ProviderError, UsageError
from medbench.images.transform import NONE, STEPS, is_transform
from medbench.sentences import nearest

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

ORDERS: Final = ("text-first", "image-first", "images-between")
"""Where the prompt stands: before the images, after them, or around them, with its first paragraph before."""
LABELS: Final = (NONE, "before", "after")
"""Where the label of an image stands: nowhere, before its image or after it."""
LABEL_TEXT: Final = "Image {n}:"
"""The usual label of an image; '{n}' is its number."""
DEFAULT: Final = "default"
"""The value that leaves a choice to the service: nothing is sent."""


class Kind(NamedTuple):
    """The values that a setting takes."""

    fits: Callable[[Any], bool]
    """True for a value that it takes."""
    words: str
    """The values in words."""
    example: str
    """One of them, as it is typed after '='."""


def one_of(*values: str, example: str) -> Kind:
    """Return the kind of a setting with named values."""
    return Kind(lambda value: value in values, f"one of: {', '.join(values)}", example)


def is_whole(value: Any) -> bool:
    """Return True for an int that is not True or False."""
    return isinstance(value, int) and not isinstance(value, bool)


NUMBER: Final = Kind(lambda value: is_whole(value) or isinstance(value, float), "a number", "0.3")
WHOLE: Final = Kind(is_whole, "a whole number", "1")
MAX_TOKENS: Final = Kind(lambda value: is_whole(value) and value > 0, "a whole number above 0", "8192")
TEXT: Final = Kind(lambda value: isinstance(value, str), "a text", '"…"')
FLAG: Final = Kind(lambda value: isinstance(value, bool), "true or false", "true")
TEXTS: Final = Kind(
    lambda value: isinstance(value, list | tuple) and all(isinstance(item, str) for item in value),
    "a list of texts",
    '["END"]',
)
SCHEMA: Final = Kind(lambda value: isinstance(value, dict), "a JSON Schema", "{…}")
COMMON: Final[Mapping[str, Kind]] = {
    "system": TEXT,
    "history": FLAG,
    "order": one_of(*ORDERS, example=ORDERS[0]),
    "image_labels": one_of(*LABELS, example=LABELS[0]),
    "image_label_text": Kind(
        lambda value: isinstance(value, str) and value.count("{n}") == 1,
        "a text with {n} for the number of the image",
        f'"{LABEL_TEXT}"',
    ),
    "image_transform": Kind(
        is_transform, f"'none', which sends the file's bytes, or in this order: {' + '.join(STEPS)}", "none"
    ),
}
"""Settings of every provider: they decide how a request is built and are no fields of it."""


def check(settings: Mapping[str, Any], known: Mapping[str, Kind], models: str) -> None:
    """Check names and values; a value of None stands for a setting that is not there.

    Args:
        settings: Of the system.
        known: The settings there are.
        models: Whose they are, such as 'a Gemini model'.

    Raises:
        UsageError: A name is not known, or a value does not fit; with the nearest name or a right value.
    """
    for name, value in settings.items():
        if name not in known:
            close = nearest(name, known)
            hint = f"{close} = …" if close else f"one of: {', '.join(known)}"
            raise UsageError(f"'{name}' is not a setting of {models}.", hint)
        kind = known[name]
        if value is not None and not kind.fits(value):
            raise UsageError(
                f"'{value}' does not fit '{name}', which is {kind.words}.", f"--set {name}={kind.example}"
            )


def wrong_setting(error: UsageError | str) -> ProviderError:
    """Return the failure of a call whose settings cannot be sent: every other call would fail alike."""
    reason = error if isinstance(error, str) else f"{error.message} {error.hint}"
    return ProviderError("setting", reason, final=False, stops=True, sent=False)


def text_part(text: str) -> dict[str, str]:
    """Return a text as a part of a message, in the form that most services share."""
    return {"type": "text", "text": text}


def in_order(
    settings: Mapping[str, Any], text: str, images: list[Any], part: Callable[[str], Any]
) -> list[Any]:
    """Return the parts of a user message in the order, and with the labels, that the settings ask for.

    Raises:
        ProviderError: There is no such order, or the label has no place for a number.
    """
    order, labels = settings.get("order") or ORDERS[0], settings.get("image_labels") or NONE
    label = settings.get("image_label_text") or LABEL_TEXT
    for name, value in (("order", order), ("image_labels", labels), ("image_label_text", label)):
        if not COMMON[name].fits(value):
            raise wrong_setting(f"{name} '{value}' is not {COMMON[name].words}")
    shown = []
    for number, image in enumerate(images, 1):
        labelled = [part(label.replace("{n}", str(number))), image]
        shown += [image] if labels == NONE else labelled if labels == "before" else labelled[::-1]
    first, last = _around(text, order, bool(images))
    return [*map(part, first), *shown, *map(part, last)]


def _around(text: str, order: str, images: bool) -> tuple[list[str], list[str]]:  # noqa: FBT001 - of one caller
    """Return what of a prompt stands before the images, and what after them; together it is the prompt."""
    if order == "text-first":
        return [text], []
    first, blank, rest = text.partition("\n\n")
    if order == "image-first" or not rest or not images:
        return [], [text]
    return [first], [blank + rest]
