"""What the marketplace has at hand for a community and some kinds of service: asked once, looked at for many needs."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, DateTime, Row, Uuid, any_, func, select, text

from rongjiu.clock import now, today
from rongjiu.db import db
from rongjiu.marketplace import costs, requirements, restricted, slots, vacancies
from rongjiu.marketplace.candidates import Candidate, candidates
from rongjiu.marketplace.kinds import oncall, openings
from rongjiu.marketplace.kinds.oncall import Standing
from rongjiu.marketplace.kinds.rules import Hours
from rongjiu.marketplace.models import Provider
from rongjiu.marketplace.terms import Terms, terms_of
from rongjiu.prepared import Prepared, given
from tenants.catalogue.service import setting
from tenants.referrals import queries
from tenants.referrals.matching import rules as ranking
from tenants.referrals.models import ReferralRequest, ReferralTask

LOOKED_AT = 150
"""Services ranked at most: the marketplace's best of a street, far more than the ten that are shown."""
ELSEWHERE = 20
"""Services of other streets that are named at most."""
NO_PENALTY = ("declined-by-resident", "no-longer-needed", "mistake", "taken-by-another", "transferred", "provider-gone")
"""Endings that say nothing of a provider's answers."""
HISTORY = 180
"""Days of offers by which a provider's answers are known."""


Types = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """Services of some kinds as they stand at one moment, with what this community knows of their providers."""

    street_id: UUID | None
    near: Collection[Candidate]
    far: Collection[Row[Any]]
    full: Mapping[UUID, date | None]
    terms: Mapping[UUID, Terms]
    answers: Mapping[UUID, tuple[int, int]]
    calls: Mapping[UUID, Standing]
    booked: Mapping[UUID, slots.Coming]
    """What can be booked by slot, by service."""
    jobs: Collection[Row[Any]] = ()
    """Open work of its providers, when work is looked for."""
    levels: Mapping[UUID, int] = field(default_factory=dict)
    """The grade of nursing of providers with beds."""

    def offered(
        self, cooling: Collection[tuple[UUID, str]], courtyard: str, meant: Collection[str], whose: ranking.Whose,
        hours: Hours | None = None,
    ) -> list[ranking.Offered]:  # fmt: skip
        """For one need: who declined it lately (provider, kind), where the family lives, which kinds are meant for
        its groups, whom it is about, and the hours in which a carer would work."""
        near = [self._near(row, cooling, courtyard, meant, whose) for row in self.near]
        if hours is not None:
            jobs = openings.fitting(self.jobs, hours)
            near = [replace(row, jobs=jobs.get(row.provider_id, ())) for row in near]
        return near + [_far(row) for row in self.far]

    def _near(
        self, row: Candidate, cooling: Collection[tuple[UUID, str]], courtyard: str, meant: Collection[str],
        whose: ranking.Whose,
    ) -> ranking.Offered:  # fmt: skip
        first = costs.Cost(row.price_class, row.price)
        others = [costs.read(one) for one in row.who.get("costs", ())]
        cost = costs.best(first, others, whose.groups)
        languages = self.terms[row.provider_id].languages if row.provider_id in self.terms else ()
        slot = self.booked.get(row.service_id)
        term, (asked, answered) = self.terms.get(row.provider_id), self.answers.get(row.provider_id, (0, 0))
        call = self.calls.get(row.provider_id)
        return ranking.Offered(
            service_id=row.service_id, provider_id=row.provider_id, slug=row.provider_slug, name=row.provider_name,
            service_type=row.service_type, title=row.title, price_class=cost.price_class,
            price=cost.price, mode=row.delivery_mode, free=row.free, admission=row.admission, in_area=True,
            cooling=(row.provider_id, row.service_type) in cooling, next_free=self.full.get(row.service_id),
            outside=bool(term and term.courtyards and courtyard not in term.courtyards),
            used_up=bool(term and term.monthly_limit is not None and term.taken >= term.monthly_limit),
            near=bool(term and term.street_id == self.street_id), for_group=row.service_type in meant,
            asked=asked, answered=answered, languages=languages,
            spoken=tuple(one for one in languages if one in whose.languages), own_price=bool(cost.groups),
            barred=ranking.entitled(row.who, whose), for_groups=bool(row.who.get("groups")), slots=slot.left if slot else 0, slot_at=slot.first if slot else None,
            on_call=bool(call and call.on_call), minutes=call.minutes if call else None, drilled=bool(call and call.drilled),
            care=self.levels.get(row.provider_id) if whose.groups & ranking.HOME_BOUND else None,
        )  # fmt: skip


def ask(wanted: Collection[Types]) -> dict[Types, Market]:
    """For each combination of kinds: what is listed for the street of the community in force, the best of it, and some
    that serve other streets only, so that a list says that they exist and why they are left out. Asked for all at once.
    """
    here, types = queries.here(), sorted({kind for each in wanted for kind in each})
    most = LOOKED_AT if len(wanted) == 1 else None
    every = candidates(here.street_id, types, community_id=here.id, most=most) if here.street_id else []
    near = {each: [row for row in every if row.service_type in each][:LOOKED_AT] for each in wanted}
    seen = {row.service_id: row for rows in near.values() for row in rows}.values()
    full = vacancies.next_free_of({row.service_id: row.places_a_month for row in seen if row.free <= 0}, today())
    ours = {row.provider_id for row in seen if row.admission == "active"}
    booked = slots.coming([row.service_id for row in seen])
    terms, answers = terms_of(here.id, ours, counted=False), _answers(ours)
    far = _elsewhere(types, {row.service_id for row in seen})
    calls = oncall.standing(ours)
    levels = _levels({row.provider_id for row in seen if _graded(row.group, row.kind)} & ours)
    jobs = openings.at({row.provider_id for row in seen if row.service_type == openings.TYPE} & ours)
    return {
        each: Market(
            here.street_id, near[each], [row for row in far if row.service_type in each][:ELSEWHERE], full, terms, answers,
            calls, booked, jobs if openings.TYPE in each else (), levels,
        )
        for each in wanted
    }  # fmt: skip


