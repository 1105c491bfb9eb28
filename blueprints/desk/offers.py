"""…/needs/<w1>/offer: send a need's services to one provider on a consent; take an offer back."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints.desk import offer_words, words
from blueprints.desk.door import bp
from blueprints.desk.match import as_shown, need_or_404
from blueprints.desk.scope import case_or_404, uuid_of
from blueprints.forms import Form, lazy, options
from blueprints.guard import logged, me
from blueprints.pages import clock, day, show, when
from rongjiu.errors import Clash, Refused
from rongjiu.marketplace import slots, waiting
from rongjiu.marketplace.capacity import Full
from rongjiu.marketplace.kinds import prices
from tenants.consents import queries as consents
from tenants.referrals import answering, queries, service
from tenants.referrals.matching import service as matching
from tenants.referrals.offering import line, proposals
from tenants.referrals.returning import conditions, tries
from tenants.referrals.rules import CONDITIONS
from tenants.residents import queries as residents
from tenants.residents.rules import speaks_for_self


class OfferForm(Form):
    """For whom, and what the receiver should respect; the services stand in the address."""

    person_id = SelectField(lazy("为谁"), validate_choice=False)
    slot = SelectField(lazy("约哪个时段"), validate_choice=False)
    wish = TextAreaField(lazy("请服务方留意"), [Optional(), Length(max=200)])
    again = StringField(lazy("为什么还要再派一张"), [Optional(), Length(max=200)])


@dataclass(frozen=True, slots=True)
class Chosen:
    """The services of one candidate that are to be sent."""

    provider_id: UUID
    provider: str
    lines: list[dict[str, Any]]

    @property
    def ids(self) -> list[UUID]:
        """Ids of the services."""
        return [UUID(line["service_id"]) for line in self.lines]


@bp.route("/cases/<number>/needs/<need>/offer", methods=["GET", "POST"])
@logged
def offer(number: str, need: str) -> ResponseReturnValue:
    """Choose services of a candidate, see on which consent they go out, send."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    picked = _chosen(row.id)
    people = residents.members(case.household_id) if case.household_id else []
    form = _form(row, people)
    form.slot.choices = _slots(picked)
    if request.method != "POST" or picked is None:
        return _page(case, row, form, picked, people)
    if not form.validate():
        return _page(case, row, form, picked, people, 422)
    person = uuid_of(form.person_id.data)
    consent = _consent(case.id, picked, person)
    try:
        if person is None:
            raise Refused("请选择为谁提交。", field="person_id")
        tasks = service.offer(
            row.id,
            picked.ids,
            consent.id if consent else None,
            person,
            form.wish.data or "",
            again=form.again.data or "",
            slot_id=uuid_of(form.slot.data),
        )
    except Refused as refused:
        # Somebody was faster: the draft that was written stays, and what was typed stands in the page.
        _said, status = form.refuse(refused, keep=isinstance(refused, Clash))
        other = _next_candidate(row, picked) if isinstance(refused, Clash) else None
        picked = _as_now(row.id, picked) if isinstance(refused, Clash) else picked
        return _page(case, row, form, picked, people, status, clash=_clash(refused, other), other=other)
    due = min(task.due_at for task in tasks if task.due_at)
    flash(
        _("已发出 %(n)s 张,名额已留;下一步:%(who)s %(due)s 前答复。", n=len(tasks), who=picked.provider, due=when(due)),
        "success",
    )
    return redirect(url_for("desk.case", number=number, _anchor="needs"), 303)


