"""Finds the model's turn beside others: a prompt that comes back, turns that the model plays itself."""

from __future__ import annotations

import re

from medbench.scoring.parsing.headings import heading_of

# The tokens that chat templates put before a turn, by model family.
_MODELS = (
    r"<start_of_turn>\s*model\b|<\|turn>\s*model\b"
    r"|<\|im_start\|>\s*assistant\b|<\|im_assistant\|>\s*assistant\s*<\|im_middle\|>"
    r"|<\|(?:start_header_id|header_start)\|>\s*assistant\s*<\|(?:end_header_id|header_end)\|>"
    r"|<\|start_of_role\|>\s*assistant\s*<\|end_of_role\|>|<\|CHATBOT_TOKEN\|>"
    r"|<\|(?:start|begin)\|>assistant|<\|(?:assistant|Assistant|bot)\|>|<｜Assistant｜>"  # noqa: RUF001 - a token
    r"|\[/INST\]|GPT4 Correct Assistant:"
)
_OTHERS = (
    r"<start_of_turn>\s*user\b|<\|turn>\s*(?:user|system)\b"
    r"|<\|im_start\|>\s*(?:user|system)\b|<\|im_(?:user|system)\|>\s*\w*\s*<\|im_middle\|>"
    r"|<\|(?:start_header_id|header_start)\|>\s*(?:user|system)\s*<\|(?:end_header_id|header_end)\|>"
    r"|<\|start_of_role\|>\s*(?:user|system)\s*<\|end_of_role\|>|<\|(?:USER|SYSTEM)_TOKEN\|>"
    r"|<\|(?:start|begin)\|>(?:user|system)|<\|(?:user|User|system)\|>|<｜User｜>"  # noqa: RUF001 - a token
    r"|\[INST\]|GPT4 Correct User:"
)
_TURN = re.compile(rf"(?P<model>{_MODELS})|{_OTHERS}")
_END = re.compile(r"</s>|<eos>|<\|(?:endoftext|end_of_text)\|>|<｜end▁of▁sentence｜>")  # noqa: RUF001 - a token
_FRAME = re.compile(
    r"\s*(?:below is an instruction|a (?:chat|conversation) between|the following is a conversation"
    r"|you are an? |\[round \d{1,2}\])[^\n]{0,400}?(?=\n|[.!?] ?(?:USER|HUMAN|###))",
    re.IGNORECASE,
)
"""The sentence that some templates put before the first turn."""
_ASKS = re.compile(
    r"[\s.!?]*(?:#{1,4}\s*|<\|?|\*\*)?(?:prompt|user|human|instructions?|instruct|question|input|system|问)"
    r"(?:\|?>|\*\*)?\s*(?:[:\uff1a]|\n)",
    re.IGNORECASE,
)
_ANSWERS = re.compile(
    r"^[ \t]*(?:#{1,4}[ \t]*|<\|?|\*\*)?(?:output|assistant|model|response|answer|ai|bot|gpt|答)"
    r"(?:\|?>|\*\*)?[ \t]*(?:[:\uff1a](?:\*\*)?|\n)"
    r"|(?:[ \t]|(?<=[.!?]))(?:### ?Assistant|(?-i:ASSISTANT)):",
    re.IGNORECASE | re.MULTILINE,
)
_ASKS_ON = re.compile(
    r"^[ \t]*(?:(?:\*\*|#{1,4}[ \t]?)?(?:User|USER|Human|HUMAN)(?:\*\*)?:"
    r"|#{1,4}[ \t]?Instruction\b)"
    r"|(?<=[.!?])[ \t](?:USER|HUMAN):|### ?(?:Human|User|Instruction):",
    re.MULTILINE,
)
"""The turn of a user behind an answer."""
_SPOKEN = ("ser:", "ser**:", "SER:", "uman", "UMAN", "# In", "#In")
"""Parts of these words, of which most answers have none."""
_SPOKEN_PLAINLY = ("user\n", "uestion:", "nstruction:", "human:")
_ASKS_PLAINLY = re.compile(r"^(?:user[ \t]*\n|Follow-?up [Qq]uestion:|Instruction:|human:)", re.MULTILINE)
_ANSWERS_PLAINLY = re.compile(
    r"^(?:(?:model|assistant)[ \t]*\n|Answer:|Output:|Response:|gpt:)", re.MULTILINE
)
_PAIR = re.compile(r"^[ \t*_#]{0,6}Question(?: \d{1,2})?[*_]{0,2}:", re.IGNORECASE | re.MULTILINE)
"""A question of several, each with its answer, which are all of what is said."""
_OF_REPORT = frozenset({"findings", "key_findings", "conclusion"})
_WORD = re.compile(r"<[^<>\s]{1,40}>|([^\W_])")
"""A word, or a token, which is none."""


