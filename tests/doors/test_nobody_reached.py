"""The desk notes calls that nobody answered with one press; the page says how many are wanting and what comes next."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now
from rongjiu.db import db, tenant_scope
from tenants.accompaniment import work
from tenants.outcomes import reaching
from tenants.referrals import answering, confirming
from tenants.referrals import service as referrals
from tenants.referrals.models import ReferralRequest
from tests import casework, factories

Made = Callable[[Callable[[], object]], object]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def place(client: FlaskClient, made: Made, login: Login) -> str:
    """The page of results of a case about which the family has not spoken in time."""

    def build() -> tuple[str, str]:
        family = casework.a_family()
        helper = casework.a_helper(family, "job-registration")
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        with tenant_scope(family.tenant):
            consent = casework.a_consent(family, helper)
            (task,) = referrals.offer(family.need, [helper.service], consent, family.old_man, "")
            answering.accept([task.id], helper.id, now() + timedelta(hours=3))
            work.finish([task.id], helper.id, [task.id])
            confirming.call_back(db.session.scalars(select(ReferralRequest.id)).one())
        return f"/c/{family.slug}/desk/cases/{family.number}/outcomes", str(clerk.token)

    at, token = made(build)  # type: ignore[misc]
    login(client, token)
    return str(at)


def test_three_calls_a_visit_and_unknown(client: FlaskClient, place: str, monkeypatch: pytest.MonkeyPatch) -> None:
    press = place + "/nobody/"
    assert "打满 3 次都没人接" in client.get(place).text
    assert "先打完规定次数" in client.post(press + "door", follow_redirects=True).text
    assert "没人接：1 / 3 次" in client.post(press + "call", follow_redirects=True).text
    again = client.post(press + "call", follow_redirects=True).text
    assert "半小时内已记过一次" in again
    assert "没人接：1 / 3 次" in again
    monkeypatch.setattr(reaching, "APART", timedelta(0))
    assert "没人接：2 / 3 次" in client.post(press + "call", follow_redirects=True).text
    page = client.post(press + "call", follow_redirects=True).text
    assert "没人接：3 / 3 次" in page
    assert "已安排上门问" in page
    assert "这次没人接" not in page.replace("已记下这次没人接", "")
    ended = client.post(press + "door", follow_redirects=True).text
    assert "说不清楚" in ended
    assert "上门也没问到" not in ended
    assert "还没听到家里人的答复" in ended, "what the family says later is written down all the same"
    assert client.post(press + "window").status_code == 404
