"""The inbox of a street's 一门受理 desk: laid down by communities, read by the desk of that street alone."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu.clock import now
from rongjiu.db import Scope, Tenant, as_role, current_tenant, db, scoped
from rongjiu.errors import Absent
from rongjiu.identity.models import Account
from rongjiu.oversight.models import DeskInbox
from rongjiu.tenancy.models import Community, Membership, Street

OPEN = ("requested", "accepted", "in-progress", "on-hold")
"""States in which somebody still acts."""
RUNNING = ("requested", "accepted", "in-progress")
"""States in which the clock of the desk runs."""
_ROW: tuple[Any, ...] = (
    DeskInbox.task_id, DeskInbox.tenant_id, DeskInbox.community_id, DeskInbox.policy_slug, DeskInbox.policy_zh,
    DeskInbox.policy_en, DeskInbox.department_slug, DeskInbox.urgency, DeskInbox.state, DeskInbox.answer,
    DeskInbox.sent_at, DeskInbox.due_at, DeskInbox.answered_at, DeskInbox.chases, DeskInbox.level,
    Community.name.label("community"), Community.slug.label("community_slug"), Community.phone.label("phone"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows of the inbox: by state ('' open, all, or one), community, policy, late only."""

    state: str = ""
    community: str = ""
    policy: str = ""
    late: bool = False


def put(task_id: UUID, street_id: UUID, community_id: UUID, **words: Any) -> None:
    """Lay a referral before the desk of a street; runs inside the sender's community."""
    db.session.execute(
        insert(DeskInbox).values(
            task_id=task_id, street_id=street_id, community_id=community_id, tenant_id=current_tenant().id, answer="",
            answered_at=None, chases=0, level=0, **words,
        )
    )  # fmt: skip


def note(task_id: UUID, **words: Any) -> None:
    """Say where a referral stands now; runs inside the sender's community."""
    db.session.execute(
        update(DeskInbox)
        .where(DeskInbox.task_id == task_id, DeskInbox.tenant_id == current_tenant().id)
        .values(**words)
        .execution_options(synchronize_session=False)
    )


def _of(street_id: UUID, wanted: Wanted, *columns: Any) -> Select[Any]:
    query = select(*columns).select_from(DeskInbox).join(Community, Community.id == DeskInbox.community_id)
    query = query.where(DeskInbox.street_id == street_id)
    if wanted.late:
        query = query.where(DeskInbox.state.in_(RUNNING), DeskInbox.due_at < now())
    if wanted.state in (*OPEN, "completed", "cancelled"):
        query = query.where(DeskInbox.state == wanted.state)
    elif wanted.state != "all":
        query = query.where(DeskInbox.state.in_(OPEN))
    if wanted.community:
        query = query.where(Community.slug == wanted.community)
    if wanted.policy:
        query = query.where(DeskInbox.policy_slug == wanted.policy)
    return query


def page(street_id: UUID, wanted: Wanted, page: int = 1, size: int = 50) -> tuple[Sequence[Row[Any]], int]:
    """Rows of the inbox, the earliest due first, and how many there are; each with tenant_id for reading its head."""
    with scoped(Scope(street_id=street_id)):
        total = db.session.scalar(_of(street_id, wanted, func.count())) or 0
        ordered = _of(street_id, wanted, *_ROW).order_by(
            DeskInbox.state.not_in(RUNNING), DeskInbox.due_at.nulls_last(), DeskInbox.sent_at.desc(), DeskInbox.task_id
        )
        return db.session.execute(ordered.limit(size).offset((page - 1) * size)).all(), total


def one(street_id: UUID, task_id: UUID) -> Row[Any]:
    """One row of this street's inbox; raises Absent for another street's as for none."""
    with scoped(Scope(street_id=street_id)):
        row = db.session.execute(
            _of(street_id, Wanted(state="all"), *_ROW).where(DeskInbox.task_id == task_id)
        ).one_or_none()
    if row is None:
        raise Absent("这里没有这份材料。")
    return row


def choices(street_id: UUID) -> tuple[dict[str, int], list[Any], list[Any]]:
    """How many rows stand in each state, and the communities (slug, name, n) and policies (slug, zh, en, n) in the
    inbox; `late` counts those whose time is over."""
    with scoped(Scope(street_id=street_id)):
        states = db.session.execute(
            select(DeskInbox.state, func.count()).where(DeskInbox.street_id == street_id).group_by(DeskInbox.state)
        ).all()
        late = db.session.scalar(_of(street_id, Wanted(late=True), func.count())) or 0
        places = db.session.execute(
            _of(street_id, Wanted(state="all"), Community.slug, Community.name, func.count())
            .group_by(Community.slug, Community.name)
            .order_by(Community.slug)
        ).all()
        policies = db.session.execute(
            _of(
                street_id, Wanted(state="all"), DeskInbox.policy_slug, func.max(DeskInbox.policy_zh),
                func.max(DeskInbox.policy_en), func.count(),
            )
            .group_by(DeskInbox.policy_slug)
            .order_by(DeskInbox.policy_slug)
        ).all()  # fmt: skip
    counts = {row[0]: int(row[1]) for row in states} | {"late": late}
    return counts, [*places], [*policies]


def tenant_of(row: Any) -> Tenant:
    """The community that sent a row."""
    return Tenant(row.tenant_id, row.community_id)


def phones(role: str, street_id: UUID) -> list[str]:
    """Telephones of those who hold a role at a street, or (district_overseer) at its district."""
    kind = "district" if role == "district_overseer" else "street"
    place: Any = street_id
    if kind == "district":
        place = select(Street.district_id).where(Street.id == street_id).scalar_subquery()
    rows = db.session.scalars(
        select(Account.phone)
        .join(Membership, Membership.account_id == Account.id)
        .where(
            Membership.scope_kind == kind, Membership.scope_id == place, Membership.role == role,
            Account.disabled_at.is_(None), Account.phone.is_not(None),
            or_(Membership.ends_at.is_(None), Membership.ends_at > now()),
        )
        .order_by(Membership.starts_at, Membership.id)
    )  # fmt: skip
    return [each for each in rows if each]


def tenants(kind: str, place_id: UUID) -> tuple[int, ...]:
    """The communities of a street or district, as storage numbers them."""
    where = Street.id == place_id if kind == "street" else Street.district_id == place_id
    query = select(Community.tenant_id).join(Street, Street.id == Community.street_id).where(where)
    return tuple(db.session.scalars(query.order_by(Community.tenant_id)))


def by_department(tenants: tuple[int, ...], since: datetime) -> list[Row[Any]]:
    """Per community and department: referrals sent since a moment, and those of them answered, as the overseer
    may count them: tenant_id, department_slug, sent, answered."""
    if not tenants:
        return []
    with as_role("app_overseer", visible=tenants):
        return list(
            db.session.execute(
                select(
                    DeskInbox.tenant_id, DeskInbox.department_slug, func.count().label("sent"),
                    func.count().filter(DeskInbox.answer != "").label("answered"),
                )
                .where(DeskInbox.sent_at >= since)
                .group_by(DeskInbox.tenant_id, DeskInbox.department_slug)
            )
        )  # fmt: skip
