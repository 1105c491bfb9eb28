"""A job that was taken: arriving, the visit done or missed, what comes next, and its end."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit, cash, facts, files, outbox
from rongjiu.clock import ZONE, now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.facts import Fact
from rongjiu.links import DEAD
from rongjiu.marketplace import capacity, terms
from rongjiu.marketplace.models import ProviderService
from tenants.accompaniment import children, rules, service
from tenants.accompaniment.facts import WorkClaimed
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.accompaniment.queries import Next, coming
from tenants.accompaniment.rounds import is_accompanied
from tenants.cases.service import event
from tenants.catalogue.models import ServiceType
from tenants.catalogue.service import desk as desk_hours
from tenants.catalogue.service import due
from tenants.referrals import confirming, moves, queries
from tenants.referrals.facts import TasksEnded
from tenants.referrals.models import ReferralRequest, ReferralTask
from tenants.referrals.offering.asked import consented
from tenants.referrals.returning import tries

DEAREST = Decimal(100_000)


def arrive(task_ids: Sequence[UUID], provider_id: UUID) -> None:
    """The receiver stands at the door: work begins. Arriving twice changes nothing."""
    for task in moves.locked(list(task_ids), provider_id):
        if task.state in ("accepted", "on-hold"):
            _begin(task)


def _begin(task: ReferralTask, *, passing: bool = False) -> None:
    if not consented(task):
        raise Absent(DEAD)
    until = due("completion", _request(task).urgency)
    moves.move(task, "in-progress", "receiver", due_at=until, passing=passing)


def finish(
    task_ids: Sequence[UUID], provider_id: UUID, ticked: Collection[UUID], *, price: Decimal | None = None,
    picture: tuple[bytes, str] | None = None, last: bool = False, over: rules.Over | None = None,
) -> list[Next]:  # fmt: skip
    """What was ticked is done: visits with their evidence, places used, and the next visits of what repeats.

    A service that does not repeat, or whose last time this was, is claimed as complete and the family is asked. `over`:
    more was charged than had been declared; the desk sees it, once, with the reason.
    Raises Refused naming `ticked`, `price` or `picture`; Clash when the job has ended meanwhile.
    """
    rows = [task for task in moves.locked(list(task_ids), provider_id) if task.id in set(ticked)]
    if not rows:
        raise Refused("请勾选这次做了哪几项。", field="ticked")
    if price is not None and not 0 <= price <= DEAREST:
        raise Refused("价格请写 0 到 100000 之间的数。", field="price")
    found, asked = [], set[UUID]()
    for task in rows:
        if task.state in ("accepted", "on-hold"):
            _begin(task, passing=True)
        if task.state != "in-progress":
            raise Clash(moves.LATE)
        if _done(task, price, picture, over):
            over = None
        upcoming = None if last else _again(task)
        if upcoming is not None:
            found.append(upcoming)
            continue
        if _claim(task):
            asked.add(task.case_id)
        _outside(task, last)
    case_id = rows[0].case_id
    if not is_accompanied(case_id):
        outbox.put("accompaniment.accompany", {"case": str(case_id)}, key=f"accompany-{rows[0].id}")
    if case_id not in asked:
        confirming.invite(case_id)
    return found


def _done(
    task: ReferralTask, price: Decimal | None, picture: tuple[bytes, str] | None, over: rules.Over | None
) -> bool:
    """One visit of a job was made: its evidence is kept, its place is used. Was it said of this visit that more was charged
    than declared?"""
    visit = _visit(task)
    if picture:
        cash.refuse_picture(picture[0], "picture")
    if picture and not picture[0].startswith(b"%PDF"):
        children.refuse_photo(visit.id, "picture")
    kept = [files.save(*picture, owner_kind="visit", owner_id=visit.id, field="picture")] if picture else []
    paid = None if _free(task) and price else price
    told = over if paid else None
    why = told.why if told else None
    service.end_visit(visit, "done", ticked=[task.service_type], price=paid, note=why, file_ids=kept)
    if told:
        said = {"price": str(paid), "declared": "" if told.declared is None else str(told.declared)}
        event(task.case_id, "price_over", visit_id=str(visit.id), **said)
    # Only the next time of what repeats holds a place of its own.
    if visit.plan_id is None or not capacity.use(visit.id):
        capacity.use(task.id)
    return told is not None


def _outside(task: ReferralTask, last: bool) -> None:
    """What repeats ends here because the community agreed with the provider on other courtyards: the desk finds somebody
    else for the next time."""
    community, courtyard = queries.here().id, queries.case_of(task.case_id).courtyard_id
    if not last and not terms.goes_to(community, task.provider_id, courtyard):
        request = _request(task)
        moves.ask(request, N_("约定不到这个院落了，下次另约一家"), due("draft-unsent", request.urgency))


def _visit(task: ReferralTask) -> Visit:
    """The planned visit of a job, or one made up now for what is being done; that one is not kept yet."""
    planned = (
        select(Visit).where(Visit.task_id == task.id, Visit.state == "planned").order_by(Visit.planned_at).limit(1)
    )
    row = db.session.scalar(planned.execution_options(populate_existing=True))
    return row or service.unplanned(task.case_id, "service", task.slot_at or now(), task_id=task.id)


def _again(task: ReferralTask) -> Next | None:
    """Plan the next time of a service that repeats, with a place of its own, on a day on which the community lets the
    provider come; None when it does not repeat, or when the provider is to go to other courtyards from now on."""
    content = db.session.scalar(select(ServiceType.content).where(ServiceType.slug == task.service_type)) or {}
    rrule = (content.get("schedule") or {}).get("rrule")
    if not rrule:
        return None
    here = queries.here().id
    if not terms.goes_to(here, task.provider_id, queries.case_of(task.case_id).courtyard_id):
        audit.record("plan.outside_terms", "referral_task", task.id)
        return None
    day = today()
    plan = db.session.scalar(
        select(ServicePlan).where(ServicePlan.task_id == task.id, ServicePlan.ended_at.is_(None))
    ) or service.start_plan(
        task.case_id, "service", rrule, day, task_id=task.id, service_type=task.service_type
    )  # fmt: skip
    hour = task.slot_at.astimezone(ZONE).time() if task.slot_at else None
    visit = service.plan_next(plan, day, hour)
    if visit is None:
        return None
    local = visit.planned_at.astimezone(ZONE)
    if (fit := rules.agreed(local.date(), terms.days(here, task.provider_id))) != local.date():
        visit = service.move_visit(visit.id, rules.at_hour(fit, local.time()))
    _hold_place(task, visit)
    task.slot_at, task.due_at = visit.planned_at, moves.end_of(visit.planned_at)
    moves.point(task, moves.Step(N_("下次上门"), task.due_at))
    outbox.put(
        "accompaniment.remind",
        {"visit": str(visit.id)},
        key=f"visit-{visit.id}",
        after=visit.planned_at - timedelta(days=1),
    )
    title = db.session.scalar(select(ProviderService.title).where(ProviderService.id == task.service_id)) or ""
    return coming(visit.id, title, visit.planned_at, terms.days(here, task.provider_id))


def _hold_place(task: ReferralTask, visit: Visit) -> None:
    """A place for the next time. Without one, be the month full or the community's own limit used up, the visit stands
    all the same, because the provider has promised it itself; the desk is asked to look."""
    if task.service_id is None:
        return
    try:
        with db.session.begin_nested():
            local = visit.planned_at.astimezone(ZONE).date()
            capacity.reserve(visit.id, task.service_id, local, queries.here().id)
    except (Clash, Refused):
        audit.record("visit.without_place", "visit", visit.id)
        moves.ask(_request(task), N_("下次上门没有名额，请看要不要调"), moves.end_of(visit.planned_at))


def _claim(task: ReferralTask) -> bool:
    """The job is over; answers whether the family was asked, because nothing of the slip runs any more."""
    moves.move(task, "completed", "receiver")
    facts.send(WorkClaimed(tenant_id=current_tenant().id, object_id=task.id, counts={"claimed_done": 1}))
    request = _request(task)
    if moves.live_tasks(request.id):
        return False
    confirming.ask_family(request.id)
    return True


def _request(task: ReferralTask) -> ReferralRequest:
    return db.session.get_one(ReferralRequest, (current_tenant().id, task.request_id))


def _free(task: ReferralTask) -> bool:
    frozen = task.terms.get("price_class")
    if frozen is None:
        frozen = db.session.scalar(select(ProviderService.price_class).where(ProviderService.id == task.service_id))
    return bool(frozen == "free")


def missed(task_ids: Sequence[UUID], provider_id: UUID) -> None:
    """Nobody was met: written down, counted as a try to reach the family, and the desk finds out why within a day (timer
    missed-recontact)."""
    for task in moves.locked(list(task_ids), provider_id):
        if task.state not in ("accepted", "in-progress"):
            raise Clash(moves.LATE)
        visit = _visit(task)
        service.end_visit(visit, "missed")
        tries.put(task, "door")
        until = due("missed-recontact", start=now())
        again = (now() + timedelta(days=1)).astimezone(ZONE)
        fit = rules.agreed(again.date(), terms.days(queries.here().id, provider_id))
        service.plan_visit(
            task.case_id, "service", rules.at_hour(fit, again.time()), task_id=task.id, plan_id=visit.plan_id
        )
        moves.ask(_request(task), N_("联系家属,另约时间"), until)


def settle_day(visit_id: UUID, provider_id: UUID, *, move: bool) -> datetime:
    """The next visit falls on a day off: keep it, or move it to the working day after. Answers its moment."""
    row: Any = db.session.execute(
        select(Visit.id, Visit.planned_at, Visit.task_id)
        .join(ReferralTask, ReferralTask.id == Visit.task_id)
        .where(Visit.id == visit_id, Visit.state == "planned", ReferralTask.provider_id == provider_id)
    ).one_or_none()
    if row is None:
        raise Absent("没有这次上门。")
    moment: datetime = row.planned_at
    (task,) = moves.locked([row.task_id], provider_id)
    local = moment.astimezone(ZONE)
    if move:
        weekdays = terms.days(queries.here().id, provider_id)
        moment = rules.at_hour(rules.agreed(local.date(), weekdays, desk_hours(), working=True), local.time())
        service.move_visit(visit_id, moment)
    else:
        audit.record("visit.keep", "visit", visit_id)
    task.slot_at, task.due_at = moment, moves.end_of(moment)
    moves.point(task, moves.Step(N_("下次上门"), task.due_at))
    return moment


def stop(fact: Fact) -> None:
    """Offers ended: nothing of them repeats any more, and the places of their visits are free."""
    if isinstance(fact, TasksEnded) and (visits := service.end_plans(fact.task_ids)):
        capacity.release_all(visits)
