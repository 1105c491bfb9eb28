"""What a family receives: noted, changed, struck out; before it ends the family is on the list, afterwards it no longer
counts."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
import time_machine
from sqlalchemy import select

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from tenants.acceptance import answering
from tenants.acceptance.models import DeskFile
from tenants.benefits import arriving, queries, service
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.service import Noted
from tenants.cases import queries as cases
from tenants.cases.models import CaseFile
from tenants.rescreening import jobs
from tenants.rescreening import service as rescreening
from tenants.rescreening.models import VerdictChange
from tenants.residents.service import NewPerson, Registered
from tenants.screening import service as screening
from tests import deskwork, factories, families
from tests.desk_of import Desk
from tests.rooms.test_rescreening import LINE, family, found, raise_line, run

GROUND = "低保证 610103（示例）"


def dibao(home: Registered, until: date | None, since: date | None = None) -> ReceivedBenefit:
    return service.note(home.household_id, Noted("dibao", None, since or today() - timedelta(days=300), until, GROUND))


def listed(*kinds: str) -> list[tuple[str, str, date, str, str]]:
    v = VerdictChange
    rows = db.session.execute(
        select(v.policy_slug, v.kind, v.on_date, v.cause, v.detail)
        .where(v.state == "open", v.kind.in_(kinds or ("will_lose", "lost")))
        .order_by(v.policy_slug)
    )
    return [tuple(row) for row in rows]


def test_before_it_ends_the_family_is_about_to_lose_it_once_with_reason_and_day(desk: Desk) -> None:
    """The line says what comes after: still entitled, so renew; or not any more."""
    poor, rich = family(desk, "101", 500), family(desk, "102", 5000)
    end = today() + timedelta(days=60)
    dibao(poor, end), dibao(rich, end)
    run("night")
    assert listed() == [], "the first day without lies 61 days ahead"
    with time_machine.travel(f"{today() + timedelta(days=1)}T04:00:00+08:00", tick=False):
        run("night")
        assert sorted(row[3:] for row in listed("will_lose") if row[0] == "dibao") == [
            ("benefit", "gone"), ("benefit", "renew"),
        ]  # fmt: skip
        assert {row[2] for row in listed("will_lose")} == {end + timedelta(days=1)}
        before = listed()
        assert rescreening.judge([poor.household_id], cause="night") == 0, "the next night finds the same, once"
        assert listed() == before


def test_on_the_first_day_without_it_is_lost(desk: Desk) -> None:
    home, end = family(desk, "101", 500), today()
    dibao(home, end)
    run("night")
    assert {row[:2] for row in listed() if row[0] == "dibao"} == {("dibao", "will_lose")}
    with time_machine.travel(f"{end + timedelta(days=1)}T04:00:00+08:00", tick=False):
        run("night")
        assert [row[1:] for row in listed() if row[0] == "dibao"] == [
            ("lost", end + timedelta(days=1), "benefit", "renew")
        ]


def test_the_wait_before_the_end_is_the_streets_to_set(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    dibao(family(desk, "101", 500), today() + timedelta(days=90))
    asked = rescreening.waits.setting
    monkeypatch.setattr(
        rescreening.waits, "setting", lambda slug: 120 if slug == "rescreen-benefit-end" else asked(slug)
    )
    run("night")
    assert [row[0] for row in listed("will_lose") if row[3] == "benefit"].count("dibao") == 1


def test_what_hangs_on_the_recognition_is_about_to_be_lost_with_it(desk: Desk) -> None:
    """Medical aid is open to a recognised household only; with the end of dibao it goes too."""
    home = family(desk, "101", 500)
    dibao(home, today() + timedelta(days=20))
    run("night")
    lost = {(row[0], row[3]) for row in listed("will_lose")}
    assert ("dibao", "benefit") in lost
    assert {policy for policy, _cause in lost} > {"dibao"} and {cause for _policy, cause in lost} == {"benefit"}


def test_a_renewal_takes_the_family_off_the_list_and_an_end_set_back_puts_it_on_again(desk: Desk) -> None:
    home = family(desk, "101", 500)
    end = today() + timedelta(days=20)
    row = dibao(home, end)
    run("night")
    assert listed("will_lose")
    service.amend(row.id, row.since, end + timedelta(days=365), GROUND, seen=1)
    rescreening.judge([home.household_id], cause="fact")
    assert listed("will_lose") == []
    service.amend(row.id, row.since, end, GROUND, seen=2)
    rescreening.judge([home.household_id], cause="fact")
    assert [row[0] for row in listed("will_lose")].count("dibao") == 1


def test_the_family_is_told_after_a_named_clerk_confirmed(desk: Desk) -> None:
    person = NewPerson("李示例", "male", "02", age=50, phone="13812345678")
    dibao(family(desk, "101", 500, person), today() + timedelta(days=20))
    run("night")
    change = db.session.scalars(select(VerdictChange.id).where(VerdictChange.policy_slug == "dibao")).one()
    assert db.session.scalars(select(Message)).all() == []
    rescreening.tell(change, "sms", "救助专干")
    jobs.tell({"change_id": str(change)})
    sent = db.session.scalars(select(Message)).one()
    assert sent.purpose == "policy_change"


def test_after_its_last_day_it_no_longer_counts_as_received(desk: Desk) -> None:
    home = family(desk, "101", 500)
    dibao(home, today() + timedelta(days=20))
    (case,) = cases.of_household(home.household_id)
    known = screening.known(case.id, home.household_id, today())
    assert known.household["household.recognised"] == "dibao" and [each.policy for each in known.receives] == ["dibao"]
    later = screening.known(case.id, home.household_id, today() + timedelta(days=21))
    assert later.receives == () and later.household["household.recognised"] == "none", "as the family had told"


def test_somebody_who_receives_it_is_not_newly_reached_when_the_line_rises(desk: Desk) -> None:
    has, lacks = family(desk, "101", 800), family(desk, "102", 800)
    dibao(has, None)
    run()
    raise_line(900)
    run("parameter", LINE)
    assert [who for who, _policy, _kind in found("reached", policy="dibao")] == [lacks.household_id]


def test_every_change_of_a_field_stays_in_the_history(desk: Desk) -> None:
    home = family(desk, "101", 500)
    row = dibao(home, None)
    end = today() + timedelta(days=200)
    service.amend(row.id, row.since, end, GROUND, seen=1)
    service.strike(row.id, "登记到别人家了", seen=2)
    said = [(each.name, each.before, each.after, each.actor) for each in queries.history(row.id)]
    post = desk.as_clerk().name
    assert said == [
        ("benefit", "dibao", None, post),
        ("benefit_until", None, end.isoformat(), post),
        ("benefit", None, "dibao", post),
    ]
    assert queries.entries(home.household_id) == []
    bells = db.session.scalars(select(Outbox.kind).where(Outbox.kind == "rescreen.household")).all()
    assert len(bells) >= 3, "each change judges the family again soon"


def test_wrong_entries_name_their_field_and_nobody_overwrites_unseen(desk: Desk) -> None:
    home, other = family(desk, "101", 500), family(desk, "102", 500)
    day, person = today(), home.person_ids[0]
    for said, field in (
        (Noted("no-such", None, day, None, GROUND), "policy"),
        (Noted("age-subsidy", None, day, None, GROUND), "person"),
        (Noted("age-subsidy", other.person_ids[0], day, None, GROUND), "person"),
        (Noted("dibao", None, None, None, GROUND), "since"),
        (Noted("dibao", None, day, day - timedelta(days=1), GROUND), "until"),
        (Noted("dibao", None, day, None, " 证 "), "ground"),
    ):
        with pytest.raises(Refused) as refused:
            service.note(home.household_id, said)
        assert refused.value.field == field
    row = dibao(home, None)
    assert row.person_id is None
    with pytest.raises(Refused) as refused:
        dibao(home, None, day)
    assert refused.value.field == "since"
    personal = service.note(home.household_id, Noted("age-subsidy", person, day, None, GROUND))
    assert personal.person_id == person
    with pytest.raises(Clash):
        service.amend(row.id, row.since, day, GROUND, seen=9)
    with pytest.raises(Absent):
        service.strike(uuid7(), "登记错了", seen=1)


def test_what_the_street_grants_is_received_from_then_on(inside: None) -> None:
    """准予 writes it into the register for the person it was asked for, with its last day; a later grant carries the
    same entry on; what is paid once does not end."""
    sent = deskwork.a_street_at_work()
    with tenant_scope(sent.family.tenant):
        assert sent.task
        answering.accept(sent.task, today())
        end = today() + timedelta(days=364)
        with pytest.raises(Refused) as refused:
            answering.grant(sent.task, today(), Decimal(100), "month", today(), today() - timedelta(days=1))
        assert refused.value.field == "until_on"
        answering.grant(sent.task, today(), Decimal(100), "month", today(), end)
        assert db.session.scalars(select(DeskFile.until_on)).one() == end
        home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == sent.family.case_id)).first()
        assert home
        (row,) = queries.of_household(home)
        assert (row.policy_slug, row.since, row.until, row.source) == (deskwork.POLICY, today(), end, "acceptance")
        assert row.person
        arriving.granted(home, row.policy_slug, [row.person_id], end, end + timedelta(days=365), uuid7())
        (again,) = queries.of_household(home)
        assert (again.id, again.until) == (row.id, end + timedelta(days=365))


def test_a_family_that_receives_all_it_may_have_is_not_marked_as_missing_something(inside: None) -> None:
    """周某 and 马某 may have two policies each; once they receive them nothing waits to be applied for."""
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        zhou, day = families.zhou(), date(2022, 8, 10)
        home = db.session.scalars(select(CaseFile.household_id).where(CaseFile.id == zhou.case_id)).one()
        assert home

        def marked() -> bool:
            screening.confirm(zhou.case_id, screening.take(zhou.case_id, day).id, "救助专干")
            reasons = select(CaseFile.weight_reasons).where(CaseFile.id == zhou.case_id)
            return "entitled_not_applied" in db.session.scalars(reasons).one()

        assert marked()
        for person in zhou.people[:2]:
            for policy in ("age-subsidy", "family-doctor"):
                service.note(home, Noted(policy, person, date(2022, 1, 1), None, "批复（示例）"))
        assert not marked()
