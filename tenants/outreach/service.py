"""Walking the street: who may help, searched in the street's pool first, visited, explained to, won or asked again."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, codes, facts
from rongjiu.actor import current_actor
from rongjiu.cash import asks_for_cash
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.marketplace.words import KINDS as TRADES
from rongjiu.neighbours import pool
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Community
from tenants.cases.service import next_number
from tenants.catalogue import service as catalogue
from tenants.outreach import rules
from tenants.outreach.facts import ProspectMoved
from tenants.outreach.models import Prospect, ProspectEvent, ProspectTie

SEEN = N_("街道里已经有人谈过，请先看一眼，再决定要不要登记。")


@dataclass(frozen=True, slots=True)
class Typed:
    """A prospect as it is typed at the desk, on the street or in a table."""

    name: str
    kind: str = "shop"
    trade: str = "other"
    uscc: str = ""
    address: str = ""
    contact: str = ""
    phone: str = ""
    service_type: str = ""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a prospect before it is entered."""

    own: str
    """Number of this community's own prospect, or ''."""
    spoken: Sequence[pool.Spoken]
    listed: Sequence[pool.Listed]

    def __bool__(self) -> bool:
        return bool(self.own or self.spoken or self.listed)


def here() -> tuple[UUID, UUID, str]:
    """Community id, street id and mark of the community in force; Absent for one without a street."""
    row = db.session.execute(
        select(Community.id, Community.street_id, Community.mark).where(Community.tenant_id == current_tenant().id)
    ).one()
    if row.street_id is None:
        raise Absent("本社区还没有归到街道。")
    return row.id, row.street_id, row.mark or "XX"


def checked(typed: Typed) -> Typed:
    """The same, read and made plain. Raises Refused naming name, kind, trade, uscc or phone."""
    name = " ".join(typed.name.split())
    if not 2 <= len(name) <= 60:
        raise Refused("请写名称，2 到 60 个字。", field="name")
    if typed.kind not in rules.KINDS:
        raise Refused("请选一项", field="kind")
    if typed.trade not in TRADES:
        raise Refused("请选一项", field="trade")
    try:
        uscc = codes.credit_code(typed.uscc) if typed.uscc.strip() and typed.kind != "person" else ""
    except codes.CodeError as error:
        raise Refused(str(error), field="uscc") from error
    try:
        phone = codes.phone(typed.phone) if typed.phone.strip() else ""
    except codes.CodeError as error:
        raise Refused(str(error), field="phone") from error
    if cash := asks_for_cash(f"{name} {typed.contact}"):
        raise Refused(
            "这里不登记钱：“%(words)s”请去掉。愿意捐钱的，请告诉对方社区指定的慈善组织。", field="name", words=cash
        )
    return Typed(
        name, typed.kind, typed.trade, uscc, " ".join(typed.address.split())[:120], typed.contact.strip()[:30], phone,
        typed.service_type,
    )  # fmt: skip


def known(typed: Typed) -> Known:
    """Look in the street's pool first: ours, another community's, or a provider already. A person is looked for here
    alone, because private people are not in the pool."""
    community_id, street_id, _mark = here()
    own = select(Prospect.number).where(Prospect.folded == pool.folded(typed.name), Prospect.kind == typed.kind)
    if typed.uscc:
        own = select(Prospect.number).where(
            (Prospect.folded == pool.folded(typed.name)) | (Prospect.uscc == typed.uscc), Prospect.kind == typed.kind
        )
    mine = db.session.scalar(own.order_by(Prospect.number).limit(1)) or ""
    if typed.kind == "person":
        return Known(mine, (), ())
    spoken = pool.spoken(street_id, community_id, name=typed.name, uscc=typed.uscc, address=typed.address)
    return Known(mine, spoken, pool.listed(street_id, name=typed.name, uscc=typed.uscc))


