"""What a signal may become, when two sound alike, the code by which an asker follows it, the small
question instead of a picture (whoever hears the page read aloud can answer it). Pure."""

import unicodedata
from dataclasses import dataclass
from random import Random

from rongjiu.codes import N_

KINDS = {"need": N_("需求"), "wish": N_("心愿"), "question": N_("问题")}
"""What the receiver takes it for."""
OUTCOMES = ("need", "wish", "question", "duplicate", "no_action")
OPENING = ("need", "wish")
"""What opens a case."""
URGENCIES = ("ordinary", "urgent", "critical")
LONGEST = 2000
"""Characters of a signal."""


def may_become(state: str, became: str) -> bool:
    """Only a new signal is sorted, and into one of the five of OUTCOMES."""
    return state == "new" and became in OUTCOMES


def may_answer(state: str) -> bool:
    """Only a sorted signal is answered."""
    return state == "triaged"


HOWS = ("call", "sms", "in_person", "on_air", "board", "none")
"""How an asker is told; none needs a reason."""
ALIKE = 0.3
"""Share of common pairs of signs from which two texts count as alike."""
CODE_LETTERS = "346789ACDEFGHJKMNPQRTWXY"
"""Signs of a code that nobody mistakes for another when it is read aloud or written down."""
CODE_LENGTH = 9
"""24 signs in 9 places: 41 bits."""


def pairs(text: str) -> frozenset[str]:
    """The pairs of neighbouring letters, digits and characters of a text, without blanks and marks."""
    signs = [sign for sign in unicodedata.normalize("NFKC", text).lower() if sign.isalnum()]
    return frozenset(a + b for a, b in zip(signs, signs[1:], strict=False))


def likeness(one: str, other: str) -> float:
    """How alike two texts are, 0 to 1: common pairs by the pairs of the shorter text."""
    a, b = pairs(one), pairs(other)
    least = min(len(a), len(b))
    return len(a & b) / least if least else 0.0


def code(raw: bytes) -> str:
    """A code of nine signs from random bytes (at least eight)."""
    number, signs = int.from_bytes(raw[:12], "big"), []
    for _place in range(CODE_LENGTH):
        number, rest = divmod(number, len(CODE_LETTERS))
        signs.append(CODE_LETTERS[rest])
    return "".join(signs)


def spoken(code: str) -> str:
    """The code in groups of three, as it is shown and read aloud."""
    return "-".join(code[at : at + 3] for at in range(0, len(code), 3))


def read_code(typed: str) -> str:
    """What somebody typed as a code: capital letters and digits only."""
    return "".join(sign for sign in unicodedata.normalize("NFKC", typed).upper() if sign.isalnum())[:CODE_LENGTH]


SUM, LESS = N_("%(a)s加%(b)s等于几？"), N_("%(a)s减%(b)s等于几？")
KNOWN = (
    (N_("一个星期有几天？"), 7), (N_("一年有几个月？"), 12), (N_("一只手有几个手指？"), 5), (N_("一只猫有几条腿？"), 4),
    (N_("一年有几个季节？"), 4), (N_("一辆自行车有几个轮子？"), 2), (N_("一个人有几只耳朵？"), 2), (N_("一天有多少个小时？"), 24),
)  # fmt: skip
"""Everyday knowledge, each with its number."""
CHINESE = "零一二三四五六七八九十"
ENGLISH = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve",
    "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen", "twenty",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Riddle:
    """A msgid with two numbers to be put in words, and the number that is the answer."""

    text: str
    a: int
    b: int
    answer: int


def pick_riddle(chance: Random) -> Riddle:
    """Any question: half of them sums within ten, the rest everyday knowledge."""
    if chance.random() < 0.5:
        text, answer = chance.choice(KNOWN)
        return Riddle(text, 0, 0, answer)
    a, b = chance.randint(2, 9), chance.randint(1, 9)
    if a > b and chance.random() < 0.5:
        return Riddle(LESS, a, b, a - b)
    return Riddle(SUM, a, b, a + b)


def number_word(number: int, language: str) -> str:
    """A number up to ten in words of a language (zh | en)."""
    return ENGLISH[number] if language == "en" else CHINESE[number]


def read_number(typed: str) -> int | None:
    """The number that was typed: 8, ８, 八, 十二, eight; None when it is none."""
    text = unicodedata.normalize("NFKC", typed).strip().lower().rstrip("天个月岁。.條条只小时")
    if text.isascii() and text.isdigit():
        return int(text) if len(text) < 4 else None
    if text in ENGLISH:
        return ENGLISH.index(text)
    spoken = text.replace("两", "二")
    tens, ten, ones = spoken.partition("十")
    if not ten:
        return CHINESE.index(spoken) if len(spoken) == 1 and spoken in CHINESE else None
    parts = (tens or "一", ones or "零")
    if not all(len(part) == 1 and part in CHINESE[:10] for part in parts):
        return None
    return CHINESE.index(parts[0]) * 10 + CHINESE.index(parts[1])
