"""What a provider does with a job, by a button of its page: each verb, and how it ended for its receiver."""

from datetime import datetime, time
from uuid import UUID

from flask import flash, session
from flask_babel import gettext as _

from blueprints.provider import charge
from blueprints.provider.job_page import JobForm, said_slot
from rongjiu.clock import ZONE, now, today
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import care, licences
from tenants.accompaniment import queries as visits
from tenants.accompaniment import work
from tenants.referrals import answering, ending
from tenants.referrals.offering import proposals
from tenants.referrals.receiving import Job
from tenants.referrals.returning import tries

_NOES = {"decline": (answering.decline, "declined"), "fail": (answering.fail, "failed")}


def act(view: Job, verb: str, form: JobForm) -> str:
    """Do one thing with a job; answers '' when the job goes on, else how it ended for its receiver (done | declined |
    failed | let_go). Raises Refused naming the field."""
    ids, mine = view.task_ids, view.provider_id
    if verb == "accept":
        _accept(view, form)
        flash(_("已接单。地址和电话现在可见,作业完成后收回。"), "success")
    elif verb == "propose":
        _name(view, form, form.moment())
        proposals.propose(ids, mine, form.moment())
        flash(_("已告诉社区。社区同意后这单就是您的,您会收到短信。"), "success")
    elif verb in _NOES:
        say_no, how = _NOES[verb]
        say_no(ids, mine, form.reason.data or "", form.text.data or "", form.condition.data or "")
        return how
    elif verb == "arrive":
        work.arrive(ids, mine)
        flash(_("已记下:到了。"), "success")
    elif verb == "done":
        return _done(view, form)
    elif verb == "missed":
        work.missed(ids, mine)
        if form.acts.choices:
            care.close(mine, ids[0], view.tenant.uid, _titles(view), missed=True)
        flash(_("已记下:没见到人。社区会联系家属,再约时间。"), "success")
    elif verb in ("hold", "wait"):
        _pause(view, form, anew=verb == "hold")
    elif verb == "let_go":
        ending.let_go(ids, mine, form.end_reason.data or "", form.other.data or "")
        return "let_go"
    elif verb == "tried":
        tries.note(ids, mine)
        flash(_("已记下:打电话没人接。"), "success")
    elif verb == "move":
        answering.reschedule(ids, mine, form.moment())
        flash(_("时间已改:%(slot)s。", slot=said_slot(form.moment())), "success")
    else:
        _settle(view, form, move=verb == "shift")
    return ""


def _pause(view: Job, form: JobForm, *, anew: bool) -> None:
    """Put a job on hold until a day, or say that one on hold still waits."""
    resume = datetime.combine(form.resume_on.data, time(18, 0), ZONE) if form.resume_on.data else None
    if anew:
        papers = (form.papers.data or "").splitlines()
        answering.hold(view.task_ids, view.provider_id, form.hold_reason.data or "", resume, papers)
        flash(_("已记下,先放一放。"), "success")
    else:
        ending.check_in(view.task_ids, view.provider_id, resume)
        flash(_("已记下,社区知道还要等。"), "success")


def _accept(view: Job, form: JobForm) -> None:
    slot = form.moment()
    _name(view, form, next((item.slot_at for item in view.items if item.booked and item.slot_at), slot))
    answering.accept(view.task_ids, view.provider_id, slot)


def _name(view: Job, form: JobForm, at: datetime | None) -> None:
    """A medical provider names who goes for a time, and the licence holds then; before anything is taken or proposed."""
    if not form.acts.choices:
        return
    licences.check(view.provider_id, _staff(form), (at or now()).astimezone(ZONE).date())
    if at is not None:
        care.plan(view.provider_id, view.task_ids[0], view.tenant.uid, _titles(view), _staff(form), at)


def _staff(form: JobForm) -> UUID | None:
    return next(
        (UUID(str(each.value)) for each in form.staff.choices or () if each.value and each.value == form.staff.data),
        None,
    )


def _titles(view: Job) -> list[str]:
    return [item.title for item in view.items]


def _done(view: Job, form: JobForm) -> str:
    if form.price.errors:
        raise Refused("价格请写 0 到 100000 之间的数。", field="price")
    given = form.picture.data
    picture = (given.read(), given.filename) if given and given.filename else None
    mine = {str(task_id): task_id for task_id in view.task_ids}
    ticked = [mine[each] for each in form.ticked.data or () if each in mine]
    if form.acts.choices:
        licences.check(view.provider_id, _staff(form), today())
    following = work.finish(
        view.task_ids, view.provider_id, ticked, price=form.price.data, picture=picture, last=bool(form.last.data),
        over=charge.compared(view.provider_id, form.price.data, form.over.data or ""),
    )  # fmt: skip
    if form.acts.choices:
        titles_done = [item.title for item in view.items if item.task_id in ticked]
        care.close(
            view.provider_id, view.task_ids[0], view.tenant.uid, titles_done, staff_id=_staff(form),
            acts=form.acts.data or (), asked=bool(form.staff.choices),
        )  # fmt: skip
    if not following and len(ticked) == len(mine):
        return "done"
    flash(_("已登记:本次完成。谢谢!"), "success")
    return ""


def _settle(view: Job, form: JobForm, *, move: bool) -> None:
    """Keep or move the next visit that falls on a day off, all of the same day together."""
    coming = visits.upcoming(view.task_ids)
    asked = next((each for each in coming if str(each.visit_id) == form.visit.data), None)
    if asked is None:
        raise Refused("这次上门已经登记过了。", status=409)
    for each in coming:
        if each.planned_at.astimezone(ZONE).date() == asked.planned_at.astimezone(ZONE).date():
            moment = work.settle_day(each.visit_id, view.provider_id, move=move)
            session["settled"] = [*session.get("settled", [])[-20:], str(each.visit_id)]
    flash(_("已记下:下次 %(slot)s。", slot=said_slot(moment)), "success")
