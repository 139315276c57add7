"""Claude, by Anthropic's Messages API, or a server that speaks as it does."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from medbench.addresses import host_of
from medbench.errors import ProviderError, UsageError
from medbench.providers import NO_KEY, Access, Missing, is_set
from medbench.providers._http import settings as kinds
from medbench.providers._http.address import base_url, key_hint, key_in, named_key
from medbench.providers._http.error_documents import STATUSES
from medbench.providers._http.json_values import count, kind_of, mapping, name, usage_of
from medbench.providers._http.limits import check_request
from medbench.providers._http.provider import HttpProvider
from medbench.providers._http.refusals import refusal
from medbench.providers._http.service import Service, one_line
from medbench.providers._http.settings import DEFAULT, Kind, check, in_order, text_part, wrong_setting
from medbench.schema.response import Reply

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from medbench.images.recorded import Pictures
    from medbench.providers._http.images import ImageMark
    from medbench.schema.model import ModelFile
    from medbench.schema.response import Request, Usage

_SERVER: Final = "https://api.anthropic.com"
_ROUTE: Final = "/v1/messages"
_VERSION: Final = "2023-06-01"
"""Version of the API, which each request names."""
_BODY_BYTES: Final = 32_000_000
"""Largest request that the API takes, as its documentation says."""
_LEVELS: Final = ("low", "medium", "high", "xhigh", "max")
_OFF: Final = "off"
_FIELDS: Final = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "max_tokens": "max_tokens",
    "stop": "stop_sequences",
}
_KINDS: Final[Mapping[str, Kind]] = {
    "temperature": kinds.NUMBER,
    "top_p": kinds.NUMBER,
    "top_k": kinds.WHOLE,
    "max_tokens": kinds.MAX_TOKENS,
    "stop": kinds.TEXTS,
    "thinking": kinds.one_of(DEFAULT, _OFF, *_LEVELS, example="low"),
    "thinking_budget": Kind(
        lambda value: kinds.is_whole(value) and value >= 1024, "tokens, 1,024 or more", "4096"
    ),
    "include_thoughts": kinds.FLAG,
    "response_schema": kinds.SCHEMA,
    **kinds.COMMON,
}


class Provider(HttpProvider):
    """Sends text and images in one user message."""

    variables = ("ANTHROPIC_API_KEY",)
    price_service = "anthropic"
    takes_schema = True

    def __init__(self, model: ModelFile, pictures: Pictures) -> None:
        super().__init__(model, pictures)
        _check_settings(model.settings)
        server = base_url(model, _SERVER) if model.base_url else _SERVER
        self._url = server.removesuffix(_ROUTE).removesuffix("/v1") + _ROUTE
        variable = model.key_env or (None if model.base_url else self.variables[0])
        key = named_key(model) if model.key_env else key_in(variable)
        self._service = Service(
            model.id,
            server,
            key,
            key_hint(variable),
            "base_url is wrong: it is what stands before /v1" if model.base_url else "it is gone",
            "is the server running, and base_url right?" if model.base_url else "is the network up?",
            headers={"anthropic-version": _VERSION, **({"x-api-key": key} if key else {})},
        )

    @classmethod
    def missing(cls, model: ModelFile) -> Missing | None:
        """Return the key; another server than Anthropic's needs one only where the model file names it."""
        if model.base_url or model.key_env or is_set(cls.variables[0]):
            return super().missing(model)
        return Missing("key", f"export {cls.variables[0]}=…   platform.claude.com/settings/keys")

    @classmethod
    def access(cls, model: ModelFile) -> Access:
        """Return the key; Anthropic's goes to no other server."""
        if model.base_url and not model.key_env:
            return Access("key", NO_KEY)
        return super().access(model)

    @classmethod
    def hosts(cls, model: ModelFile) -> tuple[str, ...]:
        """Return the named server's host, or Anthropic's."""
        return (host_of(model.base_url or _SERVER),)

    @classmethod
    def most_bytes(cls, model: ModelFile) -> int:
        """Return what Anthropic takes, unless the model file says otherwise."""
        return model.limits.body_bytes or _BODY_BYTES

    async def listed(self) -> tuple[str, ...]:
        """Return the models of the service."""
        return await self._list(f"{self._url.removesuffix(_ROUTE)}/v1/models?limit=1000", self._service)

    async def ask(self, request: Request) -> Reply:
        """Return the model's answer to one message."""
        check_request(request, self._model.limits)
        try:
            _check_settings(request.settings)
        except UsageError as error:
            raise wrong_setting(error) from None

        def document(marks: Sequence[ImageMark]) -> dict[str, Any]:
            return _document(request, marks)

        return await self._post(
            request,
            self._url,
            self._service,
            document,
            self._reply,
            body_bytes=self.most_bytes(self._model),
        )

    def _reply(self, data: object, images_sent: tuple[str, ...]) -> Reply:
        error = mapping(data).get("error")
        if error:
            kind = mapping(error).get("type")
            status = STATUSES.get(kind, 500) if isinstance(kind, str) else 500
            raise refusal(status, {}, json.dumps(data).encode(), self._service)
        return _reply_from(data, images_sent)


