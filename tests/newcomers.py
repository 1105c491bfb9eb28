"""Something of each kind that outreach, complaints, volunteers, audits and papers keep, for tests that try every address:
ids by the names that addresses give them, and `at`: endpoint → ids of its own, where one name means several things."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import files
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.printing.models import Paper
from tenants.catalogue import queries as catalogue
from tenants.complaints import service as complaints
from tenants.disputes import queries as dispute_queries
from tenants.disputes import service as disputes
from tenants.fieldwork.models import FieldItem
from tenants.outcomes.models import AuditCheck
from tenants.outreach import gaps, ledger, lists, projects
from tenants.outreach import service as outreach
from tenants.reviews import ledgers
from tenants.volunteers.models import VisitSeat, Volunteer, VolunteerTeam
from tests import factories, volunteering
from tests.casework import Family

Ids = dict[str, Any]


def some(theirs: Family) -> Ids:
    """All of it, in the community of a family."""
    team = volunteering.a_team(theirs)
    lead, secretary = team.lead.account.id, team.secretary.account.id
    with tenant_scope(theirs.tenant), acting(Actor(secretary, "secretary", "社区书记")):
        found: Ids = {
            "plan_id": volunteering.a_round(theirs, team.id), "team_id": team.id, "volunteer_id": team.one,
            "seat_id": db.session.scalars(select(VisitSeat.id).limit(1)).one(), "check_id": _a_check(theirs),
        }  # fmt: skip
        matter = complaints.receive(complaints.Heard("总是不来", about="worker", staff_id=lead))
        complaints.ask(matter.id, "请说明那天的事")
        found["matter_id"] = matter.id
        at: dict[str, Ids] = {
            "desk.complaint": {"number": matter.number}, "desk.complaint_act": {"number": matter.number},
            **_outreach(found), "desk.field_photo": _a_photo(),
        }  # fmt: skip
        found |= a_paper(theirs, secretary)
        asked = {"request_id": ledgers.ask("年底上报台账")}
        at |= {"desk.ledger_decide": asked, "desk.ledger_export": asked}
    at |= _a_dispute(theirs)
    return {**found, "at": at}


def _outreach(found: Ids) -> dict[str, Ids]:
    shop = outreach.add(outreach.Typed("雁味餐馆", address="雁北路 20 号")).number
    item = next(row["id"] for row in catalogue.need_items())
    day = today()
    project = projects.add(projects.Planned("楼道照明", item, "1000", "", None, day, day, "12 盏灯")).number
    kind = next(row for row in catalogue.service_types() if row.get("need_item_ids"))
    found["target_id"] = gaps.open_target(kind["need_item_ids"][0], kind["id"], None).id
    listed = {"list_id": lists.read("名称\n雁发理发店\n".encode(), "shops.csv", "沿街商户")}
    given = {"row_id": ledger.add(ledger.Given("goods", "大米十袋", "10", "袋", day, "雁味餐馆")).id}
    shops = ("desk.prospect", "desk.prospect_tie", "desk.agreement")
    return {
        **dict.fromkeys(shops, {"number": shop}), "desk.project_move": {"number": project},
        "desk.prospect_list": listed, "desk.prospect_list_undo": listed, "desk.mobilised_strike": given,
    }  # fmt: skip


def _a_dispute(theirs: Family) -> dict[str, Ids]:
    """A sealed file with a paper, held by a worker who is not the one who tries."""
    worker = factories.a_person_with_role("community_worker", "community", theirs.community_id)
    with tenant_scope(theirs.tenant), acting(Actor(worker.account.id, "community_worker", "社区工作者")):
        row = disputes.open_file("楼上漏水,两家说不到一起", [("三楼李某", ""), ("二楼王某", "")])
        disputes.add_paper(row.id, "墙面照片", b"\xff\xd8\xff\xe0" + b"0" * 64, "wall.jpg")
        entry = next(each.id for each in dispute_queries.entries(row) if each.file_id)
        number = {"number": row.number}
    return {
        "desk.dispute": number, "desk.dispute_act": number | {"verb": "talk"},
        "desk.dispute_paper": number | {"entry_id": entry},
    }  # fmt: skip


def _a_check(theirs: Family) -> UUID:
    row = AuditCheck(
        id=uuid7(), case_id=theirs.case_id, month=today().replace(day=1), seed="x", rank=1, percent=5, state="open",
        drawn_at=now(), due_at=now() + timedelta(days=9),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    return row.id


def a_paper(theirs: Family, asked_by: UUID) -> Ids:
    """A slip of the case that is ready to be saved by whoever asked for it; within the community's scope."""
    paper_id = uuid7()
    file_id = files.keep(b"%PDF-1.7", "slip.pdf", "application/pdf", owner_kind="paper", owner_id=paper_id)
    db.session.add(
        Paper(
            id=paper_id, kind="slip", subject=theirs.number, state="done", reason="", html_id=file_id, file_id=file_id,
            asked_by=asked_by, asked_at=now(), ended_at=now(),
        )
    )  # fmt: skip
    db.session.flush()
    return {"paper_id": paper_id}


def _a_photo() -> Ids:
    """A photograph of the field item that waits, if one does."""
    item = db.session.scalars(select(FieldItem.id).limit(1)).one()
    kept = files.keep(b"\xff\xd8\xff", "door.jpg", "image/jpeg", owner_kind="field", owner_id=item)
    return {"item_id": item, "file_id": kept}


def bind(tenant: Tenant, account_id: UUID) -> None:
    """Somebody who is logged in as a volunteer is one, in a team."""
    with tenant_scope(tenant):
        team = db.session.scalar(select(VolunteerTeam.id).limit(1))
        if team is None:
            team = uuid7()
            db.session.add(VolunteerTeam(id=team, name="队", insurance="", started_at=now(), ended_at=None))
            db.session.flush()
        db.session.add(
            Volunteer(
                id=uuid7(), name="王二", called="小王", phone="13800009999", phone_index=account_id.bytes, state="active",
                kin="no", applied_at=now(), checked=[], quiz_score=0, quiz_tries=0, drops=0, no_shows=0, children=False,
                vetted_post="", team_id=team, account_id=account_id,
            )
        )  # fmt: skip
        db.session.flush()
