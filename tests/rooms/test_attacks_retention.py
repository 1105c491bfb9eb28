"""The night's removal when something goes wrong: a thing that cannot be read, a stop in the middle, two nights at once."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select, text, update

from rongjiu import files, nightly, outbox
from rongjiu.actor import Actor, acting
from rongjiu.clock import now, today
from rongjiu.db import Tenant, db, tenant_scope
from rongjiu.errors import Absent
from rongjiu.files import TenantFile
from rongjiu.outbox import Outbox
from tenants.cases.models import CaseFile
from tenants.disputes import service as disputes
from tenants.disputes.models import DisputeFile
from tenants.keeping import service
from tenants.keeping.models import KeepingRun
from tenants.needs.models import Need
from tenants.screening import service as screenings
from tenants.screening.models import Screening
from tenants.wishes import service as wishes
from tenants.wishes.models import Wish
from tests import casework
from tests.desk_of import Desk, a_desk
from tests.rooms.test_sweeps_at_once import at_once

PICTURE = b"\xff\xd8\xff\xe0" + b"9" * 64


def _old(here: Desk) -> None:
    """A wish that was declined and a dispute file with a paper that ended, four years ago."""
    who = Actor(here.worker.account.id, "community_worker", "社区工作者")
    with time_machine.travel(now() - timedelta(days=4 * 366), tick=False), acting(who):
        wishes.end(wishes.submit("家里老人想要一把轮椅").id, "declined", "重复了")
        row = disputes.open_file("楼上漏水泡了楼下的墙", [("三楼李某", "13800001234"), ("二楼王某", "")])
        disputes.add_paper(row.id, "墙面照片", PICTURE, "wall.jpg")
        disputes.end(row.id, "settled", "楼上修管，楼下自己刷墙")


def _broken(*_words: Any) -> int:
    raise ValueError("cannot be read")


def test_a_thing_that_cannot_be_removed_keeps_back_its_own_kind_alone(
    inside: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = a_desk()
    with tenant_scope(here.tenant):
        _old(here)
        nightly.do({"name": "keeping.clear"})
        nightly.do({"name": "keeping.clear"})
        rows = {row.payload["what"]: row.id for row in db.session.scalars(select(Outbox).where(Outbox.kind == "keeping.clear"))}  # fmt: skip
    db.session.commit()
    assert set(rows) == set(service._CLEAR), "each once, however often the night is asked for"
    monkeypatch.setitem(service._CLEAR, "dispute", _broken)
    for what, row in rows.items():
        if what == "dispute":
            with pytest.raises(ValueError):  # noqa: PT011  any error
                outbox.perform(here.tenant.id, str(here.tenant.uid), str(row))
        else:
            assert outbox.perform(here.tenant.id, str(here.tenant.uid), str(row))
    monkeypatch.undo()
    with tenant_scope(here.tenant):
        assert db.session.scalars(select(Wish.words)).one() == ""
        assert db.session.scalars(select(DisputeFile.cleared_at)).one() is None
    assert outbox.perform(here.tenant.id, str(here.tenant.uid), str(rows["dispute"])), "tried again alone"
    with tenant_scope(here.tenant):
        assert db.session.scalars(select(DisputeFile.cleared_at)).one() is not None
        assert sorted(db.session.scalars(select(KeepingRun.what))) == ["dispute", "wish"]


def test_a_removal_cut_off_in_the_middle_is_absent_at_once_and_written_down_the_next_time(inside: None) -> None:
    """The content goes before the transaction ends: what is to go is never kept by a crash."""
    here = a_desk()
    with tenant_scope(here.tenant):
        _old(here)
        paper = db.session.scalars(select(TenantFile.id)).one()
        with pytest.raises(ValueError), db.session.begin_nested():  # noqa: PT011, PT012  the end of the process
            assert service.clear()["dispute"] == 1
            _broken()
        assert db.session.scalars(select(TenantFile.size)).one() > 0
        with pytest.raises(Absent):
            files.load(paper)
        assert service.clear()["dispute"] == 1
        assert db.session.scalars(select(TenantFile.size)).one() == 0


@pytest.fixture
def committed(app: Flask) -> Iterator[Desk]:
    with app.app_context():
        here = a_desk()
        with tenant_scope(here.tenant):
            _old(here)
        db.session.commit()
        yield here
        db.session.remove()


def test_two_nights_at_once_remove_and_report_once(app: Flask, committed: Desk) -> None:
    works: list[Callable[[], Any]] = [service.clear] * 3
    found = at_once(app, committed, *works)
    assert sum(each["dispute"] for each in found) == 1
    with app.app_context(), tenant_scope(committed.tenant):
        things = select(func.sum(KeepingRun.things)).where(KeepingRun.what == "dispute")
        assert db.session.scalar(things) == 1
        assert db.session.scalar(text("SELECT count(*) FROM dispute_file WHERE cleared_at IS NULL")) == 0
        wishes_ = select(func.sum(KeepingRun.things)).where(KeepingRun.what == "wish")
        assert db.session.scalar(wishes_) == 1


@pytest.mark.parametrize("kind", ["case", "screening"])
def test_a_case_that_is_opened_again_in_that_moment_keeps_everything(app: Flask, kind: str) -> None:
    with app.app_context():
        family = casework.a_family()
        closed = update(CaseFile).where(CaseFile.id == family.case_id)
        with tenant_scope(family.tenant):
            screenings.take(family.case_id, today())
            db.session.execute(closed.values(closed_at=now() - timedelta(days=20 * 366)))
        db.session.commit()
    opened, never = Event(), Event()

    def reopen() -> dict[str, int]:
        db.session.execute(closed.values(closed_at=None))
        opened.set()
        never.wait(0.3)  # the night comes as far as it can: to the lock
        return {}

    def night() -> dict[str, int]:
        opened.wait(10)
        return service.clear((kind,))

    found: list[Any] = []
    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(_alone, app, family.tenant, work) for work in (reopen, night)]:
            found.append(each.result())
    assert found == [{}, {kind: 0}]
    with app.app_context(), tenant_scope(family.tenant):
        assert db.session.scalars(select(Screening.cleared_at)).one() is None
        assert "" not in set(db.session.scalars(select(Need.words)))


def _alone(app: Flask, tenant: Tenant, work: Callable[[], Any]) -> Any:
    with app.app_context():
        with tenant_scope(tenant):
            answer = work()
        db.session.commit()
        db.session.remove()
        return answer
