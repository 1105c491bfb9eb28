"""Teams with lead and insurance, and who is paired with which household."""

from datetime import date
from uuid import UUID

from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now, today
from rongjiu.db import current_tenant, db
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.tenancy.staff import working
from tenants.accompaniment.models import ServicePlan
from tenants.cases import service as cases
from tenants.volunteers import queries, rules, shifts
from tenants.volunteers.models import Pairing, Volunteer, VolunteerTeam

LEADS = ("volunteer_lead", "community_worker", "assistance_clerk", "secretary")


def open_team(name: str, lead_id: UUID | None, insurance: str, insured_until: date | None) -> UUID:
    """Begin a team; answers its id. Raises Refused naming name, lead, insurance or insured_until."""
    row = VolunteerTeam(id=uuid7(), name="", insurance="", started_at=now(), ended_at=None)
    _say(row, name, lead_id, insurance, insured_until)
    db.session.add(row)
    db.session.flush()
    audit.record("team.open", "volunteer_team", row.id)
    return row.id


def change_team(team_id: UUID, name: str, lead_id: UUID | None, insurance: str, insured_until: date | None) -> None:
    """Change lead or insurance of a team. Raises Absent, Refused as open_team."""
    row = db.session.scalar(select(VolunteerTeam).where(VolunteerTeam.id == team_id).with_for_update())
    if row is None:
        raise Absent("没有这个队。")
    _say(row, name, lead_id, insurance, insured_until)
    db.session.flush()
    audit.record("team.change", "volunteer_team", row.id, insured_until=str(insured_until or ""))


def _say(row: VolunteerTeam, name: str, lead_id: UUID | None, insurance: str, insured_until: date | None) -> None:
    if not 0 < len(name.strip()) <= 30:
        raise Refused("请写队名，30 个字以内。", field="name")
    if lead_id not in {each.account_id for each in working(current_tenant().uid, LEADS)}:
        raise Refused("请选一位队长，红旗会打给队长。", field="lead")
    if len(insurance.strip()) > 200:
        raise Refused("请写短一点，200 字以内。", field="insurance")
    if insured_until is not None and not insurance.strip():
        raise Refused("请写保险是哪家的、保单号。", field="insurance")
    row.name, row.lead_id, row.insurance = name.strip(), lead_id, insurance.strip()
    row.insured_until = insured_until


def pair(case_id: UUID, volunteer_id: UUID, *, kin_checked: bool = False) -> UUID:
    """Pair a volunteer with a household; the open seats of its rounds are the volunteer's. Pairing again changes nothing.

    Raises Refused naming `volunteer` when the person may not go there, or `kin` when relatives were declared and
    nobody made sure that it is not this family (roles, rule 5).
    """
    cases.hold(case_id)
    standing = select(Pairing.id).where(
        Pairing.case_id == case_id, Pairing.volunteer_id == volunteer_id, Pairing.ended_at.is_(None)
    )
    if (known := db.session.scalar(standing)) is not None:
        return known
    one = queries.standing(volunteer_id)
    if one is None:
        raise Refused("请选一位志愿者。", field="volunteer")
    young = db.session.scalar(
        select(ServicePlan.id).where(
            ServicePlan.case_id == case_id, ServicePlan.children.is_(True), ServicePlan.ended_at.is_(None)
        )
    )
    if why := rules.barred(one, today(), children=young is not None):
        raise Refused(why, field="volunteer")
    kin = db.session.scalar(select(Volunteer.kin).where(Volunteer.id == volunteer_id))
    if kin == "yes" and not kin_checked:
        raise Refused("这位志愿者申报有亲属在受助，请先核对不是这一家，再勾选。", field="kin")
    row = Pairing(
        id=uuid7(), case_id=case_id, volunteer_id=volunteer_id, from_on=today(), kin_checked=kin_checked,
        made_by=current_actor().account_id, ended_at=None,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("pair.make", "pairing", row.id, volunteer=str(volunteer_id))
    cases.event(case_id, "paired", pairing_id=str(row.id))
    shifts.place_paired(case_id)
    return row.id


def unpair(pairing_id: UUID) -> None:
    """End a pair; visits already taken stay with the volunteer until given back. Twice changes nothing. Raises Absent."""
    row = db.session.scalar(select(Pairing).where(Pairing.id == pairing_id).with_for_update())
    if row is None:
        raise Absent("没有这对结对。")
    if row.ended_at is None:
        row.ended_at = now()
        db.session.flush()
        audit.record("pair.end", "pairing", row.id)
        cases.event(row.case_id, "unpaired", pairing_id=str(row.id))
