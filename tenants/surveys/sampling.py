"""The sample of a survey: how many to ask in each courtyard, the doors drawn by lot, what happened at them."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.residents.models import Courtyard, Household
from tenants.surveys import rules
from tenants.surveys.models import Survey, SurveyDoor, SurveyTarget


@dataclass(frozen=True, slots=True)
class Aim:
    """What a courtyard's line says: households in it, how many are to answer, or why nobody is asked."""

    households: int
    target: int
    left_out: str = ""


def lay(survey: Survey) -> dict[UUID, int]:
    """One line for each courtyard: households as the community states them, or as the register counts more."""
    found = {}
    for yard in db.session.execute(select(Courtyard.id, Courtyard.households)):
        found[yard.id] = max(yard.households, _registered(yard.id))
        db.session.add(
            SurveyTarget(
                id=uuid7(), survey_id=survey.id, courtyard_id=yard.id, households=found[yard.id], target=0, left_out=""
            )
        )
    db.session.flush()
    return found


def lived_in(courtyard_id: UUID) -> list[UUID]:
    """The households that may be drawn in a courtyard: lived in, and still there."""
    query = select(Household.id).where(
        Household.courtyard_id == courtyard_id, Household.left_on.is_(None),
        Household.merged_into.is_(None), Household.occupancy.in_(("lived_in", "rented_out")),
    )  # fmt: skip
    return list(db.session.scalars(query.order_by(Household.id)))


def _registered(courtyard_id: UUID) -> int:
    return len(lived_in(courtyard_id))


def spread(survey_id: UUID) -> None:
    """Share the sample out over the courtyards that are not left out. Raises Absent, Clash once it has begun."""
    survey = draft(survey_id)
    targets = list(db.session.scalars(select(SurveyTarget).where(SurveyTarget.survey_id == survey.id)))
    parts = rules.allocate(
        {str(each.courtyard_id): each.households for each in targets if not each.left_out}, survey.sample
    )
    for each in targets:
        each.target = parts.get(str(each.courtyard_id), 0)
    db.session.flush()


def aim(survey_id: UUID, sample: int, quota: int, lines: Mapping[UUID, Aim], *, again: bool = False) -> None:
    """Say the sample, the day's quota and each courtyard's line; `again` = share the sample out anew.

    Raises Absent, Clash once it has begun, Refused naming sample, quota or `<courtyard id>-<input>`.
    """
    survey = draft(survey_id)
    survey.sample, survey.quota = number(sample, "sample"), number(quota, "quota")
    for each in db.session.scalars(select(SurveyTarget).where(SurveyTarget.survey_id == survey.id)):
        if (said := lines.get(each.courtyard_id)) is None:
            continue
        where = str(each.courtyard_id)
        if not 0 <= said.households <= 100_000:
            raise Refused("请写 0 以上的整数。", field=f"{where}-households")
        if not 0 <= said.target <= said.households:
            raise Refused("要问的户数不能多于院落的户数。", field=f"{where}-target")
        each.households, each.left_out = said.households, said.left_out.strip()[:60]
        each.target = 0 if each.left_out else said.target
        if not again and not each.left_out and not each.target and each.households:
            raise Refused("不问这个院落请写理由，报告里会写明。", field=f"{where}-left_out")
    db.session.flush()
    audit.record("survey.aim", "survey", survey.id, sample=sample, quota=quota)
    if again:
        spread(survey_id)


def draw(survey: Survey) -> int:
    """Draw the doors of each courtyard by the survey's seed; doors drawn before stay as they are. Answers how many."""
    drawn = set(db.session.scalars(select(SurveyDoor.household_id).where(SurveyDoor.survey_id == survey.id)))
    slugs: dict[UUID, str] = dict(db.session.execute(select(Courtyard.id, Courtyard.slug)).all())
    count = 0
    query = select(SurveyTarget.courtyard_id, SurveyTarget.target).where(SurveyTarget.survey_id == survey.id)
    for yard, target in db.session.execute(query.where(SurveyTarget.target > 0)):
        main, spare = rules.draw([str(each) for each in lived_in(yard)], target, survey.seed, slugs[yard])
        for seq, door in enumerate([*main, *spare], 1):
            if UUID(door) not in drawn:
                state = "waiting" if seq <= len(main) else "reserve"
                words = {"survey_id": survey.id, "courtyard_id": yard, "household_id": UUID(door), "seq": seq}
                db.session.add(SurveyDoor(id=uuid7(), state=state, tries=0, tried_at=None, **words))
                count += 1
    survey.drawn_at = now()
    db.session.flush()
    audit.record("survey.draw", "survey", survey.id, doors=count, seed=survey.seed)
    return count


def knocked(door_id: UUID, result: str, courtyards: Collection[UUID] | None = None) -> str:
    """Nobody answered at a drawn door (nobody_home | refused | not_lived_in); answers its state now.

    The replacement rule: a door where nobody is met is tried again at another time of day; after the second try, or
    when nobody lives there, the next door in reserve of the same courtyard takes its place. Who refuses is not
    replaced: it would hide how many did. Raises Absent, Clash, Refused.
    """
    survey_id = db.session.scalar(select(SurveyDoor.survey_id).where(SurveyDoor.id == door_id))
    found = door(survey_id, door_id) if survey_id else None
    if found is None or (courtyards is not None and found.courtyard_id not in courtyards):
        raise Absent("没有这一户。")
    if result not in rules.DOOR_RESULTS:
        raise Refused("请选一项", field="result")
    if found.state != "waiting" or row(found.survey_id, lock=False).state != "running":
        raise Clash("这户已经记过了，请刷新页面。")
    found.tries, found.tried_at = found.tries + 1, now()
    if result == "refused":
        found.state = "refused"
    elif result == "not_lived_in" or found.tries >= rules.TRIES:
        found.state = "not_lived_in" if result == "not_lived_in" else "unreached"
        _replace(found)
    db.session.flush()
    audit.record("survey.knock", "survey_door", found.id, result=result, state=found.state)
    return found.state


def _replace(gone: SurveyDoor) -> None:
    d = SurveyDoor
    spare = select(d).where(d.survey_id == gone.survey_id, d.courtyard_id == gone.courtyard_id, d.state == "reserve")
    following = db.session.scalar(spare.order_by(d.seq).limit(1).with_for_update())
    if following is not None:
        following.state = "waiting"


def door(survey_id: UUID, door_id: UUID) -> SurveyDoor:
    """A drawn door of a survey, locked. Raises Absent."""
    query = select(SurveyDoor).where(SurveyDoor.id == door_id, SurveyDoor.survey_id == survey_id)
    found = db.session.scalar(query.with_for_update())
    if found is None:
        raise Absent("没有这一户。")
    return found


def draft(survey_id: UUID) -> Survey:
    """A survey that has not begun, locked. Raises Absent, Clash."""
    survey = row(survey_id)
    if survey.state != "draft":
        raise Clash("这次统计已经开始，样本不能再改。")
    return survey


def row(survey_id: UUID, *, lock: bool = True) -> Survey:
    """A survey, locked unless said otherwise. Raises Absent."""
    query = select(Survey).where(Survey.id == survey_id)
    found = db.session.scalar(query.with_for_update(key_share=True) if lock else query)
    if found is None:
        raise Absent("没有这次统计。")
    return found


def number(value: int, field: str) -> int:
    """A count of one or more; raises Refused naming the field."""
    if not 1 <= value <= 100_000:
        raise Refused("请写 1 以上的整数。", field=field)
    return value
