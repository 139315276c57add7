"""Checks of a request against what a model takes, before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.sentences import counted

if TYPE_CHECKING:
    from medbench.schema.model import Limits
    from medbench.schema.response import Request


def check_request(request: Request, limits: Limits) -> None:
    """Check the number of images and the tokens that are needed.

    A word is one token at least, so this refuses only what cannot fit; the server may refuse more.

    Raises:
        ProviderError: There are more than the model takes; it names the way out.
    """
    images = len(request.images)
    if limits.images is not None and images > limits.images:
        hint = "--images spread" if limits.images else "--images none"
        reason = f"{counted(images, 'image')} asked for, but '{request.model}' takes {limits.images}"
        raise ProviderError("too_many_images", f"{reason}; try {hint}", final=True, sent=False)
    if limits.context is None:
        return
    system = str(request.system or request.settings.get("system") or "")
    words = len(request.text.split()) + len(system.split())
    image_tokens = images * (limits.image_tokens or 0)
    wanted = request.settings.get("max_tokens") or request.settings.get("max_completion_tokens")
    answer = wanted if isinstance(wanted, int) else 0
    least = words + image_tokens + answer
    if least > limits.context:
        reason = (
            f"at least {least:,} tokens are needed ({words:,} of text, {image_tokens:,} of images, "
            f"{answer:,} for the answer), but '{request.model}' has {limits.context:,}; "
            "try a lower max_tokens, or --images spread"
        )
        raise ProviderError("too_long", reason, final=True, sent=False)


def check_size(size: int, model: str, most: int | None) -> None:
    """Check the size of a request in bytes.

    Raises:
        ProviderError: It is larger than what the model takes.
    """
    if most is not None and size > most:
        reason = f"the request has {size:,} bytes, but '{model}' takes {most:,}"
        hint = "send fewer images: --images spread"
        raise ProviderError("too_large", f"{reason}; {hint}", final=True, sent=False)