def _check_settings(settings: Mapping[str, Any]) -> None:
    check(settings, _KINDS, "a Claude model")
    if settings.get("max_tokens") is None:
        raise UsageError("a Claude model needs 'max_tokens': the API has no default.", "max_tokens = 8192")
    if settings.get("thinking_budget") is not None and settings.get("thinking") not in {None, DEFAULT}:
        raise UsageError(
            "'thinking' and 'thinking_budget' are both set, but a model takes one of them.",
            'thinking = "low" for Claude 4.6 and newer; thinking = "default" beside a budget for older ones',
        )


def _document(request: Request, marks: Sequence[ImageMark]) -> dict[str, Any]:
    """Return all fields of a request."""
    settings = request.settings
    images = [
        {
            "type": "image",
            "source": {"type": "base64", "media_type": mark.mime_type, "data": mark.data},
        }
        for mark in marks
    ]
    fields: dict[str, Any] = {
        "model": request.model,
        "messages": [{"role": "user", "content": in_order(settings, request.text, images, text_part)}],
        **{field: settings[key] for key, field in _FIELDS.items() if settings.get(key) is not None},
    }
    system = request.system or settings.get("system")
    if system:
        fields["system"] = [{"type": "text", "text": str(system)}]
    output = {}
    level = settings.get("thinking")
    if level in _LEVELS:
        output["effort"] = level
    if settings.get("response_schema") is not None:
        output["format"] = {"type": "json_schema", "schema": settings["response_schema"]}
    thinking = _thinking(settings)
    return {
        **fields,
        **({"thinking": thinking} if thinking else {}),
        **({"output_config": output} if output else {}),
    }


def _thinking(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the API's field of that name; empty to leave it to the service."""
    level, budget, shown = (settings.get(key) for key in ("thinking", "thinking_budget", "include_thoughts"))
    if level == _OFF:
        return {"type": "disabled"}
    if budget is not None:
        return {"type": "enabled", "budget_tokens": budget}
    if level in {None, DEFAULT} and shown is None:
        return {}
    display = {} if shown is None else {"display": "summarized" if shown else "omitted"}
    return {"type": "adaptive", **display}


def _reply_from(data: object, images_sent: tuple[str, ...]) -> Reply:
    """Return the reply that a message holds; one that was withheld or is not whole is a failure."""
    if not isinstance(data, dict):
        raise _unreadable(f"{kind_of(data)} in place of a message")
    blocks = data.get("content")
    if not isinstance(blocks, list):
        only = one_line(", ".join(sorted(map(str, data))), 100) or "nothing"
        raise _unreadable(f"no content, only: {only}")
    stop_reason = name(data.get("stop_reason"))
    reply = Reply(
        text="".join(_texts(blocks, "text")),
        answered=name(data.get("model")),
        finish_reason=one_line(stop_reason, 60).lower() if stop_reason else None,
        thoughts="\n\n".join(text.strip() for text in _texts(blocks, "thinking")).strip() or None,
        usage=_usage(data.get("usage")),
        images_sent=images_sent,
    )
    _check_end(reply, mapping(data.get("stop_details")))
    return reply


def _texts(blocks: Sequence[object], kind: str) -> list[str]:
    """Return the texts of the blocks of a type; in both types the field has the type's name."""
    found = [mapping(block).get(kind) for block in blocks if mapping(block).get("type") == kind]
    return [text for text in found if isinstance(text, str)]


def _check_end(reply: Reply, details: Mapping[str, Any]) -> None:
    """Check that the message ended with an answer; no failure is asked again, which would be choosing."""
    reason = reply.finish_reason
    if reason == "max_tokens" and not reply.text.strip():
        raise _final(
            "thoughts_only",
            "max_tokens was spent on thoughts and no answer came; "
            "try a higher max_tokens (run --set, or [settings] of its file), or less thinking",
            reply,
        )
    if reason in {None, "end_turn", "stop_sequence", "max_tokens"}:
        return
    if reason == "refusal":
        told = [one_line(str(details[key]), 200) for key in ("category", "explanation") if details.get(key)]
        quoted = f": '{'; '.join(told)}'" if told else ""
        raise _final("blocked", f"the model refused{quoted}", reply)
    if reason == "model_context_window_exceeded":
        hint = "try a lower max_tokens, or fewer images: --images spread"
        raise _final("too_long", f"the answer ended where the model's context did; {hint}", reply)
    if reason in {"tool_use", "pause_turn"}:
        raise _final("stopped", f"the model stopped before its answer was whole: '{reason}'", reply)
    words = "the answer ended in a way that medbench does not know"
    raise _final("unknown_finish", f"{words}: '{reason}'", reply)


def _usage(usage: object) -> Usage:
    """Return the tokens; what was read from a cache, or written to one, is part of the request."""
    fresh, cached = count(usage, "input_tokens"), count(usage, "cache_read_input_tokens")
    output = count(usage, "output_tokens")
    thoughts = count(mapping(usage).get("output_tokens_details"), "thinking_tokens")
    if output is not None and thoughts is not None:
        thoughts = min(thoughts, output)
        output -= thoughts
    written = count(usage, "cache_creation_input_tokens") or 0
    whole = None if fresh is None else fresh + written + (cached or 0)
    return usage_of(input=whole, output=output, thoughts=thoughts, cached=cached)


def _final(kind: str, reason: str, reply: Reply) -> ProviderError:
    return ProviderError(kind, reason, final=True, status=200, reply=reply)


def _unreadable(words: str) -> ProviderError:
    return ProviderError("unreadable", f"the server answered with {words}", final=False, status=200)
