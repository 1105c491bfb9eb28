"""/provider/calendar, figures, sheet: one's own days, what one did and what families thought; a sheet to hang up."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import current_app, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.exporting import door
from blueprints.forms import lazy
from blueprints.guard import place
from blueprints.pages import named
from blueprints.pictures import qr
from blueprints.provider.door import bp
from blueprints.provider.home import mine, own_pages
from blueprints.storefront import known
from rongjiu.clock import ZONE, today
from rongjiu.db import Tenant, tenant_scope
from rongjiu.marketplace import queries, sheets
from rongjiu.marketplace.rules import following, month
from tenants.accompaniment import diary

SHOWN = 28
"""Days of the calendar."""
BACK = 6
"""Months of which figures are kept in view."""
THANKED = 30
"""Words of thanks shown at most, the newest."""


def communities(provider_id: UUID) -> Iterator[tuple[Tenant, str]]:
    """Each community that ever sent something, with its name."""
    seen: dict[UUID, tuple[Tenant, str]] = {}
    for row in queries.senders(provider_id):
        seen[row.community_id] = (Tenant(row.tenant_id, row.community_id), row.community_name)
    yield from seen.values()


def start(day: date) -> datetime:
    """The first moment of a day."""
    return datetime.combine(day, time(), ZONE)


@bp.get("/calendar")
def calendar() -> ResponseReturnValue:
    """The next four weeks: what, where, when; open a job to move it."""
    provider_id, first = mine(), today()
    titles = {row.task_id: row for row in queries.inbox(provider_id)}
    found: dict[date, list[tuple[datetime, Any]]] = {}
    for tenant, _name in list(communities(provider_id)):
        with tenant_scope(tenant):
            days = diary.days(provider_id, start(first), start(first + timedelta(days=SHOWN)))
        for one in days:
            if one.task_id in titles:
                local = one.at.astimezone(ZONE)
                found.setdefault(local.date(), []).append((local, titles[one.task_id]))
    rows = [(day, sorted(found[day], key=lambda each: each[0])) for day in sorted(found)]
    return render_template("provider/calendar.html", rows=rows, today=first, services=queries.services(provider_id))


def _figures(provider_id: UUID, periods: Sequence[date]) -> dict[date, tuple[diary.Figures, int]]:
    """Month → all communities together, and how many had something done; two statements a community."""
    found = dict.fromkeys(periods, (diary.Figures(0, 0, 0, ()), 0))
    for tenant, _name in list(communities(provider_id)):
        with tenant_scope(tenant):
            here = diary.figures(provider_id, start(min(periods)), start(following(max(periods))))
        for period, one in here.items():
            if period in found:
                sofar, active = found[period]
                found[period] = (sofar + one, active + (one.done > 0))
    return found


def months() -> list[date]:
    """This month and those before it, newest first."""
    found = [month(today())]
    while len(found) < BACK:
        found.append(month(found[-1] - timedelta(days=1)))
    return found


@bp.get("/figures")
def figures() -> ResponseReturnValue:
    """Month by month: done, missed, confirmed, stars; and what families said to those who came."""
    rows = [(period, *both) for period, both in _figures(mine(), months()).items()]
    types, said = queries.service_types(), list[tuple[diary.Thanks, str, str]]()
    for tenant, name in list(communities(mine())):
        with tenant_scope(tenant):
            found = diary.thanks(mine(), start(months()[-1]), start(following(months()[0])))
        said += [(one, item(types, one.service_type), name) for one in found]
    said.sort(key=lambda each: each[0].at, reverse=True)
    kept = own_pages(known(mine()), queries.services(mine()))
    return render_template(
        "provider/figures.html", rows=rows, held=queries.inbox(mine()), thanks=said[:THANKED], **kept
    )


def item(types: dict[str, tuple[str, str]], code: str) -> str:
    """A kind of service in the reader's language."""
    zh, en = types.get(code, (code, code))
    return named({"name_zh": zh, "name_en": en})


door(bp, "/figures", figures, lazy("我的数字"))


@bp.get("/sheet")
def sheet() -> ResponseReturnValue:
    """The sheet of one month (?month=2026-11), to print and hang up; the code lets anybody check its figures."""
    known = {f"{period:%Y-%m}": period for period in months()}
    period = known.get(request.args.get("month", ""), months()[0])
    row = queries.find(mine())
    found, reached = _figures(mine(), [period])[period]
    made = sheets.Sheet(row.slug if row else place().slug, period, found.done, found.confirmed, reached)
    words = {"done": made.done, "confirmed": made.confirmed, "communities": made.communities, "seal": sheets.seal(made)}
    root = str(current_app.config["SETTINGS"].public_url or request.host_url).rstrip("/")
    path = url_for("market.sheet_check", mark=made.slug, month=f"{period:%Y-%m}")
    address = f"{root}{path}?{urlencode(words)}"
    return render_template(
        "provider/sheet.html", row=row, sheet=made, qr=qr(address), address=address, months=list(known), chosen=f"{period:%Y-%m}"
    )  # fmt: skip
