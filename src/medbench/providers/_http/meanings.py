"""Words of servers in a refusal, and the kind of failure that they mean.

The wording is that of OpenAI, Azure, Anthropic, Google, vLLM, SGLang, llama.cpp, Ollama, TGI and LiteLLM.
A status alone does not say it: the same 400 stands for a long prompt, spent money and a wrong setting.
"""

from __future__ import annotations

import re
from typing import NamedTuple

LONGEST_READ = 64 * 1024
"""Characters of a refusal that are read."""


class Meaning(NamedTuple):
    """A kind of refusal."""

    kind: str
    words: str
    """Pattern of the words that servers use for it."""
    hint: str = ""
    """What to try."""
    stops: bool = False
    """True if every other call is refused alike until somebody changes something."""


def _words(*patterns: str) -> str:
    # Compiled when the first refusal is read: most runs see none.
    return "|".join(patterns)


_TOO_MANY_IMAGES = _words(r"at most \d+ images?\b", r"at most \d+ image\(s\)", r"too many images")
_NO_IMAGE_AT_ALL = _words(r"at most 0 image")

# The first that fits counts: money before filters before sizes before settings, since the later words are
# the more general ones.
MEANINGS = (
    Meaning(
        "quota",
        _words(
            r"insufficient[_ ](?:quota|credits?|balance|funds)",
            r"billing[_ ](?:hard[_ ])?limit|billing (?:is|has) not (?:been )?(?:active|enabled)",
            r"exceeded ?budget|budget[_ ](?:has been[_ ])?exceeded|over (?:the )?budget",
            r"spend(?:ing)? (?:limit|cap)|(?:credit|account) balance|out of credits?",
            r"credits? (?:has|have|are|is) (?:been )?(?:spent|used|exhausted)",
            r"not enough (?:credits?|balance|funds)|requires more credits",
        ),
        stops=True,
    ),
    Meaning(
        "blocked_prompt",
        _words(
            r"content[_ -]?(?:policy|filter|management|moderation)",
            r"responsible[_ ]?ai",
            r"safety (?:system|filter|setting|polic|guideline)",
            r"(?:usage|acceptable use|safety|content) polic(?:y|ies)",
            r"flagged (?:as|by|for)|moderation|guardrail|prohibited[_ ]content",
        ),
    ),
    Meaning("too_many_images", _NO_IMAGE_AT_ALL, "the server takes no images as it is set up", stops=True),
    Meaning("too_many_images", _TOO_MANY_IMAGES, "try --images spread"),
    Meaning(
        "bad_request",
        # A picture that this one request holds, before what says that none is taken.
        _words(
            r"(?:image|mime|media)[_ ]?(?:format|data|file)|mime[_ ]?type",
            r"(?:decode|identify|load|open) .{0,20}image|process(?:ing)? (?:the |this |input |your )+image",
        ),
    ),
    Meaning(
        "no_images",
        _words(
            r"(?:image|image[_ ]url|vision|multi-?modal)\w{0,10}\b(?!.{0,20}(?:format|type)).{0,60}"
            r"(?:not|isn'?t|aren'?t) (?:currently )?(?:supported|enabled|allowed|available)",
            r"(?:does|do) not (?:support|accept|have|allow) (?:\w+ ){0,3}(?:image|vision|visual|multi-?modal)"
            r"(?!.{0,20}(?:format|type|data|file))",
            r"(?:doesn'?t|don'?t|cannot|can'?t|unable to) (?:support|accept|process|handle|take|read) "
            r"(?:\w+ ){0,2}(?:image|vision|multi-?modal)(?!.{0,20}(?:format|type|data|file))",
            r"no (?:vision|multi-?modal|image) (?:support|capabilit|encoder|projector|input)|mmproj",
            r"not (?:a|an) (?:vision|multi-?modal|image)",
            r"(?:is|are) (?:a )?text[- ]only|only (?:supports?|accepts?) text",
            r"endpoints? (?:found )?that support image",
            r"image_url.{0,40}(?:only supported|unsupported|not supported|invalid content type)",
            r"(?:invalid|unknown|unsupported) (?:content|part|message) (?:part )?type.{0,20}image",
        ),
        "the model, or its server as it was started, takes no images",
        stops=True,
    ),
    Meaning(
        "too_large",
        _words(
            r"payload size exceeds",
            r"(?:request|body|payload|message) (?:size|length) .{0,40}(?:exceeds|limit)",
            r"(?:request|body|payload)[_ ](?:entity[_ ])?(?:is[_ ])?too[_ ]large",
        ),
        "send fewer images: --images spread",
    ),
    Meaning(
        "too_long",
        _words(
            r"context[_ ](?:length|size|window|limit)|max_model_len|maximum model length|max_seq_len|n_ctx",
            r"tokens? (?:count )?(?:\(\d[\d,]*\) )?(?:exceeds?|is (?:greater|larger|more|longer) than)",
            r"(?:input|prompt|request|message)s? (?:is|are) too (?:long|large)",
            r"too many (?:input |prompt )?tokens",
            r"max(?:imum)? (?:number of |allowed |input |prompt )*(?:tokens|sequence length)",
            r"max_new_tokens.{0,30}(?:must be|exceed)|reduce the length|sequence length",
            r"exceeds? the (?:model'?s? )?(?:max\w*|limit|allowed)[^.]{0,40}token|\d+ tokens? > \d+",
        ),
        "try a lower max_tokens, or fewer images: --images spread",
    ),
    Meaning(
        "not_found",
        _words(
            r"model[_ ]not[_ ]found|no such model|unknown model|invalid model(?: name| id|\b(?! parameter))",
            r"model .{0,80}(?:does not exist|not found|is not available|has been (?:deprecated|retired))",
        ),
        "medbench models",
        stops=True,
    ),
    Meaning(
        "setting",
        _words(
            r"unsupported[_ ](?:parameter|value|argument|field|option)",
            r"(?:unknown|unrecognized|unexpected|unsupported|extra|additional) "
            r"(?:request )?(?:parameter|argument|field|name|option|keyword|propert)",
            r"(?:extra (?:inputs|fields)|additional properties).{0,20}not (?:permitted|allowed)",
            r"(?:not supported|unsupported|not allowed|not available) (?:with|for|by|on|in) this model",
            r"does not support (?:the )?['\"`\w. ]{0,40}(?:param|setting|value|temperature|top_[pk]|"
            r"max_\w+|logprobs|response_format|json|schema|system|thinking|reasoning|seed|stop|stream)",
            r"\b(?:temperature|top_?p|top_?k|max_\w+|seed|logprobs|n|stop|penalty|response_format|json_schema|"
            r"reasoning_effort|thinking\w*(?: \w+)?)['\"`]? .{0,60}(?:must be|out of range|not supported|"
            r"only the default|is not allowed|invalid)",
            r"chat[_ -]?template",
        ),
        "see its model's [settings]: medbench models, --set",
        stops=True,
    ),
)


def meaning_of(text: str) -> Meaning | None:
    """Return what a server's refusal means by its words; None where they say nothing that is known."""
    shown = text[:LONGEST_READ]
    return next((meaning for meaning in MEANINGS if re.search(meaning.words, shown, re.IGNORECASE)), None)
