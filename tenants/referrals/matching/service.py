"""From a need to candidates with reasons, talks with them, and the goals of the plan. No personal data leaves."""

from collections.abc import Collection, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, Row, Uuid, any_, select, text
from sqlalchemy.dialects.postgresql import insert

from rongjiu import audit, facts
from rongjiu.clock import now, today
from rongjiu.codes import N_
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.marketplace import restricted
from rongjiu.marketplace.kinds import openings
from rongjiu.marketplace.kinds.rules import Hours
from rongjiu.marketplace.models import Provider
from rongjiu.oversight.service import next_step, no_step
from rongjiu.prepared import Prepared, as_json, given
from tenants.cases.models import CaseFile, ContactLog, Goal
from tenants.cases.service import event, hold
from tenants.catalogue import queries as catalogue
from tenants.catalogue.service import due
from tenants.needs.models import Need
from tenants.referrals import queries
from tenants.referrals.facts import NoCandidate
from tenants.referrals.matching import queries as market
from tenants.referrals.matching import rules as ranking
from tenants.referrals.models import MatchRun, ReferralRequest
from tenants.residents.models import Carer, Person
from tenants.residents.rules import age

NOTE_LIMIT = 500


def types_for(item_slug: str | None) -> list[dict[str, Any]]:
    """The kinds of service that answer an item of need, as the community's catalogue has them."""
    rows = [row for row in catalogue.service_types() if item_slug and item_slug in row.get("need_item_ids", ())]
    return restricted.visible(rows, "id")


def match(need_id: UUID, types: Collection[str] | None = None) -> MatchRun:
    """Ask the marketplace who could help now, rank with reasons, and freeze what was shown. Raises Absent, or Refused
    when the need has not been sorted under an item yet."""
    (run,) = match_each([(need_id, types)])
    return run


def match_each(asked: Sequence[tuple[UUID, Collection[str] | None]]) -> list[MatchRun]:
    """`match` for several needs (id, kinds of service or None for the usual ones) by the set, in their order: the
    marketplace is asked once for all."""
    needs = _needs({need_id for need_id, _types in asked})
    items = {need.item_slug for need in needs.values()}
    kinds, meant_for = restricted.visible(market.kinds_for(items), "id"), market.groups_meant(items)
    people, cooling = whose_of(needs.values()), market.cooling(needs)
    wanted = [_wanted(kinds, needs[need_id].item_slug, types) for need_id, types in asked]
    markets = market.ask(set(wanted))
    wished = (
        _hours({need.person_id for need in needs.values()}) if any(openings.TYPE in each for each in wanted) else {}
    )
    runs, kept = list[MatchRun](), list[tuple[UUID, str, dict[str, Any]]]()
    for (need_id, _types), types in zip(asked, wanted, strict=True):
        need, whose = needs[need_id], people[need_id]
        meant = {
            row["id"] for row in kinds
            if row["id"] in types and whose.groups & set(row["special_group_ids"] or ())
        }  # fmt: skip
        hours = wished.get(need.person_id, Hours()) if openings.TYPE in types else None
        offered = markets[types].offered(cooling[need_id], str(need.courtyard_id or ""), meant, whose, hours)
        home = ranking.needs_home(whose.groups, meant_for.get(need.item_slug, ()), need.person_id is not None)
        found, excluded = ranking.rank(offered, home, need.urgency != "ordinary")
        runs.append(MatchRun(id=uuid7(), need_id=need_id, at=now(), candidates=found, excluded=excluded))
        said = [restricted.coded(kind) for kind in types]
        kept.append((need_id, "", {"candidates": len(found), "excluded": len(excluded), "types": said}))
    names = ("id", "need_id", "at", "candidates", "excluded")
    _FROZEN.write(rows=as_json([{name: getattr(run, name) for name in names} for run in runs]))
    audit.record_all("need.match", "need", kept)
    for run in runs:
        if not run.candidates:
            facts.send(NoCandidate(tenant_id=current_tenant().id, object_id=run.need_id))
    return runs


