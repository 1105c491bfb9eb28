"""Work that fits a carer's hours: kept by the employer, matched with reasons."""

from dataclasses import replace
from datetime import time, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import update

from rongjiu.clock import today
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Absent, Refused
from rongjiu.marketplace.kinds import openings
from tenants.needs import service as needs
from tenants.referrals.matching import service as matching
from tenants.residents import queries as residents
from tenants.residents import service as register
from tenants.residents.models import Carer
from tests import casework

RIDER = openings.Opening(
    "午间配送", 15, Decimal(18), Decimal(25), "hour", ("MO", "TU", "WE"), time(10), time(13), 600, fits_care=True
)
NIGHT = openings.Opening("夜班分拣", 48, Decimal(5200), None, "month", ("MO", "TU", "SA"), time(20), time(23), 4000)


def _carer(family: casework.Family, wanted: register.Wanted) -> UUID:
    register.link_carer(family.son, family.old_man)
    link = db.session.query(Carer).filter(Carer.carer_id == family.son).one()
    register.want_work(link.id, wanted)
    return needs.add(family.case_id, "想找点活干", item_slug="job-income", person_id=family.son).id


def test_the_employer_whose_work_fits_stands_first_and_says_why(inside: None) -> None:
    family = casework.a_family()
    night = casework.a_helper(family, "job-registration", slug="a-night", places=9, mode="on_site")
    rider = casework.a_helper(family, "job-registration", slug="b-rider", mode="on_site")
    openings.save(night.id, NIGHT)
    openings.save(rider.id, RIDER)
    with tenant_scope(family.tenant):
        need = _carer(family, register.Wanted(20, ("MO", "TU", "WE", "TH"), time(9), time(15)))
        run = matching.match(need, ["job-registration"])
        assert [row["slug"] for row in run.candidates] == ["b-rider", "a-night"]
        first, second = run.candidates
        assert first["reasons"][0] == "job_fits" and "job_fits" not in second["reasons"]
        assert first["jobs"][0]["reasons"] == ["fits_care", "hours_fit", "days_fit", "times_fit", "close"]
        assert second["jobs"][0]["against"] == ["hours_clash", "days_clash", "times_clash"]
        assert first["jobs"][0]["pay_high"] == "25.00"


def test_other_needs_see_no_jobs(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "catheter-change", "job-registration")
    openings.save(helper.id, RIDER)
    with tenant_scope(family.tenant):
        run = matching.match(family.need, ["catheter-change"])
        assert "jobs" not in run.candidates[0]


def test_what_is_closed_or_over_is_not_matched(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "job-registration", mode="on_site")
    closed = openings.save(helper.id, RIDER)
    openings.close(helper.id, closed)
    openings.close(helper.id, closed)
    over = openings.save(helper.id, NIGHT)
    db.session.execute(
        update(openings.JobOpening).where(openings.JobOpening.id == over).values(ends_on=today() - timedelta(days=1))
    )
    with tenant_scope(family.tenant):
        need = _carer(family, register.Wanted(20))
        assert "jobs" not in matching.match(need, ["job-registration"]).candidates[0]
    rows, total = openings.listed(helper.id)
    assert total == 2 and [row.state for row in rows] == ["open", "closed"]
    openings.save(helper.id, RIDER, closed)
    assert openings.one(helper.id, closed).state == "open"


def test_another_providers_opening_is_not_there(inside: None) -> None:
    family = casework.a_family()
    one, other = casework.a_helper(family), casework.a_helper(family)
    made = openings.save(one.id, RIDER)
    for act in (
        lambda: openings.close(other.id, made),
        lambda: openings.save(other.id, RIDER, made),
        lambda: openings.one(other.id, made),
    ):
        with pytest.raises(Absent):
            act()


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"title": "x"}, "title"), ({"hours_a_week": 61}, "hours_a_week"), ({"pay_low": Decimal(0)}, "pay_low"),
        ({"pay_high": Decimal(1)}, "pay_high"), ({"pay_per": "year"}, "pay_per"), ({"until": None}, "until"),
        ({"until": time(9)}, "until"), ({"metres": -1}, "metres"), ({"places": 0}, "places"),
        ({"ends_on": today() - timedelta(days=1)}, "ends_on"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(inside: None, change: dict[str, object], field: str) -> None:
    helper = casework.a_helper(casework.a_family())
    with pytest.raises(Refused) as refused:
        openings.save(helper.id, replace(RIDER, **change))  # type: ignore[arg-type]
    assert refused.value.field == field


def test_a_carer_says_which_hours(inside: None) -> None:
    family = casework.a_family()
    with tenant_scope(family.tenant):
        _carer(family, register.Wanted(20, ("WE", "MO"), time(9), time(15)))
        (link,) = residents.care(household_id=family.household_id)
        assert (link.wanted_hours, link.wanted_days, link.wanted_since) == (20, ["MO", "WE"], time(9))
        for wanted, field in (
            (register.Wanted(0), "wanted_hours"), (register.Wanted(9, ("XX",)), "wanted_days"),
            (register.Wanted(9, (), time(9), time(8)), "wanted_until"),
        ):  # fmt: skip
            with pytest.raises(Refused) as refused:
                register.want_work(link.id, wanted)
            assert refused.value.field == field
