"""Income sheets, facts, screenings and their confirmation by a named person. Nothing here decides entitlement: the
department decides, and 仍要申请 stays possible whatever a verdict says."""

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import send
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.oversight.service import next_step
from tenants.benefits import queries as benefits
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.catalogue import service as waits
from tenants.screening import freezing, means, queries, reading, relations, rules
from tenants.screening.conclusion import Look, asked_for, conclude, looks
from tenants.screening.facts import KnownAnew, ScreeningTaken
from tenants.screening.following import service as following
from tenants.screening.implied import Implied, imply
from tenants.screening.models import Determination, FactSheet, IncomeSheet, Screening
from tenants.screening.values import Facts, Parameters, SubjectVerdict

EARLIEST = date(2000, 1, 1)


def _locked(case_id: UUID) -> CaseFile:
    """The case, its row locked so that versions and numbers are given one at a time."""
    row = db.session.scalar(select(CaseFile).where(CaseFile.id == case_id).with_for_update())
    if row is None:
        raise Absent("没有这个个案。")
    return row


def _version(model: type[IncomeSheet] | type[FactSheet], case_id: UUID, seen: int | None) -> int:
    last = db.session.scalar(select(func.max(model.version)).where(model.case_id == case_id)) or 0
    if seen is not None and seen != last:
        raise Clash("您填写的时候，同事已经存了第 %(version)s 版。您填的还在，请对照新版后再保存。", version=last)
    return last + 1


