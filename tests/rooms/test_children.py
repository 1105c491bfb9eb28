"""Minors: no photograph of a visit, no story; said in words that help on."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select, update

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.accompaniment import children, sheets, work
from tenants.accompaniment import service as visits
from tenants.accompaniment.models import ServicePlan, Visit
from tenants.consents import service as consents
from tenants.referrals import answering, service
from tenants.residents.models import Person
from tests import casework, volunteering

JPEG = b"\xff\xd8\xff\xe0" + b"0" * 64
JPEG_SHEET = b"\xff\xd8\xff\xe1\x00\x0dExif\0\0GPS!!" + b"\xff\xda\x00\x02pixels\xff\xd9"


@pytest.fixture
def family(inside: None) -> Iterator[casework.Family]:
    found = casework.a_family()
    with tenant_scope(found.tenant):
        yield found


def refused(visit: Visit, kind: str) -> str:
    """What is said to somebody who hands in a file of that kind."""
    said = sheets.Written((), "good", "", [sheets.Evidence(kind, "a.jpg", JPEG)])
    with pytest.raises(Refused) as error:
        sheets.finish(visit.id, said)
    assert error.value.field == kind
    return error.value.message


@pytest.mark.parametrize(("years", "minor"), [(11, True), (14, True), (17, True), (18, False)])
def test_no_photograph_of_a_round_in_a_home_where_a_minor_lives(
    family: casework.Family, years: int, *, minor: bool
) -> None:
    db.session.execute(update(Person).where(Person.id == family.girl).values(age_said=years))
    plan = volunteering.a_round(family, None)
    guarded = db.session.scalars(select(ServicePlan.children).where(ServicePlan.id == plan)).one()
    assert guarded is (years < 14), "who comes to a child under 14 is vetted for children"
    first, second = db.session.scalars(select(Visit).order_by(Visit.planned_at).limit(2))
    signed = sheets.Written((), "good", "", [sheets.Evidence("signature", "a.jpg", JPEG_SHEET)])
    kept = sheets.Written((), "good", "", [sheets.Evidence("photo", "a.jpg", JPEG_SHEET)])
    with time_machine.travel(second.planned_at, tick=False):
        if minor:
            assert "未成年人的上门不留照片" in refused(first, "photo")
            assert sheets.finish(first.id, signed).state == "done", "a signed sheet is no picture of a child"
            db.session.execute(update(Person).where(Person.id == family.girl).values(status="moved"))
        assert sheets.finish(second.id, kept).file_ids


@pytest.mark.parametrize(("years", "minor"), [(13, True), (14, True), (17, True), (18, False)])
def test_a_visit_that_nobody_planned_follows_the_same_age(family: casework.Family, years: int, *, minor: bool) -> None:
    db.session.execute(update(Person).where(Person.id == family.girl).values(age_said=years))
    visit = visits.plan_visit(family.case_id, "worker", now())
    if not minor:
        children.refuse_photo(visit.id, "photo")
        return
    with pytest.raises(Refused, match="未成年人的上门不留照片"):
        children.refuse_photo(visit.id, "photo")


def test_a_providers_job_for_a_child_takes_no_picture_and_one_for_an_adult_does(family: casework.Family) -> None:
    for person, need, minor in (
        (family.girl, family.girl_need, True),
        (family.old_man, family.need, False),
    ):
        helper = casework.a_helper(family)
        consent = consents.give(
            family.case_id, person, family.son if minor else person, "share_with_provider", provider_id=helper.id,
            fields=["name"], guardian=minor, how="paper", witness="见证人",
        )  # fmt: skip
        (task,) = service.offer(need, [helper.service], consent.id, person)
        answering.accept([task.id], helper.id, now() + timedelta(hours=2))
        if minor:
            with pytest.raises(Refused) as error:
                work.finish([task.id], helper.id, [task.id], picture=(JPEG, "a.jpg"), last=True)
            assert (error.value.field, error.value.message) == ("picture", children.NO_PHOTO)
            continue
        work.finish([task.id], helper.id, [task.id], picture=(JPEG, "a.jpg"), last=True)


def test_no_story_of_a_minor(family: casework.Family) -> None:
    with pytest.raises(Refused) as error:
        consents.give(
            family.case_id, family.girl, family.son, "publish_story", guardian=True, how="paper", witness="甲"
        )
    assert error.value.message == "未成年人不公开故事和照片。"
