"""The words of a state: one place, the same on the case page, the list of offers, the family's page and for others."""

from datetime import timedelta

import pytest
import time_machine
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.referrals import answering
from tenants.referrals.models import ReferralTask
from tenants.referrals.returning import silence
from tenants.referrals.words import said
from tests.doors.test_offers import Desk, Login, Made


@pytest.fixture
def desk(client: FlaskClient, made: Made, login: Login) -> Desk:
    desk = Desk(client, made, login)
    desk.consent()
    desk.send()
    return desk


def _tasks(desk: Desk) -> list[ReferralTask]:
    return list(db.session.scalars(select(ReferralTask).order_by(ReferralTask.id)))


def test_an_unanswered_offer_says_that_silence_brought_it_back(desk: Desk) -> None:
    assert "待答复" in desk.client.get(desk.case).text

    def expire() -> None:
        with tenant_scope(desk.family.tenant), time_machine.travel(now() + timedelta(days=14), tick=False):
            for task in _tasks(desk):
                assert silence.expire(task.id)

    desk.made(expire)
    for page in (desk.case, desk.case.partition("/cases")[0] + "/offers?state=cancelled"):
        text = desk.client.get(page).text
        assert "超时退回" in text, page
        assert "已取消" not in text, page


def test_a_job_in_a_waiting_line_is_not_merely_paused(desk: Desk) -> None:
    def hold() -> None:
        with tenant_scope(desk.family.tenant):
            tasks = [task.id for task in _tasks(desk)]
            answering.accept(tasks, desk.helper.id, now() + timedelta(hours=3))
            answering.hold(tasks, desk.helper.id, "waitlist", now() + timedelta(days=3))

    desk.made(hold)
    assert "轮候" in desk.client.get(desk.case).text


@pytest.mark.parametrize(
    ("state", "reason", "word"),
    [
        ("cancelled", "", "已撤回"), ("cancelled", "no-response", "超时退回"), ("failed", "unsafe", "未能完成"),
        ("on-hold", "missing-documents", "暂缓"), ("on-hold", "waitlist", "轮候"), ("requested", "", "待答复"),
    ],
)  # fmt: skip
def test_each_state_has_its_word(app: Flask, state: str, reason: str, word: str) -> None:
    assert said(state, reason) == word
    shown = app.jinja_env.from_string("{% from 'macros/status.html' import task_chip %}{{ task_chip(state, reason) }}")
    with app.test_request_context():
        assert word in shown.render(state=state, reason=reason)