def save_income(
    case_id: UUID, lines: Sequence[means.IncomeLine], rigid_percent: Decimal | None, *, seen: int | None = None,
    expenses: Sequence[means.ExpenseLine] = (),
) -> IncomeSheet:  # fmt: skip
    """Keep a new version of what the family lives on; CNY a month by member and kind, rigid expenses line by line or in
    percent of income. `seen`: the version that was on the screen; Clash when somebody saved another one since.

    Raises Refused naming `lines`, `expenses` or `rigid` for impossible amounts, or when nobody is registered in the
    household.
    """
    case = _locked(case_id)
    people = {member.id for member in queries.members(case.household_id)}
    if not people:
        raise Refused("还没有登记这户的家庭成员。请先到“家庭”登记。")
    means.refuse_impossible(people, lines, expenses, rigid_percent)
    row = IncomeSheet(
        id=uuid7(), case_id=case_id, version=_version(IncomeSheet, case_id, seen), taken_at=now(),
        taken_by=current_actor().account_id,
        figures=json.dumps(means.figures(lines, len(people), rigid_percent, expenses), ensure_ascii=False),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("income.save", "income_sheet", row.id, version=row.version)
    cases.event(case_id, "income_noted", version=row.version)
    send(KnownAnew(tenant_id=current_tenant().id, object_id=case.household_id))
    return row


def save_facts(case_id: UUID, values: Mapping[str, Any], *, seen: int | None = None) -> FactSheet:
    """Keep a new version of the facts, `{"household": {...}, "members": {person id: {...}}}`; what is unknown is absent.

    Raises Refused naming `household.<fact>` or `<person id>.<fact>` of a wrong value, Clash as `save_income`.
    """
    case = _locked(case_id)
    people = [member.id for member in queries.members(case.household_id)]
    if not people:
        raise Refused("还没有登记这户的家庭成员。请先到“家庭”登记。")
    kept = {
        "household": values.get("household", {}),
        "members": {who: dict(values.get("members", {}).get(who, {})) for who in people},
    }
    try:
        read = reading.facts_of(kept, read_pack()["eligibility_fields"]["fields"], as_of=today())
    except reading.FactError as error:
        raise Refused("这一项的数值不对，请再看一眼。", field=f"{error.subject}.{error.field}") from error
    content = freezing.facts_record(read)
    del content["date"]
    row = FactSheet(
        id=uuid7(), case_id=case_id, version=_version(FactSheet, case_id, seen), taken_at=now(),
        taken_by=current_actor().account_id, facts=json.dumps(content, ensure_ascii=False),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("facts.save", "fact_sheet", row.id, version=row.version)
    send(KnownAnew(tenant_id=current_tenant().id, object_id=case.household_id))
    return row


def known(case_id: UUID, household_id: UUID | None, as_of: date) -> Facts:
    """Everything known of the household on a day: its facts, its income sheet over them, and the register (age, sex,
    what is received) over both. What nobody has said stays unknown."""
    return _known(case_id, household_id, as_of)[0]


def _known(case_id: UUID, household_id: UUID | None, as_of: date) -> tuple[Facts, tuple[Implied, ...]]:
    """The same, and what follows from the benefits that the register has."""
    sheet, income = queries.facts(case_id), queries.income(case_id).content
    household: dict[str, Any] = {**sheet.content.get("household", {}), **(means.as_facts(income) if income else {})}
    members: dict[str, dict[str, Any]] = {}
    for member in queries.members(household_id):
        told = dict(sheet.content.get("members", {}).get(member.id, {}))
        age = member.age(as_of)
        if age is not None:
            told["person.age"] = age
        if member.gender in ("male", "female"):
            told["person.gender"] = member.gender
        members[member.id] = told
    fields = read_pack()["eligibility_fields"]["fields"]
    facts = reading.facts_of({"household": household, "members": members}, fields, as_of=as_of)
    held = benefits.by_household([household_id]).get(household_id, ()) if household_id else ()
    return relations.receiving(facts, held, sheet.taken_at.astimezone(ZONE).date() if sheet.taken_at else None)


def take(case_id: UUID, as_of: date) -> Screening:
    """Judge every policy of the community for the household as of a day and freeze the result with its reasons.

    Raises Refused naming `as_of`, or when the household is not registered, or while parameters are unconfirmed.
    """
    case = _locked(case_id)
    if not EARLIEST <= as_of <= today() + timedelta(days=366):
        raise Refused("日期请填 2000 年以后、一年以内的一天。", field="as_of")
    if missing := waits.screening_ready():
        raise Refused("研判还没有开启：还有 %(n)s 项本地参数没有确认。未定的也可以确认为“本地未定”。", n=len(missing))
    policy_rows, parameter_rows = catalogue.policies(as_of), catalogue.parameters()
    if not policy_rows:
        raise Refused("本社区还没有政策目录。请书记先完成建站。")
    facts, registered = _known(case_id, case.household_id, as_of)
    facts, followed = imply(facts)
    if not facts.members:
        raise Refused("还没有登记这户的家庭成员。请先到“家庭”登记。")
    policies, parameters = reading.policies_of(policy_rows), reading.parameters_of(parameter_rows)
    told = rules.judge_all(policies, parameters, facts)
    determinations, presumed = relations.presume(told, relations.asking(policies, parameters, as_of), facts)
    together = (*relations.asked(facts), *presumed, *relations.exclude(determinations, facts))
    found = conclude(determinations, policies, facts, reading.cures_of(read_pack()["eligibility_fields"]["cures"]))
    order = {policy.id: place for place, policy in enumerate(policies)}
    model = freezing.model_record(
        sorted(policy_rows, key=lambda row: order[row["id"]]), parameter_rows, catalogue.departments(),
        read_pack()["sources"]["sources"],
    )  # fmt: skip
    people = list(facts.members)
    best = rules.shown(
        sorted(determinations, key=lambda each: (order[each.policy_id], people.index(each.subject) if each.subject in people else -1))
    )  # fmt: skip
    row = Screening(
        id=uuid7(), case_id=case_id, as_of=as_of, pack=policy_rows[0]["pack"], track=found.track, parameters=model,
        seq=(db.session.scalar(select(func.max(Screening.seq)).where(Screening.case_id == case_id)) or 0) + 1,
        inputs=json.dumps(
            freezing.inputs_record(facts, determinations, policies, parameters, found, (*registered, *followed), together,
                _looks(case.household_id, determinations, parameters, max(as_of, today()))), ensure_ascii=False,
        ),
        glance=json.dumps(freezing.glance_record(best), ensure_ascii=False), counts=dict(rules.tally(best)),
        rescreen_on=found.rescreen[0][0] if found.rescreen else None,
        taken_at=now(), taken_by=current_actor().account_id, confirmed_at=None, confirmed_by=None, confirmed_post="",
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    db.session.execute(
        insert(Determination),
        [
            {
                "id": uuid7(), "screening_id": row.id, "policy_slug": each.policy_id, "subject": each.subject,
                "verdict": each.verdict, "trace": json.dumps(freezing.verdict_record(each), ensure_ascii=False),
            }
            for each in determinations
        ],
    )  # fmt: skip
    audit.record("screening.take", "screening", row.id, as_of=as_of.isoformat(), determinations=len(determinations))
    cases.event(case_id, "screened", screening_id=str(row.id), as_of=as_of.isoformat())
    send(ScreeningTaken(tenant_id=current_tenant().id, object_id=row.id, case_id=case_id))
    return row


def _looks(
    household_id: UUID | None, determinations: Sequence[SubjectVerdict], parameters: Parameters, after: date
) -> dict[str, Look]:
    births = {each.id: each.birth_date for each in queries.members(household_id) if each.birth_date}
    later = [(day, slug) for day, slug, _content in catalogue.later_versions(after)]
    return looks(determinations, parameters, births, later, after, waits.due_date("near-miss-look"))


def confirm(case_id: UUID, screening_id: UUID, post: str) -> None:
    """A named person stands by a screening: track, path tasks, near misses to look at again, the family's question
    answered, and the plan as the next step.

    Raises Absent, or Clash when it is confirmed already, a newer one exists or its grounds are gone.
    """
    case = _locked(case_id)
    row = db.session.scalar(select(Screening).where(Screening.id == screening_id, Screening.case_id == case_id))
    if row is None:
        raise Absent("没有这次研判。")
    if row.confirmed_at is not None:
        raise Clash("这次研判已经由%(who)s确认过了。", who=row.confirmed_post)
    if row.cleared_at is not None:
        raise Clash("这次研判的依据已过保存期限，已经清除。请按今天的情况再研判。")
    last = db.session.scalar(select(func.max(Screening.seq)).where(Screening.case_id == case_id))
    if last != row.seq:
        raise Clash("后来又做过一次研判，请核对并确认最新的那一次。")
    before = _entitled_before(case_id)
    row.confirmed_at, row.confirmed_by, row.confirmed_post = now(), current_actor().account_id, post
    db.session.flush()
    result = queries.result(case_id, screening_id)
    following.lay_paths(result)
    near = following.queue_near_misses(result)
    entitled = result.counts["eligible"]
    has = relations.settled(result.frozen.relations)
    fresh = any(asked_for(row, has) for row in result.verdicts)
    cases.reweigh(case_id, {"entitled_not_applied"} if fresh else set())
    case.track = result.track
    audit.record("screening.confirm", "screening", screening_id, track=result.track, post=post)
    cases.event(
        case_id, "screening_confirmed", post=post, screening_id=str(screening_id), track=result.track,
        paths=len(result.frozen.paths), entitled=entitled, near_misses=len(result.frozen.near_misses),
    )  # fmt: skip
    due = waits.due("plan", case.urgency)
    next_step(
        "case", case_id, number=case.number, case_id=case_id, actor_role="assistance_clerk", actor=N_("救助专干"),
        verb=N_("制定帮扶计划"), due_at=due, urgency=case.urgency,
    )  # fmt: skip
    send(following.announcement(case_id, result, {"screenings_confirmed": 1, "near_miss_open": near, "entitled_found": entitled - before}))  # fmt: skip


def _entitled_before(case_id: UUID) -> int:
    """How many policies the last confirmed screening of the case found open, counted already."""
    last = (
        select(Screening.counts)
        .where(Screening.case_id == case_id, Screening.confirmed_at.is_not(None))
        .order_by(Screening.seq.desc())
        .limit(1)
    )
    counts: dict[str, int] | None = db.session.scalar(last)
    return counts["eligible"] if counts else 0
