"""From a need to candidates with reasons, talks with them, and the goals of the plan. No personal data leaves."""

from collections.abc import Collection
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, facts
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import capacity
from rongjiu.marketplace.models import Listing, Provider
from rongjiu.marketplace.queries import candidates
from rongjiu.marketplace.terms import terms_of
from rongjiu.oversight.service import next_step, no_step
from tenants.cases.models import CaseFile, ContactLog, Goal
from tenants.cases.service import event, hold
from tenants.catalogue import queries as catalogue
from tenants.catalogue.service import due, setting
from tenants.needs.models import Need
from tenants.referrals import queries, ranking
from tenants.referrals.facts import NoCandidate
from tenants.referrals.models import MatchRun, ReferralRequest, ReferralTask
from tenants.residents.models import Person

NOTE_LIMIT = 500
LOOKED_AT = 150
"""Services ranked at most: the marketplace's best of a street, far more than the ten that are shown."""
HISTORY = 180
"""Days of offers by which a provider's answers are known."""


def types_for(item_slug: str | None) -> list[dict[str, Any]]:
    """The kinds of service that answer an item of need, as the community's catalogue has them."""
    return [row for row in catalogue.service_types() if item_slug and item_slug in row.get("need_item_ids", ())]


def usual_types(item_slug: str | None) -> list[str]:
    """Those looked at first: what costs the family nothing or only the goods; all of them when none is such."""
    return usual(types_for(item_slug))


def usual(rows: list[dict[str, Any]]) -> list[str]:
    """Those of some kinds of service that are looked at first."""
    return [row["id"] for row in rows if row["price_class"] in ranking.AFFORDABLE] or [row["id"] for row in rows]


def match(need_id: UUID, types: Collection[str] | None = None) -> MatchRun:
    """Ask the marketplace who could help now, rank with reasons, and freeze what was shown. Raises Absent, or Refused
    when the need has not been sorted under an item yet."""
    need = db.session.execute(
        select(Need.id, Need.case_id, Need.item_slug, Need.person_id).where(Need.id == need_id)
    ).one_or_none()
    if need is None:
        raise Absent("没有这项需求。")
    if not need.item_slug:
        raise Refused("请先把这项需求归到需求目录里,再找服务方。")
    kinds = types_for(need.item_slug)
    wanted = sorted({row["id"] for row in kinds} & set(types)) if types else usual(kinds)
    groups = _groups(need.case_id, need.person_id)
    meant = {row["id"] for row in kinds if row["id"] in wanted and groups & set(row.get("special_group_ids") or ())}
    rows = _offered(need_id, need.case_id, wanted, meant)
    found, excluded = ranking.rank(rows, _home_bound(groups, need.person_id, need.item_slug))
    run = MatchRun(id=uuid7(), need_id=need_id, at=now(), candidates=found, excluded=excluded)
    db.session.add(run)
    db.session.flush()
    audit.record("need.match", "need", need_id, candidates=len(found), excluded=len(excluded), types=wanted)
    if not found:
        facts.send(NoCandidate(tenant_id=current_tenant().id, object_id=need_id))
    return run


def _offered(need_id: UUID, case_id: UUID, types: Collection[str], meant: set[str]) -> list[ranking.Offered]:
    here = queries.here()
    near = candidates(here.street_id, types, community_id=here.id, most=LOOKED_AT) if here.street_id else []
    cooling, courtyard = _cooling(need_id), str(_courtyard(case_id) or "")
    full = capacity.next_free_of([row.service_id for row in near if row.free <= 0], today())
    ours = {row.provider_id for row in near if row.admission == "active"}
    terms, answers = terms_of(here.id, ours), _answers(ours)
    rows = []
    for row in near:
        term, (asked, answered) = terms.get(row.provider_id), answers.get(row.provider_id, (0, 0))
        rows.append(
            ranking.Offered(
                service_id=row.service_id, provider_id=row.provider_id, slug=row.provider_slug, name=row.provider_name,
                service_type=row.service_type, title=row.title, price_class=row.price_class, price=row.price,
                mode=row.delivery_mode, free=row.free, admission=row.admission, in_area=True,
                cooling=(row.provider_id, row.service_type) in cooling, next_free=full.get(row.service_id),
                outside=bool(term and term.courtyards and courtyard not in term.courtyards),
                used_up=bool(term and term.monthly_limit is not None and term.taken >= term.monthly_limit),
                near=bool(term and term.street_id == here.street_id), for_group=row.service_type in meant,
                asked=asked, answered=answered, languages=term.languages if term else (),
            )
        )  # fmt: skip
    return rows + _elsewhere(types, {row.service_id for row in rows})


def _elsewhere(types: Collection[str], known: Collection[UUID]) -> list[ranking.Offered]:
    """Some that serve other streets only, so that the list says that they exist and why they are left out."""
    far = db.session.execute(
        select(
            Listing.service_id, Listing.provider_id, Listing.provider_slug, Listing.provider_name, Listing.service_type,
            Listing.title, Listing.price_class, Listing.price, Listing.delivery_mode, Listing.places_a_month,
        ).where(Listing.service_type.in_(types), Listing.service_id.not_in(known))
        .order_by(Listing.service_type, Listing.provider_slug)
        .limit(20)
    )  # fmt: skip
    return [
        ranking.Offered(
            service_id=row.service_id, provider_id=row.provider_id, slug=row.provider_slug, name=row.provider_name,
            service_type=row.service_type, title=row.title, price_class=row.price_class, price=row.price,
            mode=row.delivery_mode, free=row.places_a_month, next_free=None, admission="", in_area=False,
        )
        for row in far
    ]  # fmt: skip