def add(typed: Typed, *, source: str = "desk", seen: bool = False, target_id: UUID | None = None,
        list_id: UUID | None = None) -> Prospect:  # fmt: skip
    """Enter a prospect. Raises Refused naming a field; Clash naming `name` when it is ours already, or when the street
    knows it and nobody has looked (`seen`)."""
    typed = checked(typed)
    found = known(typed)
    if found.own:
        raise Clash("已经登记过：%(number)s。请打开它接着走访。", field="name", number=found.own)
    if not seen and (found.spoken or found.listed):
        raise Clash(SEEN, field="name")
    community_id, street_id, mark = here()
    actor = current_actor()
    row = Prospect(
        id=uuid7(), number=next_number(f"{mark}-ZF", "prospect"), kind=typed.kind, name=typed.name,
        folded=pool.folded(typed.name), trade=typed.trade, uscc=typed.uscc, address=typed.address,
        contact=typed.contact or None, phone=typed.phone or None, service_type=typed.service_type, state="prospect",
        reason="", source=source, list_id=list_id, target_id=target_id, owner_id=actor.account_id,
        owner_post=actor.name or "社区", made_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    if typed.kind != "person":
        pool.put(
            street_id, community_id, row.id, name=row.name, uscc=row.uscc, address=row.address, state="prospect"
        )  # fmt: skip
    if source != "list":  # a list can be undone as a whole; history cannot
        _note(row, "made", "", "prospect")
    audit.record("prospect.add", "prospect", row.id, source=source, what=row.kind)
    return row


def talk(
    prospect_id: UUID, after: str, *, kind: str = "visit", note: str = "", reason: str = "", retry_on: date | None = None,
    provider_id: UUID | None = None,
) -> Prospect:  # fmt: skip
    """Note a visit or call and where it led; `after` may be the state it is in (nothing new was said).

    Declined needs a reason; without a day it is asked again after the community's own wait (timer outreach-retry).
    Active needs a provider that is admitted. Raises Absent, Clash for a move that the table does not have, Refused.
    """
    row = _held(prospect_id)
    if kind not in rules.TALKS:
        raise Refused("请选一项", field="kind")
    words = note.strip()
    if len(words) > rules.LONGEST:
        raise Refused("请写短一点，500 字以内。", field="note")
    if cash := asks_for_cash(words):
        raise Refused(
            "这里不登记钱：“%(words)s”请去掉。愿意捐钱的，请告诉对方社区指定的慈善组织。", field="note", words=cash
        )
    before = row.state
    if after != before and not rules.may_move(before, after):
        raise Clash("这一步走不通：请刷新页面，看看现在到哪一步。", field="after")
    row.reason, row.retry_on = "", None
    if after == "declined":
        _declined(row, reason, retry_on)
    if after == "active":
        row.provider_id = _admitted(row, provider_id)
    row.state, row.spoken_at = after, now()
    row.owner_id = row.owner_id or current_actor().account_id
    db.session.flush()
    _note(row, kind, before, after, reason=row.reason, words=words)
    if row.kind != "person":
        community_id, street_id, _mark = here()
        pool.put(street_id, community_id, row.id, name=row.name, uscc=row.uscc, address=row.address, state=after)
    _step(row)
    audit.record("prospect.talk", "prospect", row.id, how=kind, before=before, after=after)
    if after != before:
        facts.send(ProspectMoved(tenant_id=current_tenant().id, object_id=row.id))
    return row


def left(prospect_id: UUID, material: str) -> None:
    """Note that a leaflet or the agreement was printed for a prospect. Raises Absent."""
    row = _held(prospect_id)
    if material not in ("leaflet", "agreement"):
        raise Refused("请选一项", field="material")
    _note(row, material, row.state, row.state)


def tie(prospect_id: UUID, how: str, *, who: str = "", other_id: UUID | None = None) -> None:
    """Note who can open the door of a shop: somebody by name, or another prospect. Raises Absent, Refused."""
    row = _held(prospect_id)
    if how not in rules.TIES:
        raise Refused("请选一项", field="how")
    name = who.strip()[:40]
    if other_id is not None:
        if other_id == row.id or db.session.scalar(select(Prospect.id).where(Prospect.id == other_id)) is None:
            raise Refused("请选另一家。", field="other")
    elif not name:
        raise Refused("请写谁认识这家，或选另一家。", field="who")
    db.session.add(
        ProspectTie(id=uuid7(), prospect_id=row.id, other_id=other_id, who=name or None, how=how, made_at=now())
    )
    db.session.flush()
    audit.record("prospect.tie", "prospect", row.id, how=how)


def _declined(row: Prospect, reason: str, retry_on: date | None) -> None:
    if reason not in rules.REASONS:
        raise Refused("请选不愿意的原因，以后好再谈。", field="reason")
    if retry_on is not None and retry_on <= today():
        raise Refused("再访的日子要在今天以后。", field="retry_on")
    row.reason = reason
    again = retry_on or catalogue.due_date("outreach-retry")
    row.retry_on = None if reason in rules.OVER else again


def _admitted(row: Prospect, provider_id: UUID | None) -> UUID:
    """The provider that a prospect became: registered, looked at and admitted here."""
    community_id, _street_id, _mark = here()
    if provider_id is None:
        raise Refused("请选它登记成的服务方。还没登记的，请对方扫宣传单上的码。", field="provider")
    found = db.session.scalar(
        select(Admission.id)
        .join(Provider, Provider.id == Admission.provider_id)
        .where(
            Admission.provider_id == provider_id,
            Admission.community_id == community_id,
            Provider.state == "active",
            in_force(),
        )
    )
    if found is None:
        raise Refused("这家服务方还没有准入。请书记先准入，再转为已参与。", field="provider")
    return provider_id


def _step(row: Prospect) -> None:
    """Whoever was spoken to hears from us again within as many days as a vetting takes."""
    if row.state not in ("interested", "explained", "agreed"):
        no_step(row.id)
        return
    verb = {"interested": N_("去讲解"), "explained": N_("问问意向"), "agreed": N_("请它扫码登记")}[row.state]
    next_step(
        "prospect", row.id, number=row.number, case_id=None, actor_role="community_worker", actor=row.owner_post,
        verb=verb, due_at=catalogue.due("vetting"),
    )  # fmt: skip


def _note(row: Prospect, kind: str, before: str, after: str, *, reason: str = "", words: str = "") -> None:
    actor = current_actor()
    db.session.add(
        ProspectEvent(
            id=uuid7(), prospect_id=row.id, at=now(), kind=kind, state_from=before, state_to=after, reason=reason,
            note=words or None, actor_id=actor.account_id, post=actor.name or "社区",
        )
    )  # fmt: skip
    db.session.flush()


def _held(prospect_id: UUID) -> Prospect:
    row = db.session.scalar(select(Prospect).where(Prospect.id == prospect_id).with_for_update())
    if row is None:
        raise Absent("没有这个走访对象。")
    return row
