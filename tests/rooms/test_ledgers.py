"""The 台账 for a clerk: a second person approves, the file is taken once, within a day; each step is written down."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.oversight.models import Step
from tenants.reviews import ledgers, queries
from tenants.reviews.models import LedgerRequest
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def desk() -> Iterator[Desk]:
    made = a_desk()
    with tenant_scope(made.tenant):
        yield made


def secretary(desk: Desk) -> Actor:
    return Actor(desk.secretary.account.id, "secretary", "书记")


def test_asked_approved_and_taken_once(desk: Desk) -> None:
    with acting(desk.as_clerk()):
        request = ledgers.ask("年度普查上报", desk.yard)
        assert queries.counts().ledgers == 1
        assert db.session.scalars(select(Step.actor_role).where(Step.id == request)).one() == "secretary"
        with pytest.raises(Clash):
            ledgers.ask("再来一份台账")
        with pytest.raises(Clash):
            ledgers.take(request)
        with pytest.raises(Refused) as own:
            ledgers.approve(request)
        assert own.value.status == 403
    with acting(secretary(desk)):
        ledgers.approve(request)
        with pytest.raises(Absent):
            ledgers.take(request)
        with pytest.raises(Clash):
            ledgers.refuse(request, "已经批过")
    with acting(desk.as_clerk()):
        assert ledgers.ready(now()) == request
        assert ledgers.take(request) == ("年度普查上报", desk.yard)
        with pytest.raises(Clash, match="已经取过"):
            ledgers.take(request)
        assert ledgers.ready(now()) is None
    verbs = db.session.scalars(select(Audit.verb).where(Audit.object_id == str(request)).order_by(Audit.seq)).all()
    assert verbs == ["ledger.ask", "ledger.decide", "ledger.take"]
    assert db.session.scalars(select(Step.id).where(Step.id == request)).all() == []


def test_an_approval_lasts_a_day_and_a_refusal_says_why(desk: Desk) -> None:
    with acting(desk.as_clerk()):
        old = ledgers.ask("年度普查上报")
    with acting(secretary(desk)):
        ledgers.approve(old)
    db.session.execute(update(LedgerRequest).values(decided_at=now() - timedelta(hours=25)))
    with acting(desk.as_clerk()):
        assert ledgers.ready(now()) is None
        with pytest.raises(Clash, match="过一天"):
            ledgers.take(old)
        again = ledgers.ask("年度普查上报")
    with acting(secretary(desk)):
        with pytest.raises(Refused) as unsaid:
            ledgers.refuse(again, "不")
        assert unsaid.value.field == "why"
        ledgers.refuse(again, "先按院落导出")
    with acting(desk.as_clerk()):
        rows, total = ledgers.page(desk.clerk.account.id)
        assert (total, rows[0].decided_why) == (2, "先按院落导出")
        third = ledgers.ask("核对低保边缘家庭")
        ledgers.withdraw(third)
        with pytest.raises(Refused) as short:
            ledgers.ask("看看")
        assert short.value.field == "purpose"
        with pytest.raises(Absent):
            ledgers.ask("年度普查上报", uuid4())
    assert ledgers.page(secretary(desk).account_id) == ([], 0)


def test_a_secretary_who_asked_as_clerk_cannot_approve_the_own(desk: Desk) -> None:
    with acting(secretary(desk)):
        own = ledgers.ask("年度普查上报")
        with pytest.raises(Refused, match="自己"):
            ledgers.approve(own)
