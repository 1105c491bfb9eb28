"""Deciding what was found twice; the search of the whole register goes step by step."""

from collections.abc import Iterator

import pytest
from sqlalchemy import select, text

from rongjiu import outbox
from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash
from tenants.residents import duplicates, service
from tenants.residents.models import RegisterReview
from tenants.residents.service import Door, NewPerson
from tenants.reviews import queries
from tenants.reviews import service as reviews
from tenants.reviews.models import ReviewRun
from tests.desk_of import Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")


@pytest.fixture
def here() -> Iterator[Desk]:
    desk = a_desk()
    with tenant_scope(desk.tenant), acting(desk.as_clerk()):
        service.register(desk.yard, Door("3", "2", "501"), [NewPerson("王芳", phone="13800001111", age=80)])
        service.register(desk.yard, Door("三号楼", "2单元", "0501"), [NewPerson("王方", phone="13800001111", age=80)])
        yield desk


def the_pair() -> tuple:
    return db.session.execute(
        select(RegisterReview.id, RegisterReview.one_id, RegisterReview.other_id).where(
            RegisterReview.kind == "duplicate"
        )
    ).one()


def test_a_pair_is_merged_once_and_two_people_are_never_suggested_again(here: Desk) -> None:
    review, one, _other = the_pair()
    assert queries.counts().duplicates == 1
    reviews.set_aside(review, "later")
    assert queries.counts().duplicates == 0
    reviews.set_aside(review, "different")
    with pytest.raises(Clash):
        reviews.set_aside(review, "later")
    with pytest.raises(Clash):
        reviews.merge(review, "one", {})
    assert duplicates.suggest(one) == []


def test_the_pair_is_merged_the_chosen_way_round(here: Desk) -> None:
    review, _one, other = the_pair()
    merge = reviews.merge(review, "other", {"phone": "drop"})
    row = queries.merge(merge)
    assert (row.kind, row.keep_id) == ("person", other)
    (line,), total = queries.merges()
    assert (line.id, line.undone_at, total) == (merge, None, 1)
    assert queries.pairs(("duplicate",), ("merged",))[1] == 1


def test_the_search_goes_step_by_step_and_is_not_doubled(here: Desk) -> None:
    db.session.execute(text("DELETE FROM register_review"))
    run = reviews.search()
    assert reviews.search() == run
    for step in range(duplicates.STEPS):
        reviews.search_step(run, step)
        reviews.search_step(run, step)  # an effect may come twice
        last = queries.last_run()
        assert (last.done, last.total, last.ended_at is not None) == (
            step + 1,
            duplicates.STEPS,
            step + 1 == last.total,
        )
    assert last.found == 2, "the pair and their door"
    assert "reviews.search" in outbox.kinds()
    kinds = set(db.session.scalars(select(RegisterReview.kind)))
    assert kinds == {"duplicate", "door"}
    assert reviews.search() != run
    assert db.session.scalar(select(ReviewRun.id).where(ReviewRun.ended_at.is_(None))) is not None
    rows, total = queries.pairs(("duplicate", "door"), ("open",))
    assert (len(rows), total) == (2, 2)
