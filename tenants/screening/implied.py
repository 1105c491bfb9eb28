"""Facts that follow from others, so that 待核实 lists only what somebody must really find out. Pure.

A fact that was told is never overridden; each implied one carries its reason in words. Where a rule comes from the
meaning of a term in the vocabulary, it holds by definition; nothing is guessed from what is merely likely.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from rongjiu.codes import N_
from tenants.screening.values import HOUSEHOLD, Fact, Facts

_Values = Mapping[str, Fact | None]


@dataclass(frozen=True)
class Implied:
    """One fact that follows: whose, which, its value, and why (a msgid)."""

    subject: str
    field: str
    value: Fact
    reason: str


@dataclass(frozen=True)
class _Rule:
    field: str
    value: Fact
    when: Callable[[_Values, _Values], bool]
    """Whether it follows from what is known of the household and the member."""
    reason: str


def _age(test: Callable[[Decimal], bool]) -> Callable[[_Values, _Values], bool]:
    def when(_home: _Values, one: _Values) -> bool:
        age = one.get("person.age")
        return isinstance(age, Decimal) and test(age)

    return when


def _is(field: str, *values: Fact) -> Callable[[_Values, _Values], bool]:
    def when(home: _Values, one: _Values) -> bool:
        known = home.get(field) if field.startswith("household.") else one.get(field)
        return known is not None and known in values and isinstance(known, type(values[0]))

    return when


def _out_of_work(_home: _Values, one: _Values) -> bool:
    months = one.get("person.unemployed_months")
    return one.get("person.registered_unemployed") is True or (isinstance(months, Decimal) and months > 0)


_ADULT, _MINOR = _age(lambda age: age >= 18), _age(lambda age: age < 18)
_YOUNG, _OLD = _age(lambda age: age < 16), _age(lambda age: age >= 60)
_GROWN = N_("已满 18 岁，不属于儿童")
_TOO_YOUNG = N_("未满 16 岁，还不能就业参保")
_NO_GRADE = N_("没有残疾等级")
RULES = (
    _Rule("person.orphan", False, _ADULT, _GROWN),
    _Rule("person.de_facto_unattended", False, _ADULT, _GROWN),
    _Rule("person.child_serious_disease", False, _ADULT, _GROWN),
    _Rule("person.de_facto_unattended", False, _is("person.orphan", True), N_("孤儿另有保障，不按事实无人抚养")),
    _Rule("person.registered_unemployed", False, _YOUNG, _TOO_YOUNG),
    _Rule("person.flexible_employment", False, _YOUNG, _TOO_YOUNG),
    _Rule("person.resident_pension_insured", False, _YOUNG, _TOO_YOUNG),
    _Rule("person.union_member", False, _YOUNG, _TOO_YOUNG),
    _Rule("person.veteran", False, _YOUNG, N_("未满 16 岁，不是退役军人")),
    _Rule("person.special_family_planning", False, _MINOR, N_("还没有成年，不是失独父母")),
    _Rule("person.student_stage", "none", _OLD, N_("已满 60 岁，不在学龄")),
    _Rule("person.student_stage", "none", _age(lambda age: age < 3), N_("未满 3 岁，还没有入园")),
    _Rule("person.student_stage", "none", _out_of_work, N_("正在失业，不在读")),
    _Rule("person.school_hardship_recognised", False, _is("person.student_stage", "none"), N_("没有在读")),
    _Rule("person.flexible_employment", False, _OLD, N_("已满 60 岁，不再缴纳就业社保")),
    _Rule(
        "person.disability_grade", Decimal(0), _is("person.has_disability_cert", False), N_("没有残疾人证，就没有等级")
    ),
    _Rule("person.disability_type", "none", _is("person.disability_grade", Decimal(0)), _NO_GRADE),
    _Rule("person.has_disability_cert", False, _is("person.disability_grade", Decimal(0)), _NO_GRADE),
    _Rule("person.needs_long_term_care", False, _is("person.self_care", "full"), N_("生活完全自理")),
    _Rule("person.child_serious_disease", False, _is("person.serious_illness", False), N_("没有重特大疾病")),
    _Rule("person.union_hardship_file", False, _is("person.union_member", False), N_("不是工会会员")),
    _Rule("person.emergency_patient_unpaid", False, _is("household.sudden_hardship", False), N_("没有突发急难情形")),
    _Rule("household.winter_spring_hardship", False, _is("household.disaster_affected", False), N_("没有受灾")),
)
"""In order; a rule may rest on what an earlier one gave."""


def imply(facts: Facts) -> tuple[Facts, tuple[Implied, ...]]:
    """The facts with all that follows from them, and what was added, whose and why; what was told stands."""
    home = dict(facts.household)
    members = {who: dict(values) for who, values in facts.members.items()}
    found: list[Implied] = []
    for rule in RULES:
        whole = rule.field.startswith("household.")
        for who, values in [(HOUSEHOLD, home)] if whole else members.items():
            if values.get(rule.field) is None and rule.when(home, values):
                values[rule.field] = rule.value
                found.append(Implied(who, rule.field, rule.value, rule.reason))
    return replace(facts, household=home, members=members), tuple(found)
