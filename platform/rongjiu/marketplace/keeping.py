"""What keeps listings true: papers and insurance that end, a pause, one-tap confirmation, and the night that looks after
them. Every reminder goes out once, however often the night is asked."""

from collections.abc import Collection
from datetime import date, time, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Date, cast, exists, func, select

from rongjiu import audit, outbox
from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace import papers, requirements, rules, vetting
from rongjiu.marketplace.models import Listing, Provider
from rongjiu.marketplace.sendable import papers_ended
from rongjiu.marketplace.service import publish
from rongjiu.marketplace.words import LANGUAGES

LONGEST_PAUSE = timedelta(days=366)
CONFIRM_AFTER = 180
"""Days after which a listing is to be confirmed again (product default, timer listing-verify)."""
ENDED = "证照已到期"


def confirm(provider_id: UUID) -> None:
    """Everything listed is still right, says the provider; twice on a day changes nothing."""
    row = _active(provider_id)
    if row.confirmed_on == today():
        return
    row.confirmed_on, row.modified_at = today(), now()
    audit.record("provider.confirm", "provider", provider_id)
    publish(provider_id)


def pause(provider_id: UUID, until: date | None) -> None:
    """Take nothing new until a day (None: until further notice), without leaving; running jobs go on."""
    if until is not None and not today() <= until <= today() + LONGEST_PAUSE:
        raise Refused("请选今天以后、一年以内的日子;不知道到哪天就留空。", field="until")
    row = _active(provider_id)
    row.paused_at, row.paused_until, row.modified_at = now(), until, now()
    audit.record("provider.pause", "provider", provider_id, until=str(until or ""))
    publish(provider_id)


def unpause(provider_id: UUID) -> None:
    """Take new offers again; doing so without a pause changes nothing."""
    row = _active(provider_id)
    if row.paused_at is None:
        return
    row.paused_at, row.paused_until, row.modified_at = None, None, now()
    audit.record("provider.unpause", "provider", provider_id)
    publish(provider_id)


def quiet(
    provider_id: UUID, days: Collection[str], since: time | None, until: time | None, languages: Collection[str]
) -> None:
    """Keep when the shop is quiet (no day = never shown needs near it) and what is spoken beside Mandarin. Raises Refused
    naming days, since, until or languages."""
    if set(days) - set(rules.WEEKDAYS) or set(languages) - set(LANGUAGES):
        raise Refused("请选一项", field="days" if set(days) - set(rules.WEEKDAYS) else "languages")
    if days and (since is None or until is None):
        raise Refused("请写几点起、到几点。", field="since" if since is None else "until")
    if days and since is not None and until is not None and since >= until:
        raise Refused("结束要晚于开始。请核对两个时间。", field="until")
    row = _active(provider_id)
    hours = {"from": f"{since:%H:%M}", "to": f"{until:%H:%M}"} if since and until else {}
    row.quiet = {"days": [day for day in rules.WEEKDAYS if day in days], **hours} if days else {}
    row.languages, row.modified_at = [one for one in LANGUAGES if one in languages], now()
    audit.record("provider.quiet", "provider", provider_id, days=len(days), languages=len(languages))


def due_for_confirmation(confirmed_on: date | None, verified_on: date | None, day: date) -> bool:
    """Is it time to ask whether everything is still right?"""
    since = confirmed_on or verified_on
    return since is not None and since + timedelta(days=CONFIRM_AFTER) <= day


def nightly() -> None:
    """Expire, remind, end pauses, ask for confirmation."""
    _expire()
    _remind_papers()
    _remind_insurance()
    _end_pauses()
    _ask_to_confirm()


def _expire() -> None:
    for provider_id in db.session.scalars(select(Provider.id).where(Provider.state == "active", papers_ended())).all():
        vetting.expire(provider_id, ENDED)


def _remind_papers() -> None:
    streets = set()
    for row in papers.ending():
        step = _remind(row.provider_id, "paper_soon", str(row.id), row.ends_on)
        streets.add((row.street_id, step, row.id))
    for street_id, step, paper_id in streets:
        if street_id is not None:
            key = f"clerk-{paper_id}-{step}"
            outbox.put("vetting_told", {"street_id": str(street_id), "key": key}, key=key)


def _remind_insurance() -> None:
    rows = db.session.execute(
        select(Provider.id, Provider.insured_until).where(
            Provider.state == "active", Provider.group == "volunteer_team",
            Provider.insured_until.between(today(), today() + _farthest()),
        )
    )  # fmt: skip
    for row in rows:
        _remind(row.id, "insurance_soon", f"insurance-{row.id}", row.insured_until)


def _remind(provider_id: UUID, what: str, key: str, ends_on: date) -> str:
    """One text for each of the days before the end that has come; a night that was missed sends the latest only.
    Answers which step it was."""
    left = (ends_on - today()).days
    before = min((days for days in requirements.REMIND_BEFORE if left <= days), default=None)
    if before is not None:
        _put(provider_id, what, f"{what}-{key}-{ends_on}-{before}")
    return f"{ends_on}-{before}"


def _end_pauses() -> None:
    rows = db.session.scalars(select(Provider).where(Provider.state == "active", Provider.paused_until < today())).all()
    for row in rows:
        row.paused_at, row.paused_until, row.modified_at = None, None, now()
        publish(row.id)


def _ask_to_confirm() -> None:
    since: ColumnElement[date] = func.coalesce(Provider.confirmed_on, cast(Provider.verified_at, Date))
    old = today() - timedelta(days=CONFIRM_AFTER)
    listed = exists().where(Listing.provider_id == Provider.id)
    for row in db.session.execute(select(Provider.id, since.label("since")).where(since <= old, listed)):
        _put(row.id, "confirm", f"confirm-{row.id}-{row.since}")


def _put(provider_id: UUID, what: str, key: str) -> None:
    outbox.put("provider_told", {"provider_id": str(provider_id), "what": what, "key": key}, key=key)


def _farthest() -> timedelta:
    return timedelta(days=max(requirements.REMIND_BEFORE))


def _active(provider_id: UUID) -> Any:
    row = db.session.scalar(select(Provider).where(Provider.id == provider_id).with_for_update())
    if row is None:
        raise Absent("没有这家服务方。")
    if row.state != "active":
        raise Refused("审核通过后才能这样做。", status=409)
    return row
