"""Takes off the wrappers of findings: announcements before, boilerplate after, stray markers.

The parser findings-1 does so too, and is frozen: a change here needs a copy for it first.
"""

from __future__ import annotations

import re

_MARKS = "-*_=#~ \t•"
_WORD = re.compile(r"[^\W_]")
_OPENER = re.compile(
    r"(?:based (?:up)?on|here (?:is|are)|here['\u2019]s|below (?:is|are)|"
    r"the (?:following|findings|image|provided|presented)|this is|as requested|"
    r"(?:upon|after|on) review(?:ing)?)\b",
    re.IGNORECASE,
)
_ANNOUNCES = re.compile(
    r"\b(?:following|as follows|here (?:is|are)|below)\b|"
    r"\b(?:findings|analysis|report|description|observed|noted|identified|seen|made)\W*$",
    re.IGNORECASE,
)
_TWO_SENTENCES = re.compile(r"[^\W\d_]{2}[.!?]\s")
PROMISE_OF_ANYTHING = re.compile(
    r"(?:i(?:['\u2019]ve| have|['\u2019]ll| will)|let me)\b[^.:]{0,300}[.:](?:\s|$)", re.IGNORECASE
)
"""What the parser findings-1 takes off, also where it says what is seen."""
_PROMISED = (
    r"a|an|the|this|these|your|you|my|me|it|its|each|all|and|to|at|by|with|in|on|of|for|from|so|as|or|if|what|i|can"
    r"|now|first|then|carefully|thoroughly|closely|systematically|gladly|below|above|here|again|one|step|steps"
    r"|take|have|look(?:ed|ing)?|analy[sz](?:e|ed|ing)|examined?|examining|review(?:ed|ing)?|described?|describing"
    r"|provided?|providing|giv(?:e|en|ing)|go|through|assess(?:ed)?|evaluat(?:e|ed)|interpret(?:ed)?|study|studied"
    r"|start|begin|do|best|help|try|see|write|list|present|prepare|summari[sz]e|think|about|break|down|answer|use"
    r"|images?|scans?|slices?|pictures?|x-rays?|radiographs?|films?|ct|mri?|ultrasound|chest|brain|head|abdom\w+"
    r"|axial|coronal|sagittal|medical|radiolog\w+|upload\w*|attached|report|findings|description|detailed"
    r"|structured|concise|brief|systematic|key|main|imaging|analysis|interpretation|following|based|requested"
    r"|visible|details|section|sections|format|question"
)
_PROMISE = re.compile(
    rf"(?:i(?:['\u2019]ve| have|['\u2019]ll| will)|let me)(?:,? (?:{_PROMISED})){{1,40}}[.:](?:\s|$)",
    re.IGNORECASE,
)
"""What a model is about to do, in words that name nothing to be seen."""
_CHATTER = re.compile(r"(?:okay|ok|sure|certainly|of course|absolutely|thank you|thanks)\b", re.IGNORECASE)
_PAUSE = re.compile(r"[.!:,](?=\s|$)")
_SHORTEST_RUN, _LONG_RUN = 60, 200
"""Characters at the end that are looked at, and those of a run. Rulers are shorter."""
_SIGNS_OF_A_RUN = 2
_LONGEST_PREAMBLE = 400
_BOILERPLATE = re.compile(
    r"[*_(\[> ]{0,6}(?:(?:please )?note(?: that)? (?:this|these|the above|i)\b|"
    r"(?:medical )?disclaimer\b|important:|"
    r"this (?:analysis|interpretation|report|description|information|response|assessment)"
    r" (?:is|was|does|should|cannot)\b|"
    r"(?:as|i am|i['\u2019]m) an ai\b|(?:please )?consult (?:a|an|with|your)\b|"
    r"(?:a|the) (?:definitive|final|complete|formal) (?:diagnosis|interpretation|evaluation|report)"
    r" (?:requires?|should)\b)",
    re.IGNORECASE,
)


def has_words(text: str, start: int = 0) -> bool:
    """Return True if there is anything but space and marks from that position on."""
    return _WORD.search(text, start) is not None


def ends_as_sentence(text: str) -> bool:
    """Return True for a text that ends with a sentence, in bold or quotes or not."""
    return text.rstrip('*_) \n\t"\u201d').endswith((".", "!", "?"))


def without_preamble(text: str, promise: re.Pattern[str] = _PROMISE) -> str:
    """Return the text without the sentences in which a model announces what it is about to do.

    Args:
        text: The text.
        promise: A sentence of its plans.
    """
    rest = text.lstrip()
    for _ in range(3):
        line, newline, later = rest.partition("\n")
        cut = _preamble_end(line, promise)
        if not cut:
            break
        kept = line[cut:].strip("*_ \t")
        rest = kept + newline + later if kept else later.lstrip()
    return rest if has_words(rest) else text


def _preamble_end(line: str, promise: re.Pattern[str]) -> int:
    """Return the number of characters of a first line that only announce; 0 where it says something."""
    bare = line.lstrip("*_# ")
    offset = len(line) - len(bare)
    if _CHATTER.match(bare):
        end = _PAUSE.search(bare)
        return offset + end.end() if end else 0
    promised = promise.match(bare)
    if promised:
        return offset + promised.end()
    announced, colon, _ = bare[:_LONGEST_PREAMBLE].partition(":")
    if (
        colon
        and _OPENER.match(bare)
        and _ANNOUNCES.search(announced)
        and not _TWO_SENTENCES.search(announced)
    ):
        return offset + len(announced) + 1
    return 0


def without_boilerplate(text: str) -> tuple[str, str]:
    """Return the text without the disclaimers at its end, and those."""
    lines = text.splitlines()
    end = len(lines)
    while end:
        last = end
        while last and not lines[last - 1].strip(_MARKS):
            last -= 1
        first = last - 1
        if first > 0 and not _BOILERPLATE.match(lines[first].strip()):
            while first and lines[first - 1].strip():
                first -= 1
        if first <= 0 or not _BOILERPLATE.match(lines[first].strip()):
            break
        end = first
    return "\n".join(lines[:end]), "\n".join(lines[end:]).strip()


def without_run(text: str) -> str:
    """Return a text without the few signs that it ends in without an end, as from a model that overflows."""
    signs = {sign for sign in text[-_SHORTEST_RUN:] if not sign.isspace()}
    if len(text) <= _SHORTEST_RUN or not 0 < len(signs) <= _SIGNS_OF_A_RUN:
        return text
    bare = text.rstrip("".join(signs) + " \n\t")
    return bare if len(text) - len(bare) >= _LONG_RUN else text


def trimmed(text: str) -> str:
    """Return the text without rules and lone markers at its ends, or a bold that it does not open."""
    lines = text.splitlines()
    start, end = 0, len(lines)
    while start < end and not lines[start].strip(_MARKS):
        start += 1
    while end > start and not lines[end - 1].strip(_MARKS):
        end -= 1
    kept = "\n".join(lines[start:end]).strip()
    last = kept.rpartition("\n")[2]
    return kept[:-2].rstrip() if last.endswith("**") and last.count("**") % 2 else kept
