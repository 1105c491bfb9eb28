"""Limits of public pages under many hands at once: no more tries than the limit, however they arrive."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from rongjiu.actor import Actor, acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.signals import gate, service, tracking
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once

MANY = 10


@pytest.fixture
def here(app: Flask) -> Iterator[Desk]:
    with app.app_context():
        made = a_desk()
        db.session.commit()
        yield made
        db.session.remove()


def _from(n: int, work: Callable[[], Any]) -> Callable[[], Any]:
    """From an address of its own; a refusal keeps what it wrote, as the door does."""

    def do() -> Any:
        with acting(Actor(None, "", "", f"10.7.0.{n}")):
            try:
                return work()
            except Refused as refused:
                return refused.status

    return do


def test_one_code_is_tried_no_oftener_than_allowed(app: Flask, here: Desk) -> None:
    with app.app_context(), tenant_scope(here.tenant), acting(here.as_clerk()):
        code = service.ask("想请人上门理发", kind="wish", phone="13900001111").code
        db.session.commit()
    tries = [_from(n, lambda: tracking.find(code, "2222")) for n in range(MANY)]
    assert Counter(at_once(app, here, *tries)) == {422: tracking.PER_CODE, 429: MANY - tracking.PER_CODE}


def test_one_address_answers_no_more_questions_than_allowed(
    app: Flask, here: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "TRIES", 3)
    with app.app_context(), tenant_scope(here.tenant):
        tokens = [gate.question().token for _ in range(MANY)]
    tries = [_from(1, lambda token=token: gate.check(token, "99")) for token in tokens]  # type: ignore[misc]
    assert Counter(at_once(app, here, *tries)) == {422: 3, 429: MANY - 3}