def _courtyard(case_id: UUID) -> UUID | None:
    return db.session.scalar(select(CaseFile.courtyard_id).where(CaseFile.id == case_id))


def _answers(providers: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many offers each was sent by this community in the last half year, and how many it took."""
    since = now() - timedelta(days=HISTORY)
    took = ReferralTask.state.in_(("accepted", "in-progress", "completed"))
    rows = db.session.execute(
        select(ReferralTask.provider_id, func.count().label("asked"), func.count().filter(took).label("answered"))
        .where(ReferralTask.provider_id.in_(providers), ReferralTask.offered_at >= since)
        .group_by(ReferralTask.provider_id)
    )
    return {row.provider_id: (row.asked, row.answered) for row in rows}


def _cooling(need_id: UUID) -> set[tuple[UUID, str]]:
    """Who declined this need, failed or did not answer within the cool-down (timer decline-cool-down)."""
    since = now() - timedelta(days=int(setting("decline-cool-down")))
    rows = db.session.execute(
        select(ReferralTask.provider_id, ReferralTask.service_type)
        .join(ReferralRequest, ReferralRequest.id == ReferralTask.request_id)
        .where(
            ReferralRequest.need_id == need_id, ReferralTask.ended_at >= since,
            ReferralTask.state.in_(("rejected", "failed")) | (ReferralTask.reason_code == "no-response"),
        )
    )  # fmt: skip
    return {(row.provider_id, row.service_type) for row in rows}


def _groups(case_id: UUID, person_id: UUID | None) -> set[str]:
    query = select(Person.groups).join(CaseFile, CaseFile.household_id == Person.household_id)
    query = query.where(CaseFile.id == case_id)
    if person_id:
        query = query.where(Person.id == person_id)
    return {slug for row in db.session.scalars(query) for slug in row}


def _home_bound(groups: set[str], person_id: UUID | None, item_slug: str) -> bool:
    item = next((row for row in catalogue.need_items(every=True) if row["id"] == item_slug), {})
    return ranking.needs_home(groups, item.get("special_group_ids", ()), person_id is not None)


def log_contact(need_id: UUID, provider_id: UUID, note: str) -> ContactLog:
    """Note a talk with a provider before anything personal is sent. Raises Refused naming `note`, or Absent."""
    words = note.strip()
    if not words or len(words) > NOTE_LIMIT:
        raise Refused("请写一两句沟通结果,不写姓名和门牌。", field="note")
    case_id = db.session.scalar(select(Need.case_id).where(Need.id == need_id))
    if case_id is None or db.session.get(Provider, provider_id) is None:
        raise Absent("没有这项需求。")
    hold(case_id)
    row = ContactLog(id=uuid7(), case_id=case_id, need_id=need_id, provider_id=provider_id, at=now(), note=words)
    db.session.add(row)
    db.session.flush()
    audit.record("need.contact", "need", need_id, provider_id=provider_id)
    event(case_id, "contacted", need_id=str(need_id), provider_id=str(provider_id))
    return row


def make_plan(case_id: UUID, goals: dict[UUID, str]) -> int:
    """Write the goal of each need in the family's words (need id → words; empty ones are left out) and answer how
    many stand. Raises Refused when none is given, Absent for a need of another case."""
    given = {need_id: words.strip() for need_id, words in goals.items() if words.strip()}
    if not given:
        raise Refused("请至少为一项需求写下目标。", field="goals")
    own = set(db.session.scalars(select(Need.id).where(Need.case_id == case_id)))
    if set(given) - own:
        raise Absent("没有这项需求。")
    hold(case_id)
    moment = now()
    for need_id, words in given.items():
        row = insert(Goal).values(
            tenant_id=current_tenant().id, id=uuid7(), case_id=case_id, need_id=need_id, words=words, made_at=moment
        )
        same = ["tenant_id", "need_id"]
        db.session.execute(row.on_conflict_do_update(index_elements=same, set_={"words": row.excluded.words}))
    audit.record("plan.make", "case", case_id, goals=len(given))
    event(case_id, "planned", goals=len(given))
    point_to_unsent(case_id)
    return len(given)


def point_to_unsent(case_id: UUID) -> None:
    """While a need has neither a result nor a slip under way, the clerk's next step is to send one."""
    busy = select(ReferralRequest.need_id).where(
        ReferralRequest.case_id == case_id,
        ReferralRequest.state.in_(("draft", "active", "on-hold", "awaiting_confirmation")),
    )
    waiting = select(Need.id).where(Need.case_id == case_id, Need.result == "", Need.id.not_in(busy))
    if db.session.scalar(waiting.limit(1)) is None:
        no_step(case_id)
        return
    case = queries.case_of(case_id)
    next_step(
        "case", case_id, number=case.number, case_id=case_id, actor_role="assistance_clerk",
        actor=case.worker_post or N_("救助专干"), verb=N_("提交转介"), due_at=due("draft-unsent", case.urgency),
        urgency=case.urgency,
    )  # fmt: skip
