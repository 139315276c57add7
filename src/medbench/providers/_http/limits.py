"""What a model takes, checked before anything is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from medbench.errors import ProviderError
from medbench.sentences import counted

if TYPE_CHECKING:
    from medbench.schema.model import Limits
    from medbench.schema.response import Request


def check_images(request: Request, limits: Limits) -> None:
    """Check the number of images.

    Raises:
        ProviderError: There are more than the model takes; it names the way out.
    """
    most, asked = limits.images, len(request.images)
    if most is not None and asked > most:
        how = "--images spread" if most else "--images none"
        reason = f"{counted(asked, 'image')} asked for, but '{request.model}' takes {most}; try {how}"
        raise ProviderError("too_many_images", reason, final=True, sent=False)


def check_size(size: int, model: str, limits: Limits) -> None:
    """Check the size of a request in bytes.

    Raises:
        ProviderError: It is larger than what the model takes.
    """
    most = limits.body_bytes
    if most is not None and size > most:
        reason = (
            f"the request has {size:,} bytes, but '{model}' takes {most:,}; "
            "send fewer images: --images spread"
        )
        raise ProviderError("too_large", reason, final=True, sent=False)


def check_context(request: Request, limits: Limits) -> None:
    """Check that the request and the longest answer asked for can fit into the model's context.

    A word is one token at least, so this refuses only what cannot fit; the server may refuse more.

    Raises:
        ProviderError: They cannot.
    """
    if limits.context is None:
        return
    system = str(request.system or request.settings.get("system") or "")
    words = len(request.text.split()) + len(system.split())
    images = len(request.images) * (limits.image_tokens or 0)
    wanted = request.settings.get("max_tokens") or request.settings.get("max_completion_tokens")
    answer = wanted if isinstance(wanted, int) else 0
    least = words + images + answer
    if least > limits.context:
        reason = (
            f"at least {least:,} tokens are needed ({words:,} of text, {images:,} of images, {answer:,} for "
            f"the answer), but '{request.model}' has {limits.context:,}; "
            "try a lower max_tokens, or --images spread"
        )
        raise ProviderError("too_long", reason, final=True, sent=False)
