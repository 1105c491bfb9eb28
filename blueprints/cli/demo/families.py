"""A few sample families of 三学街社区, so that a desk with work on it can be seen at once. All invented (示例)."""

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.actor import Actor, acting
from rongjiu.clock import today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace.models import ProviderService
from tenants.benefits import arriving
from tenants.benefits import service as benefits
from tenants.benefits.service import Noted
from tenants.cases import service as cases
from tenants.consents import service as consents
from tenants.needs import service as needs
from tenants.referrals import service as referrals
from tenants.residents.models import Courtyard
from tenants.residents.service import Door, NewPerson, register
from tenants.screening import service as screening
from tenants.screening.means import IncomeLine
from tenants.signals import service as signals


@dataclass(frozen=True)
class Family:
    """Who lives there, what they asked for, what they live on (per month, for all)."""

    people: tuple[NewPerson, ...]
    asked: tuple[tuple[str, str], ...]
    income: int
    facts: dict[str, Any]
    receives: tuple[tuple[str, int], ...] = ()
    """Policies that the first person receives, and in how many days the approval runs out."""
    waits: tuple[str, ...] = ()
    """Policies of the household that it is in line for."""
    told: tuple[str, ...] = ()
    """Policies that the first person says to receive; nobody has checked it yet."""


_YARDS = ("示例一号院", "示例二号院", "示例家属院")
FAMILIES = (
    Family(
        (
            NewPerson("示例甲", "male", "户主", age=76, groups=("living-alone-elderly", "empty-nest-elderly")),
        ),
        (("想有人常来看看，陪着说说话", "companionship"), ("腿脚不好，想有人代买菜", "proxy-shopping")),
        1480,
        {"person.hukou_local": True, "person.living_alone": True, "person.chronic_disease": True},
        (("age-subsidy", 40),),
    ),
    Family(
        (
            NewPerson("示例乙", "female", "户主", age=45, groups=("unemployed", "family-carers")),
            NewPerson("示例乙之子", "male", "儿子", age=10, groups=("children-in-hardship",)),
        ),
        (("想找一份能照顾孩子的工作", "job-income"), ("孩子放学后没人辅导", "child-learning")),
        1400,
        {"person.hukou_local": True},
        waits=("public-rental",),
    ),
    Family(
        (
            NewPerson("示例丙", "male", "户主", age=62, groups=("severely-disabled", "seriously-ill")),
            NewPerson("示例丙之妻", "female", "配偶", age=60, groups=("family-carers",)),
        ),
        (("想申请护理床", "care-bed-toilet"), ("想问问能享受哪些政策", "policy-help")),
        2100,
        {"person.hukou_local": True, "person.serious_illness": True},
        told=("disability-living",),
    ),
)  # fmt: skip


def make(tenant: Tenant, actor: Actor) -> int:
    """Enter the families as the clerk of the community would; answers how many."""
    with tenant_scope(tenant), acting(actor):
        yards = [
            Courtyard(id=uuid7(), slug=f"sx-{n:02d}", seq=n, name=name, grid=f"sx-g{n:02d}", source="示例", demo=True)
            for n, name in enumerate(_YARDS, 1)
        ]
        db.session.add_all(yards)
        db.session.flush()
        for yard, family in zip(yards, FAMILIES, strict=True):
            enter(yard.id, family)
        words = "邻居反映：一位老人摔伤后很少下楼，想请社区去看看（示例）"
        signals.receive("neighbour", "need", words, courtyard_id=yards[0].id)
    return len(FAMILIES)


def enter(yard_id: Any, family: Family, room: str = "示例室") -> UUID:
    """Register one family with case, needs, income and a confirmed screening; answers the case."""
    home = register(yard_id, Door("示例楼", "示例单元", room), family.people, demo=True)
    case = cases.open_case(yard_id)
    cases.attach_household(case.id, home.household_id)
    cases.event(case.id, "visited")
    for words, item in family.asked:
        needs.add(case.id, words, is_wish=True, item_slug=item, person_id=home.person_ids[0])
    screening.save_income(case.id, [IncomeLine(str(home.person_ids[0]), "pension", Decimal(family.income))], None)
    told = {str(home.person_ids[0]): family.facts}
    screening.save_facts(case.id, {"household": {"household.assets_within_limit": True}, "members": told})
    for policy, days in family.receives:
        said = Noted(
            policy,
            home.person_ids[0],
            today() - timedelta(days=325),
            today() + timedelta(days=days),
            "示例批复（示例）",
        )
        benefits.note(home.household_id, said, demo=True)
    for policy in family.waits:
        line = Noted(policy, None, today() - timedelta(days=140), None, "示例轮候通知（示例）", waiting=True)
        benefits.note(home.household_id, line, demo=True)
    said_there = [(home.person_ids[0], policy) for policy in family.told]
    arriving.told(home.household_id, said_there, today() - timedelta(days=12), demo=True)
    taken = screening.take(case.id, today())
    screening.confirm(case.id, taken.id, "救助专干")
    return case.id


def offered(case_id: UUID, person_id: UUID, need_id: UUID, provider_id: UUID, kind: str, wish: str = "") -> UUID:
    """Consent of the person on paper, then one offer of a kind of service to a provider; answers its task."""
    mine = ProviderService.provider_id == provider_id, ProviderService.service_type == kind
    line = db.session.scalars(select(ProviderService.id).where(*mine)).one()
    given = consents.give(
        case_id, person_id, person_id, "share_with_provider", provider_id=provider_id,
        fields=("name", "address", "phone", "care_need"), how="paper", witness="示例见证人",
    )  # fmt: skip
    (task,) = referrals.offer(need_id, [line], given.id, person_id, wish)
    return task.id
