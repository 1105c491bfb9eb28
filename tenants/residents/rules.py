"""Who is who in a household, how old, which groups follow by rule, how heavy care weighs, how a value is kept. Pure."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from rongjiu.codes import N_, CodeError, age_on, id_number, phone, plain

RELATIONS = {
    "02": N_("户主"), "10": N_("配偶"), "20": N_("儿子"), "30": N_("女儿"), "28": N_("女婿"), "38": N_("儿媳"),
    "41": N_("孙子"), "42": N_("孙女"), "43": N_("外孙子"), "44": N_("外孙女"), "51": N_("父亲"), "52": N_("母亲"),
    "53": N_("公公"), "54": N_("婆婆"), "55": N_("岳父"), "56": N_("岳母"), "60": N_("祖父母或外祖父母"),
    "70": N_("兄弟姐妹"), "97": N_("其他亲属"), "99": N_("非亲属"),
}  # fmt: skip
"""Relation to the head of the household, codes of GB/T 4761-2008; the ones a door needs, in its order."""
FURTHER = {
    "01": N_("本人"), "11": N_("丈夫"), "12": N_("妻子"), "21": N_("独生子"), "22": N_("长子"), "23": N_("次子"),
    "24": N_("三子"), "25": N_("四子"), "26": N_("五子"), "27": N_("养子或继子"), "29": N_("其他儿子"),
    "31": N_("独生女"), "32": N_("长女"), "33": N_("次女"), "34": N_("三女"), "35": N_("四女"), "36": N_("五女"),
    "37": N_("养女或继女"), "39": N_("其他女儿"), "40": N_("孙子女或外孙子女"), "45": N_("孙媳妇或外孙媳妇"),
    "46": N_("孙女婿或外孙女婿"), "47": N_("曾孙子或曾外孙子"), "48": N_("曾孙女或曾外孙女"),
    "49": N_("其他孙辈"), "50": N_("父母"), "57": N_("继父或养父"), "58": N_("继母或养母"), "59": N_("其他父母关系"),
    "61": N_("祖父"), "62": N_("祖母"), "63": N_("外祖父"), "64": N_("外祖母"), "65": N_("配偶的祖父母或外祖父母"),
    "66": N_("曾祖父"), "67": N_("曾祖母"), "68": N_("配偶的曾祖父母或外曾祖父母"), "69": N_("其他祖辈"),
    "71": N_("兄"), "72": N_("嫂"), "73": N_("弟"), "74": N_("弟媳"), "75": N_("姐姐"), "76": N_("姐夫"),
    "77": N_("妹妹"), "78": N_("妹夫"), "79": N_("其他兄弟姐妹"), "80": N_("其他"), "81": N_("伯父"), "82": N_("伯母"),
    "83": N_("叔父"), "84": N_("婶母"), "85": N_("舅父"), "86": N_("舅母"), "87": N_("姨父"), "88": N_("姨母"),
    "89": N_("姑父"), "90": N_("姑母"), "91": N_("堂兄弟姐妹"), "92": N_("表兄弟姐妹"), "93": N_("侄子"),
    "94": N_("侄女"), "95": N_("外甥"), "96": N_("外甥女"),
}  # fmt: skip
"""The other codes of GB/T 4761-2008: what lists of other offices bring and what a desk may choose."""
ALL_RELATIONS = RELATIONS | FURTHER
GENDERS = {"male": N_("男"), "female": N_("女")}
"""GB/T 2261.1 in words; nothing = not stated."""
HEAD = "02"
OLDEST = 120
_SPOKEN = {word: code for code, word in reversed(ALL_RELATIONS.items())} | {
    "老伴": "10", "丈夫": "10", "妻子": "10", "爱人": "10", "夫": "11", "妻": "12", "本人": "02", "子": "20", "女": "30",
    "爸爸": "51", "妈妈": "52", "孙子女": "40", "奶奶": "62", "爷爷": "61", "姥姥": "64", "外婆": "64", "姥爷": "63",
    "外公": "63", "哥哥": "71", "弟弟": "73", "嫂子": "72",
}  # fmt: skip
OLD, OLDEST_OLD, ADULT = 60, 80, 18
"""Ages from which somebody counts as elderly (老年人权益保障法), as very old (高龄), as grown up."""
IMPAIRED = frozenset({"disabled", "severely-disabled", "disabled-elderly"})
HARD_UP = frozenset({"low-income", "near-miss-households"})
OWN_VOICE = 14
"""From this age a person consents for themselves; below it every fact of a person is sensitive (PIPL art. 28, 31)."""
DERIVED = ("living-alone-elderly", "oldest-old-disabled", "family-carers", "children-in-hardship")
"""Groups that follow from the register by rule. All others need somebody who knows: illness, grade of disability,
self-care, orphanhood, income; the register never guesses them."""
ALONE = frozenset({"empty-nest-elderly", "living-alone-elderly"})
"""Elderly without younger people at home: who must have a living emergency contact."""
HEAVY_HOURS, HEAVY_WITH_WORK_GIVEN_UP = 40, 20
"""Product defaults: hours of care a week that make a load heavy, and those that do when work was given up for it."""
BARRIERS = {
    "steps": N_("门口有台阶"), "no_ramp": N_("没有坡道"), "no_handrail": N_("楼梯没有扶手"), "dark_stairs": N_("楼道照明不足"),
    "narrow": N_("门或过道太窄"), "blocked": N_("楼道堆物"), "uneven": N_("路面不平"),
}  # fmt: skip
"""Barrier-free risks of a building."""
CONTACT_KINDS = {"staff": N_("社区工作人员"), "family": N_("家人"), "neighbour": N_("邻居")}
STAT_KINDS = {
    "area": N_("面积"), "courtyards": N_("院落"), "households": N_("户数"), "residents": N_("居民"),
    "units": N_("驻地单位"), "shops": N_("门店"),
}  # fmt: skip
VISITS = ("weekly", "monthly", "quarterly")
"""How often a group is visited, the strictest first."""


@dataclass(frozen=True, slots=True)
class Present:
    """What the rule needs of a person who is here."""

    age: int | None
    groups: frozenset[str] = frozenset()
    cares: bool = False


def labels(person: Present, others: Collection[Present], *, lived_in: bool = True) -> list[str]:
    """Groups that follow for a person from age, household and care, sorted; `others` live behind the same door."""
    found = set[str]()
    age = person.age
    if age is not None and age >= OLD and not others and lived_in:
        found.add("living-alone-elderly")
    if age is not None and age >= OLDEST_OLD and person.groups & IMPAIRED:
        found.add("oldest-old-disabled")
    if person.cares:
        found.add("family-carers")
    if age is not None and age < ADULT and any(each.groups & HARD_UP for each in (person, *others)):
        found.add("children-in-hardship")
    return sorted(found)


def heavy(hours: int | None, relief_wanted: bool, work_given_up: bool) -> bool:
    """Is a carer's load heavy: 40 hours a week, relief wanted, or work given up with 20 hours."""
    return relief_wanted or (hours or 0) >= (HEAVY_WITH_WORK_GIVEN_UP if work_given_up else HEAVY_HOURS)


