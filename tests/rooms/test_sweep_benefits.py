"""What people say at the door that they receive: in the register of benefits, once, in the worker's name, for a clerk to check."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from rongjiu.actor import acting, current_actor
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.outbox import Outbox
from tenants.benefits import arriving, queries
from tenants.benefits import service as benefits
from tenants.benefits.models import ReceivedBenefit
from tenants.benefits.service import Noted
from tenants.residents import service as register
from tenants.residents.models import RegisterChange
from tenants.residents.service import Registered
from tenants.sweeps.service import Seen, Sheet, record
from tests.desk_of import DOOR, ZHOU, Desk, a_desk
from tests.sweeping import a_sweep, stops


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    """A community at work, entered."""
    found = a_desk()
    with tenant_scope(found.tenant), acting(found.as_clerk()):
        yield found


def at_the_door(here: Desk, home: Registered, *said: Seen, sweep_id: UUID | None = None) -> UUID:
    """A sheet of the family's door in a sweep of its own; answers the sweep."""
    sweep_id = sweep_id or a_sweep(here)
    (stop,) = stops(sweep_id)
    record(stop.id, Sheet("visited", people=said), client_key=uuid4(), at=now(), courtyards=[here.yard])
    return sweep_id


def standing() -> list[ReceivedBenefit]:
    db.session.expire_all()
    b = ReceivedBenefit
    return list(db.session.scalars(select(b).where(b.struck_at.is_(None)).order_by(b.policy_slug, b.id)))


def test_each_is_noted_once_for_whom_it_is_with_worker_day_and_origin(here: Desk) -> None:
    home = register.register(here.yard, DOOR, ZHOU)
    zhou, ma = home.person_ids[:2]
    both = ("dibao", "age-subsidy")
    sweep_id = at_the_door(
        here, home, Seen(zhou, "seen", policy_now_received=both), Seen(ma, "told", policy_now_received=both)
    )
    found = standing()
    assert [(row.policy_slug, row.person_id) for row in found] == [
        ("age-subsidy", zhou), ("age-subsidy", ma), ("dibao", None),
    ]  # fmt: skip
    assert {(row.source, row.since, row.until, row.ground, row.noted_by) for row in found} == {
        ("sweep", today(), None, None, current_actor().account_id)
    }
    c = RegisterChange
    kept = db.session.execute(select(c.after, c.source).where(c.name == "benefit"))
    assert sorted(tuple(row) for row in kept) == [
        ("age-subsidy", "sweep"),
        ("age-subsidy", "sweep"),
        ("dibao", "sweep"),
    ]
    judged = db.session.scalars(select(Outbox.payload).where(Outbox.kind == "rescreen.household"))
    assert {"household_id": str(home.household_id)} in list(judged)
    rest = [Seen(each, "seen", policy_now_received=("dibao",)) for each in home.person_ids[2:]]
    at_the_door(here, home, *rest, sweep_id=sweep_id)
    assert len(standing()) == 3, "what stands already is not doubled by the next sheet"


def test_who_left_what_is_gone_and_what_begins_soon_are_passed_over(here: Desk) -> None:
    home = register.register(here.yard, DOOR, ZHOU)
    zhou, ma, son, girl = home.person_ids
    begins = today() + timedelta(days=20)
    benefits.note(home.household_id, Noted("dibao", None, begins, None, "批复（示例）"))
    at_the_door(
        here, home, Seen(zhou, "seen", policy_now_received=("dibao", "no-such-policy")),
        Seen(ma, "died", policy_now_received=("age-subsidy",)), Seen(son, "moved", policy_now_received=("age-subsidy",)),
        Seen(girl, "unasked"),
    )  # fmt: skip
    assert [(row.policy_slug, row.source, row.since) for row in standing()] == [("dibao", "desk", begins)]


def test_a_clerk_who_writes_the_real_dates_names_the_paper(here: Desk) -> None:
    home = register.register(here.yard, DOOR, ZHOU)
    at_the_door(here, home, Seen(home.person_ids[0], "seen", policy_now_received=("dibao",)))
    (row,) = standing()
    since = today() - timedelta(days=500)
    with pytest.raises(Refused) as refused:
        benefits.amend(row.id, since, None, "", seen=1)
    assert refused.value.field == "ground"
    benefits.amend(row.id, since, None, "低保证（示例）", seen=1)
    assert queries.told(queries.Wanted())[1] == 0, "the paper that is named has checked it"
    assert [(each.source, each.since, each.ground) for each in standing()] == [("sweep", since, "低保证（示例）")]


def told(here: Desk, *slugs: str) -> list[ReceivedBenefit]:
    """What the old man of a family says that he receives."""
    home = register.register(here.yard, DOOR, ZHOU)
    at_the_door(here, home, Seen(home.person_ids[0], "seen", policy_now_received=slugs))
    return standing()


def waiting(**asked: str) -> list[str]:
    return [row.policy_slug for row in queries.told(queries.Wanted(**asked))[0]]  # type: ignore[arg-type]


def test_what_was_told_waits_until_a_paper_or_the_department_confirms_it(here: Desk) -> None:
    age, dibao = told(here, "dibao", "age-subsidy")
    assert sorted(waiting()) == ["age-subsidy", "dibao"]
    assert waiting(policy="dibao") == ["dibao"]
    assert db.session.scalar(select(queries.waiting())) == 2
    since = today() - timedelta(days=700)
    for how, ground, field in (("hearsay", "低保证（示例）", "how"), ("paper", "", "ground")):
        with pytest.raises(Refused) as refused:
            benefits.check(dibao.id, how, since, None, ground, seen=1)
        assert refused.value.field == field
    benefits.check(dibao.id, "paper", since, today() + timedelta(days=30), "低保证（示例）", seen=1)
    benefits.check(age.id, "department", age.since, None, "民政 11 月 20 日电话（示例）", seen=1)
    assert waiting() == []
    assert (waiting(state="paper"), waiting(state="department")) == (["dibao"], ["age-subsidy"])
    with pytest.raises(Clash):
        benefits.check(dibao.id, "paper", since, None, "低保证（示例）", seen=2)
    acts = db.session.execute(select(Audit.verb, Audit.detail).where(Audit.verb == "benefit.check")).all()
    assert [row.detail["how"] for row in acts] == ["paper", "department"]
    changes = {each.name: each.after for each in queries.history(dibao.id)}
    assert changes["benefit_checked"] == "paper" and changes["benefit_since"] == since.isoformat()
    assert standing()[1].checked_by == current_actor().account_id


def test_what_is_not_received_after_all_no_longer_counts(here: Desk) -> None:
    (row,) = told(here, "dibao")
    assert [each.unchecked for each in queries.by_household([row.household_id])[row.household_id]] == [True]
    with pytest.raises(Refused) as refused:
        benefits.strike(row.id, "没有", seen=1)
    assert refused.value.field == "why"
    benefits.strike(row.id, "民政说早已停发（示例）", seen=1)
    assert standing() == []
    assert queries.by_household([row.household_id]) == {}
    assert (waiting(), waiting(state="none")) == ([], ["dibao"])


def test_a_grant_of_the_department_checks_what_was_told(here: Desk) -> None:
    (row,) = told(here, "dibao")
    since, until = today() - timedelta(days=40), today() + timedelta(days=320)
    arriving.granted(row.household_id, "dibao", [], since, until, uuid7())
    (same,) = standing()
    assert (same.id, same.since, same.until, same.checked_how) == (row.id, since, until, "department")
    assert waiting() == []
