"""Opening a case, writing its timeline, and the state that follows from it."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, facts
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.prepared import Prepared, as_json, given
from rongjiu.tenancy.models import Community
from rongjiu.tenancy.staff import working
from tenants.cases import rules
from tenants.cases.facts import CaseOpened
from tenants.cases.models import CaseFile, Counter
from tenants.residents import queries as residents


def next_number(mark: str, name: str, year: int | None = None) -> str:
    """The next human number of a kind in a year, such as HY-2026-000001; gapless while transactions succeed."""
    year = year or today().year
    row = insert(Counter).values(tenant_id=current_tenant().id, name=f"{name}-{year}", value=1)
    given = db.session.scalar(
        row.on_conflict_do_update(index_elements=["tenant_id", "name"], set_={"value": Counter.value + 1}).returning(
            Counter.value
        )
    )
    return f"{mark}-{year}-{given:06d}"


def hold(case_id: UUID) -> None:
    """Lock a case for this transaction, before anything is written: acts in one case go one after the other, and
    because everybody locks the case before the audit chain, two of them never deadlock. Raises Absent."""
    query = select(CaseFile.id).where(CaseFile.id == case_id).with_for_update(key_share=True)
    if db.session.scalar(query) is None:
        raise Absent("没有这个个案。")


def event(case_id: UUID, kind: str, *, post: str = "", **detail: Any) -> None:
    """Add one line to the timeline and derive the case's state anew. Detail: ids and codes, no personal content."""
    events(kind, [(case_id, detail)], post=post)


def events(kind: str, rows: Sequence[tuple[UUID, Mapping[str, Any]]], *, post: str = "") -> None:
    """A line of one kind for each case (id, detail) of the list, in its order, by the set."""
    made = [{"id": uuid7(), "case_id": case_id, "detail": detail} for case_id, detail in rows]
    ids = list({case_id for case_id, _detail in rows})
    known = _HAPPENED.write(
        rows=as_json(made), ids=ids, at=now(), kind=kind, post=post or current_actor().name
    )  # fmt: skip
    kinds: dict[tuple[UUID, str], list[str]] = {}
    for row in known:
        kinds.setdefault((row.case_id, row.state), []).append(row.kind)
    states: dict[str, list[UUID]] = {}
    for (case_id, before), each in kinds.items():
        if (state := rules.workflow([*filter(None, each), kind])) != before:
            states.setdefault(state, []).append(case_id)
    for state, cases in states.items():
        db.session.execute(update(CaseFile).where(CaseFile.id.in_(cases)).values(state=state))


_HAPPENED = Prepared(
    text(
        "WITH made AS (INSERT INTO case_event (tenant_id, id, case_id, at, kind, detail, actor_post) "
        "SELECT :tenant, r.id, r.case_id, :at, :kind, r.detail, :post "
        "FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(id uuid, case_id uuid, detail jsonb)) "
        "SELECT f.id AS case_id, f.state, e.kind FROM case_file f "
        "LEFT JOIN case_event e ON e.tenant_id = f.tenant_id AND e.case_id = f.id "
        "WHERE f.tenant_id = :tenant AND f.id = ANY(:ids) ORDER BY e.at, e.id"
    )
)
"""Lines are added, and what stood before them is answered, in one statement: it does not see what it adds itself."""


def find(number: str) -> CaseFile:
    """The case of a human number in the community in force; raises Absent."""
    row = db.session.scalar(select(CaseFile).where(CaseFile.number == number))
    if row is None:
        raise Absent("没有这个个案。")
    return row


_MARK = Prepared(select(Community.mark, Community.demo).where(Community.tenant_id == given("tenant")))


def mark() -> tuple[str, bool]:
    """The letters in front of the community's human numbers, and whether it is a demo."""
    (row,) = _MARK.rows()
    return row.mark or "SQ", row.demo


