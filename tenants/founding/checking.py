"""The quick self-check of anyone, without an account: which question is asked next, and what may fit. Nothing is kept:
answers come in and an answer goes out. It never says no; the departments decide."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from rongjiu.clock import today
from rongjiu.codes import N_
from tenants.catalogue import queries as catalogue
from tenants.screening import reading
from tenants.screening.rules import Table
from tenants.screening.values import Fact, Facts, Parameters, SubjectVerdict

MOST = 12
"""Questions at most."""
WHO = "p"
UNSURE = "unsure"
INCOME = "household.income_per_capita_month"
LINE, MULTIPLE = "dibao_line_urban_month", "dibao_margin_multiple"
"""The lines that part the incomes asked for: that of dibao, and how many times of it its margin reaches."""
Given = Sequence[tuple[str, str]]
"""Answers in the order in which they were given: (question, choice)."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question in plain words; each choice (code, words) says some facts, or none."""

    id: str
    text: str
    choices: tuple[tuple[str, str, Mapping[str, Any]], ...]
    ages: tuple[int, int] = (0, 200)
    """From which age to which it makes sense."""
    numbers: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    """Choice → the figures in its words."""

    @property
    def facts(self) -> frozenset[str]:
        """The facts that some choice says."""
        return frozenset(name for _code, _words, facts in self.choices for name in facts)


def _yes(text: str, id_: str, fact: str, ages: tuple[int, int] = (0, 200)) -> Question:
    return Question(id_, text, (("yes", N_("有"), {fact: True}), ("no", N_("没有"), {fact: False})), ages)


