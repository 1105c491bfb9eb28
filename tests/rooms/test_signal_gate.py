"""Whoever writes from outside: small questions, how many forms an hour, the codes on doors."""

from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select

from rongjiu import clock
from rongjiu.actor import Actor, acting
from rongjiu.crypto import blind
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.signals import door_codes, gate, service
from tenants.signals.models import DoorCode, PublicUse
from tests.signalling import PHONE, at_the_desk

pytestmark = pytest.mark.usefixtures("inside")


def _answer(question: gate.Question) -> str:
    return str(question.riddle.answer)


def test_a_question_is_answered_once() -> None:
    with at_the_desk():
        question = gate.question()
        gate.check(question.token, _answer(question))
        with pytest.raises(Refused, match="已经用过") as refused:
            gate.check(question.token, _answer(question))
        assert refused.value.field == "riddle"


def test_a_wrong_answer_spends_the_question() -> None:
    with at_the_desk():
        question = gate.question()
        for typed in ("99", "", "x"):
            with pytest.raises(Refused):
                gate.check(question.token, typed)
        with pytest.raises(Refused, match="已经用过"):
            gate.check(question.token, _answer(question))


def test_a_late_or_altered_question_is_refused() -> None:
    with at_the_desk():
        question = gate.question()
        nonce, until, proof = question.token.split(".")
        for token in (f"{nonce}.{int(until) + 999}.{proof}", f"{uuid7().hex}.{until}.{proof}", "", "a.b.c", "x"):
            with pytest.raises(Refused):
                gate.check(token, _answer(question))
        other = gate.question()
        with time_machine.travel(clock.now() + gate.LIFE + timedelta(minutes=1)), pytest.raises(Refused, match="过时"):
            gate.check(other.token, _answer(other))


def test_the_answer_cannot_be_read_from_the_token() -> None:
    with at_the_desk() as here:
        question = gate.question()
        proof = question.token.split(".")[2]
        tries = {blind(f"{question.token.split('.')[0]}|{n}", here.tenant.uid, "riddle").hex() for n in range(30)}
        assert proof not in tries
        assert len(proof) == 32


def test_whoever_guesses_is_stopped() -> None:
    with at_the_desk():
        for _ in range(gate.TRIES):
            with pytest.raises(Refused) as refused:
                gate.check(gate.question().token, "99")
            assert refused.value.status == 422
        question = gate.question()
        with pytest.raises(Refused) as refused:
            gate.check(question.token, _answer(question))
        assert refused.value.status == 429


def test_the_first_form_of_an_hour_asks_nothing_and_the_twenty_first_is_refused() -> None:
    with at_the_desk() as here:
        assert not gate.asks(False)
        assert gate.asks(True)
        gate.note("form", gate.here())
        assert gate.asks(False)
        with acting(Actor(None, "", "", "10.0.0.2")):
            assert not gate.asks(False)
        for _ in range(19):
            gate.note("form", gate.here())
        with pytest.raises(Refused) as refused:
            gate.open_form()
        assert refused.value.status == 429
        kept = db.session.scalars(select(PublicUse.who)).all()
        assert all(len(who) == 16 and b"10.0.0.1" not in bytes(who) for who in kept)
        with time_machine.travel(clock.now() + timedelta(hours=1, minutes=1)):
            gate.open_form()
            assert not gate.asks(False)
        assert not gate.near_limit("x")
        service.ask("想理发", kind="wish", phone=PHONE, courtyard_id=here.yard)
        assert not gate.near_limit(PHONE)
        service.ask("想理发", kind="wish", phone=PHONE)
        assert gate.near_limit("139 0000 1111")


def test_codes_on_doors_are_made_renewed_and_ended() -> None:
    with at_the_desk() as here:
        assert door_codes.make_all() == 2
        assert door_codes.make_all() == 0
        token = door_codes.make(here.yard, " 3 ")
        found = door_codes.leads_to(token)
        assert (found.courtyard_id, found.building, found.courtyard) == (here.yard, "3", "雁北新村")
        with pytest.raises(Clash):
            door_codes.make(here.yard, "3")
        for yard, building, field in ((uuid7(), "", "courtyard"), (here.yard, "长" * 21, "building")):
            with pytest.raises(Refused) as refused:
                door_codes.make(yard, building)
            assert refused.value.field == field
        code = db.session.scalars(select(DoorCode.id).where(DoorCode.token == token)).one()
        fresh = door_codes.renew(code)
        assert door_codes.leads_to(token) is None
        assert door_codes.leads_to(fresh).building == "3"
        with pytest.raises(Absent):
            door_codes.end(code)
        assert len(door_codes.standing()) == 3
