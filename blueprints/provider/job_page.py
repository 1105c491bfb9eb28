"""One job on one page, by link or from the inbox: what may be seen now, and what can be done with it."""

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from flask import render_template, session
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import BooleanField, DecimalField, HiddenField, SelectField, StringField, TextAreaField, TimeField
from wtforms.validators import Optional

from blueprints.forms import Form, lazy, options
from blueprints.guard import opening
from blueprints.pages import clock, day
from blueprints.provider import charge
from blueprints.storefront import Day, Ticks, said
from rongjiu.clock import ZONE, now, today
from rongjiu.db import tenant_scope
from rongjiu.marketplace import restricted
from rongjiu.marketplace.kinds import care, licences
from tenants.accompaniment import queries as visits
from tenants.referrals import receiving, rules
from tenants.referrals.receiving import Job
from tenants.referrals.returning import tries

VERBS = (
    "accept",
    "propose",
    "decline",
    "arrive",
    "done",
    "missed",
    "fail",
    "hold",
    "wait",
    "let_go",
    "tried",
    "move",
    "keep",
    "shift",
)
HOURS = (9, 11, 15, 17)
DAYS = 6
PRICES = {
    "free": lazy("免费"), "cost_price": lazy("成本价(出厂价)"), "discount": lazy("优惠价"), "market": lazy("市场价"),
}  # fmt: skip
REPEATS = {
    "FREQ=DAILY": lazy("每天一次"), "FREQ=WEEKLY": lazy("每周一次"), "FREQ=WEEKLY;INTERVAL=2": lazy("两周一次"),
    "FREQ=MONTHLY": lazy("每月一次"),
}  # fmt: skip
BANDS = {
    "80+": lazy("80 岁以上"), "70+": lazy("70 岁以上"), "60+": lazy("60 岁以上"), "18-59": lazy("18 至 59 岁"),
    "14-17": lazy("14 至 17 岁"), "0-13": lazy("14 岁以下"),
}  # fmt: skip


class JobForm(Form):
    """Every field of the page; each act reads its own."""

    slot = SelectField(lazy("选日子"), validate_choice=False)
    day = Day(lazy("哪一天"), [Optional()])
    hour = TimeField(lazy("几点"), [Optional()])
    code = StringField(lazy("短信验证码"))
    reason = SelectField(lazy("什么原因"), validate_choice=False)
    condition = SelectField(lazy("卡在哪一条"), validate_choice=False)
    text = TextAreaField(lazy("说明"))
    ticked = Ticks(lazy("这次做了"), validate_choice=False)
    price = DecimalField(lazy("收费"), [Optional()])
    picture = FileField(lazy("签字单或照片(不拍人)"))
    last = BooleanField(lazy("以后不用再来了"))
    hold_reason = SelectField(lazy("为什么先放一放"), validate_choice=False)
    resume_on = Day(lazy("哪天再接着做"), [Optional()])
    end_reason = SelectField(lazy("为什么不用做了"), validate_choice=False)
    other = StringField(lazy("哪里已经帮到"))
    papers = TextAreaField(lazy("缺哪些材料，每行一样"))
    visit = HiddenField()
    staff = SelectField(lazy("谁去"), validate_choice=False)
    acts = Ticks(lazy("做了哪些护理"), validate_choice=False)
    over = StringField(lazy("比申报的高，为什么"))

    def moment(self) -> datetime | None:
        """The time chosen: a day of one's own, else one of the list."""
        if self.day.data:
            return datetime.combine(self.day.data, self.hour.data or time(9, 0), ZONE)
        try:
            found = datetime.fromisoformat(self.slot.data or "")
        except ValueError:
            return None
        return found if found.tzinfo else None


def form_for(view: Job) -> JobForm:
    """The form of a job with its choices."""
    form = JobForm()
    booked = next((item.slot_at for item in view.items if item.booked and item.slot_at), None)
    form.slot.choices = options([(booked.isoformat(), said_slot(booked))] if booked else _slots())
    asked = view.state == "requested"
    kind = "declines" if asked else "fails"
    form.reason.choices = options([("", _("请选择")), *((code, _(said)) for code, said in rules.reasons_for(kind))])
    unmet = ((code, _(said)) for code, said in rules.CONDITIONS.items())
    form.condition.choices = options([("", _("请选择")), *unmet])
    held = ((code, _(said)) for code, said in rules.reasons_for("holds"))
    form.hold_reason.choices = options([("", _("请选择")), *held])
    _medical(view, form)
    over = ((code, _(said)) for code, said in rules.reasons_for("ends"))
    form.end_reason.choices = options([("", _("请选择")), *over])
    form.ticked.choices = options((str(item.task_id), item.title) for item in view.items)
    return form


