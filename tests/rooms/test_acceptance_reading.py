"""What the desk reads and what it costs, silence that is chased, official desks, coverage."""

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import ProgrammingError

from rongjiu import outbox
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import Scope, db, scoped, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from rongjiu.oversight import desk
from rongjiu.oversight.models import DeskInbox, Indicator
from tenants.acceptance import answering, chasing, contacts, queries, receiving, service
from tenants.acceptance.models import DeskFile
from tenants.catalogue.models import Policy
from tenants.referrals.models import ReferralRequest
from tests import deskwork
from tests.asked import statements
from tests.rooms.test_acceptance import act, inbox, state, step, task_of, verbs


@pytest.fixture
def sent(inside: None) -> Iterator[deskwork.Sent]:
    """A file that lies at the desk; the community entered."""
    found = deskwork.a_street_at_work()
    with tenant_scope(found.family.tenant):
        yield found


def test_a_page_of_the_inbox_costs_the_same_whatever_it_holds(sent: deskwork.Sent) -> None:
    def asked() -> int:
        with statements() as seen:
            rows, _total = desk.page(sent.family.street_id, desk.Wanted())
            assert len(receiving.heads(sent.family.street_id, rows)) == len(rows)
        return len(seen)

    before = asked()
    assert 0 < before <= 4
    for policy in ("dibao", "temporary-aid", "elderly-80"):
        if db.session.scalar(text("SELECT 1 FROM policy WHERE slug = :s"), {"s": policy}):
            deskwork.send(sent.family, policy, ())
    assert asked() == before


@pytest.mark.parametrize(
    ("amount", "period", "day", "field"),
    [(None, "month", date(2026, 1, 1), "amount"), (Decimal("-1"), "month", date(2026, 1, 1), "amount"),
     (Decimal(1), "weekly", date(2026, 1, 1), "period"), (Decimal(1), "once", None, "from_on")],
)  # fmt: skip
def test_a_grant_says_how_much_and_from_when(
    sent: deskwork.Sent, amount: Any, period: str, day: Any, field: str
) -> None:
    act("accept", sent)
    with pytest.raises(Refused) as refused:
        answering.grant(task_of(sent), today(), amount, period, day)
    assert refused.value.field == field
    assert state(sent) == "accepted"


def bells(sent: deskwork.Sent) -> list[Any]:
    return list(
        db.session.execute(
            select(Outbox.id, Outbox.payload, Outbox.run_after)
            .where(Outbox.kind == "acceptance.chase")
            .order_by(Outbox.run_after.desc(), Outbox.id.desc())
        )
    )


def test_silence_is_chased_then_told_to_street_then_to_district(sent: deskwork.Sent) -> None:
    levels = []
    tenant = sent.family.tenant
    for _ in range(6):
        bell = bells(sent)[0]
        with time_machine.travel(bell.run_after + timedelta(seconds=1)):
            assert chasing.chase(task_of(sent), bell.payload["wait"], bell.payload["chase"])
            assert not chasing.chase(task_of(sent), bell.payload["wait"], bell.payload["chase"])
            levels.append(inbox(sent).level)
            told = db.session.scalars(
                select(Outbox.id).where(Outbox.kind == "acceptance.tell", Outbox.done_at.is_(None))
            ).all()
            for each in told:
                row = db.session.scalars(select(Outbox).where(Outbox.id == each)).one()
                chasing.tell_level(UUID(row.payload["task"]), row.payload["level"], row.payload["key"])
    assert levels == [0, 0, 1, 1, 2, 2]
    assert state(sent) == "requested"
    assert tenant.id
    texts = [row.text for row in db.session.scalars(select(Message).where(Message.purpose == "desk_chase"))]
    assert len(texts) == 6 + 4 + 2
    assert not [each for each in texts if deskwork.casework.NAME in each or "残疾" in each]
    line = desk_line(sent)
    assert (line["desk"], line["district"]) == (1, 1)
    act("accept", sent)
    assert (inbox(sent).chases, inbox(sent).level) == (0, 0)
    assert desk_line(sent) == {"desk": 0, "district": 0}


