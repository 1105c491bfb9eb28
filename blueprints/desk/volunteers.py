"""…/desk/volunteers: teams with lead and insurance; those who signed up, are vetted, or leave."""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from wtforms import BooleanField, DateField, SelectField, SelectMultipleField, StringField, TextAreaField, widgets
from wtforms.validators import Optional

from blueprints import inviting
from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import Form, lazy, options, required
from blueprints.guard import logged, place
from blueprints.pages import day
from blueprints.security import INVITING, by_account, limiter
from rongjiu.clock import today
from rongjiu.errors import Refused
from rongjiu.masks import name as masked
from rongjiu.tenancy.staff import working
from tenants.volunteers import joining, queries, rules, teams

STATES = {
    "applied": lazy("刚报名"), "invited": lazy("已邀请，待审核"), "active": lazy("在岗"), "refused": lazy("没有接受"),
    "ended": lazy("已退出"),
}  # fmt: skip
CHECKS = {
    "id_seen": lazy("当面看过身份证"), "talked": lazy("当面谈过，说了规矩"), "no_record": lazy("本人声明没有违法记录"),
}  # fmt: skip


class TeamForm(Form):
    """One team."""

    name = StringField(lazy("队名"), [required(lazy("请写队名，30 个字以内。"))])
    lead = SelectField(lazy("队长"), validate_choice=False)
    insurance = StringField(lazy("保险"))
    insured_until = DateField(lazy("保险有效到"), [Optional()])


class VettingForm(Form):
    """Whatever an answer to somebody needs; each act reads its own fields."""

    team = SelectField(lazy("分到哪个队"), validate_choice=False)
    checked = SelectMultipleField(
        lazy("核对过的"), choices=options(CHECKS.items()), option_widget=widgets.CheckboxInput(),
        widget=widgets.ListWidget(prefix_label=False),
    )  # fmt: skip
    children = BooleanField(lazy("也通过了儿童服务审核（14 岁以下的家庭可以去）"))
    reason = TextAreaField(lazy("不接受或结束的原因"))


@bp.get("/volunteers")
def volunteers() -> ResponseReturnValue:
    """Teams, and everybody with those who wait for an answer first."""
    state, page, words = request.args.get("state", ""), page_number(), request.args.get("q", "").strip()[:20]
    rows, total = queries.page(state if state in STATES else "", page=page, words=words, size=page_size())
    counts = queries.counts()
    filters = [{"name": "state", "label": _("状态"), "value": state,
                "options": [(code, str(word), counts.get(code, 0)) for code, word in STATES.items()]}]  # fmt: skip
    return render_template(
        "desk/volunteers.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())),
        filters=filters, states=STATES, words=words, teams=queries.teams(), today=today(), staff=_leads(),
    )  # fmt: skip


@bp.route("/volunteers/teams/new", methods=["GET", "POST"], defaults={"team_id": None})
@bp.route("/volunteers/teams/<uuid:team_id>", methods=["GET", "POST"])
def team(team_id: UUID | None) -> ResponseReturnValue:
    """Begin a team, or change its lead and insurance."""
    row = queries.team(team_id) if team_id else None
    if team_id and row is None:
        abort(404)
    known = (
        {"name": row.name, "lead": str(row.lead_id or ""), "insurance": row.insurance,
         "insured_until": row.insured_until}
        if row else {}
    )  # fmt: skip
    form, status = TeamForm(data=known), 200
    form.lead.choices = options([("", _("请选择")), *_leads().items()])
    if form.validate_on_submit():
        words = (form.name.data or "", uuid_of(form.lead.data), form.insurance.data or "", form.insured_until.data)
        try:
            if team_id:
                teams.change_team(team_id, *words)
            else:
                teams.open_team(*words)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("队已保存。"), "success")
            return redirect(url_for("desk.volunteers"), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/volunteer_team.html", form=form, row=row), status


def _leads() -> dict[str, str]:
    """Who may lead a team: account → post."""
    return {str(each.account_id): each.post for each in working(_here(), teams.LEADS)}


def _here() -> UUID:
    found = place().id
    if found is None:
        raise Refused("没有这个社区。", status=404)
    return found


@bp.route("/volunteers/<uuid:volunteer_id>", methods=["GET", "POST"])
@logged
@limiter.limit(INVITING, key_func=by_account, methods=["POST"])
def volunteer(volunteer_id: UUID) -> ResponseReturnValue:
    """One person: ask in, vet until a day, refuse or end."""
    row = queries.one(volunteer_id)
    if row is None:
        abort(404)
    form, status = VettingForm(), 200
    form.team.choices = options([("", _("请选择")), *((str(each.id), each.name) for each in queries.teams())])
    if request.method == "POST":
        try:
            flash(_act(volunteer_id, form), "success")
            return redirect(url_for("desk.volunteer", volunteer_id=volunteer_id), 303)
        except Refused as refused:
            _said, status = form.refuse(refused)
            row = queries.one(volunteer_id)
    page = render_template(
        "desk/volunteer.html", row=row, form=form, states=STATES, **inviting.shown(),
        hours=queries.hours(volunteer_id), masked=masked, today=today(), tries=rules.QUIZ_TRIES,
    )  # fmt: skip
    return page, status


def _act(volunteer_id: UUID, form: VettingForm) -> str:
    act = request.form.get("act")
    if act == "invite":
        team_id = uuid_of(form.team.data)
        if team_id is None:
            raise Refused("请选一个队。", field="team")
        inviting.keep(joining.ask_in(volunteer_id, team_id, inviting.link_of))
        return str(_("邀请已发短信。"))
    if act == "vet":
        until = joining.vet(volunteer_id, form.checked.data or [], children=bool(form.children.data))
        return str(_("审核通过，有效到 %(day)s。", day=day(until)))
    joining.end(volunteer_id, form.reason.data or "")
    return str(_("已结束，对方下一次点击就会退出，没去的班已退回队长。"))