_FROZEN = Prepared(
    text(
        "INSERT INTO match_run (tenant_id, id, need_id, at, candidates, excluded) "
        "SELECT :tenant, r.id, r.need_id, r.at, r.candidates, r.excluded FROM jsonb_to_recordset(CAST(:rows AS jsonb)) "
        "AS r(id uuid, need_id uuid, at timestamptz, candidates jsonb, excluded jsonb)"
    )
)


def _needs(ids: Collection[UUID]) -> dict[UUID, Row[Any]]:
    found: dict[UUID, Any] = {row.id: row for row in _NEEDS.rows(ids=list(ids))}
    if len(found) != len(ids):
        raise Absent("没有这项需求。")
    if not all(row.item_slug for row in found.values()):
        raise Refused("请先把这项需求归到需求目录里,再找服务方。")
    return found


_NEEDS = Prepared(
    select(
        Need.id,
        Need.case_id,
        Need.item_slug,
        Need.person_id,
        Need.urgency,
        CaseFile.household_id,
        CaseFile.courtyard_id,
    )  # fmt: skip
    .join(CaseFile, (CaseFile.tenant_id == Need.tenant_id) & (CaseFile.id == Need.case_id))
    .where(Need.tenant_id == given("tenant"), Need.id == any_(given("ids", ARRAY(Uuid()))))
)


def _wanted(kinds: Collection[dict[str, Any]], item_slug: str, types: Collection[str] | None) -> market.Types:
    own = [row for row in kinds if item_slug in row.get("need_item_ids", ())]
    return tuple(sorted({row["id"] for row in own} & set(types)) if types else usual(own))


def usual(rows: Collection[dict[str, Any]]) -> list[str]:
    """Of some kinds of service those looked at first: what costs the family nothing or only the goods; all of them
    when none is such. What is restricted is looked at only when it is named."""
    plain = [row for row in rows if row["id"] not in restricted.CODES]
    return [row["id"] for row in plain if row["price_class"] in ranking.AFFORDABLE] or [row["id"] for row in plain]


def _hours(person_ids: Collection[UUID]) -> dict[UUID, Hours]:
    """The hours in which people would work beside caring for somebody; whoever said none is left out."""
    c = Carer
    rows = db.session.execute(
        select(c.carer_id, c.wanted_hours, c.wanted_days, c.wanted_since, c.wanted_until)
        .where(c.carer_id.in_(person_ids))
        .order_by(c.wanted_hours.desc().nulls_first(), c.id)
    )
    return {
        row.carer_id: Hours(row.wanted_hours, tuple(row.wanted_days), row.wanted_since, row.wanted_until)
        for row in rows
    }


def whose_of(needs: Collection[Row[Any]]) -> dict[UUID, ranking.Whose]:
    """Groups (said and by rule), ages and languages of each need's person, or of all who live there when it names
    nobody; needs as rows with id, person_id and household_id."""
    homes: dict[UUID, list[Any]] = {}
    people = select(
        Person.id, Person.household_id, Person.groups, Person.labels, Person.languages, Person.birth_date,
        Person.age_said, Person.age_on,
    ).where(Person.household_id.in_({need.household_id for need in needs}), Person.status == "here")  # fmt: skip
    for row in db.session.execute(people):
        homes.setdefault(row.household_id, []).append(row)
    day, found = today(), dict[UUID, ranking.Whose]()
    for need in needs:
        meant = [row for row in homes.get(need.household_id, ()) if need.person_id in (None, row.id)]
        found[need.id] = ranking.Whose(
            frozenset(slug for row in meant for slug in (*row.groups, *row.labels)),
            tuple(age(row.birth_date, row.age_said, row.age_on, day) for row in meant),
            frozenset(code for row in meant for code in row.languages),
        )
    return found


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
