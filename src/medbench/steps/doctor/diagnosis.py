"""The checks of `doctor` in words, from the answers of a model."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from medbench.schema.model import same_model
from medbench.schema.results.doctor import Check
from medbench.scoring.sight import Sight, sight
from medbench.sentences import counted

if TYPE_CHECKING:
    from collections.abc import Sequence

    from medbench.schema.model import ModelFile
    from medbench.schema.response import Failure, Response
    from medbench.schema.results.doctor import Answered, State

MAY_PASS: Final = frozenset({"unavailable", "rate_limit", "timeout"})
"""Kinds of failure that waiting may mend."""
ADVICE: Final = {
    "unauthorized": "set the key, or log in; then this line again",
    "quota": (
        "this is a quota of the account, not a fault: raise it in the service's console, or wait until it is "
        "counted anew (daily ones: the next day); a quota of zero never lets anything through"
    ),
    "rate_limit": (
        "this is a quota for a minute: wait one and repeat; limits = { requests_per_minute = N } of the "
        "model in medbench.toml keeps below it"
    ),
    "not_found": "check id, base_url, endpoint and location of the model: medbench models",
    "not_deployed": "deploy the model at this endpoint, or name another endpoint",
    "garbled": "correct base_url: its port, and http or https; or look at a proxy in between",
    "connection": "start the server, or correct base_url; is the network up?",
    "timeout": "is the server busy? the same line with --wait waits for it",
    "unavailable": "a new endpoint loads its model for up to 20 minutes: the same line with --wait waits",
    "html": "base_url does not lead to the model: it often ends in /v1; or a proxy is in between",
    "unreadable": "base_url does not lead to the model: it often ends in /v1",
    "setting": "another value, medbench run -m NAME --set KEY=VALUE; or mend [settings]",
    "too_many_images": "medbench run -m NAME --images spread:N, or limits = { images = N } as on the server",
    "image": "the server takes no PNG, or the image was changed on its way",
    "blocked": "drawn images were blocked: look at the service's safety settings",
    "budget": "--max-cost with a higher number",
    "empty": "a higher max_tokens, where thoughts use it up: medbench run -m NAME --set max_tokens=8192",
}
"""Advice for each kind of failure; the reason says the rest. NAME stands for the model's."""
_CHANCE: Final = "guessing gets 4/4 of one kind once in 16, of both once in 256"
_ORDERS: Final = {"text-first": "text first", "image-first": "image first"}


def failed(name: str, failure: Failure) -> Check:
    """Return the check of a call that got no answer."""
    state: State = "wait" if failure.kind in MAY_PASS else "no"
    return Check(name, state, f"{failure.kind}: {failure.reason}", _todo(failure.kind, failure.reason))


def unanswered(answers: Sequence[Answered]) -> Check:
    """No call at all got an answer, though the server is there."""
    kinds = Counter(answer.failure for answer in answers)
    counts = ", ".join(f"{count} {kind}" for kind, count in kinds.most_common())
    state: State = "wait" if set(kinds) <= MAY_PASS else "no"
    return Check(
        "answers",
        state,
        f"none to {counted(len(answers), 'call')}: {counts}",
        _todo(kinds.most_common(1)[0][0]),
    )


def _todo(kind: str, reason: str = "") -> str:
    """Return the advice for a kind of failure, without the line to type where the reason ends in it."""
    advice = ADVICE.get(kind, "the server's words say what it does not take")
    words, _, line = advice.rpartition(": ")
    return words if line.startswith("medbench ") and line in reason else advice


def answered_by(model: ModelFile, responses: Sequence[Response]) -> Check:
    """Return the check that names the model which answered."""
    names = sorted({response.answered for response in responses if response.answered})
    if not names:
        return Check("model", "note", f"asked {model.id}; the server does not say which model answered")
    words = f"asked {model.id}, {' and '.join(names)} answered"
    if all(same_model(model.id, name) for name in names):
        return Check("model", "ok", words)
    return Check("model", "note", f"{words}: are they the same?")


def seen(model: ModelFile, answers: Sequence[Answered]) -> tuple[list[Check], str]:
    """Return the checks of its sight in each order of text and images, and what to add to a line of `run`."""
    if model.limits.images == 0:
        return [Check("sees", "note", "reads text only: no image is sent to it (images = 0)")], ""
    own = model.settings.get("order")
    mine = sight([answer for answer in answers if answer.probe.order == own])
    theirs = [answer for answer in answers if answer.probe.order not in {own, None}]
    checks = [_sees(mine)]
    if not theirs:
        return checks, ""
    other = str(theirs[0].probe.order)
    order = _order(mine, sight(theirs), str(own), other)
    checks.append(order)
    return checks, order.todo if not mine.proven else ""