def desk_line(sent: deskwork.Sent) -> dict[str, int]:
    from rongjiu.oversight.queries import lines

    (line,) = lines("street", sent.family.street_id, slug=sent.family.slug)
    return {"desk": line.silent_desk, "district": line.silent_department}


def test_a_bell_of_a_file_that_has_moved_stays_silent(sent: deskwork.Sent) -> None:
    bell = bells(sent)[0]
    act("accept", sent)
    with time_machine.travel(bell.run_after + timedelta(days=1)):
        assert not chasing.chase(task_of(sent), bell.payload["wait"], bell.payload["chase"])
    assert "chase" not in verbs(sent)
    assert not chasing.chase(uuid7(), bell.payload["wait"], 1)


def test_the_file_is_what_was_sent_and_stays_so(sent: deskwork.Sent) -> None:
    view = receiving.opened(sent.family.street_id, task_of(sent))
    (person,) = view.content["people"]
    assert (person["name"], person["id_number"]) == (deskwork.casework.NAME, deskwork.ID_NUMBER)
    assert view.content["home"] == {"courtyard": "雁北新村", "door": "7楼 2单元 301房"}
    assert view.content["words"] == deskwork.WORDS
    assert [paper.state for paper in view.papers] == ["have", "attached", "missing"]
    assert deskwork.casework.PHONE in str(view.content)
    assert "周子测试" not in str(view.content)
    assert receiving.heads(sent.family.street_id, [view.row]) == {task_of(sent): "周**"}


def test_an_opening_stands_in_the_communitys_chain_and_in_the_file(sent: deskwork.Sent) -> None:
    view = receiving.opened(sent.family.street_id, task_of(sent))
    receiving.note_opening(view, "一门受理甲")
    row = db.session.execute(select(Audit.verb, Audit.object_id).where(Audit.verb == "desk.open")).one()
    assert row.object_id == str(sent.task)
    events = queries.file(sent.family.case_id, task_of(sent)).events
    assert (events[-1].verb, events[-1].post) == ("opened", "一门受理甲")
    assert receiving.paper(sent.family.street_id, task_of(sent), view.papers[1].id)[2].startswith(b"\xff\xd8")


def test_another_street_finds_nothing(sent: deskwork.Sent) -> None:
    elsewhere = deskwork.factories.a_street().id
    with pytest.raises(Absent):
        receiving.opened(elsewhere, task_of(sent))
    assert desk.page(elsewhere, desk.Wanted(state="all")) == ([], 0)


def test_the_desk_reaches_no_household_no_person_and_no_other_file(sent: deskwork.Sent) -> None:
    other = deskwork.send(sent.family, "dibao", ())
    scope = Scope(
        tenant=sent.family.tenant, role="app_receiver", street_id=sent.family.street_id, desk_task_ids=(task_of(sent),)
    )
    with scoped(scope):
        assert list(db.session.execute(text("SELECT id FROM desk_file")).scalars()) == [sent.task]
        assert db.session.execute(text("SELECT id FROM person")).all() == []
        assert db.session.execute(text("SELECT id FROM household")).all() == []
        assert db.session.execute(text("SELECT id FROM desk_paper WHERE task_id <> :t"), {"t": sent.task}).all() == []
        assert db.session.execute(text("SELECT id FROM tenant_file WHERE owner_id = :t"), {"t": other}).all() == []
        for table in ("case_file", "need", "screening", "determination", "income_sheet"):
            with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
                db.session.execute(text(f"SELECT * FROM {table}"))
    with scoped(Scope(tenant=sent.family.tenant, role="app_receiver", desk_task_ids=(task_of(sent),))):
        assert db.session.execute(text("SELECT id FROM desk_file")).all() == []


