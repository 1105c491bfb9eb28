"""A department without an account answers one file by link: only the device with the figures sees people, and only the
desk's own words and checks apply."""

import html
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from rongjiu.links import Link
from tenants.acceptance import linking, service
from tenants.acceptance.models import DeskEvent, DeskFile, DeskPaper
from tenants.referrals.models import ReferralTask
from tests import casework, deskwork

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
PERSONAL = (casework.NAME, casework.PHONE, "301房", deskwork.WORDS, deskwork.ID_NUMBER)


class Desk:
    """A street's desk that has given a link away, and whoever opens it."""

    def __init__(self, app: Flask, made: Made, login: Login) -> None:
        self.app, self.made = app, made
        self.sent: deskwork.Sent = made(deskwork.a_street_at_work)
        self.clerk = app.test_client()
        login(self.clerk, self.sent.desk)
        self.file = f"/street/{self.sent.street}/acceptance/{self.sent.task}"
        self.at = f"/street/{self.sent.street}/answer/link/"

    def give(self) -> tuple[str, str]:
        """The address and the figures of a fresh link."""
        page = self.clerk.post(f"{self.file}/link")
        assert page.status_code == 200
        assert page.headers["Cache-Control"] == "no-store"
        address = re.search(r"/street/[^/]+/answer/link/[\w-]+", html.unescape(page.text))
        figures = re.search(r">(\d{6})<", page.text)
        assert address
        assert figures
        return address[0], figures[1]

    def device(self, address: str, figures: str = "") -> FlaskClient:
        """A browser in which the link was opened."""
        browser = self.app.test_client()
        assert browser.get(address).status_code == 303
        if figures:
            assert browser.post(f"{self.at}open", data={"figures": figures}).status_code == 303
        return browser

    def within(self, work: Callable[[], object]) -> Any:
        def run() -> object:
            with tenant_scope(self.sent.family.tenant):
                return work()

        return self.made(run)

    def state(self) -> str:
        query = select(ReferralTask.state).where(ReferralTask.id == self.sent.task)
        return str(self.within(lambda: db.session.scalars(query).one()))

    def bring(self) -> None:
        """The community brings what was asked for."""
        assert self.sent.task is not None
        asked = db.session.scalars(select(DeskPaper.id).where(DeskPaper.asked)).all()
        service.supply(self.sent.family.case_id, self.sent.task, dict.fromkeys(asked, "have"), {})


@pytest.fixture
def at(app: Flask, rollback: None, made: Made, login: Login) -> Desk:
    return Desk(app, made, login)


def test_the_figures_open_the_file_on_one_device_and_elsewhere_it_shows_less(at: Desk) -> None:
    address, figures = at.give()
    forwarded = at.device(address)
    before = forwarded.get(at.at)
    assert before.status_code == 200
    assert "填口令" in before.text
    mine = at.device(address, figures)
    page = mine.get(at.at)
    assert casework.NAME in page.text
    assert casework.PHONE.replace("-", "")[-4:] in page.text
    assert deskwork.ID_NUMBER not in page.text, "nobody but the desks opens an ID number"
    elsewhere = at.device(address)
    less = elsewhere.get(at.at)
    assert "已在另一台设备上打开" in less.text
    assert not [word for text in (before.text, less.text) for word in PERSONAL if word in text]
    assert "已在另一台设备上打开" in elsewhere.post(f"{at.at}open", data={"figures": figures}).text
    assert elsewhere.post(at.at, data={"verb": "accept"}).status_code == 403
    assert at.state() == "requested"
    assert at.within(lambda: db.session.scalars(select(DeskEvent.post).where(DeskEvent.verb == "opened")).all())