def taken(model: ModelFile, answers: Sequence[Answered], responses: Sequence[Response]) -> list[Check]:
    """Return the checks of the images' format and number."""
    checks = []
    shown = [response for response in responses if response.text is not None and response.images_sent]
    asked = {image.sha256 for answer in answers for image in answer.probe.request.images}
    if shown:
        same = all(set(response.images_sent or ()) <= asked for response in shown)
        transform = model.settings.get("image_transform")
        words = (
            "PNG, the file's bytes as they are" if same else f"PNG, changed by image_transform {transform}"
        )
        checks.append(Check("encoding", "ok", words))
    many = next((answer for answer in answers if answer.probe.question == "many"), None)
    limits = _limits(model)
    if many is None:
        checks.append(Check("limits", "ok", limits))
    elif many.text is not None:
        count = len(many.probe.request.images)
        checks.append(
            Check(
                "limits",
                "ok",
                f"{counted(count, 'image')} in one call {'is' if count == 1 else 'are'} taken; {limits}",
            )
        )
    else:
        words = f"{counted(len(many.probe.request.images), 'image')} in one call: {many.failure}; {limits}"
        state: State = "wait" if many.failure in MAY_PASS else "no"
        refused = many.failure in {"bad_request", "too_many_images", "too_large"}
        checks.append(Check("limits", state, words, _todo("too_many_images" if refused else many.failure)))
    return checks


def _limits(model: ModelFile) -> str:
    """Return the limits of the model file in words."""
    limits = model.limits
    parts = ["any number of images" if limits.images is None else counted(limits.images, "image")]
    if limits.body_bytes:
        parts.append(f"{limits.body_bytes / 1e6:g} MB a call")
    parts.append(
        f"{counted(limits.concurrency, 'call')} at a time"
        if limits.concurrency
        else "calls at a time by trying"
    )
    return "limits: " + ", ".join(parts)


def _sees(found: Sight) -> Check:
    side, presence = found.side, found.presence
    told = side.asked if found.proven else side.right  # under the wrong names, but told apart
    words = f"side told apart {told}/{side.asked}, presence {presence.right}/{presence.asked}"
    words += f", {_WITHOUT[found.without]}" if found.without else ""
    if found.proven:
        return _proven(found, words)
    state, words, todo = _unproven(found, words)
    return Check("sees", state, words, todo)


def _proven(found: Sight, words: str) -> Check:
    if found.side.all_swapped:
        return Check("sees", "note", f"{words}; it names the patient's sides, not the image's")
    if found.without == "same":
        return Check("sees", "note", f"{words}: it describes what was never sent")
    return Check("sees", "ok", words)


def _unproven(found: Sight, words: str) -> tuple[State, str, str]:
    """State, words and what to do where the answers do not show that it sees."""
    if found.failures:
        counts = ", ".join(f"{count} {kind}" for kind, count in sorted(found.failures.items()))
        state: State = "wait" if set(found.failures) <= MAY_PASS else "no"
        return state, f"{words}; failed: {counts}", _todo(next(iter(found.failures)))
    if found.denied:
        words += f"; {found.denied} of {found.side.asked + found.presence.asked} say that there is no image"
    if found.example:
        words += f"; an answer: '{' '.join(found.example.split())[:60]}'"
    if found.blind:
        return "no", f"{words}; answers do not depend on the image", _DROPPED
    return "no", f"{words}; {_CHANCE}", _DOUBT


_WITHOUT: Final = {
    "says so": "without an image it says so",
    "changes": "without an image the answer changes",
    "same": "without an image it still says yes",
    "unclear": "without an image it says neither yes nor no",
    "failed": "without an image the call fails",
}
_DROPPED: Final = (
    "is it a model that takes images, and was its server started with them? Some servers drop images "
    "silently; a text model gets limits = { images = 0 }"
)
_DOUBT: Final = "look at single answers on drawn cases: medbench run phantom-40 -m NAME --limit 5"


def _order(mine: Sight, theirs: Sight, own: str, other: str) -> Check:
    setting = f"{_ORDERS.get(own, own)} is the setting"
    if mine.proven and theirs.proven:
        return Check("order", "note", f"text first and image first both see; {setting}")
    right = f"{theirs.side.right}/{theirs.side.asked} and {theirs.presence.right}/{theirs.presence.asked}"
    if mine.proven:
        return Check("order", "note", f"{setting}; {_ORDERS[other]} is not shown to see ({right})")
    if theirs.proven:
        return Check(
            "order", "no", f"only {_ORDERS[other]} sees ({right}); {setting}", f"--set order={other}"
        )
    return Check("order", "note", f"neither order is shown to see; {_ORDERS[other]} {right}; {setting}")
