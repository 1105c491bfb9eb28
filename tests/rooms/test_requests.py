"""A sensitive fact changes only when a second person agrees; a single secretary's own act is marked."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import select

from rongjiu import audit
from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from tenants.residents import changing, service
from tenants.residents.models import Person, RegisterChange
from tenants.residents.service import Door, NewPerson
from tenants.reviews import queries, requests, together
from tenants.reviews.models import ChangeRequest
from tests import factories
from tests.desk_of import Desk, a_desk
from tests.factories import Staff

pytestmark = pytest.mark.usefixtures("inside")
ONE, OTHER = "610103194001011235", "610103194001011251"


class Here:
    def __init__(self) -> None:
        self.desk: Desk = a_desk()
        with tenant_scope(self.desk.tenant):
            (self.person,) = service.register(
                self.desk.yard, Door("1", "1", "1"), [NewPerson("王芳", id_number=ONE, condition="高血压")]
            ).person_ids

    def by(self, staff: Staff, role: str) -> Actor:
        return Actor(staff.account.id, role, staff.membership.post)


@pytest.fixture
def here() -> Iterator[Here]:
    made = Here()
    with tenant_scope(made.desk.tenant):
        yield made


def value(person: object, name: str) -> object:
    return db.session.scalar(select(getattr(Person, name)).where(Person.id == person))


def test_a_change_waits_and_a_first_entry_does_not(here: Here) -> None:
    clerk = here.by(here.desk.clerk, "assistance_clerk")
    with acting(clerk):
        done = requests.put(
            here.person, {"name": "王方", "phone": "13800001111", "condition": "偏瘫"}, reason="户口本上是这样写的"
        )
        assert (done.changed, set(done.asked)) == (("phone",), {"name", "condition"})
        assert value(here.person, "name") == "王芳"
        step = db.session.execute(
            select(Step.actor_role, Step.verb, Step.due_at).where(Step.id == done.request_id)
        ).one()
        assert step.actor_role == "secretary"
        assert step.due_at is not None
        assert queries.waiting_for([here.person]) == {here.person: ["condition", "name"]}
        with pytest.raises(Refused, match="理由") as refused:
            requests.put(here.person, {"name": "王方"})
        assert refused.value.field == "reason"
        fresh = service.add_person(value(here.person, "household_id"), NewPerson("李小"))  # type: ignore[arg-type]
        first = requests.put(fresh, {"id_number": OTHER, "condition": "哮喘"})
        assert (set(first.changed), first.request_id) == ({"id_number", "condition"}, None)


def test_approved_it_happens_with_its_history_and_nobody_approves_the_own_act(here: Here) -> None:
    clerk, secretary = here.by(here.desk.clerk, "assistance_clerk"), here.by(here.desk.secretary, "secretary")
    with acting(clerk):
        asked = requests.put(here.person, {"name": "王方"}, reason="户口本上是这样写的").request_id
        assert asked is not None
        with pytest.raises(Refused, match="另一位书记"):
            requests.approve(asked)
    with acting(secretary):
        assert requests.approve(asked) is False
        with pytest.raises(Clash, match="已经有结果"):
            requests.approve(asked)
    assert value(here.person, "name") == "王方"
    change = RegisterChange
    assert tuple(db.session.execute(select(change.source, change.source_id).where(change.name == "name")).one()) == (
        "request",
        asked,
    )
    assert db.session.scalar(select(Step.id).where(Step.id == asked)) is None


def test_a_single_secretary_is_marked_and_two_watch_each_other(here: Here) -> None:
    secretary = here.by(here.desk.secretary, "secretary")
    with acting(secretary):
        first = requests.put(here.person, {"birth_date": date(1941, 1, 1)}, reason="按户口本更正").request_id
        assert first is not None
        assert requests.approve(first) is True
        assert db.session.scalar(select(ChangeRequest.self_approved).where(ChangeRequest.id == first))
        detail = db.session.scalar(select(Audit.detail).where(Audit.verb == "request.approve"))
        assert detail is not None
        assert detail["self"] is True
        deputy = factories.a_person_with_role("secretary", "community", here.desk.tenant.uid, post="副书记")
        second = requests.put(here.person, {"name": "王方"}, reason="户口本上是这样写的").request_id
        assert second is not None
        with pytest.raises(Refused, match="另一位书记"):
            requests.approve(second)
    with acting(here.by(deputy, "secretary")):
        assert requests.approve(second) is False


def test_what_was_changed_since_is_said_and_what_is_wrong_is_refused_at_once(here: Here) -> None:
    clerk, secretary = here.by(here.desk.clerk, "assistance_clerk"), here.by(here.desk.secretary, "secretary")
    with acting(clerk):
        asked = requests.put(here.person, {"condition": "偏瘫"}, reason="医院诊断书").request_id
        assert asked is not None
        changing.change_person(here.person, {"condition": "已康复"})
        with pytest.raises(Refused, match="最后一位") as refused:
            requests.put(here.person, {"id_number": "610103194001011230"}, reason="证件上的号码")
        assert refused.value.field == "id_number"
    assert value(here.person, "id_number") == ONE
    with acting(secretary):
        with pytest.raises(Clash, match="身体情况"):
            requests.approve(asked)
        with pytest.raises(Refused) as why:
            requests.refuse(asked, "")
        assert why.value.field == "why"
        requests.refuse(asked, "诊断书是三年前的")
    row = db.session.execute(
        select(ChangeRequest.state, ChangeRequest.proposed, ChangeRequest.decided_why).where(ChangeRequest.id == asked)
    ).one()
    assert tuple(row) == ("refused", None, "诊断书是三年前的")
    assert value(here.person, "condition") == "已康复"


def test_only_the_asker_takes_it_back(here: Here) -> None:
    with acting(here.by(here.desk.worker, "community_worker")):
        asked = requests.put(here.person, {"status": "died"}, reason="家属来电告知").request_id
        assert asked is not None
    with acting(here.by(here.desk.clerk, "assistance_clerk")):
        with pytest.raises(Absent):
            requests.withdraw(asked)
        with pytest.raises(Refused, match="书记"):
            requests.refuse(asked, "不同意这样改")
    with acting(here.by(here.desk.worker, "community_worker")):
        requests.withdraw(asked)
        moved = requests.put(here.person, {"status": "moved"})
        assert moved.changed == ("status",)
    assert queries.requests(asked_by=here.desk.clerk.account.id)[1] == 0
    assert queries.requests(asked_by=here.desk.worker.account.id)[1] == 1


def test_several_are_approved_together_each_for_itself_and_what_may_not_is_left(here: Here) -> None:
    clerk, secretary = here.by(here.desk.clerk, "assistance_clerk"), here.by(here.desk.secretary, "secretary")
    deputy = factories.a_person_with_role("secretary", "community", here.desk.tenant.uid, post="副书记")
    with acting(clerk):
        people = [
            service.register(here.desk.yard, Door("2", "1", f"{n}"), [NewPerson(f"甲{n}", condition="高血压")]).person_ids[0]
            for n in range(4)
        ]  # fmt: skip
        asked = [requests.put(each, {"condition": "偏瘫"}, reason="街道名单上这样写").request_id for each in people[:3]]
        changing.change_person(people[2], {"condition": "已康复"})
    with acting(secretary):
        own = requests.put(people[3], {"condition": "失能"}, reason="入户时见到的").request_id
        ids = [each for each in (*asked, own) if each]
        found = together.approve([*ids, uuid7()])
        assert (found.approved, found.alone, len(found.left)) == (2, 0, 3)
        assert "身体情况" in str(found.left[ids[2]].words) and found.left[ids[3]].status == 403
        assert [value(each, "condition") for each in people] == ["偏瘫", "偏瘫", "已康复", "高血压"]
        rows = db.session.scalars(select(Audit.detail).where(Audit.verb == "request.approve")).all()
        assert {row["request_id"] for row in rows} == {str(each) for each in ids[:2]}
        waiting = db.session.scalars(select(ChangeRequest.id).where(ChangeRequest.state == "open")).all()
        assert set(waiting) == set(ids[2:])
        assert len(db.session.scalars(select(Step.id).where(Step.id.in_(ids))).all()) == 2
        with pytest.raises(Refused, match="勾选"):
            together.approve([])
        with pytest.raises(Refused, match="最多"):
            together.approve([uuid7() for _each in range(51)])
    with acting(here.by(deputy, "secretary")):
        assert together.approve([ids[3]]).approved == 1
    assert audit.verify(here.desk.tenant) is None, "what was taken back left no gap in the chain"
