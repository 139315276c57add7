"""Meaning of a server's refusal: the kind of failure, by the names of the error, its parameter and its words.

A status alone does not say it: the same 400 stands for a long prompt, spent money and a wrong setting.
Servers word each of these in many ways, so the words of a thing ('image') are looked for near the words of
what is wrong with it ('not supported', 'disabled'), in one sentence; no sentence is looked for as a whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from medbench.providers._http.quotas import is_larger_than_allowed, is_rate_limit, is_spent, told
from medbench.providers._http.refusal_facts import SAME_SENTENCE, Facts, near, says

if TYPE_CHECKING:
    from collections.abc import Callable


class Meaning(NamedTuple):
    """A kind of refusal."""

    kind: str
    is_meant: Callable[[Facts], bool]
    """Tells whether a refusal is of this kind."""
    hint: str = ""
    """Advice on what to try."""
    stops: bool = False
    """True if every other call is refused alike until somebody changes something."""
    passes: bool = False
    """True if the same call may be answered a little later."""


_IS_NOT: Final = r"(?:not|isn'?t|aren'?t) (?:currently |yet |been )?"
_DOES_NOT: Final = r"(?:(?:does|do|can|could|will)(?: not|n'?t)|cannot|unable to|not able to) "
_UNABLE: Final = (
    rf"{_IS_NOT}(?:be )?(?:support|enabled|allowed|permitted|available|accepted|loaded|implemented|"
    r"configured|compatible)|disabled|unsupported|unavailable"
)
_FILTERED: Final = (
    r"content[_ -]?(?:policy|filter|management|moderation|safety|exists risk|security|blocked)",
    r"responsible[_ ]?ai|data inspection|inappropriate content|prohibited[_ ]content|unsafe[_ ]content",
    r"safety (?:system|filter|polic|check)|(?:usage|acceptable use|safety|content) (?:polic|guideline|check)",
    r"\bflagged\b|\bmoderation\b|guardrail|sensitive (?:content|information|word|data)|high[ -]risk",
    near(
        r"harmful|unsafe|safety setting|prohibited|by (?:our |a )?polic",
        r"reject|block|refus|detect|filter|violat|contain",
        40,
    ),
    r"敏感|不安全|违规",
)
_PICTURE: Final = r"image(?:s|_url|_input)?\b|\bvision\b|visual|multi-?modal|\bpictures?\b|\bphotos?\b"
_NONE_AT_ALL: Final = (
    r"at most 0 image|(?:limit|maximum|max)\D{0,20}\b0 image",
    r"(?<!up to )\b0 images? (?:are |is )?(?:allowed|supported|permitted)",
)
# Servers of text models tell it in many ways, some of them by the type of a message's content.
_WITHOUT_IMAGES: Final = (
    rf"(?:{_PICTURE})(?!.{{0,20}}(?:format|type)){SAME_SENTENCE}{{0,60}}?(?:{_UNABLE})",
    (
        rf"{_DOES_NOT}(?:support|accept|have|allow|take|process|handle|read|see) (?:[\w'-]+ ){{0,3}}"
        rf"(?:{_PICTURE})(?!.{{0,20}}(?:format|type|data|file))(?! of this| \()"
    ),
    r"no (?:vision|multi-?modal|image) \w+|not (?:a|an) (?:vision|multi-?modal|image)|mmproj",
    r"lacks? (?:vision|image)|without (?:vision|image) support|not compiled for multi-?modal",
    r"projector can'?t be loaded|can only concatenate str \(not \W{0,2}list",
    r"text[- ]only|only (?:supports?|accepts?|takes?|handles?) (?:plain )?text\b",
    r"endpoints? found that support (?:\w+ ){0,2}(?:image|vision)",
    rf"image_url{SAME_SENTENCE}{{0,40}}(?:only supported|not supported|not allowed|invalid content type)",
    (
        r"(?:invalid|unknown|unsupported|unexpected) (?:content|part|message|item|variant)\W{0,3}"
        r"(?:part |block )?(?:type)?\W.{0,20}(?:image|in content)"
    ),
    r"content\b\W.{0,16}(?:must|should|has to|expected to) be a (?:valid )?string",
    r"不支持(?:图片|图像|视觉|多模态)",
)
_ONE_PICTURE: Final = (
    r"image[_ ]?(?:format|data|file|dimensions?|parse|size|length and width|resolution)\b|mime[_ -]?type",
    (
        r"(?:decode|identify|parse|load|open|read|fetch|download|process(?:ing)?) "
        r"(?:[\w']+ ){0,3}?image(?!s\b| input)"
    ),
    r"images? (?:\w+ )?(?:is|are|was|were) (?:not valid|invalid|corrupt|broken|too (?:large|small|big))",
    r"(?:invalid|unsupported|corrupt\w*|broken|malformed) (?:base64|image)(?! ?url| input| content)",
    r"image exceeds|too (?:large|big|small) (?:an )?image|image (?:url|address) (?:is )?invalid",
    r"\b(?:only|following) .{0,30}(?:PNG|JPE?G)\b",
)


def _is_filtered(facts: Facts) -> bool:
    return says(f"{facts.names}\n{facts.words}", *_FILTERED)


def _is_without_images(facts: Facts) -> bool:
    """Return True if the model, or its server, takes no images at all."""
    in_names = says(facts.names, "(?:image|vision)s? (?:is )?(?:not|un)[ ]?supported")
    wants_text = says(facts.words, "valid string") and any("content" in each for each in facts.parameters)
    return in_names or wants_text or says(facts.words, *_WITHOUT_IMAGES)


def _is_of_one_picture(facts: Facts) -> bool:
    """Return True if something is wrong with a picture of the request."""
    return says(f"{facts.names}\n{facts.words}", *_ONE_PICTURE)


_TOO_MANY_IMAGES: Final = (
    r"(?:at most|up to|maximum of|max(?:imum)?|only|limit\w*(?: is| of| to)?) \d+ (?:\w+ )?image",
    r"too many (?:\w+ )?images|(?:number of|image count) (?:\w+ ){0,3}(?:images? )?(?:exceed|is greater)",
)
_TOO_LARGE: Final = (
    r"(?:payload|body|request|message)[_ ](?:size|length)\b.{0,40}(?:exceed|limit|too)",
    r"(?:request|body|payload)[_ ](?:entity[_ ]|body[_ ])?(?:is[_ ])?too[_ ]large",
    r"request exceeds the maximum size",
)
_FITS: Final = (
    # A prompt with its tokens: that max_tokens alone is too high is a matter of the setting.
    (
        r"\b(?:input|prompt|messages?|inputs|text|images?|request (?:has|contains|of))\b['`\"]?"
        r"(?: \w+){0,6}?\W{0,3}(?<!max )\btokens?\b"
    ),
    r"\d\)? (?:input|prompt) tokens?\b|tokens? (?:from|in|of|for) the (?:input|prompt|messages?)",
)
_WINDOW: Final = (
    r"requested (?:about |a total of )?\d[\d,]* tokens|request contains \d|messages resulted in \d",
    (
        r"(?:input|prompt|sequence|context)[ _](?:tokens? )?(?:length|count|limit|size|window)"
        r"(?!['`\"]? for this model)"
    ),
    r"tokens\b.{0,40}got -\d|tokens? \(\d|max_model_len|max_seq_len|n_ctx|total number of tokens",
)
_TOO_LONG: Final = (
    r"context[_ ](?:length|size|window|limit)|maximum model length|sequence length|reduce the length",
    r"\btokens? (?:count )?(?:\(\d[\d,]*\) )?(?:limit|exceeds?|is (?:greater|larger|more|longer) than)",
    r"(?:input|prompt|request|message|conversation|text)s? (?:\w+ )?(?:is |are |was )?too (?:long|large)",
    r"too many (?:input |prompt )?tokens|too large for \S+ model",
    r"max(?:imum)? (?:number of |allowed |input |prompt )+tokens",
    r"exceeds? the (?:model'?s? )?(?:max\w*|limit|allowed)[^.]{0,40}token|\d+ tokens? > \d+",
    r"(?:less|fewer) than \d+ tokens|longer than (?:the (?:model|max)|\d)|inputs?\W{0,2} tokens? \+",
    r"tokens? \+ \W?max_",
    near(
        r"\d[\d,]* tokens?\b|tokens in the (?:prompt|input)",
        r"limit|more than|above|\bover\b|exceed|at most|max(?:imum)?\b|longer|greater|larger",
        60,
    ),
)


def _is_too_large(facts: Facts) -> bool:
    return says(f"{facts.names}\n{facts.words}", *_TOO_LARGE) and not says(facts.words, r"\btokens?\b")


def _is_too_long(facts: Facts) -> bool:
    in_names = says(facts.names, r"context (?:length|window|size)|tokens? limit (?:reached|exceeded)")
    return in_names or says(facts.words, *_TOO_LONG, *_WINDOW)


def _is_longer_than_fits(facts: Facts) -> bool:
    """Return True if prompt and answer together are said not to fit, and not only max_tokens is too high."""
    return _is_too_long(facts) and says(facts.words, *_FITS, *_WINDOW)


_SETTING: Final = (
    r"temperature|top_?[pk]\b|min_?p\b|max_?\w*tokens\w*|maximum tokens|\bseed\b|\w*logprobs|logit_?bias|"
    r"\w+_penalty|\w+Penalty|response_?(?:format|schema|mime\w*)|json[_ ]?(?:schema|mode|object)|"
    r"reasoning\w*|thinking\w*|verbosity|stream_options|tool_choice|service_tier|budget(?:_tokens)?|"
    r"chat_template_kwargs|guided_\w+|candidate_?count|media_?resolution|enable_thinking|stop_?sequences|"
    r"(?:system|developer)[ _-]?(?:message|instruction|prompt|role)s?"
)
_WRONG: Final = (
    rf"{_UNABLE}|must (?:not )?be|should (?:not )?(?:be|exceed)|may only|is too|invalid|not valid|"
    rf"out of|\brange|"
    r"greater than|less than|exceed|at (?:most|least)|requires?\b|un(?:known|recogni[sz]ed|expected)|"
    r"forbidden|"
    r"only (?:the default|\d|supports|accepts|allowed|works|available)|deprecated|cannot|can'?t|n'?t support|"
    r"supported (?:values|range)|incompatible|maximum allowed|> \d"
)
_SETTINGS: Final = (
    near(_SETTING, _WRONG, 60),
    (
        r"(?:unsupported|unknown|unrecognized|unexpected|extra|additional)[_ ](?:request )?"
        r"(?:param|argument|field|name\b|option|keyword|propert)"
    ),
    r"unsupported ?params|(?:argument|param(?:eter)?|option)s? (?:is |are )?not supported",
    r"requested parameters",
    r"(?:extra (?:inputs|fields)|additional properties).{0,20}not (?:permitted|allowed)|extra forbidden",
    r"(?:not supported|unsupported|not allowed|not available|not enabled) (?:with|for|by|on|in) this model",
    rf"{_DOES_NOT}support (?:the )?['\"`\w. ]{{0,40}}(?:param|setting|value)",
    r"['\"`]\w+['\"`] is not support|chat[_ -]?template|is not enabled for models?/",
    r"(?:greater|less) than the (?:max|min)imum|supported values are|valid range of",
)
# The request itself, and not how it is to be answered.
_NO_SETTING: Final = (
    r"^(?:messages?|input|prompt|contents?|instances?|model|image\w*|file\w*|body|request|data)\b"
)
_UNKNOWN_MODEL: Final = (
    r"model[_ ](?:was )?not[_ ](?:found|exist|supported\b(?! by)|available)|no such model|unknown model",
    r"invalid model(?: name| id|\b(?! parameter))|not a valid model|deployment not found",
    r"non-serverless model",
    (
        r"model\b.{0,80}(?:does not exist|not (?:found|served|hosted|offered)|is not available|decommission|"
        r"(?:has|have) been (?:deprecated|retired|removed|shut)|no longer (?:supported|available|served))"
    ),
    r"no models? (?:is |are )?loaded|on-demand throughput|not (?:work|supported) with the specified model",
    r"(?:don'?t|do not|does not) have access to (?:the )?model|has reached (?:its )?end of life",
)


def _is_of_a_setting(facts: Facts) -> bool:
    if any(not says(parameter, _NO_SETTING) for parameter in facts.parameters):
        return True
    return says(f"{facts.words}\n{facts.names}", *_SETTINGS)


def _is_unknown_model(facts: Facts) -> bool:
    return "model" in facts.parameters or says(f"{facts.words}\n{facts.names}", *_UNKNOWN_MODEL)


def _is_refused_key(facts: Facts) -> bool:
    return says(
        f"{facts.names}\n{told(facts)}",
        r"api[ _-]?key\b.{0,30}(?:not valid|invalid|incorrect|missing|expired|not found|required|revoked)",
        r"(?:invalid|incorrect|missing|expired|no|wrong|revoked) (?:\w+ )?(?:x-)?(?:api[ _-]?key|"
        r"auth\w* token|access token|credentials|authorization)",
        r"unauthori[sz]ed|unauthenticated|forbidden$|access denied|not (?:authenticated|logged in)|"
        r"(?:log|sign) ?in (?:required|first)|authentication (?:fail|error|required)",
        r"(?:location|country|region)\b.{0,30}not supported|organization (?:has been )?restricted",
    )


def _may_pass(facts: Facts) -> bool:
    return says(
        f"{facts.words}\n{facts.names}",
        r"overload|\bbusy\b|temporar|try again (?:later|in|after|shortly|soon)|"
        r"retry (?:later|after|in|shortly)|"
        r"timed? ?out|capacity|loading|failed to load model|not (?:yet )?ready|warming|starting up|"
        r"out of memory|(?:connection|server|internal) error|at the moment",
    )


SHORTER: Final = "try a lower max_tokens, or fewer images: --images spread"
# The first that fits counts: money before filters before sizes before settings, since the later words are
# the more general ones.
MEANINGS: Final = (
    Meaning("quota", is_spent, stops=True),
    Meaning("blocked_prompt", _is_filtered),
    Meaning(
        "too_many_images",
        lambda facts: says(facts.words, *_NONE_AT_ALL),
        "the server takes no images as it is set up",
        stops=True,
    ),
    Meaning("too_many_images", lambda facts: says(facts.words, *_TOO_MANY_IMAGES), "try --images spread"),
    # A picture that this one request holds, before what says that none is taken.
    Meaning("bad_request", _is_of_one_picture),
    Meaning(
        "no_images",
        _is_without_images,
        "the model, or its server as it was started, takes no images",
        stops=True,
    ),
    Meaning("too_long", is_larger_than_allowed, SHORTER),
    Meaning("rate_limit", is_rate_limit, passes=True),
    Meaning("too_large", _is_too_large, "send fewer images: --images spread"),
    Meaning("too_long", _is_longer_than_fits, SHORTER),
    Meaning("not_found", _is_unknown_model, "medbench models", stops=True),
    Meaning("unauthorized", _is_refused_key, stops=True),
    Meaning("setting", _is_of_a_setting, "see its model's [settings]: medbench models, --set", stops=True),
    Meaning("too_long", _is_too_long, SHORTER),
    Meaning("unavailable", _may_pass, passes=True),
)


def meaning(facts: Facts) -> Meaning | None:
    """Return what a server's refusal means; None where it says nothing that is known."""
    return next((each for each in MEANINGS if each.is_meant(facts)), None)
