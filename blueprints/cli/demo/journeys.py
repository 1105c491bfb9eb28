"""Two sample cases of 三学街社区 with the whole way to be seen: one finished after a decline and a second offer, one under
way whose transfer was asked for and answered. All invented (示例)."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from blueprints.cli.demo import admissions, families
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from tenants.accompaniment import work
from tenants.cases.models import CaseFile
from tenants.casework import closing, planning, transferring
from tenants.needs.models import Need
from tenants.outcomes import service as outcomes
from tenants.outcomes.rules import Saving
from tenants.referrals import answering, confirming
from tenants.referrals.returning import tries
from tenants.residents.models import Courtyard, Person
from tenants.residents.service import NewPerson

FINISHED = families.Family(
    (NewPerson("示例丁", "female", "户主", age=71, groups=("empty-nest-elderly",)),),
    (("腿骨折出院了，想有人教着做康复", "home-medical"),), 1900, {"person.hukou_local": True},
)  # fmt: skip
RUNNING = families.Family(
    (
        NewPerson("示例戊", "male", "户主", age=79, groups=("severely-disabled",)),
        NewPerson("示例戊之妻", "female", "配偶", age=74, groups=("family-carers",)),
    ),
    (("起不来床，洗不了澡，想请人上门助浴", "assisted-bathing"), ("想有人常来陪着说说话", "companionship")),
    2300, {"person.hukou_local": True},
)  # fmt: skip


@dataclass(frozen=True)
class Staff:
    """Who acts: clerk and secretary here, and the secretary of the community that is asked to take over."""

    clerk: Actor
    secretary: Actor
    neighbour: Actor


@dataclass(frozen=True)
class _Case:
    id: UUID
    person: UUID
    needs: Sequence[UUID]


def make(here: Tenant, there: Tenant, provider_id: UUID, staff: Staff) -> None:
    """Walk both cases by the verbs that the screens use, so that their pages show what real ones show."""
    admissions.admitted(here.uid, [provider_id])
    with tenant_scope(here):
        yard = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq).limit(1)).one()
        with acting(staff.clerk):
            done, running = (_entered(yard, family) for family in (FINISHED, RUNNING))
            _planned(done, staff, ("康复师上门教三次，家里人跟着学",))
            _planned(running, staff, ("每两周上门助浴一次", "小雁志愿者每周来陪"))
            _finish(done, provider_id)
            _run(running, provider_id)
        with acting(staff.secretary):
            if closing.last(done.id) is not None and planning.approval_asked():
                closing.decide(done.id, approve=True)
        with acting(staff.clerk):
            idle = db.session.scalars(
                select(CaseFile.id).where(CaseFile.household_id.is_not(None), CaseFile.closed_at.is_(None))
                .order_by(CaseFile.opened_at.desc(), CaseFile.id.desc()).offset(1).limit(1)
            ).one()  # fmt: skip
            asked = transferring.ask(idle, there.uid, "closer").id
    with tenant_scope(there), acting(staff.neighbour):
        transferring.reject(asked, "stays")


def _entered(yard: UUID, family: families.Family) -> _Case:
    case_id = families.enter(yard, family, f"{family.people[0].name}室")
    home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == case_id)).one()
    person = db.session.scalars(
        select(Person.id).where(Person.household_id == home).order_by(Person.seq).limit(1)
    ).one()
    return _Case(
        case_id, person, db.session.scalars(select(Need.id).where(Need.case_id == case_id).order_by(Need.seq)).all()
    )


def _planned(case: _Case, staff: Staff, words: Sequence[str]) -> None:
    goals = dict(zip(case.needs, ("自己能走几步", "家里人能歇一歇"), strict=False))
    means = ("provider", "volunteer")
    steps = {
        need: [planning.Line(text, how, "free")]
        for need, text, how in zip(case.needs, words, means, strict=False)
    }  # fmt: skip
    planning.make(case.id, goals, steps, staff.clerk.account_id, today() + timedelta(days=60))
    if planning.approval_asked():
        with acting(staff.secretary):
            planning.decide(case.id, approve=True)


def _offer(case: _Case, provider_id: UUID, kind: str) -> UUID:
    return families.offered(case.id, case.person, case.needs[0], provider_id, kind, "示例：上午方便")


def _finish(case: _Case, provider_id: UUID) -> None:
    """Declined first, offered again after a talk, done, confirmed, its worth noted, proposed to be closed."""
    first = _offer(case, provider_id, "rehab-care")
    answering.decline([first], provider_id, "out-of-area", "这个月师傅去不了，下周可以")
    second = _offer(case, provider_id, "rehab-care")
    answering.accept([second], provider_id, now() + timedelta(hours=1))
    work.arrive([second], provider_id)
    work.finish([second], provider_id, [second], last=True)
    confirming.confirm(case.id, {case.needs[0]: confirming.Answer("solved", stars=5, words="示例：能自己走到门口了")})
    saved = Saving("上门康复三次", Decimal(360), "本区康复门诊价目（示例）", Decimal(480))
    outcomes.note(case.id, [saved], new_income=False, unpriced=["陪着练的时间"])
    closing.propose(case.id, "done", {})


def _run(case: _Case, provider_id: UUID) -> None:
    """Taken, nobody at the telephone at first, one visit made, the next planned."""
    task = _offer(case, provider_id, "home-bathing")
    answering.accept([task], provider_id, now() + timedelta(hours=1))
    tries.note([task], provider_id)
    work.arrive([task], provider_id)
    work.finish([task], provider_id, [task])
