"""Porter's stemmer, as nltk has it: `effusions` and `effusion` become `effus`.

The algorithm is that of Porter, "An algorithm for suffix stripping", Program 14.3 (1980), with the changes of
`nltk.stem.porter.PorterStemmer` in its default mode `NLTK_EXTENSIONS`, which rouge-score uses. Words must be
in lower case. The tests compare it with nltk; decision 4 says why it isn't imported.
"""

from __future__ import annotations

_IRREGULAR = {
    "skies": "sky", "dying": "die", "lying": "lie", "tying": "tie", "sky": "sky", "news": "news",
    "inning": "inning", "innings": "inning", "outing": "outing", "outings": "outing",
    "canning": "canning", "cannings": "canning", "howe": "howe",
    "proceed": "proceed", "exceed": "exceed", "succeed": "succeed",
}  # fmt: skip

# Suffix and what replaces it. Only the first that fits is tried, so 'ational' stands before 'tional'.
_STEP_2 = (
    ("ational", "ate"), ("tional", "tion"), ("enci", "ence"), ("anci", "ance"), ("izer", "ize"),
    ("bli", "ble"), ("alli", "al"), ("entli", "ent"), ("eli", "e"), ("ousli", "ous"), ("ization", "ize"),
    ("ation", "ate"), ("ator", "ate"), ("alism", "al"), ("iveness", "ive"), ("fulness", "ful"),
    ("ousness", "ous"), ("aliti", "al"), ("iviti", "ive"), ("biliti", "ble"), ("fulli", "ful"),
)  # fmt: skip
_STEP_3 = (
    ("icate", "ic"), ("ative", ""), ("alize", "al"), ("iciti", "ic"), ("ical", "ic"), ("ful", ""),
    ("ness", ""),
)  # fmt: skip
_STEP_4 = (
    "al", "ance", "ence", "er", "ic", "able", "ible", "ant", "ement", "ment", "ent",
    "ou", "ism", "ate", "iti", "ous", "ive", "ize",
)  # fmt: skip


def stem(word: str) -> str:
    """Return the stem of a word in lower case; words of one or two letters are their own."""
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 2:
        return word
    word = _without_past(_without_plural(word))
    if word.endswith("y") and len(word) > 2 and _shape(word)[-2] == "c":
        word = f"{word[:-1]}i"
    word = _replaced(_step_2(word), _STEP_3)
    return _without_final_e(_step_4(word))


def _shape(word: str) -> str:
    """Return the word as vowels and consonants: 'cvcvc' for 'lobar'. A 'y' behind a consonant is a vowel."""
    shape = ""
    for letter in word:
        is_vowel = letter in "aeiou" or (letter == "y" and shape.endswith("c"))
        shape += "v" if is_vowel else "c"
    return shape


def _measure(stem: str) -> int:
    """Porter's m: how many times a vowel is followed by a consonant."""
    return _shape(stem).count("vc")


def _is_short(stem: str) -> bool:
    """Porter's *o: True if it ends like 'hop', where an 'e' may have been cut off; nltk adds 'at', 'in'."""
    shape = _shape(stem)
    return shape == "vc" or (shape.endswith("cvc") and stem[-1] not in "wxy")


def _replaced(word: str, rules: tuple[tuple[str, str], ...]) -> str:
    """Replace the first suffix that fits, if a syllable is left before it."""
    for suffix, replacement in rules:
        if word.endswith(suffix):
            stem = word.removesuffix(suffix)
            return stem + replacement if _measure(stem) else word
    return word


def _without_plural(word: str) -> str:
    """Step 1a."""
    if word.endswith("ies"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("sses"):
        return word[:-2]
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def _without_past(word: str) -> str:
    """Step 1b: 'ed' and 'ing', and the letter that they changed before them."""
    if word.endswith("ied"):
        return word[:-1] if len(word) == 4 else word[:-2]
    if word.endswith("eed"):
        return word[:-1] if _measure(word[:-3]) else word
    ending = next((ending for ending in ("ed", "ing") if word.endswith(ending)), "")
    stem = word.removesuffix(ending)
    if not ending or "v" not in _shape(stem):
        return word
    if stem.endswith(("at", "bl", "iz")):
        return f"{stem}e"
    if len(stem) > 1 and stem[-1] == stem[-2] and _shape(stem)[-1] == "c":
        return stem if stem[-1] in "lsz" else stem[:-1]
    return f"{stem}e" if _measure(stem) == 1 and _is_short(stem) else stem


def _step_2(word: str) -> str:
    """Step 2: longer suffixes become shorter ones."""
    if word.endswith("alli") and _measure(word[:-4]):
        return _step_2(word[:-2])
    if word.endswith("logi"):
        # The 'l' counts for the measure, so that 'geologi' is cut like 'archaeologi'.
        return word[:-1] if _measure(word[:-3]) else word
    return _replaced(word, _STEP_2)


def _step_4(word: str) -> str:
    """Step 4: suffixes behind two syllables or more are taken off."""
    suffix = next((suffix for suffix in _STEP_4 if word.endswith(suffix)), "")
    if word.endswith(("sion", "tion")):
        suffix = "ion"
    return word.removesuffix(suffix) if _measure(word.removesuffix(suffix)) > 1 else word


def _without_final_e(word: str) -> str:
    """Step 5: a final 'e', and one of two final 'l'."""
    if word.endswith("e"):
        syllables = _measure(word[:-1])
        if syllables > 1 or (syllables == 1 and not _is_short(word[:-1])):
            word = word[:-1]
    return word[:-1] if word.endswith("ll") and _measure(word[:-1]) > 1 else word
