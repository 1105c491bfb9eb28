"""Who can be called out now stands first when it is urgent; drills are logged by date and never changed."""

from datetime import time, timedelta

import pytest
from sqlalchemy import text, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.marketplace.kinds import oncall, reminders
from rongjiu.marketplace.models import Provider
from rongjiu.outbox import PlatformOutbox
from tenants.needs.models import Need
from tenants.referrals.matching import service as matching
from tests import casework

EVERY = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ALL_DAY = time(0)


def _drill(provider_id, days_ago: int) -> None:  # type: ignore[no-untyped-def]
    oncall.drill(provider_id, oncall.Drill(today() - timedelta(days=days_ago), "fire", 12, 8, "楼道堆物"))


def test_on_call_now_and_drilled_first_when_it_is_urgent(inside: None) -> None:
    family = casework.a_family()
    cheap = casework.a_helper(family, "catheter-change", slug="a-cheap", price_class="free", places=9)
    slow = casework.a_helper(family, "catheter-change", slug="b-slow", price_class="discount")
    quick = casework.a_helper(family, "catheter-change", slug="c-quick", price_class="discount")
    for helper, minutes in ((slow, 30), (quick, 10)):
        db.session.execute(
            update(Provider).where(Provider.id == helper.id).values(details={"response_minutes": minutes})
        )
        oncall.keep(helper.id, "029-88120120", EVERY, ALL_DAY, ALL_DAY)
        _drill(helper.id, 20)
    with tenant_scope(family.tenant):
        run = matching.match(family.need, ["catheter-change"])
        assert [row["slug"] for row in run.candidates] == ["a-cheap", "b-slow", "c-quick"]
        assert not any("on_call" in row["reasons"] for row in run.candidates)
        db.session.execute(update(Need).where(Need.id == family.need).values(urgency="urgent"))
        run = matching.match(family.need, ["catheter-change"])
        assert [row["slug"] for row in run.candidates] == ["c-quick", "b-slow", "a-cheap"]
        assert run.candidates[0]["reasons"][:3] == ["on_call", "there_in_10", "drilled"]
        assert cheap.id is not None


def test_an_old_drill_comes_after_a_fresh_one(inside: None) -> None:
    family = casework.a_family()
    stale = casework.a_helper(family, "catheter-change", slug="a-stale")
    fresh = casework.a_helper(family, "catheter-change", slug="b-fresh")
    for helper, ago in ((stale, 200), (fresh, 20)):
        oncall.keep(helper.id, "029-88120120", EVERY, ALL_DAY, ALL_DAY)
        _drill(helper.id, ago)
    with tenant_scope(family.tenant):
        db.session.execute(update(Need).where(Need.id == family.need).values(urgency="critical"))
        run = matching.match(family.need, ["catheter-change"])
        assert [row["slug"] for row in run.candidates] == ["b-fresh", "a-stale"]
    duty = oncall.on_duty(family.community_id)
    assert [row.phone for row, _standing in duty] == ["029-88120120"] * 2
    assert [standing.drilled for _row, standing in duty] == [True, False]


def test_who_is_not_on_call_now_is_not_on_duty(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "emergency-rescue")
    hour = now().astimezone().hour
    oncall.keep(helper.id, "029-88120120", EVERY, ALL_DAY, ALL_DAY)
    assert len(oncall.on_duty(family.community_id)) == 1
    db.session.execute(text("UPDATE on_call SET days = '[]'"))
    db.session.expire_all()
    assert oncall.on_duty(family.community_id) == [] and 0 <= hour < 24


@pytest.mark.parametrize(
    ("held", "field"),
    [
        (oncall.Drill(None, "fire", 3, 3), "held_on"),
        (oncall.Drill(today() + timedelta(days=2), "fire", 3, 3), "held_on"),
        (oncall.Drill(today(), "dance", 3, 3), "kind"),
        (oncall.Drill(today(), "fire", 0, 3), "people"),
        (oncall.Drill(today(), "fire", 3, None), "minutes"),
    ],
)
def test_a_wrong_drill_is_refused_at_the_field(inside: None, held: oncall.Drill, field: str) -> None:
    helper = casework.a_helper(casework.a_family(), "emergency-rescue")
    with pytest.raises(Refused) as refused:
        oncall.drill(helper.id, held)
    assert refused.value.field == field


def test_the_night_reminds_of_a_drill_once(inside: None) -> None:
    helper = casework.a_helper(casework.a_family(), "emergency-rescue")
    oncall.keep(helper.id, "029-88120120", EVERY, ALL_DAY, ALL_DAY)
    _drill(helper.id, 160)
    for _night in range(2):
        reminders.nightly()
    told = db.session.query(PlatformOutbox).filter(PlatformOutbox.kind == "provider_told").all()
    assert [row.payload["what"] for row in told] == ["drill_due"]
    _drill(helper.id, 1)
    reminders.nightly()
    assert db.session.query(PlatformOutbox).filter(PlatformOutbox.kind == "provider_told").count() == 1
