"""How an admission moves: one step of rules.MOVES at a time, locked, each with its event, its next actor and its due time."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, time
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, outbox, workdays
from rongjiu.actor import current_actor
from rongjiu.clock import ZONE, now
from rongjiu.codes import N_
from rongjiu.db import Tenant, current_scope, current_tenant, db, telling, tenant_scope
from rongjiu.errors import Clash
from rongjiu.facts import send
from rongjiu.ids import uuid7
from rongjiu.library.packfiles import read_pack
from rongjiu.marketplace.admissions import rules
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.facts import AdmissionOver, ProviderAdmitted
from rongjiu.marketplace.models import Admission, Provider
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Membership

DONE = N_("这一步现在不能做，可能已经有人办过了。请刷新页面看现在的状态。")


def opened(provider_id: UUID, community_id: UUID, actor: str, code: str) -> tuple[Admission, bool]:
    """The admission, locked, and whether it was applied for here and now because there was none."""
    if (row := locked(provider_id, community_id)) is not None:
        return row, False
    if rules.find("", "applied", actor) is None:
        raise Clash(DONE)
    demo = db.session.scalar(select(Provider.demo).where(Provider.id == provider_id))
    made = db.session.scalar(
        insert(Admission)
        .values(
            id=uuid7(), provider_id=provider_id, community_id=community_id, state="applied", due_at=timer(), reason="",
            holder="", actor_id=current_actor().account_id, changed_at=now(), demo=bool(demo),
        )
        .on_conflict_do_nothing(index_elements=["provider_id", "community_id"])
        .returning(Admission.id)
    )  # fmt: skip
    row = locked(provider_id, community_id)
    assert row is not None  # noqa: S101  made here, or by whoever was faster
    if made:
        _note(row, "", actor, code, "")
        point(row)
    return row, made is not None


def move(
    row: Admission, target: str, actor: str, *, code: str = "", words: str = "", due: datetime | None = None
) -> None:
    """Take a locked admission one step further, to be acted on until `due` (None: as before) where it then waits for
    somebody; raises Clash when the table does not know the step."""
    if rules.find(row.state, target, actor) is None:
        raise Clash(DONE)
    before = row.state
    row.state, row.changed_at, row.actor_id = target, now(), current_actor().account_id
    row.due_at = (due or row.due_at) if target in rules.LIVE else None
    row.holder = _post(row.community_id, actor) if target == "under_review" else ""
    row.reason = words if target in ("suspended", "denied") else ""
    db.session.flush()
    _note(row, before, actor, code, words)
    point(row)
    if before == "active" != target:
        send(AdmissionOver(tenant_id=current_tenant().id, object_id=row.provider_id))


def _note(row: Admission, before: str, actor: str, code: str, words: str) -> None:
    event = AdmissionEvent(
        id=uuid7(), admission_id=row.id, provider_id=row.provider_id, community_id=row.community_id, at=now(),
        state_from=before, state_to=row.state, actor=actor, post=_post(row.community_id, actor), actor_id=current_actor().account_id, reason_code=code, words=words,
    )  # fmt: skip
    with telling(community_id=row.community_id):
        db.session.add(event)


def _post(community_id: UUID, actor: str) -> str:
    """The post in which somebody at the desk acts; never their name, for providers read this table too."""
    if actor not in rules.POSTS:
        return ""
    held = select(Membership.post).where(
        Membership.scope_kind == "community",
        Membership.scope_id == community_id,
        Membership.role == rules.POSTS[actor][0],
        Membership.account_id == current_actor().account_id,
    )
    return (db.session.scalar(held.limit(1)) or rules.POSTS[actor][1])[:60]


def point(row: Admission) -> None:
    """Say who acts next on it and by when; nobody where nothing is to be done."""
    if row.state not in rules.WAITS or row.due_at is None:
        no_step(row.id)
        return
    wait_for(row, rules.WAITS[row.state], row.due_at)


def wait_for(row: Admission, wait: rules.Wait, due: datetime) -> None:
    """Say for whom it waits, for what, and until when."""
    slug = db.session.scalar(select(Provider.slug).where(Provider.id == row.provider_id)) or ""
    next_step(
        "admission", row.id, number=slug, case_id=None, actor_role=wait.role, actor=wait.actor, verb=wait.verb, due_at=due
    )  # fmt: skip


def admitted(row: Admission, what: str) -> None:
    """It begins, or goes on with other terms: tell the provider and whoever listens."""
    if row.state == "active":
        send(ProviderAdmitted(tenant_id=current_tenant().id, object_id=row.provider_id))
    told(row.provider_id, what)


@contextmanager
def inside(tenant: Tenant) -> Iterator[None]:
    """In the community that an admission belongs to, whoever acts; rows held before are let go when it was another."""
    if current_scope().tenant == tenant:
        yield
    else:
        with tenant_scope(tenant):
            yield


def locked(provider_id: UUID, community_id: UUID) -> Admission | None:
    """The admission of a provider by a community, locked after the community's chain, as by whoever sends an offer; None
    when there is none."""
    audit.hold()
    return db.session.scalar(
        select(Admission)
        .where(Admission.provider_id == provider_id, Admission.community_id == community_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def again(admission_id: UUID) -> Admission:
    """An admission of the community in force, locked."""
    audit.hold()
    query = select(Admission).where(Admission.id == admission_id, Admission.community_id == current_tenant().uid)
    return db.session.scalars(query.with_for_update().execution_options(populate_existing=True)).one()


def timer() -> datetime:
    """By when the desk answers: three working days (timer `admission`)."""
    timers = read_pack()["timers"]["timers"]
    found = workdays.timer(timers, "admission")
    assert found is not None  # noqa: S101  it is a wait without lanes
    return found.due(now(), workdays.desk_day(timers))


def last(day: date) -> datetime:
    """The last minute of a day, so that the day itself is read."""
    return datetime.combine(day, time(23, 59), ZONE)


def told(provider_id: UUID, what: str) -> None:
    """Leave a text for the provider (jobs.TEXTS of the marketplace)."""
    outbox.put("provider_told", {"provider_id": str(provider_id), "what": what, "key": str(uuid7())})
