"""Common parts of the pages that work offline: templates, one style, one script, inert data, and a policy."""

from __future__ import annotations

import base64
import hashlib
import json
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from medbench.report.blocks import spans
from medbench.sentences import printable

if TYPE_CHECKING:
    from jinja2 import Environment

_POLICY = (
    "default-src 'none'; img-src data: blob:; style-src 'sha256-{style}'; script-src 'sha256-{script}'; "
    "base-uri 'none'; form-action 'none'"
)
"""Nothing but the style and the script that the page came with, by their digests, and no connection."""


def shell(template: str, styles: tuple[str, ...], scripts: tuple[str, ...], **values: Any) -> str:
    """Return a page without its data: a template filled in, with its style, script and policy.

    Args:
        template: Name of the template, relative to this folder.
        styles: Files that make its style.
        scripts: Files that make its script; a page has one, so that its policy has one digest.
        values: What is filled in; each text is escaped, and control characters are replaced.
    """
    style, script = (_joined(names) for names in (styles, scripts))
    policy = _POLICY.format(style=digest_of(style), script=digest_of(script))
    return (
        _templates()
        .get_template(template)
        .render(policy=policy, style=_as_markup(style), script=_as_markup(script), **values)
    )


def digest_of(part: str) -> str:
    """Return the digest of an inlined part as a policy names it."""
    return base64.b64encode(hashlib.sha256(part.encode()).digest()).decode()


def data_island(name: str, value: Any) -> str:
    """Return a value as an element of JSON in which nothing can end the element or begin markup."""
    return f'<script type="application/json" id="{name}">{data_text(value)}</script>\n'


def data_text(value: Any) -> str:
    """Return a value as JSON in which nothing can end an element or begin markup."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def image_island(name: str, kind: str, data: bytes) -> str:
    """Return an image as an inert element, which the browser decodes when the script asks for it.

    Args:
        name: Id of the element.
        kind: Media type, such as 'image/png'.
        data: The file.
    """
    pixels = base64.b64encode(data).decode()
    return f'<script type="application/octet-stream" id="{name}" data-kind="{kind}">{pixels}</script>\n'


def _joined(names: tuple[str, ...]) -> str:
    return "\n".join(files("medbench.report").joinpath(name).read_text("utf-8").strip() for name in names)


@cache
def _templates() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("medbench", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_safe,
    )
    made.filters["spans"] = spans
    return made


def _safe(value: Any) -> Any:
    return printable(value) if type(value) is str else value


def _as_markup(part: str) -> Any:
    from markupsafe import Markup

    return Markup(part)  # noqa: S704 - files of this package
