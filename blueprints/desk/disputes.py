"""…/desk/disputes: dispute files. The list shows covers; what stands in a file is for its holder alone."""

from io import BytesIO
from typing import Any
from uuid import UUID

from flask import abort, flash, redirect, render_template, request, send_file, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_wtf.file import FileField
from wtforms import RadioField, SelectField, StringField, TelField, TextAreaField
from wtforms.validators import Length, Optional

from blueprints.desk.door import bp
from blueprints.desk.scope import page_number, page_size, uuid_of
from blueprints.forms import Form, chosen, lazy, options, required
from blueprints.guard import logged, me, place, unopened
from blueprints.storefront import Day
from rongjiu.clock import now
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import meeting
from tenants.disputes import queries, rules, service

STATES = {
    "open": lazy("在谈"), "settled": lazy("谈妥了"), "unsettled": lazy("没谈成"), "passed_on": lazy("转出了"),
}  # fmt: skip
TONES = {"open": "info", "settled": "ok", "unsettled": "muted", "passed_on": "primary"}
LAW = ("law_firm",)


class NewForm(Form):
    """What was heard, and from whom."""

    matter = TextAreaField(lazy("什么事"), [required(lazy("请写下是什么事，4000 字以内。"))])
    party_1 = StringField(lazy("一方"), [required(lazy("请写下双方，至少两位。")), Length(max=60)])
    phone_1 = TelField(lazy("一方电话"), [Optional()])
    party_2 = StringField(lazy("另一方"), [required(lazy("请写下双方，至少两位。")), Length(max=60)])
    phone_2 = TelField(lazy("另一方电话"), [Optional()])
    provider = SelectField(lazy("请哪家律所帮忙"), validate_choice=False)


class TalkForm(Form):
    """What was talked about, and when next."""

    words = TextAreaField(lazy("谈了什么"))
    next_on = Day(lazy("下次哪天谈"), [Optional()])


class PartyForm(Form):
    """One more party."""

    name = StringField(lazy("称呼"))
    phone = TelField(lazy("电话"), [Optional()])


class PaperForm(Form):
    """One paper."""

    title = StringField(lazy("是什么材料"))
    file = FileField(lazy("照片或 PDF"))


class EndForm(Form):
    """How it ended."""

    state = RadioField(
        lazy("怎么结束的"), [chosen()], choices=options((code, lazy(word)) for code, word in rules.ENDS.items())
    )
    words = TextAreaField(lazy("结果是什么"))


class HandForm(Form):
    """To whom, and why."""

    heir = SelectField(lazy("交给谁"), validate_choice=False)
    reason = RadioField(
        lazy("为什么"), [chosen()], choices=options((code, lazy(word)) for code, word in rules.REASONS.items())
    )

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        others = {str(each.account_id): each.post for each in service.staff()}
        self.heir.choices = options([("", _("请选择")), *others.items()])


FORMS = {"talk": TalkForm, "party": PartyForm, "paper": PaperForm, "end": EndForm, "hand": HandForm}