def test_withdrawing_takes_the_copy_away(sent: deskwork.Sent) -> None:
    with pytest.raises(Refused):
        service.withdraw(sent.family.case_id, task_of(sent), " ")
    act("withdraw", sent)
    with pytest.raises(Absent):
        receiving.opened(sent.family.street_id, task_of(sent))
    assert db.session.scalar(select(DeskFile.content)) is None
    assert receiving.heads(sent.family.street_id, [inbox(sent)]) == {}
    assert step(sent) is None
    assert db.session.scalars(select(ReferralRequest.state).where(ReferralRequest.kind == "department")).one() == (
        "revoked"
    )


def test_history_is_append_only(sent: deskwork.Sent) -> None:
    for statement in ("UPDATE desk_event SET verb = 'x'", "DELETE FROM desk_event"):
        with pytest.raises(ProgrammingError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(statement))


def test_official_desks_take_only_addresses_of_the_web(sent: deskwork.Sent) -> None:
    for url in ("javascript:alert(1)", "ftp://a.example.cn", "//a.cn", "http://x", "https://u@a.cn", "https://a b.cn"):
        with pytest.raises(Refused) as refused:
            contacts.put("mzj", policy="dibao", url=url)
        assert refused.value.field == "url"
    contacts.put("mzj", policy="dibao", url="https://zwfw.example.cn/dibao")
    contacts.put("mzj", policy="dibao", url="https://zwfw.example.cn/neu")
    assert queries.contact("mzj", "dibao").url == "https://zwfw.example.cn/neu"
    with pytest.raises(Absent):
        contacts.put("cl", policy="dibao", url="https://a.example.cn")


def test_coverage_says_what_a_department_lacks(sent: deskwork.Sent) -> None:
    before = {row.slug: row.lacks for row in queries.coverage(now() - timedelta(days=90))}
    assert len(before) == 13
    assert before["mzj"] == ["contact", "answer"]
    contacts.put("mzj", phone="029-12345678")
    act("refuse", sent)
    found = {row.slug: row for row in queries.coverage(now() - timedelta(days=90))}
    assert found["mzj"].lacks == []
    assert (found["mzj"].sent, found["mzj"].answered) == (1, 1)
    rows, reached = queries.overseen([sent.family.tenant.id])
    assert len(rows) == 13
    assert reached == {(sent.family.tenant.id, "mzj")}
    counted = desk.by_department((sent.family.tenant.id,), now() - timedelta(days=90))
    assert [(row.department_slug, row.sent, row.answered) for row in counted] == [("mzj", 1, 1)]
    assert not [row for row in found.values() if "item" in row.lacks]
    db.session.execute(update(Policy).where(Policy.department_slug == "hsz").values(department_slug="mzj"))
    lacking = {row.slug: row.lacks for row in queries.coverage(now() - timedelta(days=90))}
    assert lacking["hsz"] == ["item", "contact", "answer"]


def test_offers_and_department_files_are_counted_apart(sent: deskwork.Sent) -> None:
    from blueprints.cli.recount import recount
    from rongjiu.oversight.queries import offers_match

    act("accept", sent)
    act("grant", sent)
    service.settle(sent.family.case_id, task_of(sent))
    kept = {row.name: row.value for row in db.session.execute(select(Indicator.name, Indicator.value))}
    counted = recount()
    for name in (
        "offers_sent",
        "offers_answered",
        "claimed_done",
        "confirmed_done",
        "needs_solved",
        "entitled_applied",
    ):
        assert counted[name] == kept.get(name, 0), name
    assert kept["needs_solved"] == 1
    assert offers_match((sent.family.tenant.id,))
    assert outbox.kinds() >= {"acceptance.chase", "acceptance.tell", "acceptance.supplement", "acceptance.tell_desk"}
    assert db.session.scalar(select(func.count()).select_from(DeskInbox)) == 1