_AGE = (
    ("3", N_("6 岁以下")), ("10", N_("6–15 岁")), ("17", N_("16–17 岁")), ("30", N_("18–39 岁")), ("45", N_("40–49 岁")),
    ("55", N_("50–59 岁")), ("62", N_("60–64 岁")), ("67", N_("65–69 岁")), ("75", N_("70–79 岁")), ("85", N_("80 岁以上")),
)  # fmt: skip
QUESTIONS: tuple[Question, ...] = (
    Question("age", N_("想问的这个人多大年纪？"), tuple((n, words, {"person.age": int(n)}) for n, words in _AGE)),
    _yes(N_("最近家里有没有突然出大事：重伤、急病、火灾、亲人去世、一下子断了收入？"), "sudden", "household.sudden_hardship"),
    Question("hukou", N_("他（她）是本市户口吗？"), (("yes", N_("是"), {"person.hukou_local": True}), ("no", N_("不是"), {"person.hukou_local": False}))),
    Question("recognised", N_("家里现在有没有享受下面的一种？"), (
        ("dibao", N_("低保"), {"household.recognised": "dibao"}), ("tekun", N_("特困供养"), {"household.recognised": "tekun"}),
        ("margin", N_("低保边缘家庭"), {"household.recognised": "dibao_margin"}),
        ("rigid", N_("刚性支出困难家庭"), {"household.recognised": "rigid_expense"}),
        ("none", N_("都没有"), {"household.recognised": "none"}),
    )),
    Question("income", N_("家里的收入，平均每人每月大约有多少？"), (  # its bands are the community's lines of the day
        ("under", N_("不到 %(most)s 元"), {INCOME: 0}), ("margin", N_("%(least)s–%(most)s 元"), {INCOME: 0}),
        ("above", N_("%(least)s–%(most)s 元"), {INCOME: 0}), ("far", N_("%(least)s 元以上"), {INCOME: 0}),
    )),
    Question("disability", N_("他（她）有残疾吗？"), (
        ("12", N_("有证，一级或二级"), {"person.disability_grade": 1, "person.has_disability_cert": True}),
        ("34", N_("有证，三级或四级"), {"person.disability_grade": 3, "person.has_disability_cert": True}),
        ("nocert", N_("有残疾，还没办证"), {"person.has_disability_cert": False}),
        ("no", N_("没有"), {"person.disability_grade": 0, "person.has_disability_cert": False}),
    )),
    Question("illness", N_("他（她）有没有长期的病？"), (
        ("serious", N_("有大病，例如癌症、尿毒症"), {"person.serious_illness": True, "person.chronic_disease": True}),
        ("chronic", N_("有慢性病，例如高血压、糖尿病"), {"person.serious_illness": False, "person.chronic_disease": True}),
        ("no", N_("没有"), {"person.serious_illness": False, "person.chronic_disease": False}),
    )),
    Question("care", N_("吃饭、穿衣、上厕所，自己能不能做？"), (
        ("full", N_("都能自己做"), {"person.self_care": "full", "person.needs_long_term_care": False}),
        ("partial", N_("有的要人帮"), {"person.self_care": "partial", "person.needs_long_term_care": True}),
        ("none", N_("都要人帮"), {"person.self_care": "none", "person.needs_long_term_care": True}),
    ), (14, 200)),
    Question("study", N_("他（她）在上学吗？"), (
        ("preschool", N_("幼儿园"), {"person.student_stage": "preschool"}),
        ("compulsory", N_("小学、初中"), {"person.student_stage": "compulsory"}),
        ("highschool", N_("高中"), {"person.student_stage": "highschool"}),
        ("vocational", N_("中职、技校"), {"person.student_stage": "vocational"}),
        ("college", N_("大学"), {"person.student_stage": "college"}),
        ("none", N_("没有上学"), {"person.student_stage": "none"}),
    ), (0, 45)),
    Question("parents", N_("孩子的父母能照顾他（她）吗？"), (
        ("orphan", N_("父母都不在了，或找不到"), {"person.orphan": True}),
        ("cannot", N_("父母在，但是照顾不了"), {"person.orphan": False, "person.de_facto_unattended": True}),
        ("yes", N_("有父亲或母亲照顾"), {"person.orphan": False, "person.de_facto_unattended": False}),
    ), (0, 17)),
    Question("work", N_("他（她）现在有工作吗？"), (
        ("registered", N_("失业，登记过"), {"person.registered_unemployed": True}),
        ("not", N_("失业，没有登记"), {"person.registered_unemployed": False}),
        ("has", N_("有工作，或已退休、在上学"), {"person.registered_unemployed": False}),
    ), (16, 60)),
    _yes(N_("家里有没有自己的房子？"), "housing", "household.owns_housing"),
    _yes(N_("最近有没有遭水灾、地震、火灾这样的灾？"), "disaster", "household.disaster_affected"),
    Question("served", N_("他（她）当过兵，或是烈士、军人的家属吗？"), (
        ("veteran", N_("当过兵"), {"person.veteran": True}),
        ("family", N_("烈士、军人的家属，或伤残军人"), {"person.preferential_group": True}),
        ("no", N_("都不是"), {"person.veteran": False, "person.preferential_group": False}),
    )),
    Question("law", N_("有没有要打官司、讨工钱、邻里或家里闹纠纷的事？"), (
        ("law", N_("要打官司、讨工钱"), {"person.legal_matter": True, "person.dispute": True}),
        ("dispute", N_("有纠纷"), {"person.dispute": True}),
        ("no", N_("没有"), {"person.legal_matter": False, "person.dispute": False}),
    )),
    _yes(N_("他（她）有没有医疗保险？"), "insured", "person.basic_medical_insured"),
)  # fmt: skip
_BY_ID = {each.id: each for each in QUESTIONS}
_COMMON = frozenset({"person.hukou_local", "person.age", "person.gender"})
"""What so many meet that it alone makes nothing likely."""


def questions(parameters: Parameters, day: date) -> dict[str, Question]:
    """The questions of a community on a day by id: incomes are asked in bands of its own lines, or not at all while it
    has none."""
    found = dict(_BY_ID)
    line, multiple = (_value(parameters, name, day) for name in (LINE, MULTIPLE))
    if line is None:
        del found["income"]
        return found
    ends = [line, line * multiple, 2 * line * multiple] if multiple and multiple > 1 else [line, 2 * line]
    static = found["income"].choices
    kept = [static[0], *static[1 : len(ends)], static[-1]]
    choices, numbers, least = list[tuple[str, str, Mapping[str, Any]]](), dict[str, dict[str, str]](), Decimal(0)
    for (code, words, _facts), most in zip(kept, [*ends, 4 * ends[-1]], strict=True):
        choices.append((code, words, {INCOME: (least + most) / 2}))
        numbers[code] = {"least": f"{least:.0f}", "most": f"{most:.0f}"}
        least = most
    found["income"] = replace(found["income"], choices=tuple(choices), numbers=numbers)
    return found


