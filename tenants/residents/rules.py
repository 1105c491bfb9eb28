"""Who is who in a household, how old, and what somebody types to find them. Pure."""

from datetime import date
from typing import Literal

from rongjiu.codes import N_, CodeError, age_on, id_number, phone

RELATIONS = {
    "02": N_("户主"), "10": N_("配偶"), "20": N_("儿子"), "30": N_("女儿"), "28": N_("女婿"), "38": N_("儿媳"),
    "41": N_("孙子"), "42": N_("孙女"), "43": N_("外孙子"), "44": N_("外孙女"), "51": N_("父亲"), "52": N_("母亲"),
    "53": N_("公公"), "54": N_("婆婆"), "55": N_("岳父"), "56": N_("岳母"), "60": N_("祖父母或外祖父母"),
    "70": N_("兄弟姐妹"), "97": N_("其他亲属"), "99": N_("非亲属"),
}  # fmt: skip
"""Relation to the head of the household, codes of GB/T 4761-2008; the ones a door needs, in its order."""
GENDERS = {"male": N_("男"), "female": N_("女")}
"""GB/T 2261.1 in words; nothing = not stated."""
HEAD = "02"
OLDEST = 120


def age(born: date | None, said: int | None, said_on: date | None, day: date) -> int | None:
    """Full years on a day, by birth date or by the age told and the years since; None when neither is known."""
    if born is not None:
        return age_on(born, day)
    if said is None:
        return None
    return said + (age_on(said_on, day) if said_on is not None and said_on <= day else 0)


def relation_code(text: str) -> str | None:
    """The code of a relation given as code or in words (老伴, 儿子); '' for nothing, None when it is neither."""
    if not text or text in RELATIONS:
        return text
    spoken = {word: code for code, word in RELATIONS.items()} | {"老伴": "10", "丈夫": "10", "妻子": "10", "本人": "02"}
    return spoken.get(text)


def relation_word(code: str) -> str:
    """The msgid of a relation; words that are no code stay as they are."""
    return RELATIONS.get(code, code)


def sought(text: str, day: date) -> tuple[Literal["phone", "id_number", "latin", "name", ""], str]:
    """What a search means: a telephone or identity number in full, pinyin or initials, or a name; '' = too short."""
    words = "".join(text.split())
    for kind, read in (("id_number", lambda: id_number(words, today=day).number), ("phone", lambda: phone(words))):
        try:
            return kind, read()  # type: ignore[return-value, no-untyped-call]
        except CodeError:
            continue
    if words.isdigit() or not words:
        return "", words
    if words.isascii():
        return ("latin", words.lower()) if words.isalpha() else ("", words)
    return "name", words
