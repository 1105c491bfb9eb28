"""/desk/cases and one case: the five questions, next step, needs, consents, timeline; giving it to somebody."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import pgettext

from blueprints.desk import case_list, case_page
from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404, reason_asked, uuid_of
from blueprints.guard import logged
from rongjiu.clock import now
from rongjiu.errors import Refused
from tenants.cases import service


@bp.get("/cases")
def cases() -> ResponseReturnValue:
    """The list of cases, ranked by hardship."""
    return render_template("desk/cases.html", **case_list.listing(case_list.wanted()))


@bp.get("/cases/<number>")
@logged
def case(number: str) -> ResponseReturnValue:
    """One case; its opening is written down."""
    found = case_or_404(number)
    asked = reason_asked([(found.number, found.state)], url_for("desk.cases"), pgettext("list", "个案"))
    if asked:
        return asked
    return render_template("desk/case.html", **case_page.gather(found, kind=request.args.get("kind", "")), now=now())


@bp.post("/cases/<number>/assign")
def assign(number: str) -> ResponseReturnValue:
    """Give the case to a member of staff."""
    found = case_or_404(number)
    worker = uuid_of(request.form.get("worker"))
    if worker is None:
        abort(404)
    try:
        service.assign(found.id, worker)
    except Refused as refused:
        flash(_(refused.message, **refused.words), "warning")
    else:
        flash(_("已交办，时间线里有记录。"), "success")
    return redirect(url_for("desk.case", number=number), 303)