def open_case(courtyard_id: UUID | None, *, signal_id: UUID | None = None, urgency: str = "ordinary") -> CaseFile:
    """Open a case with the next number (without a courtyard while nobody knows it); who opens it at the desk is its worker until it is assigned anew."""
    actor = current_actor()
    letters, demo = mark()
    points, reasons = rules.weigh((), urgency)
    row = CaseFile(
        id=uuid7(), number=next_number(letters, "case"), household_id=None, courtyard_id=courtyard_id, track="",
        signal_id=signal_id, state="identified", urgency=urgency, worker_id=actor.account_id, worker_post=actor.name,
        weight=points, weight_reasons=reasons, opened_at=now(), closed_at=None, closed_reason="", demo=demo,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("case.open", "case", row.id, number=row.number)
    event(row.id, "opened", signal_id=str(signal_id) if signal_id else "")
    facts.send(CaseOpened(tenant_id=current_tenant().id, object_id=row.id, counts={"cases_opened": 1}))
    return row


def attach_household(case_id: UUID, household_id: UUID) -> None:
    """Say whose case it is, once the family has been met; its hardship is weighed anew.

    Raises Refused (409) when the household has another open case: one household, one case.
    """
    other = select(CaseFile.number).where(
        CaseFile.household_id == household_id, CaseFile.id != case_id, CaseFile.closed_at.is_(None)
    )
    if (number := db.session.scalar(other.limit(1))) is not None:
        raise Refused("这户已经有个案 %(number)s，请并入那个个案。", status=409, number=number)
    db.session.execute(update(CaseFile).where(CaseFile.id == case_id).values(household_id=household_id))
    reweigh(case_id)


def hurry(case_id: UUID, urgency: str) -> None:
    """Raise the urgency of a case to that of its gravest need; never lowers it."""
    row = _row(case_id)
    row.urgency = max(row.urgency, urgency, key=rules.URGENCIES.index)
    db.session.flush()
    reweigh(case_id)


def calm(case_id: UUID) -> None:
    """Nothing critical after all: the case goes on as an urgent one."""
    row = _row(case_id)
    row.urgency = "urgent"
    db.session.flush()
    reweigh(case_id)


def ready(household_id: UUID | None) -> None:
    """Lock what an alarm will write to before anything is written, in the order of `hold`: the open case of the family
    when it is known, and the numbers of cases."""
    if household_id is not None:
        standing = select(CaseFile.id).where(CaseFile.household_id == household_id, CaseFile.closed_at.is_(None))
        db.session.execute(standing.with_for_update(key_share=True))
    db.session.execute(select(Counter.value).where(Counter.name.startswith("case-")).with_for_update())


def reweigh(case_id: UUID, marks: Collection[str] | None = None) -> int:
    """Weigh hardship anew from groups, urgency and marks of a screening (such as entitled_not_applied); the marks
    stay as they were when None is given. Answers the points."""
    row = _row(case_id)
    groups = residents.groups_of(row.household_id) if row.household_id else set()
    kept = set(row.weight_reasons) & rules.MARKS if marks is None else set(marks)
    row.weight, row.weight_reasons = rules.weigh(groups, row.urgency, kept)
    db.session.flush()
    return row.weight


def assign(case_id: UUID, account_id: UUID) -> None:
    """Give a case to a member of staff; raises Absent, or Refused naming `worker` when that person does not work
    cases here."""
    row = _row(case_id)
    staff = working(current_tenant().uid, rules.CASEWORKERS)
    worker = next((each for each in staff if each.account_id == account_id), None)
    if worker is None:
        raise Refused("请选择本社区的救助专干、社区工作者或书记。", field="worker")
    if row.worker_id == account_id:
        return
    row.worker_id, row.worker_post = worker.account_id, worker.post
    audit.record("case.assign", "case", case_id, to=str(account_id))
    event(case_id, "assigned", to=worker.post)


def _row(case_id: UUID) -> CaseFile:
    row = db.session.scalar(select(CaseFile).where(CaseFile.id == case_id).with_for_update())
    if row is None:
        raise Absent("没有这个个案。")
    return row