def _medical(view: Job, form: JobForm) -> None:
    """A medical provider names who goes, of those whose licence holds, and logs acts of care."""
    if not licences.medical(view.provider_id):
        form.staff.choices, form.acts.choices = [], []
        return
    form.staff.choices = options(who_goes(view.provider_id))
    form.acts.choices = said(care.ACTS)
    if not form.staff.data:
        form.staff.data = str(care.planned_staff(view.provider_id, view.task_ids[0]) or "")


def who_goes(provider_id: UUID) -> list[tuple[str, str]]:
    """Whom a medical provider may send, of those whose licence holds today, after "please choose"; [] when it keeps no
    licensed staff."""
    staff = licences.at_work(provider_id) if licences.medical(provider_id) else []
    fit = [row for row in staff if row.ends_on is None or row.ends_on >= today()]
    names = [(str(row.id), f"{row.name} {_(licences.POSTS[row.post])}") for row in fit]
    return [("", _("请选择")), *names] if staff else []


def _slots() -> list[tuple[str, str]]:
    """Full hours of the next days, from an hour from now on."""
    found, moment = [], now()
    for offset in range(DAYS + 1):
        local = today() + timedelta(days=offset)
        for hour in HOURS:
            slot = datetime.combine(local, time(hour), ZONE)
            if slot > moment:
                found.append((slot.isoformat(), said_slot(slot)))
    return found


def said_slot(slot: datetime | None) -> str:
    """今天 15:00, 明天 09:00, 8月12日 周五 15:00."""
    if slot is None:
        return ""
    offset = (slot.astimezone(ZONE).date() - today()).days
    word = {0: _("今天"), 1: _("明天")}.get(offset) or day(slot)
    return f"{word} {clock(slot)}"


def draw(view: Job, form: JobForm, to: Any, *, by_link: bool, upcoming: list[visits.Next], **words: Any) -> str:
    """The page; `to(verb)` is the address of each act. Opening a household's data is written down."""
    if view.state != "requested":
        opening(lambda: receiving.opened(view))
    settled = set(session.get("settled", []))
    nearest = upcoming[0].planned_at.astimezone(ZONE).date() if upcoming else None
    coming = [each for each in upcoming if each.planned_at.astimezone(ZONE).date() == nearest]
    asks = coming and coming[0].day_off and str(coming[0].visit_id) not in settled
    return render_template(
        "provider/job.html", view=view, form=form, to=to, by_link=by_link, coming=coming, asks=asks,
        prices=sorted({str(PRICES.get(item.price_class, item.price_class)) for item in view.items}),
        repeats=sorted({str(REPEATS[item.rrule]) for item in view.items if item.rrule in REPEATS}),
        band=BANDS.get(view.age_band, ""), slot=said_slot(view.items[0].slot_at), titles=titles(view, proved=not by_link or view.state != "requested"),
        proposed=said_slot(view.items[0].proposed_at), tried=_tried(view), ways=tries.WAYS,
        declared=charge.declared(view.provider_id) if view.state != "requested" else [], charged=charge.field,
        held=_(rules.REASONS[view.items[0].held].words) if view.items[0].held in rules.REASONS else "",
        due=min((item.due_at for item in view.items if item.due_at), default=None), **words,
    )  # fmt: skip


def _tried(view: Job) -> tries.Standing | None:
    """Of the offers of a job that was taken, the one that still wants most tries."""
    if view.state not in rules.OPEN_TO_RECEIVER:
        return None
    with tenant_scope(view.tenant):
        return max(tries.standing(view.task_ids).values(), key=lambda each: (each.wanting, each.days_wanting))


def titles(view: Job, *, proved: bool) -> list[str]:
    """What is asked for; a link that somebody else may hold says of restricted services only that they are such."""
    hidden = str(_(restricted.HIDDEN))
    return [hidden if item.service_type in restricted.CODES and not proved else item.title for item in view.items]


def upcoming(view: Job) -> list[visits.Next]:
    """Planned visits of a job that goes on; inside its community."""
    return visits.upcoming(view.task_ids) if view.state in rules.OPEN_TO_RECEIVER else []


def ticked_by_default(view: Job, form: JobForm) -> None:
    """Everything that was agreed is ticked beforehand when there is only one thing."""
    if len(view.items) == 1 and not form.ticked.data:
        form.ticked.data = [str(view.items[0].task_id)]


def ended(how: str) -> tuple[str, str]:
    """Title and text when a job is over for its receiver."""
    return {
        "done": (_("谢谢!"), _("这单的地址已收回。社区会听家里人说说帮得怎么样。")),
        "declined": (_("已告诉社区"), _("没关系,社区会另找服务方。谢谢您及时答复。")),
        "let_go": (_("已告诉社区"), _("这单的地址已收回。不算您没做完。")),
        "failed": (_("已告诉社区"), _("这单的地址已收回,社区会马上接手。")),
    }.get(how, (_("谢谢!"), ""))