def raised_by(hours: int | None, relief_wanted: bool, work_given_up: bool, age: int | None) -> tuple[str, ...]:
    """What a carer's load calls for: respite when it is heavy; work that fits the hours too, unless the carer is
    elderly and gave up none."""
    if not heavy(hours, relief_wanted, work_given_up):
        return ()
    return ("respite", "work") if work_given_up or age is None or age < OLD else ("respite",)


def strictest(visits: Collection[str]) -> str:
    """How often to visit somebody of several groups: the most frequent one; '' when none says."""
    return min((each for each in visits if each in VISITS), key=VISITS.index, default="")


def age(born: date | None, said: int | None, said_on: date | None, day: date) -> int | None:
    """Full years on a day, by birth date or by the age told and the years since; None when neither is known."""
    if born is not None:
        return age_on(born, day)
    if said is None:
        return None
    return said + (age_on(said_on, day) if said_on is not None and said_on <= day else 0)


def speaks_for_self(years: int | None) -> bool:
    """May somebody of that age consent for themselves? Below 14 a guardian does (PIPL art. 31), and only helpers vetted for
    children come to the home. An age that nobody knows is a grown-up's."""
    return years is None or years >= OWN_VOICE


def is_minor(years: int | None) -> bool:
    """Is somebody of that age a minor, below 18 (未成年人保护法 art. 2), of whom no photograph is kept and no story told? An
    age that nobody knows is a grown-up's."""
    return years is not None and years < ADULT


def relation_code(text: str) -> str | None:
    """The code of a relation given as code or in words (老伴, 儿子); '' for nothing, None when it is neither."""
    if not text or text in ALL_RELATIONS:
        return text
    return _SPOKEN.get(text)


def relation_word(code: str) -> str:
    """The msgid of a relation; words that are no code stay as they are."""
    return ALL_RELATIONS.get(code, code)


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


def kept_text(value: Any) -> str | None:
    """How the history keeps a value; nothing is kept as nothing."""
    if value in (None, "", []):
        return None
    if isinstance(value, list | tuple):
        return json.dumps(sorted(value), ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else str(value)


def as_kept(name: str, value: Any) -> Any:
    """A new value as the register would keep it, for comparing; what cannot be read stays as it came."""
    try:
        if name == "phone" and value:
            return phone(value)
        if name == "id_number" and value:
            return plain(value)
    except CodeError:
        return value
    return value.strip() if isinstance(value, str) else value
