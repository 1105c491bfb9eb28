"""/desk/: alarms, the four pillars with live counts, who should be helped, and one's own day."""

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.desk import case_list, home_page
from blueprints.desk.door import bp
from blueprints.guard import me
from tenants.outcomes import auditing


@bp.get("/")
def home() -> ResponseReturnValue:
    """What the desk looks at first."""
    person = me()
    return render_template(
        "desk/home.html", alarms=home_page.alarms(), tiles=home_page.pillars(), mine=home_page.my_day(person), rates=auditing.rates(),
        nav_counts=home_page.nav_counts(), **case_list.listing(case_list.wanted("open")),
    )  # fmt: skip


@bp.get("/day")
def day() -> ResponseReturnValue:
    """One's own steps and visits, the nearest due first."""
    return render_template("desk/day.html", mine=home_page.my_day(me(), limit=100))
