"""The first visit verifies a signal: household and people, carers, the family's consent, all or nothing."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from rongjiu import facts, files
from rongjiu.clock import now
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.staff import working
from tenants.accompaniment.models import Visit
from tenants.accompaniment.service import finish_visit
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.catalogue import service as catalogue
from tenants.consents import service as consents
from tenants.residents import service as residents
from tenants.residents.changing import Origin
from tenants.residents.models import Person
from tenants.residents.service import Door, NewPerson
from tenants.signals.facts import SignalMet
from tenants.signals.models import Signal
from tenants.signals.service import CLERK, Expected, answer, plan_first


@dataclass(frozen=True, slots=True)
class Sheet:
    """What was found at the door. Positions count from 0 in `people`."""

    door: Door
    people: Sequence[NewPerson]
    carers: Sequence[tuple[int, int]] = ()
    """Who cares for whom: (carer, person)."""
    consent_by: int = 0
    """Who gave the consent for survey and casework."""
    how: str = "paper"
    witness: str = ""
    photo: tuple[str, bytes] | None = None
    """Name and content of the photograph of the signed sheet."""
    note: str = ""


def register(
    visit_id: UUID, sheet: Sheet, *, client_key: UUID, courtyards: Collection[UUID] | None = None
) -> tuple[int, Expected]:
    """Register what a first visit found and end it; answers how many people, and who screens by when.

    The same `client_key` again answers the same. `courtyards` narrows to those of the visitor. Raises Absent,
    Clash when somebody else has done this visit, Refused naming a field; nothing is kept then.
    """
    visit, case = _open(visit_id, courtyards)
    if visit.state != "planned":
        if visit.client_key != client_key:
            raise Clash("这次上门已经登记过了，请刷新页面。")
        return _people(case), _next(case)
    if case.courtyard_id is None:
        raise Absent("没有这次上门。")
    _consentable(sheet)
    registered = residents.register(
        case.courtyard_id, sheet.door, sheet.people, demo=case.demo, origin=Origin("visit", visit.id)
    )
    ids = registered.person_ids
    cases.attach_household(case.id, registered.household_id)
    for carer, person in sheet.carers:
        if not (0 <= carer < len(ids) and 0 <= person < len(ids)):
            raise Refused("照护的人请从上面登记的人里选。", field="persons")
        residents.link_carer(ids[carer], ids[person])
    photo = None
    if sheet.photo:
        photo = files.save(sheet.photo[1], sheet.photo[0], owner_kind="visit", owner_id=visit.id, field="photo")
    giver = ids[sheet.consent_by]
    consents.give(case.id, giver, giver, "survey_and_casework", how=sheet.how, witness=sheet.witness, file_id=photo)
    finish_visit(visit.id, "done", note=sheet.note, file_ids=[photo] if photo else [], client_key=client_key)
    expected = _next(case)
    next_step(
        "case", case.id, number=case.number, case_id=case.id, actor_role=CLERK, actor=expected.actor,
        verb=N_("完成甄别研判"), due_at=expected.due_at, urgency=case.urgency,
    )  # fmt: skip
    _met(case)
    return len(ids), expected


def missed(visit_id: UUID, *, client_key: UUID, courtyards: Collection[UUID] | None = None) -> Expected:
    """Nobody was met: the visit ends as missed and another is planned (timer missed-recontact)."""
    visit, case = _open(visit_id, courtyards)
    if visit.state != "planned" or case.courtyard_id is None:
        raise Clash("这次上门已经登记过了，请刷新页面。")
    finish_visit(visit.id, "missed", client_key=client_key)
    due_at: datetime = catalogue.due("missed-recontact", case.urgency)
    return plan_first(case.id, case.number, case.courtyard_id, case.urgency, due_at)


def _open(visit_id: UUID, courtyards: Collection[UUID] | None) -> tuple[Visit, CaseFile]:
    visit = db.session.scalar(select(Visit).where(Visit.id == visit_id, Visit.kind == "first").with_for_update())
    case = db.session.scalar(select(CaseFile).where(CaseFile.id == visit.case_id)) if visit else None
    if visit is None or case is None or (courtyards is not None and case.courtyard_id not in courtyards):
        raise Absent("没有这次上门。")
    cases.hold(case.id)
    return visit, case


def _consentable(sheet: Sheet) -> None:
    if not 0 <= sheet.consent_by < len(sheet.people):
        raise Refused("请选择由谁同意。", field="consent_by")
    if sheet.how == "paper" and sheet.photo is None:
        raise Refused("请拍下签好字的同意书，或改选口头同意并写见证人。", field="photo")
    if sheet.how == "voice" and not sheet.witness.strip():
        raise Refused("口头同意请写见证人。", field="witness")


def _people(case: CaseFile) -> int:
    return db.session.scalar(select(func.count()).where(Person.household_id == case.household_id)) or 0


def _next(case: CaseFile) -> Expected:
    staff = working(current_tenant().uid, (CLERK, "secretary"))
    clerk = next((each for each in staff if each.role == CLERK), staff[0] if staff else None)
    return Expected(clerk.post if clerk else "社区", catalogue.due("assessment", case.urgency, now()))


def _met(case: CaseFile) -> None:
    """The family has been met: that answers the asker too, unless a message did."""
    signal = db.session.scalar(select(Signal).where(Signal.id == case.signal_id)) if case.signal_id else None
    if signal is None:
        return
    facts.send(SignalMet(tenant_id=current_tenant().id, object_id=signal.id, counts={"signals_met": 1}))
    if signal.state == "triaged":
        answer(signal.id, how="in_person")
    no_step(signal.id)
