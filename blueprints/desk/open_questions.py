"""…/screening/<id>/questions: what is still to be found out, by who can say it; to take along on paper, each answered
where it is written down."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.desk import fact_words
from blueprints.desk.door import bp
from blueprints.desk.family_facts import sees_facts
from blueprints.desk.scope import case_or_404
from blueprints.desk.verdict_words import Reader
from blueprints.forms import lazy
from blueprints.guard import logged, may
from blueprints.pages import show
from rongjiu.clock import today
from tenants.screening import queries
from tenants.screening.values import HOUSEHOLD

GIVERS = {
    "family": lazy("问本人或家里人"), "school": lazy("问学校"), "hospital": lazy("问医院"), "department": lazy("问部门"),
    "secretary": lazy("请书记或街道设定标准"),
}  # fmt: skip
_SCHOOL = {"person.student_stage", "person.school_hardship_recognised"}
_HOSPITAL = {
    "person.serious_illness", "person.child_serious_disease", "person.two_cancer", "person.chronic_disease",
    "person.emergency_patient_unpaid", "household.own_medical_expense_year", "person.needs_long_term_care",
}  # fmt: skip
_DEPARTMENT = {
    "household.assets_within_limit", "household.recognised", "person.disability_grade", "person.disability_type",
    "person.has_disability_cert", "person.registered_unemployed", "person.employment_hardship_recognised",
    "person.unemployment_insured_12m", "person.basic_medical_insured", "person.resident_pension_insured",
    "person.special_family_planning", "person.preferential_group", "person.union_hardship_file", "person.union_member",
    "person.residence_permit", "household.zero_employment",
}  # fmt: skip
_INCOME = {"household.income_per_capita_month", "household.rigid_expense_ratio"}


@dataclass
class Question:
    """One fact or line, about whom, which policies wait for it, and where it is answered."""

    text: str
    who: str
    href: str
    policies: list[str] = field(default_factory=list)


def giver(name: str) -> str:
    """Who can say a fact: family, school, hospital or department."""
    for code, names in (("school", _SCHOOL), ("hospital", _HOSPITAL), ("department", _DEPARTMENT)):
        if name in names:
            return code
    return "family"


@bp.get("/cases/<number>/screening/<uuid:screening>/questions")
@logged
def screening_questions(number: str, screening: UUID) -> ResponseReturnValue:
    """The open questions of a screening, those that most policies wait for first."""
    case = case_or_404(number)
    result = queries.result(case.id, screening)
    if result.cleared_at:
        return redirect(url_for("desk.screening", number=number, screening=screening))
    names = {each.id: str(show("name", each.name)) for each in queries.members(case.household_id)}
    reader = Reader(result, names, sees_facts())
    return render_template(
        "desk/screening/questions.html", case=case, result=result, groups=_groups(number, reader), givers=GIVERS,
        words=fact_words, printed=today(),
    )  # fmt: skip


def _groups(number: str, reader: Reader) -> dict[str, list[Question]]:
    found: dict[str, dict[tuple[str, str], Question]] = defaultdict(dict)
    for shown in reader.result.verdicts:
        if shown.verdict != "need_info":
            continue
        name = fact_words.name_of(reader.model["policies"][shown.policy_id])
        for row in shown.best.unknowns:
            if row.missing == "parameter":
                for line in row.params:
                    key = found["secretary"].setdefault((line, ""), Question(reader.parameter(line), "", _lines()))
                    _wait(key, name)
                continue
            owner = HOUSEHOLD if row.field.startswith("household.") else shown.best.member or shown.best.subject
            asked = found[giver(row.field)].setdefault(
                (row.field, owner),
                Question(fact_words.field_name(row.field), reader.subject(owner), _place(number, row.field, owner)),
            )
            _wait(asked, name)
    return {
        code: sorted(found[code].values(), key=lambda each: (-len(each.policies), each.who, each.text))
        for code in GIVERS if found[code]
    }  # fmt: skip


def _wait(question: Question, policy: str) -> None:
    if policy not in question.policies:
        question.policies.append(policy)


def _lines() -> str:
    return url_for("desk.parameters") if may("desk.parameters") else ""


def _place(number: str, name: str, owner: str) -> str:
    """The field of the form in which the answer is written down."""
    if name in _INCOME:
        return url_for("desk.income", number=number) if may("desk.income") else ""
    row: Any = fact_words.vocabulary().get(name, {})
    mark = f"f-{owner}-{name}" + ("-1" if row.get("type") == "bool" else "")
    return url_for("desk.facts", number=number, _anchor=mark) if may("desk.facts") else ""