@bp.post("/cases/<number>/needs/<need>/wait")
def wait(number: str, need: str) -> ResponseReturnValue:
    """Stand in line for a place that is not there yet, on the same consent and checks as an offer."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    picked = _chosen(row.id, full=True)
    people = residents.members(case.household_id) if case.household_id else []
    form = _form(row, people)
    person = uuid_of(form.person_id.data)
    if picked is None or person is None or not form.validate():
        return _page(case, row, form, picked, people, 422)
    consent = _consent(case.id, picked, person)
    try:
        place = line.wait(row.id, picked.ids, consent.id if consent else None, person, form.wish.data or "")
    except Refused as refused:
        _said, status = form.refuse(refused)
        return _page(case, row, form, picked, people, status)
    flash(_("已排队,第 %(n)s 位。名额空出来会自动派出,不用再办;急的可以改约别家。", n=place), "success")
    return redirect(url_for("desk.offer", number=number, need=need), 303)


@bp.post("/cases/<number>/needs/<need>/offers/<uuid:task_id>/<any(leave, agree, refuse):reply>")
def answer_offer(number: str, need: str, task_id: UUID, reply: str) -> ResponseReturnValue:
    """Step out of the line, or answer the other time that a provider proposed."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    if task_id not in {each.task_id for each in queries.slips(case.id) if each.need_id == row.id and each.provider_id}:
        abort(404)
    try:
        if reply == "leave":
            line.leave_line(task_id)
            flash(_("已退出排队,草稿还在。"), "success")
        else:
            proposals.settle(task_id, agree=reply == "agree")
            said = _("已同意,服务方已接单。") if reply == "agree" else _("已请服务方另选时间。")
            flash(said, "success")
    except Refused as refused:
        people = residents.members(case.household_id)
        form = _form(row, people)
        _said, status = form.refuse(refused)
        return _page(case, row, form, None, people, status)
    return redirect(url_for("desk.offer", number=number, need=need), 303)


@bp.post("/cases/<number>/needs/<need>/offers/<uuid:task_id>/cancel")
def cancel_offer(number: str, need: str, task_id: UUID) -> ResponseReturnValue:
    """Take an offer back, or (the secretary) mark it as entered in error."""
    case = case_or_404(number)
    row = need_or_404(case, need)
    if task_id not in {each.task_id for each in queries.slips(case.id) if each.need_id == row.id and each.provider_id}:
        abort(404)
    try:
        if request.form.get("reason") == "mistake" and me().role == "secretary":
            answering.correct(task_id)
        else:
            other = request.form.get("other", "")
            answering.cancel(
                task_id, request.form.get("reason", ""), other_id=uuid_of(other),
                other_words=request.form.get("other_words", ""),
            )  # fmt: skip
    except Refused as refused:
        form = _form(row, residents.members(case.household_id))
        _said, status = form.refuse(refused)
        return _page(case, row, form, None, residents.members(case.household_id), status)
    flash(_("派单已撤回,名额已释放,服务方已收到停止通知。"), "success")
    return redirect(url_for("desk.offer", number=number, need=need), 303)


def _form(need: Any, people: list[residents.Member]) -> OfferForm:
    form = OfferForm(data={"person_id": request.args.get("person") or str(need.person_id or "")})
    form.person_id.choices = options(
        (str(each.id), f"{show('name', each.name)} {words.relation(each.relation)}".strip()) for each in people
    )
    if not form.person_id.data and people:
        form.person_id.data = str(people[0].id)
    return form


def _slots(picked: Chosen | None) -> list[tuple[str, str]]:
    """Coming slots of the services that are to be sent, with the places left, after "no slot"; that one only while the
    month has a place too. Empty without any."""
    rows = slots.open_of(picked.ids) if picked else []
    said = [
        (str(row.id), _("%(day)s %(from)s–%(to)s · 还有 %(n)s 个", **_words(row)))
        for row in rows
    ]  # fmt: skip
    if not picked or any(line["free"] <= 0 and line.get("slots") for line in picked.lines):
        return said
    return [("", _("不约时段,由服务方定时间")), *said] if said else []


def _words(row: Any) -> dict[str, Any]:
    return {"day": day(row.starts_at), "from": clock(row.starts_at), "to": clock(row.ends_at), "n": row.left}


