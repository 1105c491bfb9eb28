"""The terms on which one community lets a provider in: quota, days, courtyards; and stopping it, for itself alone."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Boolean, Date, Uuid, any_, exists, func, or_, select, update
from sqlalchemy.orm import aliased

from rongjiu import audit
from rongjiu.clock import ZONE, today
from rongjiu.db import db
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace import rules
from rongjiu.marketplace.admissions.queries import in_force
from rongjiu.marketplace.models import Admission, Provider, ProviderService, Reservation
from rongjiu.marketplace.words import N_, days_said
from rongjiu.prepared import Prepared, given

MOST_COURTYARDS = 200
COURTYARD = N_("本社区和这家约定只去别的院落,不去这户所在的院落。请改约别家,或请书记在准入里加上这个院落。")
DAYS = N_(
    "本社区和这家约定只在%(agreed)s上门,这项服务只在%(offered)s做,没有一天对得上。请改约别家,或请书记改约定的日子。"
)
NOT_THAT_DAY = N_("社区和您约定只在%(agreed)s上门。请改选一天;只有那天有空,就在下面提这个时间,请社区同意。")


@dataclass(frozen=True, slots=True)
class Terms:
    """How one provider may work here, and what it has of this month's quota."""

    street_id: UUID | None
    monthly_limit: int | None
    weekdays: tuple[str, ...]
    courtyards: tuple[str, ...]
    taken: int
    languages: tuple[str, ...] = ()


def terms_of(
    community_id: UUID, providers: Collection[UUID], period: date | None = None, *, counted: bool = True
) -> dict[UUID, Terms]:
    """The terms of admitted providers with what is taken in the month of `period` (default: this one). To count that, all
    offers of the month are looked at; not `counted`, that is spared where no provider among them has a limit."""
    if not providers:
        return {}
    rows = _TERMS.rows(
        community=community_id, providers=list(providers), month=rules.month(period or today()), counted=counted
    )
    return {
        row.provider_id: Terms(
            row.street_id, row.monthly_limit, tuple(row.weekdays), tuple(row.courtyards), int(row.taken), tuple(row.languages)
        )
        for row in rows
    }  # fmt: skip


def _terms() -> Prepared:
    a, other = Admission, aliased(Admission)
    community, providers = given("community", Uuid()), any_(given("providers", ARRAY(Uuid())))
    here, month = a.community_id == community, given("month", Date())
    limited = other.monthly_limit.is_not(None) & (other.community_id == community) & (other.provider_id == providers)
    taken = (
        select(ProviderService.provider_id, func.sum(Reservation.places).label("n"))
        .select_from(Reservation)
        .join(ProviderService, ProviderService.id == Reservation.service_id)
        .where(
            Reservation.community_id == community, Reservation.period == month, Reservation.state != "released",
            or_(given("counted", Boolean()), exists().where(limited)),
        )
        .group_by(ProviderService.provider_id)
        .subquery()
    )  # fmt: skip
    columns = (a.provider_id, Provider.street_id, a.monthly_limit, a.weekdays, a.courtyards, Provider.languages)
    return Prepared(
        select(*columns, func.coalesce(taken.c.n, 0).label("taken"))
        .join(Provider, Provider.id == a.provider_id)
        .outerjoin(taken, taken.c.provider_id == a.provider_id)
        .where(here, in_force(), a.provider_id == providers)
    )


_TERMS = _terms()


def check(community_id: UUID, provider_id: UUID, services: Collection[UUID], courtyard_id: UUID) -> None:
    """Raises Refused naming `service`, in words that say which limit and what to do, when services of a provider may not
    go to this courtyard, or on none of the days on which they are given. The monthly limit is kept by the ledger."""
    found = terms_of(community_id, [provider_id], counted=False).get(provider_id)
    if found is None:
        return
    if found.courtyards and str(courtyard_id) not in found.courtyards:
        raise Refused(COURTYARD, field="service")
    for schedule in db.session.scalars(select(ProviderService.schedule).where(ProviderService.id.in_(services))):
        offered = [day for day in rules.WEEKDAYS if day in (schedule.get("days") or ())]
        if found.weekdays and offered and not set(found.weekdays) & set(offered):
            raise Refused(DAYS, field="service", agreed=days_said(found.weekdays), offered=days_said(offered))


def check_slot(community_id: UUID, provider_id: UUID, slot: datetime) -> None:
    """Raises Refused naming `slot` when the provider is not to come on that weekday; the message names the days."""
    found = terms_of(community_id, [provider_id], counted=False).get(provider_id)
    if found and found.weekdays and rules.WEEKDAYS[slot.astimezone(ZONE).weekday()] not in found.weekdays:
        raise Refused(NOT_THAT_DAY, field="slot", agreed=days_said(found.weekdays))


def days(community_id: UUID, provider_id: UUID | None) -> tuple[str, ...]:
    """The weekdays on which a provider comes here, for what repeats; none = any day, also for one that is let in no
    more: what it has taken it does to the end."""
    found = terms_of(community_id, [provider_id], counted=False).get(provider_id) if provider_id else None
    return found.weekdays if found else ()


def goes_to(community_id: UUID, provider_id: UUID | None, courtyard_id: UUID | None) -> bool:
    """May a provider go on coming to a courtyard? Not once the community has agreed on others only."""
    found = terms_of(community_id, [provider_id], counted=False).get(provider_id) if provider_id else None
    return found is None or not found.courtyards or str(courtyard_id) in found.courtyards


def limit(provider_id: UUID, community_id: UUID, weekdays: Collection[str], courtyards: Collection[UUID]) -> None:
    """Say on which days and to which courtyards an admitted provider may be sent; nothing chosen = no limit.

    Raises Absent when it is not admitted, Refused naming weekdays or courtyards.
    """
    if not set(weekdays) <= set(rules.WEEKDAYS):
        raise Refused("请选一项", field="weekdays")
    if len(courtyards) > MOST_COURTYARDS:
        raise Refused("院落太多了。不限院落就一个也不选。", field="courtyards")
    days = [day for day in rules.WEEKDAYS if day in weekdays]
    yards = sorted(str(yard) for yard in courtyards)
    audit.hold()
    done = db.session.scalar(
        update(Admission)
        .where(
            Admission.provider_id == provider_id, Admission.community_id == community_id,
            Admission.state.in_(("approved", "active")),
        )
        .values(weekdays=days, courtyards=yards)
        .returning(Admission.id)
        .execution_options(synchronize_session=False)
    )  # fmt: skip
    if done is None:
        raise Absent
    audit.record("admission.limit", "provider", provider_id, weekdays=days, courtyards=len(yards))
