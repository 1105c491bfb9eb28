"""Sample families of 三学街社区 whose referrals stand each in another state, so that every screen of the loop has something
to show: waiting, taken, with who goes named, paused, declined, not eligible, nobody met, nobody left, failed, to be confirmed, disputed, closed.

Entered by the verbs that the screens use. All invented (示例). 黄雁社区 stays free for the story of the demo."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from blueprints.cli.demo import families
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db, tenant_scope
from rongjiu.marketplace.admissions.service import admit
from rongjiu.marketplace.kinds import care, licences
from rongjiu.tenancy import queries as tenancy
from tenants.accompaniment import rules as visits
from tenants.accompaniment import work
from tenants.cases.models import CaseFile
from tenants.casework import closing, planning
from tenants.needs.models import Need
from tenants.outcomes import auditing
from tenants.outcomes import service as outcomes
from tenants.outcomes.rules import Saving
from tenants.referrals import answering, confirming
from tenants.referrals.matching import service as matching
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import again, tries
from tenants.residents.models import Courtyard, Person
from tenants.residents.service import NewPerson

CHC, NURSING, DELIVERY = "yanqing-chc", "yankang-nursing", "yanqi-delivery"
_PLAN = "社区联系，服务方上门，家里人在场"


@dataclass(frozen=True)
class Staff:
    """Who acts in the community, and who works for providers that are asked."""

    clerk: Actor
    secretary: Actor
    providers: dict[str, UUID]


@dataclass(frozen=True)
class Case:
    """One sample case: its first person and its first need."""

    id: UUID
    person: UUID
    need: UUID
    staff: Staff

    def offer(self, slug: str, kind: str, wish: str = "") -> UUID:
        """Consent of the family, then one offer; answers its task."""
        return families.offered(self.id, self.person, self.need, self.staff.providers[slug], kind, wish)

    def taken(self, slug: str, kind: str, hours: int = 1) -> UUID:
        """An offer that its provider has taken for a moment so many hours from now."""
        task, provider, at = self.offer(slug, kind), self.staff.providers[slug], now() + timedelta(hours=hours)
        if nurses := licences.at_work(provider):
            goes = max(nurses, key=lambda one: one.ends_on or today())
            title = db.session.scalars(select(ReferralTask.terms["title"].astext).where(ReferralTask.id == task)).one()
            care.plan(provider, task, current_tenant().uid, [title], goes.id, at)
        answering.accept([task], provider, at)
        return task

    def anew(self, task_id: UUID, kind: str, reason: str) -> None:
        """What the outbox does a moment after an offer came back: see who is left."""
        request = db.session.scalars(select(ReferralTask.request_id).where(ReferralTask.id == task_id)).one()
        again.match_anew(request, kind, reason)


def _waiting(case: Case) -> None:
    matching.match(case.need, ["home-checkup"])
    matching.log_contact(case.need, case.staff.providers[CHC], "电话里说：这周能上门，先约上午（没有提供个人信息）")
    case.offer(CHC, "home-checkup", "示例：上午方便，耳背，请多按几次门铃")


def _accepted(case: Case) -> None:
    case.taken(CHC, "home-checkup", 26)


def _with_nurse(case: Case) -> None:
    case.taken(NURSING, "home-bathing", 50)


def _held(case: Case) -> None:
    task = case.taken(CHC, "clinic-referral")
    papers = ("医保卡", "上次出院小结")
    answering.hold([task], case.staff.providers[CHC], "missing-documents", now() + timedelta(days=5), papers)


def _declined(case: Case) -> None:
    matching.match(case.need, ["catheter-change"])
    task = case.offer(CHC, "catheter-change")
    answering.decline([task], case.staff.providers[CHC], "out-of-area", "这边最近没有师傅能过去（示例）")
    case.anew(task, "catheter-change", "out-of-area")


def _not_eligible(case: Case) -> None:
    task = case.offer(DELIVERY, "job-registration", "示例：想就近上班")
    said = "站点只收 60 岁以下的骑手（示例）"
    answering.decline([task], case.staff.providers[DELIVERY], "not-eligible", said, "age")
    case.anew(task, "job-registration", "not-eligible")


def _nobody_met(case: Case) -> None:
    task = case.taken(CHC, "home-checkup")
    tries.note([task], case.staff.providers[CHC])
    work.missed([task], case.staff.providers[CHC])


def _nobody_left(case: Case) -> None:
    task = case.offer(NURSING, "home-bathing")
    answering.decline([task], case.staff.providers[NURSING], "other", "这个院没有电梯，设备上不去（示例）")
    case.anew(task, "home-bathing", "other")


def _failed(case: Case) -> None:
    task = case.taken(NURSING, "rehab-care")
    answering.fail([task], case.staff.providers[NURSING], "other", "康复师请了病假，这周去不了（示例）")
    case.anew(task, "rehab-care", "other")


def _to_confirm(case: Case) -> None:
    task, chc = case.taken(CHC, "catheter-change"), case.staff.providers[CHC]
    work.arrive([task], chc)
    dearer = visits.Over(Decimal("18.50"), "用了两根导尿管，先和家里人说过（示例）")
    work.finish([task], chc, [task], price=Decimal(37), last=True, over=dearer)


def _disputed(case: Case) -> None:
    task, chc = case.taken(CHC, "clinic-referral"), case.staff.providers[CHC]
    work.arrive([task], chc)
    work.finish([task], chc, [task], last=True)
    said = confirming.Answer("not_solved", stars=2, words="示例：挂上号了，可是没人带着去检查")
    confirming.confirm(case.id, {case.need: said}, by="call_back")


def _closed(case: Case) -> None:
    task, chc = case.taken(CHC, "clinic-referral"), case.staff.providers[CHC]
    work.arrive([task], chc)
    work.finish([task], chc, [task], last=True)
    said = confirming.Answer("solved", stars=5, words="示例：药配齐了", thanks="谢谢大夫，说得很清楚")
    confirming.confirm(case.id, {case.need: said})
    saved = Saving("挂号和来回打车", Decimal(60), "本区门诊价目（示例）", Decimal(90))
    outcomes.note(case.id, [saved], new_income=False)
    closing.propose(case.id, "done", {})
    with acting(case.staff.secretary):
        if closing.last(case.id) is not None and planning.approval_asked():
            closing.decide(case.id, approve=True)


WORLD: tuple[tuple[str, str, int, str, str, Callable[[Case], None]], ...] = (
    ("孙示例", "female", 82, "想请医生上门量量血压、看看腿", "home-medical", _waiting),
    ("钱示例", "male", 77, "想有人定期上门体检", "home-medical", _accepted),
    ("冯示例", "female", 84, "洗澡怕摔，想请人上门助浴", "assisted-bathing", _with_nurse),
    ("沈示例", "female", 69, "想转到大医院再看一次", "home-medical", _held),
    ("褚示例", "male", 80, "换尿管要跑医院，想有人上门换", "home-medical", _declined),
    ("卫示例", "male", 62, "想找一份离家近的活", "job-income", _not_eligible),
    ("蒋示例", "female", 85, "一个人住，想有人上门体检", "home-medical", _nobody_met),
    ("韩示例", "male", 88, "起不来床，想请人上门助浴", "assisted-bathing", _nobody_left),
    ("秦示例", "female", 73, "膝盖做了手术，想有人教着练", "home-medical", _failed),
    ("许示例", "male", 79, "每月换一次尿管，想在家换", "home-medical", _to_confirm),
    ("何示例", "female", 71, "想挂上专家号", "home-medical", _disputed),
    ("吕示例", "female", 66, "想有人帮着配齐慢病药", "home-medical", _closed),
)
"""Name, sex, age, words, item of need, and how far their slip has come."""


def make(slug: str, staff: Staff) -> int:
    """Let one more provider into a community, then enter the families one by one; the closed ones are drawn for this
    month's audit. Answers how many families."""
    here = tenancy.community(slug)
    if here is None or here.tenant is None:
        raise LookupError(slug)
    with tenant_scope(here.tenant):
        with acting(staff.secretary):
            admit(staff.providers[CHC], here, None)
        yards = db.session.scalars(select(Courtyard.id).order_by(Courtyard.seq)).all()
        for n, (name, gender, age, words, item, go) in enumerate(WORLD, 1):
            with acting(staff.clerk):
                person = NewPerson(name, gender, "户主", age=age, phone=f"1990008{n:04d}")
                family = families.Family((person,), ((words, item),), 1900 + 40 * n, {"person.hukou_local": True})
                go(_entered(yards[n % len(yards)], family, f"示例室{n:02d}", staff))
        with acting(staff.secretary):
            auditing.draw(today().replace(day=1))
    return len(WORLD)


def _entered(yard_id: UUID, family: families.Family, room: str, staff: Staff) -> Case:
    case_id = families.enter(yard_id, family, room)
    found: Any = db.session.execute(
        select(Need.id, Person.id.label("person"))
        .join(CaseFile, CaseFile.id == Need.case_id)
        .join(Person, Person.household_id == CaseFile.household_id)
        .where(Need.case_id == case_id)
    ).one()
    line = planning.Line(_PLAN, "provider", "free")
    review = today() + timedelta(days=60)
    planning.make(case_id, {found.id: "日子过得方便一点"}, {found.id: [line]}, staff.clerk.account_id, review)
    if planning.approval_asked():
        with acting(staff.secretary):
            planning.decide(case_id, approve=True)
    return Case(case_id, found.person, found.id, staff)