def _chosen(need_id: UUID, *, full: bool = False) -> Chosen | None:
    """The services named in the address, as the last match run showed them; only of one provider. `full`: also those
    that it left out for want of a place."""
    wanted = set(request.args.getlist("service")) | set(request.form.getlist("service"))
    run = as_shown(queries.last_match(need_id))
    for row in run.candidates if run and wanted else ():
        lines = [line for line in row["services"] if line["service_id"] in wanted]
        if lines:
            return Chosen(UUID(row["provider_id"]), row["provider"], lines)
    left = [row for row in run.excluded if row["service_id"] in wanted] if run and full else []
    lines = [row for row in left if row["reason"] == "no_capacity" and row["provider_id"] == left[0]["provider_id"]]
    return Chosen(UUID(lines[0]["provider_id"]), lines[0]["provider"], lines) if lines else None


def _consent(case_id: UUID, picked: Chosen | None, person: UUID | None) -> Any:
    if picked is None or person is None:
        return None
    return next(iter(consents.covering(case_id, picked.provider_id, [person])), None)


def _next_candidate(need: Any, picked: Chosen) -> dict[str, Any] | None:
    """Who could take the same services now; the run is frozen like any other."""
    types = {line["type"] for line in picked.lines}
    run = matching.match(need.id, types)
    return next((row for row in run.candidates if row["provider_id"] != str(picked.provider_id)), None)


def _as_now(need_id: UUID, picked: Chosen) -> Chosen:
    """The same services with the places that the newest run saw: none are promised that somebody else has just taken."""
    run = as_shown(queries.last_match(need_id))
    rows = [line for each in run.candidates for line in each["services"]] + list(run.excluded) if run else []
    fresh = {line["service_id"]: line for line in rows}
    return Chosen(picked.provider_id, picked.provider, [fresh.get(line["service_id"], line) for line in picked.lines])


def _clash(refused: Refused, other: dict[str, Any] | None) -> str:
    """What happened and what remains possible, in one line."""
    if not isinstance(refused, Clash):
        return ""
    if isinstance(refused, Full) and refused.next_free is not None:
        month = refused.next_free.month
        if other:
            return str(_("刚被约满:%(month)s月1日起可约,或改约%(other)s", month=month, other=other["provider"]))
        return str(_("刚被约满:%(month)s月1日起可约", month=month))
    said = str(_(refused.message, **refused.words))
    return str(_("%(said)s可改约%(other)s", said=said, other=other["provider"])) if other else said


def _page(
    case: Any, need: Any, form: OfferForm, picked: Chosen | None, people: list[residents.Member], status: int = 200,
    clash: str = "", other: dict[str, Any] | None = None,
) -> ResponseReturnValue:  # fmt: skip
    form.slot.choices = _slots(picked)
    person = uuid_of(form.person_id.data)
    subject = next((each for each in people if each.id == person), None)
    run = queries.last_match(need.id)
    covering = consents.covering(case.id, picked.provider_id) if picked else []
    everything = queries.slips(case.id)
    slips = [row for row in everything if row.need_id == need.id and row.kind != "department"]
    page = render_template(
        "desk/offer.html", case=case, need=need, form=form, picked=picked, words=offer_words, shared=words.SHARED,
        consent=_consent(case.id, picked, person), covered={row.person_id for row in covering},
        minor=subject is not None and not speaks_for_self(subject.age), clash=clash, other=other,
        candidates=run.candidates if run else [], asked=run is not None, sent=offer_words.sent(run, slips), secretary=me().role == "secretary",
        slips=slips, turns=waiting.positions([row.task_id for row in slips if row.task_state == "draft"]),
        numbers={row.request_id: row for row in everything}, twin=bool(form.again.errors or form.again.data),
        tried=tries.standing([row.task_id for row in slips if row.task_id]), ways=tries.WAYS,
        unmet=conditions.of([row.task_id for row in slips if row.reason_code == conditions.REASON]), conditions=CONDITIONS,
        prices=prices.listed(picked.provider_id, valid=True)[0] if picked else [],
    )  # fmt: skip
    return page, status
