"""Addresses of servers as they may be shown and recorded: a path may hold a token."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote, urlsplit

_PLAIN: Final = frozenset(
    {
        "ai",
        "anthropic",
        "api",
        "chat",
        "compatible-mode",
        "completions",
        "deployments",
        "endpoints",
        "engines",
    }
    | {"gateway", "google", "inference", "invocations", "llm", "locations", "messages", "models", "ollama"}
    | {"openai", "predict", "projects", "proxy", "publishers", "router", "serving-endpoints", "vllm"}
)
"""Segments of paths that are words of interfaces; any other one could be a token."""
_VERSION: Final = re.compile(r"v\d{1,2}(?:(?:alpha|beta)\d{0,2})?")


def server_name(server: str) -> str:
    """Return a server as messages name it: an address as it may be shown, and a name as it is."""
    return shown_address(server) if "://" in server else server


def shown_address(url: str) -> str:
    """Return an address without what may be secret: user, password, query, unknown parts of its path."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        return "…"
    if not host:
        return f"{parts.scheme}:…" if parts.scheme else "…"
    host = f"[{host}]" if ":" in host else host
    path = "/".join(part if _is_plain(part) else "…" for part in parts.path.rstrip("/").split("/"))
    more = "?…" if parts.query or parts.fragment else ""
    return f"{parts.scheme}://{host}{f':{port}' if port else ''}{path}{more}"


def secret_parts(url: str) -> tuple[str, ...]:
    """Return the parts of an address's path that are not shown, as written and decoded, longest first."""
    if "://" not in url:
        return ()
    parts = [part for part in urlsplit(url).path.split("/") if not _is_plain(part)]
    return tuple(sorted({*parts, *map(unquote, parts)}, key=len, reverse=True))


def _is_plain(segment: str) -> bool:
    return not segment or segment.lower() in _PLAIN or bool(_VERSION.fullmatch(segment))


def host_of(url: str) -> str:
    """Return the host of an address in lower case; '' where there is none."""
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
