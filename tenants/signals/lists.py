"""A list of people whom a department watches over: read, matched to the register, one signal for each family.

The file itself is not kept, nor any number of identity; the lines stand sealed until the list is confirmed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select

from rongjiu import audit, facts, file_lists, outbox, workbook
from rongjiu.clock import today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Refused
from rongjiu.oversight.models import Step
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.residents.models import Courtyard, Household
from tenants.signals import service
from tenants.signals.facts import SignalReceived
from tenants.signals.list_lines import Line, lines, match
from tenants.signals.models import DepartmentList, Signal

AT_ONCE = 40
"""So many families are made within the request; a longer list is left to the worker."""


@dataclass(frozen=True, slots=True)
class Found:
    """One line and what it was matched with: how = id_number | name | door | none | several | wrong (a reason)."""

    row: int
    name: str
    note: str
    how: str
    household_id: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Seen:
    """A line as the preview shows it."""

    row: int
    name: str
    how: str
    reason: str
    household_id: UUID | None
    courtyard: str
    case_number: str
    again: bool
    """Has this list, or an earlier copy of it, made a signal for this family already?"""


def read(content: bytes, file_name: str, *, department: str, name: str, dated: date) -> UUID:
    """Read a file into a list to be looked at; nothing else is made. The same file again is the same list.

    Raises Refused naming file, department, name or dated.
    """
    if department not in {row["id"] for row in catalogue.departments()}:
        raise Refused("请选择是哪个部门的名单。", field="department")
    called = file_lists.named(name)
    if dated > today():
        raise Refused("名单日期不能晚于今天。", field="dated")
    found, same = _matched(lines(workbook.rows(content, file_name))), DepartmentList.department == department
    row, fresh = file_lists.draft(DepartmentList, content, called, found, same, department=department, dated=dated)
    if fresh:
        audit.record("department_list.read", "department_list", row.id, department=department, lines=row.lines)
    return row.id


def _matched(each: Sequence[Line]) -> list[Found]:
    if not each:
        raise Refused("没有找到名单：第一行要写“姓名”和“身份证号”等列名，下面一人一行。", field="file")
    return [
        Found(line.row, line.name, line.note, how, str(home or ""), line.wrong)
        for line, (how, home) in zip(each, match(each), strict=True)
    ]


def one(list_id: UUID) -> DepartmentList | None:
    """A list, or None."""
    return file_lists.one(DepartmentList, list_id)


def newest() -> list[Any]:
    """The lists that were read, newest first, without their lines."""
    return file_lists.newest(DepartmentList, DepartmentList.department, DepartmentList.dated)


def preview(row: DepartmentList) -> list[Seen]:
    """What each line of a list would lead to; empty when it was confirmed."""
    found = _found(row)
    homes = {UUID(each.household_id) for each in found if each.household_id}
    yards = {
        line.id: line.name
        for line in db.session.execute(
            select(Household.id, Courtyard.name)
            .join(Courtyard, Courtyard.id == Household.courtyard_id)
            .where(Household.id.in_(homes))
        )
    }
    open_cases = select(CaseFile.household_id, CaseFile.number).where(
        CaseFile.household_id.in_(homes), CaseFile.closed_at.is_(None)
    )
    cases = {line.household_id: line.number for line in db.session.execute(open_cases)}
    again = _had(row)
    seen, met = list[Seen](), set[UUID]()
    for each in found:
        home = UUID(each.household_id) if each.household_id else None
        home = home if home in yards else None
        how = each.how if home or each.how in ("several", "wrong") else "none"
        seen.append(
            Seen(each.row, each.name, how, each.reason, home, yards.get(home, "") if home else "",
                 cases.get(home, "") if home else "", home in again or home in met)
        )  # fmt: skip
        if home:
            met.add(home)
    return seen


def confirm(list_id: UUID) -> DepartmentList:
    """Make one signal for each family of a list; a long list is left to the worker. Raises Absent, Clash when done."""
    row = file_lists.to_make(DepartmentList, list_id)
    row.state = "working"
    db.session.flush()
    if len({each.household_id for each in _found(row)}) > AT_ONCE:
        outbox.put("signal.list", {"list_id": str(row.id)}, key=f"signal-list-{row.id}-{row.at.timestamp():.0f}")
    else:
        make(row.id)
    return row


def make(list_id: UUID) -> int:
    """Make the signals of a confirmed list and forget its lines; answers how many. Again changes nothing."""
    row = file_lists.held(DepartmentList, list_id)
    if row.state != "working":
        return 0
    department = next((each["name_zh"] for each in catalogue.departments() if each["id"] == row.department), "")
    done = _had(row)
    homes = dict[UUID, str]()
    for each in _found(row):
        if each.household_id and UUID(each.household_id) not in done:
            homes.setdefault(UUID(each.household_id), each.note)
    there = set(db.session.scalars(select(Household.id).where(Household.id.in_(homes))))
    for home, note in homes.items():
        if home in there:
            words = f"{department}名单《{row.name}》（{row.dated.isoformat()}）里有这家的人，请核实。{note}"
            service.receive("department", "need", words, household_id=home, list_id=row.id)
            row.made += 1
    file_lists.done(row)
    audit.record("department_list.make", "department_list", row.id, signals=row.made)
    return row.made


def undo(list_id: UUID) -> tuple[int, int]:
    """Take back what a list made and nobody sorted yet: (taken back, left standing). Raises Absent, Clash."""
    row = file_lists.to_undo(DepartmentList, list_id)
    gone = list(db.session.scalars(select(Signal.id).where(Signal.list_id == row.id, Signal.state == "new")))
    db.session.execute(delete(Step).where(Step.tenant_id == current_tenant().id, Step.id.in_(gone)))
    db.session.execute(delete(Signal).where(Signal.id.in_(gone)), execution_options={"synchronize_session": False})
    taken, left = file_lists.undone(row, len(gone))
    fact = SignalReceived(tenant_id=current_tenant().id, object_id=row.id, counts={"signals_received": -len(gone)})
    facts.send(fact)
    audit.record("department_list.undo", "department_list", row.id, signals=taken, left=left)
    return taken, left


def _found(row: DepartmentList) -> list[Found]:
    return [Found(**each) for each in file_lists.found(row)]


def _had(row: DepartmentList) -> set[UUID]:
    """Families for which this list, or another file of the same department, name and day, has made a signal."""
    found = db.session.scalars(
        select(Signal.household_id)
        .join(DepartmentList, DepartmentList.id == Signal.list_id)
        .where(
            DepartmentList.department == row.department,
            DepartmentList.name == row.name,
            DepartmentList.dated == row.dated,
            Signal.household_id.is_not(None),
        )
    )
    return {each for each in found if each is not None}
