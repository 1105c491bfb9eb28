"""A carer's heavy load becomes needs in the household's case, once."""

import pytest
from sqlalchemy import select

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from tenants.cases import service as cases
from tenants.cases.models import CaseFile
from tenants.needs import service as needs
from tenants.needs.models import Need
from tenants.residents import queries, service
from tenants.signals import relief
from tenants.signals.models import Signal
from tests.desk_of import DOOR, ZHOU, Desk, a_desk

pytestmark = pytest.mark.usefixtures("inside")


def a_carer(here: Desk) -> tuple[object, object]:
    home = service.register(here.yard, DOOR, ZHOU)
    service.link_carer(home.person_ids[2], home.person_ids[0])
    (link,) = queries.care(home.household_id)
    return home, link.id


def test_a_heavy_load_adds_two_needs_to_the_open_case_and_never_twice() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home, link = a_carer(here)
        case = cases.open_case(here.yard)
        cases.attach_household(case.id, home.household_id)
        with pytest.raises(Refused):
            relief.raise_needs(link)
        service.set_load(link, hours_a_week=56, relief_wanted=True, work_given_up=True)
        raised = relief.raise_needs(link)
        assert (raised.number, raised.added, raised.opened) == (case.number, 2, False)
        rows = db.session.scalars(select(Need).order_by(Need.seq)).all()
        assert [(row.words, row.item_slug, row.person_id) for row in rows] == [
            (relief.RESPITE, None, home.person_ids[2]), (relief.WORK, "job-income", home.person_ids[2]),
        ]  # fmt: skip
        with pytest.raises(Refused):
            relief.raise_needs(link)
        needs.set_result(rows[0].id, "not_solved")
        assert relief.wanted(queries.care(link_id=link)[0]) == ["respite"]
        assert relief.raise_needs(link).added == 1


def test_without_a_case_one_is_opened_by_a_home_visits_signal() -> None:
    here = a_desk()
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        home, link = a_carer(here)
        service.set_load(link, hours_a_week=40, relief_wanted=False, work_given_up=False)
        raised = relief.raise_needs(link)
        assert raised.opened
        case = db.session.scalars(select(CaseFile)).one()
        assert (case.number, case.household_id) == (raised.number, home.household_id)
        assert db.session.scalars(select(Signal.channel)).one() == "home_visit"
        assert [row.item_slug for row in db.session.scalars(select(Need).order_by(Need.seq))] == [None, "job-income"]
        with pytest.raises(Refused):
            relief.raise_needs(link)
