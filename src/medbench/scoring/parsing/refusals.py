"""Recognises an answer that declines to answer."""

from __future__ import annotations

import re

# For text in lower case; with the boundary of a word once in front it is several times as fast.
_REFUSES = re.compile(
    r"\b(?:(?:i|we|ai|model|assistant)\b(?:['\u2019]m)?[^.!?\n]{0,60}?\b"
    r"(?:can(?:not|['\u2019]t| not)|not able to|unable to|not (?:qualified|permitted|allowed) to|"
    r"decline to|won['\u2019]t)"
    r"\s{1,4}(?:(?:directly|currently|actually|safely)\s{1,4})?"
    r"(?:analy[sz]e|interpret|read|view|see|access|open|process|evaluate|examine|review|describe|provide|offer|give|"
    r"generate|perform|assist|help|fulfil+|comply|answer|do)(?:\s{1,4}(?:or|and)\s{1,4}\w{2,12})?"
    r"(?:\s{1,4}(?:the|this|that|these|any|your|an?|such|provided|attached|medical|radiolog\w{1,4}|clinical|specific|"
    r"detailed|with|you|x-ray|ct|mri?)){0,5}"
    r"\s{1,4}(?:images?|pictures?|photos?|scans?|x-rays?|files?|attachments?|interpretations?|analys[ei]s|"
    r"requests?|that|this|you|it)\b"
    r"|no (?:medical )?images? (?:(?:was|were|is|are|has been|have been) )?"
    r"(?:\w{1,12} ){0,2}(?:provided|attached|included|uploaded)"
    r"|(?:do not|don['\u2019]t) (?:see|have) (?:any|an|the) (?:medical |attached )?images?\b"
    r"|please (?:provide|upload|attach|share) (?:the|an|a|your) (?:\w{1,12} ){0,2}"
    r"(?:image|scan|picture|file|study)"
    r"|(?:^|(?:i'?m|i am|we are|was|is|error:?) )(?:unable|not able) to"
    r" (?:process|load|open|access|view|display|read|analy[sz]e)"
    r" (?:the |this |that |your |any )?(?:\w{1,12} )?(?:image|file|picture|scan|attachment)"
    r"|(?:image|file|attachment)s? (?:could not|cannot|can't|failed to) (?:be )?"
    r"(?:load|process|open|read|display|decod|analy[sz])"
    r"|(?:image|picture|scan|file|attachment)s? (?:did|do(?:es)?|was|were|has|have)(?: not|n['\u2019]t)"
    r" (?:\w+ to )?(?:be |been |have been |have )?(?:\w+ly )?(?:load|upload|attach"
    r"|c[ao]me through|arrive|received)"
    r"|the image is missing"
    r"|failed to (?:load|open|read|process) (?:the |this )?(?:image|file)"
    # Ability, propriety, scope.
    r"|(?:(?:do|does)(?: not|n['\u2019]t) have|lacks?|have no|without) (?:(?:the|any|an) )?"
    r"(?:capabilit(?:y|ies)|ability|capacity|means|way|access|tools?)\b[^.!?\n]{0,30}?"
    r"\b(?:images?|pictures?|photos?|scans?|x-rays?|radiographs?|files?|attachments?)\b"
    r"|not (?:capable of|equipped (?:to|for)|designed to|trained to|meant to) (?:\w+ly )?(?:view|see|look"
    r"|analy[sz]e|interpret|read|examine|process|evaluate|assess|describe|open|viewing|seeing|looking"
    r"|analy[sz]ing|interpreting|reading|examining|processing|evaluating|assessing|describing|opening)\b"
    r"[^.!?\n]{0,25}?"
    r"\b(?:images?|pictures?|photos?|scans?|x-rays?|radiographs?|files?)\b"
    r"|(?:not (?:be )?|in)(?:appropriate|right|safe|responsible|ethical|proper) for me\b"
    r"|(?:beyond|outside|exceeds?)(?: of)? (?:the scope of )?(?:my|what i)\b"
    r"|(?:analy[sz]ing|interpreting|reading|viewing|describing|evaluating|examining|giving|providing)\b[^.!?\n]{0,60}"
    r"\bnot something (?:that )?i (?:can|am able)\b"
    # 'Cannot' and 'sorry' in other languages.
    r"|(?:ich kann|kann ich) (?:\w{1,14} ){0,4}(?:nicht|keine?n?)\b|tut mir leid\b"
    r"|(?:je ne (?:peux|suis|puis)|d\u00e9sol\u00e9|no puedo|lo siento|no me es posible)\b"
    r"|(?:non posso|mi dispiace)\b"
    r"|(?:n\u00e3o posso|desculpe|sinto muito|ik kan|het spijt me)\b)"
    r"|\u62b1\u6b49|\u65e0\u6cd5|\u7121\u6cd5|\u7533\u3057\u8a33|\u3067\u304d\u307e\u305b\u3093"
    r"|\u043d\u0435 \u043c\u043e\u0433\u0443|\u0438\u0437\u0432\u0438\u043d\u0438\u0442\u0435|\uc8c4\uc1a1"
)
# What a radiologist may say beside findings: it declines where nothing else is said.
_DECLINES = re.compile(
    r"\b(?:(?:i|ai|model|assistant)\b(?:['\u2019]m)?[^.!?\n]{0,60}?\b"
    r"(?:can(?:not|['\u2019]t| not)|not able to|unable to|won['\u2019]t be able to"
    r"|not (?:qualified|permitted|allowed|authori[sz]ed|licensed) to)\s(?:\w+ly )?"
    r"(?:diagnose|make|give|provide|offer|tell|determine|assist|help|interpret|comment|describe"
    r"|generate|perform)\b"
    r"[^.!?\n]{0,60}?\b(?:diagnos\w+|medical|medicine|advice|images?|imaging|x-?rays?|scans?|mri|ct|radio\w+"
    r"|mammogra\w+|ultrasounds?|opinions?|reports?|what)\b"
    r"|i(?:['\u2019]m| am) not an? (?:\w+ ){0,3}(?:doctor|radiologist|physician|professional|clinician)\b"
    r"|i(?:['\u2019]m| am) not (?:medically )?(?:qualified|comfortable|authori[sz]ed|licensed)\b"
    r"|i (?:do not|don['\u2019]t|lack) (?:\w+ ){0,2}(?:expertise|comfortable|qualifications?|training)\b"
    r"|i (?:(?:must|have to|will|would|need to) )?(?:\w+ly )?(?:decline|refuse)\b"
    r"|not something (?:that )?i (?:can|am able)\b"
    r"|(?:irresponsible|inappropriate|unethical|unsafe|improper) (?:of|for) me\b"
    r"|only an? (?:\w+ ){0,3}(?:radiologist|physician|doctor|professional) (?:can|should|may)\b"
    r"|(?:please|kindly|should|recommend|suggest|advise|important to|best to) (?:\w+ ){0,3}?"
    r"(?:consult|see|contact)\w* (?:with )?(?:an?|your) (?:\w+ ){0,3}(?:radiologist|physician|doctor"
    r"|professional|clinician|provider)\b"
    r"|(?:my|usage|safety|content) (?:\w+ ){0,2}(?:guidelines?|polic(?:y|ies)|programming)\b)"
)
_EXCUSES = re.compile(
    r"\b(?:sorry|apologi[sz]e|consult|seek|healthcare|qualified|professional|language model|(?:an|as) ai\b|"
    r"radiologist|physician|doctor|i can help|happy to help|upload|provide the image|medical advice|"
    r"thank you for|i understand|unfortunately i\b|speak with your)|^(?:hello|hi|okay|sure)\b.{0,8}$"
)
# Behind findings it takes nothing back, unless the image was not seen.
_DISCLAIMS = re.compile(
    r"^\W*(?:(?:please )?note|disclaimer|important|caveats?|limitations?|remember)\b"
    r"|\b(?:with (?:\w+ ){0,2}certainty|definitive|official|formal|professional|treatment)\b"
)
_UNSEEN = re.compile(r"\b(?:view|see|open|access|load|process)\b")
_SUBSTANCE_WORDS = 25


def is_refusal(text: str) -> bool:
    """Return True if declining is the substance of the answer: little else is said."""
    refused = declined = False
    words = 0
    for sentence in re.split(r"(?<=[.!?])\s|\n|,? but |(?<=doctor), |(?<=logist), ", text.lower()):
        if _REFUSES.search(sentence):
            disclaims = words and _DISCLAIMS.search(sentence) and not _UNSEEN.search(sentence)
            refused = refused or not disclaims
        elif not words and _DECLINES.search(sentence):
            declined = True
        elif not _EXCUSES.search(sentence):
            words += len(sentence.split())
        if words >= _SUBSTANCE_WORDS:
            return False
    return refused or (declined and not words)
