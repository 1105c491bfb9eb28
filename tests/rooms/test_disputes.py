"""Dispute files: the cover is known, what stands in it is read by its holder alone, in the database too."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text

from rongjiu.actor import Actor, acting
from rongjiu.audit import Audit
from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.files import TenantFile, load
from rongjiu.ids import uuid7
from rongjiu.oversight.models import Step
from rongjiu.tenancy.models import Membership
from tenants.disputes import queries, rules, service
from tenants.disputes.models import DisputeEntry, DisputeFile
from tests.desk_of import Desk, a_desk
from tests.factories import Staff

MATTER, PARTIES = "楼上漏水泡了楼下的墙,两家都说不是自己的事", [("三楼李某", "13800001234"), ("二楼王某", "")]
PICTURE = b"\xff\xd8\xff\xe0" + b"0" * 64


@pytest.fixture
def here(inside: None) -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant):
        yield desk


def _as(staff: Staff, role: str) -> AbstractContextManager[None]:
    return acting(Actor(staff.account.id, role, role))


def _file(here: Desk) -> DisputeFile:
    with _as(here.worker, "community_worker"):
        return service.open_file(MATTER, PARTIES)


def test_a_file_from_the_first_talk_to_its_end(here: Desk) -> None:
    row = _file(here)
    step = db.session.scalars(select(Step).where(Step.id == row.id)).one()
    assert step.actor == "社区工作者" and "漏水" not in step.verb
    with _as(here.worker, "community_worker"):
        service.talk(row.id, "先看水表,再约两家一起看墙", today() + timedelta(days=3))
        service.add_party(row.id, "物业张师傅", "")
        service.add_paper(row.id, "墙面照片", PICTURE, "wall.jpg")
        service.end(row.id, "settled", "楼上修管,楼下自己刷墙")
        found = queries.entries(row)
        assert [each.kind for each in found] == ["matter", "party", "party", "talk", "party", "paper", "agreement"]
        assert found[0].words == MATTER and found[1].phone == "13800001234"
        paper = next(each for each in found if each.file_id)
        assert queries.paper(row, paper.id) == ("墙面照片", "image/jpeg", PICTURE)
        with pytest.raises(Clash):
            service.talk(row.id, "再谈一次")
    assert row.state == "settled" and row.closed_at is not None
    assert db.session.scalar(select(Step).where(Step.id == row.id)) is None


def test_nobody_else_reads_it(here: Desk) -> None:
    row = _file(here)
    for staff, role in ((here.secretary, "secretary"), (here.clerk, "assistance_clerk")):
        with _as(staff, role):
            with pytest.raises(Absent):
                queries.entries(row)
            for act in (
                lambda: service.talk(row.id, "我来谈"), lambda: service.end(row.id, "settled", "好了"),
                lambda: service.hand(row.id, here.clerk.account.id, "workload"),
            ):  # fmt: skip
                with pytest.raises(Absent):
                    act()


def test_the_database_shows_no_entry_unless_the_transaction_names_its_holder(here: Desk) -> None:
    row = _file(here)
    count = select(func.count()).select_from(DisputeEntry)
    assert db.session.scalar(count) == 0
    with service.held(here.clerk.account.id):
        assert db.session.scalar(count) == 0
    with service.held(here.worker.account.id):
        assert db.session.scalar(count) == 3
        raw = db.session.execute(text("SELECT title, words FROM dispute_entry")).all()
        assert not any("楼".encode() in bytes(part) for line in raw for part in line if part)
    for right, allowed in (("UPDATE", False), ("DELETE", True), ("INSERT", True)):
        asked = text(f"SELECT has_table_privilege('app_user', 'dispute_entry', '{right}')")
        assert db.session.scalar(asked) is allowed
    assert row.number.split("-")[1] == "JF"


def test_a_paper_found_in_the_store_is_still_sealed(here: Desk) -> None:
    row = _file(here)
    with _as(here.worker, "community_worker"):
        service.add_paper(row.id, "欠条", PICTURE, "note.jpg")
    kept = db.session.scalars(select(TenantFile).where(TenantFile.owner_id == row.id)).one()
    name, _mime, content = load(kept.id)
    assert "欠条" not in name and PICTURE not in content and not content.startswith(b"\xff\xd8\xff")


def test_it_is_handed_on_and_the_one_before_reads_nothing(here: Desk) -> None:
    row = _file(here)
    with _as(here.worker, "community_worker"):
        for heir, reason, name in (
            (here.worker, "leaving", "heir"),
            (here.grid, "leaving", "heir"),
            (here.clerk, "", "reason"),
        ):
            with pytest.raises(Refused) as refused:
                service.hand(row.id, heir.account.id, reason)
            assert refused.value.field == name
        service.hand(row.id, here.clerk.account.id, "leaving")
        with pytest.raises(Absent):
            queries.entries(row)
    with _as(here.clerk, "assistance_clerk"):
        assert [each.kind for each in queries.entries(row)] == ["matter", "party", "party"]
    (hand,) = queries.hands(row.id)
    assert hand.reason == "leaving"
    verbs = db.session.scalars(select(Audit.verb).where(Audit.object_id == str(row.id)).order_by(Audit.seq)).all()
    assert list(verbs) == ["dispute.open_file", "dispute.hand"]


def test_when_the_holder_has_left_the_secretary_names_another_and_still_reads_nothing(here: Desk) -> None:
    row = _file(here)
    post = select(Membership).where(Membership.account_id == here.worker.account.id)
    db.session.scalars(post).one().ends_at = now() - timedelta(minutes=1)
    db.session.flush()
    service.await_holders()
    step = db.session.scalars(select(Step).where(Step.id == row.id)).one()
    assert (step.actor_role, step.verb) == ("secretary", "给纠纷卷宗找接手的人")
    with _as(here.secretary, "secretary"):
        with pytest.raises(Refused):
            service.hand(row.id, here.secretary.account.id, "leaving")
        service.hand(row.id, here.clerk.account.id, "leaving")
        with pytest.raises(Absent):
            queries.entries(row)
    with _as(here.clerk, "assistance_clerk"):
        assert queries.entries(row)[0].words == MATTER
    assert db.session.scalar(select(Step.actor_role).where(Step.id == row.id)) == "assistance_clerk"


@pytest.mark.parametrize(
    ("matter", "parties", "field"),
    [("", PARTIES, "matter"), (MATTER, PARTIES[:1], "party_2"), (MATTER, [PARTIES[0], ("王某", "12")], "phone_2")],
)
def test_what_is_missing_is_named(here: Desk, matter: str, parties: list[tuple[str, str]], field: str) -> None:
    with _as(here.worker, "community_worker"), pytest.raises(Refused) as refused:
        service.open_file(matter, parties)
    assert refused.value.field == field


def test_who_may_hand_and_take() -> None:
    a, b, c = (uuid7() for _ in range(3))
    assert rules.may_hand(a, "community_worker", a, holder_works=True)
    assert not rules.may_hand(b, "secretary", a, holder_works=True)
    assert rules.may_hand(b, "secretary", a, holder_works=False)
    assert not rules.may_hand(b, "assistance_clerk", a, holder_works=False)
    assert rules.may_take(c, b, a, 1) and not rules.may_take(b, b, a, 1) and rules.may_take(b, b, a, 0)