def _value(parameters: Parameters, name: str, day: date) -> Decimal | None:
    dated = parameters[name].on(day) if name in parameters else None
    return dated.value if dated else None


def here(on: date | None = None) -> dict[str, Question]:
    """The questions of the community in force."""
    return questions(reading.parameters_of(catalogue.parameters()), on or today())


@dataclass(frozen=True, slots=True)
class Found:
    """Policies that may fit, and those worth asking about, each as the catalogue's row; the likeliest first."""

    likely: tuple[dict[str, Any], ...]
    maybe: tuple[dict[str, Any], ...]


def valid(given: Any) -> Given:
    """The answers as they came in, as far as they are questions and choices of ours; each question once."""
    found: dict[str, str] = {}
    for each in given if isinstance(given, list) else []:
        if isinstance(each, list | tuple) and len(each) == 2 and known(str(each[0]), str(each[1])):
            found[str(each[0])] = str(each[1])
    return tuple(found.items())[:MOST]


def known(question: str, choice: str) -> bool:
    """Is it a question of ours with a choice of its own (or 不清楚)?"""
    there = _BY_ID.get(question)
    return there is not None and (choice == UNSURE or any(code == choice for code, *_rest in there.choices))


def judge(given: Given, on: date | None = None) -> tuple[SubjectVerdict, ...]:
    """What the community's own policies say of these answers; what was not asked stays unknown."""
    day = on or today()
    household: dict[str, Fact | None] = {}
    person: dict[str, Fact | None] = {}
    parameters = reading.parameters_of(catalogue.parameters())
    asked = questions(parameters, day)
    for question, choice in given:
        for code, _words, facts in asked[question].choices if question in asked else ():
            for name, value in facts.items() if code == choice else ():
                fact = Decimal(value) if isinstance(value, int) and not isinstance(value, bool) else value
                (household if name.startswith("household.") else person)[name] = fact
    policies = reading.policies_of(catalogue.policies())
    return Table(policies, parameters, day).judge(Facts(day, household, {WHO: person}))


def following(given: Given, verdicts: Sequence[SubjectVerdict]) -> Question | None:
    """The next question: the one that most policies still open turn upon; None when enough is known."""
    asked = {question for question, _choice in given}
    if len(asked) >= MOST:
        return None
    age = next((int(choice) for question, choice in given if question == "age" and choice != UNSURE), None)
    open_: Counter[str] = Counter()
    for each in verdicts:
        if each.verdict in ("need_info", "actionable", "near_miss"):
            open_.update({row.field for row in each.conditions if row.truth == "unknown" and row.missing == "fact"})
    first = [ask for ask in QUESTIONS[:2] if ask.id not in asked]
    if first:  # how old, and whether something terrible has happened: always
        return first[0]
    rest = [
        ask for ask in here().values() if ask.id not in asked and (age is None or ask.ages[0] <= age <= ask.ages[1])
    ]
    best = max(rest, key=lambda ask: sum(open_[name] for name in ask.facts), default=None)
    return best if best is not None and any(open_[name] for name in best.facts) else None


def found(verdicts: Sequence[SubjectVerdict], most: int = 12) -> Found:
    """What may fit, and what is worth asking about. What does not seem to fit is not named: anyone may ask anyway."""
    rows = {row["id"]: row for row in catalogue.policies()}
    likely = [rows[each.policy_id] for each in verdicts if each.verdict == "eligible" and each.policy_id in rows]
    maybe = []
    for each in verdicts:
        met = {row.field for row in each.conditions if row.truth == "met" and row.decisive} - _COMMON
        if each.verdict in ("near_miss", "actionable") or (each.verdict == "need_info" and met):
            maybe.append((each.verdict == "need_info", -len(met), each.policy_id))
    named = [rows[slug] for _late, _met, slug in sorted(maybe) if slug in rows]
    return Found(_once(likely), tuple(row for row in _once(named) if row not in likely)[:most])


def _once(rows: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], ...]:
    return tuple({row["id"]: row for row in rows}.values())
