"""What the house keeps only for a while."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from blueprints import worker
from blueprints.cli.outbox import tidy as command
from rongjiu import audit, idempotency, links, outbox, tidying
from rongjiu.audit import PlatformAudit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.idempotency import Retry
from rongjiu.identity import logins
from rongjiu.identity import service as identity
from rongjiu.identity.models import LoginSession, LoginWait, Passcode
from rongjiu.ids import uuid7
from rongjiu.links import Link
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox, PlatformOutbox
from rongjiu.tenancy import service as tenancy
from rongjiu.tenancy.models import Invitation
from tests import factories

pytestmark = pytest.mark.usefixtures("inside")
TABLES = (LoginWait, Passcode, Retry, LoginSession, Link, Invitation, Message)


def a_day_of_the_house() -> None:
    """One row of each table, as an ordinary day writes them."""
    with pytest.raises(identity.LoginRefused):
        identity.check_password("13800000061", "nicht richtig")
    identity.send_code("13800000061", "reset")
    idempotency.begin(uuid7(), "test", b"")
    account = identity.create_account("某人", f"138{factories.number():08d}", "雁塔下的一句话 2022")
    logins.start_session(account.id, None, None, address="", agent="")
    links.issue("test", uuid7(), now() + timedelta(hours=1))
    tenancy.invite("platform", None, "operator", post="")
    db.session.flush()


def counts() -> list[int]:
    return [db.session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def test_what_is_old_goes_and_what_is_in_use_stays() -> None:
    with time_machine.travel(now() - timedelta(days=120), tick=False):
        a_day_of_the_house()
    a_day_of_the_house()
    before = counts()
    assert all(count >= 1 for count in before)
    removed = tidying.tidy()
    assert all(removed[table.__tablename__] >= 1 for table in TABLES[1:])
    assert all(count >= 1 for count in counts())
    assert tidying.tidy() == dict.fromkeys(removed, 0)
    kept = db.session.scalar(select(PlatformAudit.detail).where(PlatformAudit.verb == "house.tidied"))
    assert kept is not None
    assert kept["passcode"] == removed["passcode"]
    assert audit.verify(None) is None


def test_done_effects_of_communities_go_and_open_ones_stay() -> None:
    tenant = factories.tenant(factories.a_community())
    with tenant_scope(tenant):
        outbox.put(tidying.KIND, {}, key="done")
        outbox.put(tidying.KIND, {}, key="open")
        row = db.session.scalar(select(Outbox).where(Outbox.unique_key == "done"))
        assert row
        row.done_at = now() - timedelta(days=91)
    assert tidying.tidy()["outbox"] == 1
    with tenant_scope(tenant):
        assert list(db.session.scalars(select(Outbox.unique_key))) == ["open"]


def test_the_next_night_is_asked_for_once() -> None:
    tidying.plan()
    tidying.nightly({})
    (due,) = db.session.scalars(select(PlatformOutbox.run_after).where(PlatformOutbox.kind == tidying.KIND)).all()
    assert due.astimezone(tidying.ZONE).date() == today() + timedelta(days=1)


def test_it_can_be_done_by_hand(app: Flask) -> None:
    answer = app.test_cli_runner().invoke(command)
    assert answer.exit_code == 0
    assert "login_session: " in answer.output


def test_each_worker_asks_for_the_coming_night_and_it_is_asked_for_once() -> None:
    for _ in range(2):
        worker._plan()
    key = f"tidy-{today() + timedelta(days=1)}"
    asked = select(func.count()).select_from(PlatformOutbox).where(PlatformOutbox.unique_key == key)
    assert db.session.scalar(asked) == 1