def test_a_department_accepts_asks_for_papers_and_grants(at: Desk) -> None:
    address, figures = at.give()
    browser = at.device(address, figures)
    day = today().isoformat()
    assert browser.post(at.at, data={"verb": "accept", "accept-day": day}).status_code == 303
    assert at.state() == "accepted"
    bad = browser.post(at.at, data={"verb": "grant", "grant-day": day, "grant-amount": "", "grant-period": "month"})
    assert bad.status_code == 422
    assert "请填 0 到 1000000 之间的金额" in bad.text
    asked = {"verb": "ask_papers", "ask_papers-day": day, "ask_papers-more": "户口本"}
    assert browser.post(at.at, data=asked).status_code == 303
    assert at.state() == "on-hold"
    assert browser.get(at.at).status_code == 200, "the link waits with the file"
    at.within(at.bring)
    words = {
        "verb": "grant", "grant-day": day, "grant-amount": "120", "grant-period": "month", "grant-from_on": day,
    }  # fmt: skip
    done = browser.post(at.at, data=words)
    assert done.status_code == 303
    assert done.location.endswith("/thanks")
    assert "社区会告知家里" in browser.get(done.location).text
    assert at.state() == "completed"
    assert browser.get(at.at).status_code == 404, "answered: the link is spent"
    posts = at.within(lambda: db.session.scalars(select(DeskEvent.post).where(DeskEvent.verb == "grant")).all())
    assert posts
    assert "一门受理" not in posts[0]


def test_a_refusal_needs_its_reason_and_the_way_to_appeal(at: Desk) -> None:
    address, figures = at.give()
    browser = at.device(address, figures)
    browser.post(at.at, data={"verb": "accept", "accept-day": today().isoformat()})
    words = {"verb": "refuse", "refuse-day": today().isoformat(), "refuse-reason": ""}
    assert "不予必须写明理由" in browser.post(at.at, data=words).text
    words |= {
        "refuse-reason": "收入超过标准", "refuse-appeal_to": "区政府行政复议机构",
        "refuse-appeal_until": (today() + timedelta(days=60)).isoformat(),
    }  # fmt: skip
    assert browser.post(at.at, data=words).status_code == 303
    assert at.within(lambda: db.session.scalars(select(DeskFile.answer)).one()) == "refused"


@pytest.mark.parametrize("ending", ["withdrawn", "forwarded", "expired", "newer", "altered"])
def test_every_ended_link_reads_the_same(at: Desk, ending: str) -> None:
    address, figures = at.give()
    browser = at.device(address, figures)
    if ending == "withdrawn":
        at.within(lambda: service.withdraw(at.sent.family.case_id, at.sent.task, "家里不申请了"))  # type: ignore[arg-type]
    elif ending == "forwarded":
        day = today().isoformat()
        browser.post(at.at, data={"verb": "accept", "accept-day": day})
        form = {"verb": "forward", "forward-day": day, "forward-department": "mzj"}
        assert browser.post(at.at, data=form).status_code == 400, "turning a file over stays with the desk"
        assert at.clerk.post(at.file, data=form).status_code == 303
    elif ending == "expired":
        at.made(lambda: db.session.execute(update(Link).values(expires_at=now())))
    elif ending == "newer":
        at.give()
    else:
        address += "x"
        browser = at.app.test_client()
    assert browser.get(at.at).status_code == 404
    dead = browser.get(address)
    assert dead.status_code == 404
    assert "链接已失效" in dead.text


def test_five_wrong_figures_end_the_link(at: Desk) -> None:
    address, figures = at.give()
    browser = at.device(address)
    wrong = "000000" if figures != "000000" else "111111"
    answers = [browser.post(f"{at.at}open", data={"figures": wrong}) for _ in range(linking.TRIES)]
    assert answers[0].status_code == 422
    assert "口令不对" in answers[0].text
    assert browser.post(f"{at.at}open", data={"figures": figures}).status_code == 404


def test_only_the_desk_of_the_street_gives_links(at: Desk, client: FlaskClient, login: Login) -> None:
    login(client, at.sent.other_desk)
    assert client.post(f"{at.file}/link").status_code == 404
    strange = f"/street/{at.sent.other_street}/acceptance/{at.sent.task}/link"
    assert client.post(strange).status_code == 404
