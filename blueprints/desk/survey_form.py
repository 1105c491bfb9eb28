"""/desk/survey-form: the questions of the survey; each edit is a new version, old answers keep theirs."""

from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.surveying import offered, worded, wrong
from rongjiu.errors import Refused
from tenants.surveys import forms, questions


@bp.get("/survey-form")
def survey_form() -> ResponseReturnValue:
    """The newest version, or an older one to read."""
    asked = request.args.get("version", type=int)
    return _page(asked)


@bp.post("/survey-form/add")
def survey_form_add() -> ResponseReturnValue:
    """One more question of the community's own."""
    try:
        number = forms.add(_seen(), _words())
    except Refused as refused:
        return _page(None, wrong(refused), "new", refused.status)
    flash(_("已加上这一题，现在是第 %(n)s 版。", n=number), "success")
    return redirect(url_for("desk.survey_form") + "#new", 303)


@bp.post("/survey-form/<question>")
def survey_form_edit(question: str) -> ResponseReturnValue:
    """Word a question anew, move it, or ask it no more."""
    if question not in {row["id"] for row in forms.version(forms.latest())}:
        abort(404)
    action = request.form.get("action", "save")
    try:
        if action in ("up", "down"):
            number = forms.move(_seen(), question, -1 if action == "up" else 1)
        elif action == "remove":
            number = forms.remove(_seen(), question)
        else:
            number = forms.change(_seen(), question, _words())
    except Refused as refused:
        return _page(None, wrong(refused), question, refused.status)
    flash(_("现在是第 %(n)s 版。", n=number), "success")
    return redirect(url_for("desk.survey_form") + f"#q-{question}", 303)


def _seen() -> int:
    """The version that the editor saw; the pack's own counts as the first."""
    text = request.form.get("seen", "")
    return max(1, int(text)) if text.isdecimal() else -1


def _words() -> dict[str, Any]:
    form = request.form
    return {
        "label_zh": form.get("label_zh", ""), "label_en": form.get("label_en", ""), "type": form.get("type", ""),
        "purpose": form.get("purpose", ""), "required": form.get("required") == "1",
        "sensitive": form.get("sensitive") == "1", "options": form.get("options", "").splitlines(),
    }  # fmt: skip


def _page(
    asked: int | None, faults: dict[str, str] | None = None, at: str = "", status: int = 200
) -> ResponseReturnValue:
    newest = forms.latest()
    number = newest if asked is None else asked
    rows = forms.version(number)
    return render_template(
        "desk/survey_form.html", rows=rows, number=number, newest=newest, versions=forms.versions(), wrong=faults or {},
        at=at, typed=request.form if faults else {}, offered=offered(rows), worded=worded, personal=questions.personal,
        types=[(code, _(word)) for code, word in questions.OWN_TYPES.items()],
    ), status  # fmt: skip
