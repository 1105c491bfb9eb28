"""The same matter told twice: what is suggested to whom, what a duplicate follows, what a visitor reads."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.ids import uuid7
from tenants.residents import service as residents
from tenants.residents.service import NewPerson
from tenants.signals import alike, queries, service
from tenants.signals.models import Signal
from tests.desk_of import DOOR, WISHES, ZHOU
from tests.signalling import PHONE, at_the_desk, row_of

pytestmark = pytest.mark.usefixtures("inside")


def test_the_same_matter_is_suggested_by_telephone_family_and_words() -> None:
    with at_the_desk() as here:
        home = residents.register(here.yard, DOOR, ZHOU).household_id
        first = service.receive("hotline", "need", "三号楼老人卧床没有人照顾", phone=PHONE, courtyard_id=here.yard)
        about = service.receive("counter", "need", "想申请护理床", household_id=home)
        assert row_of(about.id).courtyard_id == here.yard

        def why(**words: object) -> dict[str, str]:
            known = {"words": "", "phone": "", "courtyard_id": None, "household_id": None, "tip": False} | words
            return {each.number: each.why for each in alike.signals(alike.typed(**known), clerk=True)}  # type: ignore[arg-type]

        assert why(phone="139 0000 1111") == {first.number: "phone"}
        assert why(household_id=home) == {about.number: "household"}
        near = why(words="三号楼的老人卧床，没人照顾", courtyard_id=here.yard)
        assert near == {first.number: "words", about.number: "courtyard"}
        assert next(iter(near)) == first.number
        assert why(words="三号楼的老人卧床", courtyard_id=here.other_yard) == {}
        db.session.execute(update(Signal).values(received_at=now() - timedelta(days=91)))
        assert why(phone=PHONE, household_id=home) == {}
        with pytest.raises(Refused) as refused:
            service.receive("counter", "need", "x", household_id=uuid7())
        assert refused.value.field == "household"


def test_who_called_about_whom_is_no_hint_for_anybody_but_the_clerk() -> None:
    with at_the_desk() as here:
        residents.register(here.yard, DOOR, (NewPerson("周某", "male", "02", age=84, phone=PHONE),))
        tip = service.receive("neighbour", "need", "楼上老人没下楼", phone=PHONE, courtyard_id=here.other_yard)
        call = service.receive("hotline", "need", "问低保", phone=PHONE)
        for one, other in ((tip, call), (call, tip)):
            sought = alike.to(queries.one(one.id))
            assert other.number in {each.number for each in alike.signals(sought, clerk=True)}
            assert other.number not in {each.number for each in alike.signals(sought, clerk=False)}
        third = service.receive("counter", "need", "楼上老人没下楼", courtyard_id=here.other_yard)
        assert "words" in {each.why for each in alike.signals(alike.to(queries.one(third.id)), clerk=True)}
        seen = alike.signals(alike.to(queries.one(third.id)), clerk=False)
        assert {each.why for each in seen} == {"courtyard"}


def test_a_duplicate_of_a_signal_without_a_case_follows_it() -> None:
    with at_the_desk() as here:
        first = service.receive("hotline", "need", "老人卧床", courtyard_id=here.yard)
        again = service.receive("counter", "need", "老人卧床", courtyard_id=here.yard)
        assert alike.join_case(again.id, first.number.lower()) == first.number
        row = queries.one(again.id)
        assert (row.became, row.other, row.case_id) == ("duplicate", first.number, None)
        opened = service.open_case(first.id, WISHES, courtyard_id=here.yard, urgency="ordinary")
        third = service.receive("counter", "need", "老人卧床", courtyard_id=here.yard)
        assert alike.join_case(third.id, first.number) == opened.number
        assert queries.one(third.id).case_id == opened.case_id


def test_the_visitor_reads_what_the_clerk_wrote_and_never_a_tips_words() -> None:
    with at_the_desk() as here:
        words = "我是三楼王阿姨，楼上老人没下楼"
        tip = service.ask(words, kind="need", phone=PHONE, caller="王阿姨", about="neighbour", courtyard_id=here.yard)
        seen = queries.for_visitor(tip.id)
        assert seen == queries.ForVisitor("")
        service.open_case(
            tip.id, WISHES, courtyard_id=here.yard, urgency="ordinary", visitor_words="请看看是否需要照顾"
        )
        assert queries.for_visitor(tip.id) == queries.ForVisitor("请看看是否需要照顾")
        call = service.receive("hotline", "need", "老人卧床", phone=PHONE, caller="儿子", courtyard_id=here.yard)
        assert queries.for_visitor(call.id) == queries.ForVisitor("老人卧床", "儿子", PHONE)
        assert queries.for_visitor(uuid7()) is None
