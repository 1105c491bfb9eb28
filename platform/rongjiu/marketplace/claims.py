"""A listing that a community made has no owner yet; who says it is theirs asks, and a person of its street decides."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import Exists, exists, select, update

from rongjiu import audit, codes, outbox, workdays
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import db, telling
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.marketplace.models import Provider, ProviderClaim
from rongjiu.marketplace.queries import Line
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Membership, Street
from rongjiu.tenancy.queries import Place

MOST = 20
GONE = ("draft", "denied", "withdrawn")
"""States in which a listing is nobody's to claim."""
LOST = N_("这家已经由别人认领。")


def _owned() -> Exists:
    return exists().where(
        Membership.scope_kind == "provider", Membership.scope_id == Provider.id, Membership.ends_at.is_(None)
    )


def find(words: str) -> list[Line]:
    """Listings without an owner whose name holds the words, or whose credit code is the words: id, name, kind, street.
    Individuals are never found: nobody claims a person."""
    typed = words.strip()
    if len(typed) < 2:
        return []
    try:
        code = codes.credit_code(typed)
    except codes.CodeError:
        code = ""
    named = Provider.uscc == code if code else Provider.name.contains(typed, autoescape=True)
    query = (
        select(Provider.id, Provider.name, Provider.kind, Street.name.label("street"))
        .join(Street, Street.id == Provider.street_id)
        .where(named, ~_owned(), Provider.group != "individual", Provider.state.not_in(GONE))
        .order_by(Provider.slug)
        .limit(MOST)
    )
    return list(db.session.execute(query))


def ask(provider_id: UUID, account_id: UUID, proof: str) -> bool:
    """Say that a listing is one's own, with what shows it; answers whether somebody else has asked too (a person of the
    street then decides between them). Asking twice keeps the first. Raises Refused naming `proof`, Clash when it has an
    owner, Absent for an unknown one."""
    if not proof.strip():
        raise Refused("请写您是这家的什么人、街道怎么核实,例如执照上的名字。", field="proof")
    row = db.session.execute(
        select(Provider.id, Provider.group, Provider.state, _owned().label("owned"))
        .where(Provider.id == provider_id)
        .with_for_update(of=Provider)
    ).one_or_none()
    if row is None or row.group == "individual" or row.state in GONE:
        raise Absent("没有这家服务方。")
    if row.owned:
        raise Clash(LOST)
    mine = select(ProviderClaim.id).where(
        ProviderClaim.provider_id == provider_id, ProviderClaim.account_id == account_id
    )
    if db.session.scalar(mine) is None:
        claim = ProviderClaim(
            id=uuid7(), provider_id=provider_id, account_id=account_id, proof=proof.strip()[:300], state="asked",
            asked_at=now(), due_at=_due(), reason="",
        )  # fmt: skip
        with telling(account_id=account_id):
            db.session.add(claim)
        audit.record("provider.claim", "provider", provider_id)
    others = select(ProviderClaim.id).where(
        ProviderClaim.provider_id == provider_id, ProviderClaim.account_id != account_id, ProviderClaim.state == "asked"
    )
    return db.session.scalar(others.limit(1)) is not None


def of_account(account_id: UUID) -> list[Line]:
    """What somebody asked for: name, state, asked_at, due_at, reason, street, and whether others asked too."""
    c = ProviderClaim
    rival = exists().where(
        ProviderClaim.provider_id == Provider.id, ProviderClaim.account_id != account_id, ProviderClaim.state == "asked"
    )
    query = (
        select(
            c.provider_id, Provider.name, Street.name.label("street"), c.state, c.asked_at, c.due_at, c.reason,
            rival.correlate(Provider).label("rival"),
        )
        .join(Provider, Provider.id == c.provider_id)
        .outerjoin(Street, Street.id == Provider.street_id)
        .where(c.account_id == account_id)
        .order_by(c.asked_at.desc())
    )  # fmt: skip
    return list(db.session.execute(query))


def waiting(street_id: UUID) -> list[Line]:
    """Claims that a street decides, the earliest due first; two for one listing stand together."""
    c = ProviderClaim
    query = (
        select(c.id, c.provider_id, Provider.name, c.proof, c.asked_at, c.due_at)
        .join(Provider, Provider.id == c.provider_id)
        .where(Provider.street_id == street_id, c.state == "asked")
        .order_by(c.due_at, c.provider_id, c.asked_at)
    )
    return list(db.session.execute(query))


def decide(claim_id: UUID, by: Place, *, granted: bool, reason: str) -> None:
    """Give a listing to one who asked, or not, with a reason that they read; the others are told that it went to
    somebody else. Raises Refused naming `reason`, Clash when it was decided, Absent for another street's."""
    if not reason.strip():
        raise Refused("请写明怎么核实的,对方看得到。", field="reason")
    wanted = select(ProviderClaim.provider_id).where(ProviderClaim.id == claim_id).scalar_subquery()
    # The listing first: two claims of it that are decided at the same moment take turns and never wait for each other.
    street = db.session.scalar(select(Provider.street_id).where(Provider.id == wanted).with_for_update())
    row = db.session.scalar(select(ProviderClaim).where(ProviderClaim.id == claim_id).with_for_update())
    if row is None or by.kind != "street" or street != by.id:
        raise Absent("没有这项认领。")
    if row.account_id == current_actor().account_id:
        raise Refused("这是您自己的认领,请同事来办。")
    if row.state != "asked":
        raise Clash("这项认领已经办过了。请刷新页面看结果。")
    if granted and db.session.scalar(select(_owned()).where(Provider.id == row.provider_id)):
        raise Clash(LOST)  # an owner came another way since: by invitation, or registered
    decider = current_actor().account_id
    with telling(**({"account_id": decider} if decider else {})):
        row.state, row.reason = ("granted" if granted else "refused"), reason.strip()[:300]
        row.decided_at, row.decided_by = now(), decider
        db.session.flush()
        others = _refuse_others(row.provider_id, decider) if granted else []
    audit.record("provider.claim.decide", "provider", row.provider_id, granted=granted)
    _tell(row.account_id, row.provider_id, "granted" if granted else "refused")
    if granted:
        tenancy.join(row.account_id, "provider", row.provider_id, "provider_owner")
    for account_id in others:
        _tell(account_id, row.provider_id, "refused")


def _refuse_others(provider_id: UUID, decider: UUID | None) -> Sequence[UUID]:
    """Whoever else asked for the same listing; answers their accounts."""
    return db.session.scalars(
        update(ProviderClaim)
        .where(ProviderClaim.provider_id == provider_id, ProviderClaim.state == "asked")
        .values(state="refused", reason=LOST, decided_at=now(), decided_by=decider)
        .returning(ProviderClaim.account_id)
        .execution_options(synchronize_session=False)
    ).all()


def _tell(account_id: UUID, provider_id: UUID, what: str) -> None:
    key = f"claim-{provider_id}-{account_id}-{what}"
    outbox.put("claim_told", {"account_id": str(account_id), "what": what, "key": key}, key=key)


def _due() -> datetime:
    timers = read_pack()["timers"]["timers"]
    found = workdays.timer(timers, "vetting")
    assert found is not None  # noqa: S101  a wait without lanes, in every pack
    return found.due(now(), workdays.desk_day(timers))
