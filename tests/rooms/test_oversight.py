"""What the level above reads equals the rows, and holds no resident."""

from datetime import timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import ProgrammingError

from blueprints.cli import held
from blueprints.cli.oversight import differences
from rongjiu.actor import acting
from rongjiu.clock import now, today
from rongjiu.db import as_role, db, tenant_scope
from rongjiu.facts import Fact, send
from rongjiu.ids import uuid7
from rongjiu.oversight import queries
from rongjiu.oversight.models import Indicator
from rongjiu.oversight.service import next_step, no_step
from rongjiu.tenancy.models import Community
from tenants.accompaniment.models import Visit
from tenants.referrals import answering, service
from tenants.screening import service as screening
from tenants.signals import first_visit
from tenants.signals import service as signals
from tests import casework, factories, families
from tests.desk_of import DOOR, ZHOU, a_desk

pytestmark = pytest.mark.usefixtures("inside")
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40


def test_recount_equals_what_was_kept_from_signal_to_family() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        got = signals.receive("hotline", "need", "老人卧床多年", courtyard_id=here.yard)
        opened = signals.open_case(got.id, ["希望能对接医疗资源"], courtyard_id=here.yard, urgency="ordinary")
        assert differences() == {}
        visit = db.session.scalars(select(Visit.id).where(Visit.case_id == opened.case_id)).one()
        sheet = first_visit.Sheet(door=DOOR, people=ZHOU, carers=(), photo=("c1.png", PNG))
        first_visit.register(visit, sheet, client_key=uuid7())
        assert differences() == {}
        kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
        assert kept["signals_met"] == 1
        assert kept["persons"] == len(ZHOU)
        db.session.execute(text("UPDATE indicator SET value = value + 1 WHERE name = 'cases_opened'"))
        assert differences() == {"cases_opened": (2, 1)}


def test_what_waits_for_nobody_is_found_and_so_is_a_step_of_what_is_over() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        got = signals.receive("hotline", "need", "老人卧床多年", courtyard_id=here.yard)
        opened = signals.open_case(got.id, ["希望能对接医疗资源"], courtyard_id=here.yard, urgency="ordinary")
        assert (held.unheld(), held.left_over()) == ({}, {})
        visit = db.session.scalars(select(Visit.id).where(Visit.case_id == opened.case_id)).one()
        no_step(visit)
        assert held.unheld() == {"visit": [visit], "case": [opened.case_id]}
        sweep = uuid7()
        next_step(
            "sweep",
            sweep,
            number="1",
            case_id=None,
            actor_role="secretary",
            actor="社区书记",
            verb="结束",
            due_at=now(),
        )
        assert held.left_over() == {"sweep": [sweep]}


def test_recount_equals_what_was_kept_for_offers() -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "catheter-change", "home-checkup", places=2)
    with tenant_scope(family.tenant):
        before = differences()
        consent = casework.a_consent(family, helper)
        assert helper.second is not None
        tasks = service.offer(family.need, [helper.service, helper.second], consent, family.old_man)
        ids = [task.id for task in tasks]
        answering.accept(ids[:1], helper.id, now() + timedelta(hours=3))
        answering.decline(ids[1:], helper.id, "out-of-area")
        assert differences() == before
        kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
        assert (kept["offers_sent"], kept["offers_answered"], kept["offers_accepted"]) == (2, 2, 1)
    number = db.session.scalar(select(Community.tenant_id).where(Community.id == family.community_id))
    assert number is not None
    assert queries.offers_match((number,))


def test_recount_equals_what_was_kept_for_screenings() -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        family = families.zhou()
        before = differences()
        row = screening.take(family.case_id, today())
        screening.confirm(family.case_id, row.id, "救助专干")
        assert differences() == before


def test_the_overseers_role_cannot_read_a_table_with_a_resident() -> None:
    community = factories.a_community()
    tables = ("person", "household", "signal", "need", "consent", "case_file", "visit", "income_sheet", "determination")
    with as_role("app_overseer", visible=(community.tenant_id,)):
        for table in tables:
            with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
                db.session.execute(text(f"SELECT 1 FROM {table}"))


def test_the_overseers_role_sees_its_own_communities_only() -> None:
    one, other = factories.a_community(), factories.a_community()
    for row in (one, other):
        with tenant_scope(factories.tenant(row)):
            send(Fact(tenant_id=row.tenant_id, counts={"cases_opened": 3}))
    number = one.tenant_id
    with as_role("app_overseer", visible=(number,)):
        assert db.session.scalars(select(Indicator.tenant_id)).all() == [number]


def test_the_earliest_step_is_who_a_community_waits_for() -> None:
    street = factories.a_street()
    community = factories.a_community(street)
    late, soon = uuid7(), uuid7()
    with tenant_scope(factories.tenant(community)):
        for at, object_id, actor in ((5, soon, "社区"), (-2, late, "服务方")):
            next_step(
                "task", object_id, number="CS-1", case_id=None, actor_role="x", actor=actor, verb="答复派单",
                due_at=now() + timedelta(hours=at),
            )  # fmt: skip
    line = queries.lines("street", street.id)[0]
    assert line.next is not None
    assert (line.next.actor, line.next.late, line.live, line.late) == ("服务方", True, 2, 1)
    with tenant_scope(factories.tenant(db.session.scalars(select(Community).where(Community.slug == line.slug)).one())):
        no_step(late)
    line = queries.lines("street", street.id)[0]
    assert line.next is not None
    assert (line.next.actor, line.late) == ("社区", 0)
