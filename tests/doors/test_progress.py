"""The family follows by link how far things are: nothing personal, dead when the case is closed or a newer link was sent."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu import outbox
from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from rongjiu.errors import Refused
from rongjiu.notify.models import Message
from rongjiu.outbox import Outbox
from tenants.accompaniment import work
from tenants.cases.models import CaseFile
from tenants.casework import closing, following
from tenants.referrals import answering, service
from tenants.referrals.models import Confirmation, ReferralTask
from tenants.residents.models import Carer
from tests import casework

Made = Callable[[Callable[[], object]], object]
TOKEN = re.compile(r"(/c/[^/]+/family/link/)(\S+)")


class Sent:
    """A family with an offer out and the link that it was sent."""

    def __init__(self, made: Made) -> None:
        self.made = made

        def build() -> casework.Family:
            family = casework.a_family()
            helper = casework.a_helper(family, name="雁晴社区卫生服务中心")
            with tenant_scope(family.tenant):
                consent = casework.a_consent(family, helper)
                service.offer(family.need, [helper.service], consent, family.old_man)
            return family

        self.family: casework.Family = made(build)  # type: ignore[assignment]
        self.address = self.link()

    def within(self, work: Callable[[], object]) -> object:
        def run() -> object:
            with tenant_scope(self.family.tenant):
                return work()

        return self.made(run)

    def link(self) -> str:
        def run() -> str:
            following.send(self.family.case_id)
            db.session.execute(
                update(Message).where(Message.purpose == following.PURPOSE).values(purpose="old", unique_key=str(now()))
            )
            following.tell_family(self.family.case_id)
            text = db.session.scalars(select(Message.text).where(Message.purpose == following.PURPOSE)).one()
            assert casework.NAME not in text
            found = TOKEN.search(text)
            assert found
            return found[0]

        return str(self.within(run))


@pytest.fixture
def sent(made: Made, client: FlaskClient) -> Sent:
    return Sent(made)


def test_the_family_reads_who_helps_and_what_comes_next(sent: Sent, client: FlaskClient) -> None:
    opened = client.get(sent.address)
    assert opened.status_code == 303
    page = client.get(opened.location)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    for words in ("雁晴社区卫生服务中心", "待答复", "答复派单"):
        assert words in page.text, words
    for secret in (casework.NAME, casework.PHONE, "7楼", "301房", "对接医疗资源", sent.family.number):
        assert secret not in page.text, secret


def test_a_newer_link_and_a_closed_case_end_it(sent: Sent, client: FlaskClient) -> None:
    newer = sent.link()
    assert client.get(sent.address).status_code == 404
    opened = client.get(newer)
    assert client.get(opened.location).status_code == 200
    sent.within(lambda: db.session.execute(update(CaseFile).values(closed_at=now())))
    dead = client.get(opened.location)
    assert dead.status_code == 404
    assert "链接已失效" in dead.text
    with pytest.raises(Refused):
        sent.within(lambda: following.send(sent.family.case_id))


def test_a_case_that_is_opened_again_needs_a_new_link(sent: Sent, client: FlaskClient) -> None:
    opened = client.get(sent.address)

    def close_and_reopen() -> None:
        case = db.session.get_one(CaseFile, (sent.family.tenant.id, sent.family.case_id))
        closing.finish(case, "solved")
        closing.reopen(sent.family.case_id)

    sent.within(close_and_reopen)
    assert client.get(sent.address).status_code == 404
    assert client.get(opened.location).status_code == 404, "nor does the cookie of the old one"
    newer = sent.link()
    assert client.get(client.get(newer).location).status_code == 200


def test_another_community_a_wrong_token_and_none_read_alike(sent: Sent, client: FlaskClient, made: Made) -> None:
    other: casework.Family = made(casework.a_family)  # type: ignore[assignment]
    token = sent.address.rsplit("/", 1)[1]
    addresses = (f"/c/{other.slug}/family/link/{token}", sent.address + "x", f"/c/{sent.family.slug}/family/link/")
    assert [client.get(each).status_code for each in addresses] == [404, 404, 404]


def test_missing_papers_are_listed_on_one_telephone_and_elsewhere_the_page_shows_less(
    sent: Sent, client: FlaskClient, app: Flask
) -> None:
    def hold() -> str:
        row = db.session.execute(select(ReferralTask.id, ReferralTask.provider_id)).one()
        assert row.provider_id
        answering.accept([row.id], row.provider_id, now() + timedelta(days=1))
        until = now() + timedelta(days=5)
        with pytest.raises(Refused) as refused:
            answering.hold([row.id], row.provider_id, "missing-documents", until, [" "])
        assert refused.value.field == "papers"
        answering.hold([row.id], row.provider_id, "missing-documents", until, ["出院小结", "医保卡"])
        (payload,) = db.session.scalars(select(Outbox.payload).where(Outbox.kind == "casework.papers"))
        outbox._effects["casework.papers"](payload)
        text = db.session.scalars(select(Message.text).where(Message.unique_key.like("papers-%"))).one()
        assert "出院小结" not in text
        found = TOKEN.search(text)
        assert found
        return found[0]

    link = str(sent.within(hold))
    place = client.get(link).location
    before = client.get(place).text
    assert "在这部手机上看清单" in before
    assert "出院小结" not in before, "a previewer's GET learns nothing"
    assert client.post(f"{place}papers").status_code == 303
    page = client.get(place).text
    assert "出院小结" in page
    assert "医保卡" in page
    forwarded = app.test_client()
    less = forwarded.get(forwarded.get(link).location).text
    assert "已在另一部手机上打开" in less
    assert "下一步" in less
    assert "出院小结" not in less
    assert "雁晴社区卫生服务中心" not in less
    assert forwarded.post(f"{place}papers").status_code == 303
    assert "出院小结" not in forwarded.get(place).text


def test_who_cares_for_the_family_answers_by_a_link_of_the_own_that_shows_less_when_forwarded(
    sent: Sent, client: FlaskClient, app: Flask
) -> None:
    def done() -> tuple[str, str]:
        row = db.session.execute(select(ReferralTask.id, ReferralTask.provider_id)).one()
        assert row.provider_id
        answering.accept([row.id], row.provider_id, now() + timedelta(hours=1))
        work.finish([row.id], row.provider_id, [row.id], last=True)
        db.session.add(Carer(carer_id=sent.family.son, person_id=sent.family.old_man, relief_wanted=False))
        db.session.flush()
        db.session.execute(update(Message).where(Message.purpose == following.PURPOSE).values(unique_key=str(now())))
        following.tell_family(sent.family.case_id)
        rows = db.session.execute(
            select(Message.address, Message.text)
            .where(Message.unique_key.like("follow-%"))
            .order_by(Message.unique_key)
        ).all()
        links = {row.address: TOKEN.search(row.text)[0] for row in rows}  # type: ignore[index]
        return links[casework.PHONE], links["13800005678"]

    family_link, carers = sent.within(done)  # type: ignore[misc]
    assert family_link != carers
    place = client.get(carers).location
    before = client.get(place).text
    assert "在这部手机上回答" in before
    assert "上门医疗" not in before
    assert client.post(f"{place}answer", data={"w1": "solved"}).location == place
    assert client.post(f"{place}papers").status_code == 303
    page = client.get(place).text
    assert "上门医疗与慢病照护" in page
    for secret in (casework.NAME, casework.PHONE, "7楼", "长期卧床"):
        assert secret not in page
    wrong = client.post(f"{place}answer", data={"words": "还要再来"})
    assert wrong.status_code == 422
    assert "还要再来" in wrong.text
    forwarded = app.test_client()
    less = forwarded.get(forwarded.get(carers).location).text
    assert "已在另一部手机上打开" in less
    assert "上门医疗" not in less
    assert forwarded.post(f"{place}answer", data={"w1": "not_solved"}).location == place

    def said() -> list[tuple[str, str]]:
        return [tuple(row) for row in db.session.execute(select(Confirmation.answer, Confirmation.by))]  # type: ignore[misc]

    assert sent.within(said) == []
    form = {"w1": "solved", "stars": "5"}
    assert client.post(f"{place}answer", data=form).location == place
    assert client.post(f"{place}answer", data=form).location == place
    assert sent.within(said) == [("solved", "resident")]
    assert "帮得怎么样" not in client.get(place).text, "nothing is asked twice"