def turn_of(text: str) -> tuple[int, int]:
    """Return where the model's turn begins and ends; all of a text that holds no other.

    A text that begins with another's turn is what was sent, come back: the answer is the last turn. One that
    begins with an answer goes on with turns that nobody took.
    """
    start, end = 0, len(text)
    if "<" in text or "[" in text or "GPT4 " in text:
        start, end = _of_tokens(text)
    if start == 0 and end == len(text):
        start = _of_roles(text)
    return start, _said_until(text, start, end)


def _of_tokens(text: str) -> tuple[int, int]:
    """Return the turn between the tokens of a chat template."""
    marks = list(_TURN.finditer(text))
    until = len(text)
    first = next((at for at, mark in enumerate(marks) if mark["model"] is None), None)
    if first is not None and _speaks(text, 0, marks[first].start()):
        # It begins with an answer.
        marks, until = marks[:first], marks[first].start()
    ends = [*(mark.start() for mark in marks[1:]), until]
    turns = [(mark.end(), end) for mark, end in zip(marks, ends, strict=False) if mark["model"] is not None]
    return next((turn for turn in reversed(turns) if _speaks(text, *turn)), (0, until))


def _of_roles(text: str) -> int:
    """Return where the answer begins behind a prompt whose turn is named in words: 'USER: … ASSISTANT: …'."""
    frame = _FRAME.match(text)
    asks = _ASKS.match(text, frame.end() if frame else 0)
    if asks is None or _asks_for_section(text, asks):
        return 0
    answer = _ANSWERS.search(text, asks.end())
    if answer and _PAIR.match(text) and _PAIR.search(text, answer.end()):
        return 0
    return answer.end() if answer and _speaks(text, answer.end(), len(text)) else 0


def _asks_for_section(text: str, asks: re.Match[str]) -> bool:
    """Return True for a question such as 'What are the findings?', which the answer itself asks."""
    line = text[asks.start() : asks.end() + 200].strip().partition("\n")[0]
    return "?" in line and heading_of(line) is not None


def _said_until(text: str, start: int, end: int) -> int:
    """Return where an answer ends: at its end token, or where the model goes on with a turn of the user."""
    stop = _END.search(text, start, end) if "<" in text else None
    if stop and _speaks(text, start, stop.start()):
        end = stop.start()
    if any(part in text for part in _SPOKEN):
        asks = _ASKS_ON.search(text, start, end)
        if asks and _asks(text, asks, _ANSWERS.search(text, asks.end(), end), end):
            end = _before(asks, text, start, end)
    if any(part in text for part in _SPOKEN_PLAINLY):
        asks = _ASKS_PLAINLY.search(text, start, end)
        answers = _ANSWERS_PLAINLY.search(text, asks.end(), end) if asks else None
        if asks and answers and _asks(text, asks, answers, end) and not _asks_for_section(text, asks):
            end = _before(asks, text, start, end)
    return end


def _asks(text: str, asks: re.Match[str], answers: re.Match[str] | None, end: int) -> bool:
    """Return True if what is named a user's turn is one; 'User: dr. Smith' is a line of the report.

    It is none where a heading of the report follows it, or neither an answer nor anything that is asked.
    """
    turn = text[asks.end() : answers.start() if answers else end]
    if any(heading and heading.kind in _OF_REPORT for heading in map(heading_of, turn.splitlines())):
        return False
    return answers is not None or "?" in turn


def _before(asks: re.Match[str], text: str, start: int, end: int) -> int:
    return asks.start() if _speaks(text, start, asks.start()) else end


def _speaks(text: str, start: int, end: int) -> bool:
    """Return True if there is a word in that part of a text."""
    return any(word[1] for word in _WORD.finditer(text, start, end))