@bp.get("/disputes")
def disputes() -> ResponseReturnValue:
    """Own files, what is due first; the secretary sees that others have some, and nothing of what stands in them."""
    page, state, typed = page_number(), request.args.get("state", ""), request.args.get("q", "").strip()[:40]
    mine = None if me().role == "secretary" else me().account_id
    state = state if state in STATES else ""
    rows, total = queries.page(mine, state=state, words=typed, page=page, size=page_size())
    filters = [
        {"name": "state", "label": _("状态"), "value": state, "options": [(code, str(word), None) for code, word in STATES.items()]},
    ]  # fmt: skip
    here = {each.account_id for each in service.staff()}
    return render_template(
        "desk/disputes.html", rows=rows, total=total, page=page, pages=max(1, -(-total // page_size())), typed=typed,
        filters=filters, states=STATES, tones=TONES, now=now(), mine=me().account_id, here=here,
    )  # fmt: skip


@bp.route("/disputes/new", methods=["GET", "POST"])
def dispute_new() -> ResponseReturnValue:
    """Begin a file; who begins it holds it."""
    form, status = NewForm(), 200
    firms = meeting.admitted(place().id, LAW)  # type: ignore[arg-type]
    form.provider.choices = options([("", _("先不请")), *((str(row.id), row.name) for row in firms)])
    if form.validate_on_submit():
        firm = uuid_of(form.provider.data)
        parties = [(form[f"party_{n}"].data or "", form[f"phone_{n}"].data or "") for n in (1, 2)]
        try:
            if firm and firm not in {row.id for row in firms}:
                raise Refused("请选一项", field="provider")
            row = service.open_file(form.matter.data or "", parties, firm)
        except Refused as refused:
            _said, status = form.refuse(refused)
        else:
            flash(_("已立卷 %(number)s。只有您能看到里面的内容。", number=row.number), "success")
            return redirect(url_for("desk.dispute", number=row.number), 303)
    elif request.method == "POST":
        status = 422
    return render_template("desk/dispute_new.html", form=form), status


@bp.get("/disputes/<number>")
@logged
def dispute(number: str) -> ResponseReturnValue:
    """The whole file for its holder; its cover for the secretary; nothing for anybody else."""
    return _page(number)


@bp.post("/disputes/<number>/<any(talk, party, paper, end, hand):verb>")
def dispute_act(number: str, verb: str) -> ResponseReturnValue:
    """Note a talk, a party, a paper; end it; hand it on."""
    row, form = _cover(number), FORMS[verb]()
    if not form.validate():
        return _page(number, form, 422)
    try:
        _do(row.id, verb, form)
    except Refused as refused:
        if refused.status == 404:
            raise
        _said, status = form.refuse(refused)
        return _page(number, form, status)
    flash(_("已交接。您不再能看到里面的内容。") if verb == "hand" else _("已记入卷宗。"), "success")
    return redirect(url_for("desk.disputes") if verb == "hand" else url_for("desk.dispute", number=number), 303)


@bp.get("/disputes/<number>/papers/<uuid:entry_id>")
@logged
def dispute_paper(number: str, entry_id: UUID) -> ResponseReturnValue:
    """One paper of a file, for its holder; as an attachment."""
    title, mime, content = queries.paper(_cover(number), entry_id)
    ending = {"image/jpeg": "jpg", "image/png": "png"}.get(mime, "pdf")
    answer = send_file(BytesIO(content), mime, as_attachment=True, download_name=f"{title}.{ending}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _do(dispute_id: UUID, verb: str, form: Any) -> None:
    if verb == "talk":
        service.talk(dispute_id, form.words.data or "", form.next_on.data)
    elif verb == "party":
        service.add_party(dispute_id, form.name.data or "", form.phone.data or "")
    elif verb == "paper":
        given = form.file.data
        content, name = (given.read(), given.filename) if given else (b"", "")
        service.add_paper(dispute_id, form.title.data or "", content, name)
    elif verb == "end":
        service.end(dispute_id, form.state.data or "", form.words.data or "")
    else:
        service.hand(dispute_id, uuid_of(form.heir.data), form.reason.data or "")


def _cover(number: str) -> Any:
    """The cover, for its holder and the secretary; 404 for anybody else."""
    row = queries.cover(number)
    if row is None or (row.holder_id != me().account_id and me().role != "secretary"):
        abort(404)
    return row


def _page(number: str, form: Form | None = None, status: int = 200) -> ResponseReturnValue:
    row = _cover(number)
    mine = row.holder_id == me().account_id
    if not mine:
        unopened()
    entries = queries.entries(row) if mine else []
    works = any(each.account_id == row.holder_id for each in service.staff())
    forms = {verb: form if isinstance(form, kind) else kind(formdata=None) for verb, kind in FORMS.items()}
    return render_template(
        "desk/dispute.html", row=row, mine=mine, works=works, parts={k: [e for e in entries if e.kind == k] for k in rules.KINDS},
        hands=queries.hands(row.id), forms=forms, form=form, states=STATES, tones=TONES, now=now(),
        reasons={code: lazy(word) for code, word in rules.REASONS.items()},
        slots=meeting.coming([row.provider_id]) if mine and row.provider_id and row.state == "open" else [],
        may_hand=rules.may_hand(me().account_id, me().role or "", row.holder_id, holder_works=works),
    ), status  # fmt: skip
