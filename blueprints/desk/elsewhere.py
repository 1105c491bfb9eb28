"""/desk/people/<id>/elsewhere and /desk/reviews/questions/<id>: is this person known in another community?"""

from uuid import UUID

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from blueprints.desk.door import bp
from blueprints.desk.reviews import QUESTION_STATES
from blueprints.guard import logged
from blueprints.security import by_account, limiter
from rongjiu.errors import Refused
from rongjiu.tenancy import known
from tenants.residents import queries as residents
from tenants.reviews import elsewhere as asking
from tenants.reviews import queries
from tenants.reviews.rules import DAILY_QUESTIONS

ASKING = f"{DAILY_QUESTIONS} per day; 5 per minute"


@bp.route("/people/<uuid:person_id>/elsewhere", methods=["GET", "POST"])
@limiter.limit(ASKING, key_func=by_account, methods=["POST"])
@logged
def elsewhere(person_id: UUID) -> ResponseReturnValue:
    """Ask with a reason whether another community has registered this person; the answer is yes or no."""
    person = queries.people((person_id,)).get(person_id)
    if person is None or person.merged:
        abort(404)
    problem, status = "", 200
    if request.method == "POST":
        try:
            found = asking.ask(person_id, request.form.get("reason", ""))
        except Refused as refused:
            problem, status = _(refused.message, **refused.words), refused.status
        else:
            yes = _("有，别的社区登记过。已经请对方答复，双方都同意才能联系。")
            flash(yes if found else _("没有，别的社区没有登记过。"), "info" if found else "success")
            return redirect(url_for("desk.elsewhere", person_id=person_id), 303)
    rows = queries.asks(person_id)
    return render_template(
        "desk/elsewhere.html", person=person, rows=rows, answers=known.answers([row.id for row in rows]),
        problem=problem, typed=request.form.get("reason", ""), most=DAILY_QUESTIONS,
    ), status  # fmt: skip


@bp.route("/reviews/questions/<uuid:question_id>", methods=["GET", "POST"])
@logged
def question(question_id: UUID) -> ResponseReturnValue:
    """Another community asked: agree or decline; agreed, both see whom to ring, and here who it is about."""
    row = known.question(question_id)
    if row is None:
        abort(404)
    if request.method == "POST":
        try:
            asking.decide(question_id, request.form.get("act") == "agree")
        except Refused as refused:
            flash(_(refused.message, **refused.words), "warning")
        else:
            flash(_("已答复。"), "success")
        return redirect(url_for("desk.question", question_id=question_id), 303)
    resident = asking.own_resident(question_id)
    home = residents.home_of(resident) if resident else None
    return render_template("desk/question.html", row=row, home=home, states=QUESTION_STATES)