def _graded(group: str, kind: str) -> bool:
    return "care_level" in requirements.need(group, kind).fields


def _levels(providers: Collection[UUID]) -> dict[UUID, int]:
    """The grade of nursing that providers with beds say they give, where their words name one."""
    if not providers:
        return {}
    said = func.coalesce(Provider.details["care_level"].astext, "")
    rows = db.session.execute(select(Provider.id, said.label("said")).where(Provider.id.in_(providers)))
    return {row.id: level for row in rows if (level := ranking.care_level(row.said)) is not None}


def kinds_for(items: Collection[str]) -> list[dict[str, Any]]:
    """The kinds of service that answer one of these items of need, with no more of them than matching asks."""
    return [dict(row._mapping) for row in _KINDS.rows(items=list(items))]


_KINDS = Prepared(
    text(
        "SELECT slug AS id, content->'need_item_ids' AS need_item_ids, content->>'price_class' AS price_class, "
        "content->'special_group_ids' AS special_group_ids FROM service_type "
        "WHERE tenant_id = :tenant AND jsonb_exists_any(content->'need_item_ids', CAST(:items AS text[])) ORDER BY seq, slug"
    )
)


def groups_meant(items: Collection[str]) -> dict[str, Collection[str]]:
    """Item of need → groups it is meant for."""
    return {row.slug: row.groups or () for row in _MEANT.rows(items=list(items))}


_MEANT = Prepared(
    text(
        "SELECT slug, content->'special_group_ids' AS groups FROM need_item "
        "WHERE tenant_id = :tenant AND slug = ANY(CAST(:items AS text[]))"
    )
)


def cooling(need_ids: Collection[UUID]) -> dict[UUID, set[tuple[UUID, str]]]:
    """Who declined each need, failed, did not answer or was not wanted by the resident within the cool-down (timer
    decline-cool-down): provider and kind of service."""
    since = now() - timedelta(days=int(setting("decline-cool-down")))
    rows = _COOLING.rows(needs=list(need_ids), since=since)
    found: dict[UUID, set[tuple[UUID, str]]] = {need_id: set() for need_id in need_ids}
    for row in rows:
        found[row.need_id].add((row.provider_id, row.service_type))
    return found


_COOLING = Prepared(
    select(ReferralRequest.need_id, ReferralTask.provider_id, ReferralTask.service_type)
    .join(ReferralRequest, (ReferralRequest.tenant_id == ReferralTask.tenant_id) & (ReferralRequest.id == ReferralTask.request_id))
    .where(
        ReferralTask.tenant_id == given("tenant"), ReferralRequest.need_id == any_(given("needs", ARRAY(Uuid()))),
        ReferralTask.ended_at >= given("since", DateTime(timezone=True)),
        ReferralTask.state.in_(("rejected", "failed"))
        | ReferralTask.reason_code.in_(("no-response", "declined-by-resident")),
    )
)  # fmt: skip


def _elsewhere(types: Collection[str], known: Collection[UUID]) -> Sequence[Row[Any]]:
    """The first of each kind, in order of kind and provider; kind by kind, because each is then a short walk."""
    return _ELSEWHERE.rows(types=sorted(types), known=list(known), hidden=list(restricted.CODES), most=ELSEWHERE)


_ELSEWHERE = Prepared(
    text(
        "SELECT f.* FROM unnest(CAST(:types AS text[])) WITH ORDINALITY AS t(kind, place) CROSS JOIN LATERAL ("
        "SELECT service_id, provider_id, provider_slug, provider_name, service_type, title, price_class, price, "
        "delivery_mode, places_a_month FROM listing WHERE service_type = t.kind "
        "AND service_type <> ALL(CAST(:hidden AS text[])) AND service_id <> ALL(CAST(:known AS uuid[])) ORDER BY provider_slug LIMIT :most) f "
        "ORDER BY t.place, f.provider_slug"
    )
)


def _far(row: Row[Any]) -> ranking.Offered:
    return ranking.Offered(
        service_id=row.service_id, provider_id=row.provider_id, slug=row.provider_slug, name=row.provider_name,
        service_type=row.service_type, title=row.title, price_class=row.price_class, price=row.price,
        mode=row.delivery_mode, free=row.places_a_month, next_free=None, admission="", in_area=False,
    )  # fmt: skip


def _answers(providers: Collection[UUID]) -> dict[UUID, tuple[int, int]]:
    """How many offers each was sent by this community in the last half year, and how many it took."""
    since = now() - timedelta(days=HISTORY)
    rows = _ANSWERS.rows(providers=list(providers), since=since)
    return {row.provider_id: (row.asked, row.answered) for row in rows}


_ANSWERS = Prepared(
    select(
        ReferralTask.provider_id, func.count().label("asked"),
        func.count().filter(ReferralTask.state.in_(("accepted", "in-progress", "completed"))).label("answered"),
    )
    .where(
        ReferralTask.tenant_id == given("tenant"), ReferralTask.provider_id == any_(given("providers", ARRAY(Uuid()))),
        ReferralTask.offered_at >= given("since", DateTime(timezone=True)), ReferralTask.reason_code.not_in(NO_PENALTY),
    )
    .group_by(ReferralTask.provider_id)
)  # fmt: skip
