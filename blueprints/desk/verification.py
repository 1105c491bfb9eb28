"""…/cases/<number>/authorisations: the 家庭经济状况核对授权书, one sheet for each adult, to be signed by hand."""

from flask import render_template
from flask.typing import ResponseReturnValue
from sqlalchemy import select

from blueprints.desk.door import bp
from blueprints.desk.scope import case_or_404
from blueprints.guard import logged
from rongjiu.clock import today
from rongjiu.db import db
from tenants.referrals.queries import here
from tenants.residents import queries as residents
from tenants.residents.models import Person
from tenants.residents.rules import age, is_minor, relation_word


@bp.get("/cases/<number>/authorisations")
@logged
def authorisations(number: str) -> ResponseReturnValue:
    """The sheets; the verification itself is done by the government's own system, never here."""
    case = case_or_404(number)
    p, day = Person, today()
    rows = db.session.execute(
        select(p.name, p.gender, p.relation, p.id_number, p.birth_date, p.age_said, p.age_on)
        .where(p.household_id == case.household_id, p.status == "here")
        .order_by(p.seq)
    ).all()
    adults = [row for row in rows if not is_minor(age(row.birth_date, row.age_said, row.age_on, day))]
    return render_template(
        "desk/authorisations.html", case=case, adults=adults, minors=len(rows) - len(adults),
        home=residents.household(case.household_id) if case.household_id else None, community=here(),
        relation=relation_word,
    )  # fmt: skip
