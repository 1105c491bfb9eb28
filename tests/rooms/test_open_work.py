"""What still waits over all cases: needs nobody helps with, offers without an answer, policies nobody has asked for."""

from datetime import date

from sqlalchemy import select, update

from rongjiu.db import db, tenant_scope
from rongjiu.ids import uuid7
from rongjiu.marketplace import queries as marketplace
from rongjiu.tenancy import queries as places
from tenants.acceptance import queries as acceptance
from tenants.accompaniment import queries as accompaniment
from tenants.cases.models import CaseFile
from tenants.catalogue import queries as catalogue
from tenants.needs.models import Need
from tenants.referrals import open_work
from tenants.screening import service as screening
from tests import casework, deskwork, factories, families


def test_a_need_waits_until_somebody_is_asked_and_then_the_offer_does(inside: None) -> None:
    family = casework.a_family()
    helper = casework.a_helper(family, "catheter-change", "home-checkup")
    with tenant_scope(family.tenant):
        assert [(row.number, row.seq) for row in open_work.unhelped(None, 9)] == [
            (family.number, 1),
            (family.number, 2),
        ]
        assert open_work.unanswered(None, 9) == []
        casework.two_offers(family, helper)
        (offer,) = open_work.unanswered(None, 1)
        assert (offer.number, offer.provider) == (family.number, marketplace.names([helper.id])[helper.id])
        worker = uuid7()
        assert (open_work.unanswered(worker, 9), open_work.unhelped(worker, 9)) == ([], [])
        db.session.execute(update(CaseFile).values(worker_id=worker))
        assert len(open_work.unanswered(worker, 9)) == 2
        db.session.execute(update(Need).values(result="solved"))
        assert open_work.unhelped(None, 9) == []
        assert (accompaniment.progress(family.case_id).done, accompaniment.progress(family.case_id).next) == (0, None)
        assert places.telephone(family.community_id) == "029-88880000" and places.telephone(uuid7()) == ""


def test_what_is_open_to_a_family_counts_until_a_department_is_asked(inside: None) -> None:
    with tenant_scope(factories.tenant(factories.a_modelled_community())):
        family = families.zhou()
        taken = screening.take(family.case_id, date(2022, 8, 10))
        assert db.session.scalar(select(open_work.entitled_not_applied())) == 0, "nobody stands by it yet"
        screening.confirm(family.case_id, taken.id, "救助专干（示例）")
        assert db.session.scalar(select(open_work.entitled_not_applied())) == taken.counts["eligible"] > 0


def test_departments_say_what_lies_with_them(inside: None) -> None:
    sent = deskwork.a_street_at_work()
    with tenant_scope(sent.family.tenant):
        rows = {row.slug: row for row in acceptance.departments()}
        assert len(rows) == 13 and sum(row.policies for row in rows.values()) == 50
        assert [row.waiting for row in rows.values() if row.waiting] == [1]
        names = catalogue.policy_names(["dibao", "no-such"])
        assert [row.slug for row in names] == ["dibao"] and catalogue.policy_names([]) == []
