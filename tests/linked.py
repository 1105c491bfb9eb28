"""A provider's phone with the link of one job, and what is seen by it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from rongjiu.clock import ZONE, now
from rongjiu.db import db, tenant_scope
from rongjiu.notify.models import Message
from tenants.referrals import jobs, queries, service
from tests import casework

Made = Callable[[Callable[[], object]], object]
SECRETS = (casework.NAME, casework.PHONE, "7楼", "301房", "长期卧床")


class Phone:
    """A provider's phone with the link that came by message."""

    def __init__(self, client: FlaskClient, made: Made, *types: str, **words: object) -> None:
        self.client, self.made = client, made

        def build() -> tuple[casework.Family, casework.Helper, list[UUID], UUID]:
            family = casework.a_family()
            helper = casework.a_helper(family, *(types or ("catheter-change", "home-checkup")))
            with tenant_scope(family.tenant):
                consent = casework.a_consent(family, helper, *words.get("fields", ()))  # type: ignore[misc]
                offered = [each for each in (helper.service, helper.second) if each]
                tasks = [t.id for t in service.offer(family.need, offered, consent, family.old_man, "请轻声敲门")]
                jobs.tell_provider({"tasks": [str(each) for each in tasks]})
            return family, helper, tasks, consent

        self.family, self.helper, self.tasks, self.consent = made(build)  # type: ignore[misc]

    def messages(self) -> list[str]:
        """What came to the phone, newest last."""

        def read() -> list[str]:
            rows = db.session.execute(select(Message.address, Message.text).order_by(Message.id)).all()
            return [row.text for row in rows if row.address == self.helper.phone]

        return list(self.made(read))  # type: ignore[call-overload]

    def path(self) -> str:
        """The path of the newest link."""
        return re.findall(r"(/provider/link/\S+)", " ".join(self.messages()))[-1]

    def open(self) -> TestResponse:
        return self.client.get(self.path(), follow_redirects=True)

    def within(self, work: Callable[[], object]) -> object:
        def run() -> object:
            with tenant_scope(self.family.tenant):
                return work()

        return self.made(run)

    def states(self) -> list[str]:
        return list(self.within(lambda: [row.task_state for row in queries.slips(self.family.case_id)]))  # type: ignore[call-overload]

    def slot(self, days: int = 1) -> str:
        day = now().astimezone(ZONE).date() + timedelta(days=days)
        return datetime(day.year, day.month, day.day, 15, tzinfo=ZONE).isoformat()

    def accept(self) -> TestResponse:
        """Open, choose a time, type the code that came."""
        self.open()
        self.client.post("/provider/link/code", data={"slot": self.slot()})
        code = re.findall(r"验证码 (\d{6})", " ".join(self.messages()))[-1]
        return self.client.post("/provider/link/accept", data={"slot": self.slot(), "code": code})
