"""The right of reply of every role of a community: a page of one's own, and never who complained."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from rongjiu.actor import acting
from rongjiu.db import db, tenant_scope
from rongjiu.identity.models import Account
from rongjiu.notify.models import Message
from tenants.complaints import jobs, queries, service
from tenants.complaints.models import Complaint
from tests import factories
from tests.desk_of import a_desk

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
WHO, PHONE, WORDS, ASKED = "李婆婆", "13800001234", "说好来没来", "那天几点到的？"
DOORS = {
    "grid_worker": ("grid/hearings", "grid/today"), "volunteer": ("volunteer/hearings", ""),
    "community_worker": ("desk/hearings", ""), "live_desk": ("desk/hearings", ""), "volunteer_lead": ("desk/hearings", ""),
    "assistance_clerk": ("desk/hearings", ""),
}  # fmt: skip


def _heard(role: str) -> dict[str, Any]:
    """Somebody of a role complained about by telephone, and asked for their side."""
    here = a_desk()
    person = factories.a_person_with_role(role, "community", here.tenant.uid, courtyards=("yard-0",))
    phone = "13700000001"
    db.session.execute(update(Account).where(Account.id == person.account.id).values(phone=phone))
    about = "volunteer" if role.startswith("volunteer") else "worker"
    with tenant_scope(here.tenant), acting(here.as_clerk()):
        row = service.receive(
            service.Heard(WORDS, about, staff_id=person.account.id, complainant=WHO, phone=PHONE, category="late")
        )
        row.receiver_id = here.clerk.account.id
        db.session.flush()
        service.ask(row.id, ASKED)
        jobs.asked({"complaint": str(row.id), "key": "k"})
        found = row.id
    other = factories.a_person_with_role(role, "community", here.tenant.uid, courtyards=("yard-0",))
    return {"url": f"/c/{here.slug}", "token": person.token, "other": other.token, "id": found, "tenant": here.tenant,
            "phone": phone}  # fmt: skip


@pytest.mark.parametrize("role", DOORS)
def test_each_role_reads_the_question_and_answers(client: FlaskClient, login: Login, made: Made, role: str) -> None:
    world = made(lambda: _heard(role))
    at = f"{world['url']}/{DOORS[role][0]}"
    login(client, world["token"])
    page = client.get(at)
    assert page.status_code == 200
    assert ASKED in page.text
    assert not any(word in page.text for word in (WHO, PHONE, WORDS, "-TS-"))
    if DOORS[role][1]:
        assert "请我说明的 1" in client.get(f"{world['url']}/{DOORS[role][1]}").text
    reply = f"{at}/{world['id']}"
    long = "长" * 2001
    kept = client.post(reply, data={"reply": long})
    assert kept.status_code == 422
    assert long in kept.text, "what was typed stays"
    login(client, world["other"])
    assert ASKED not in client.get(at).text
    assert client.post(reply, data={"reply": "x"}).status_code == 404
    login(client, world["token"])
    assert client.post(reply, data={"reply": "路上堵车"}).status_code == 303

    def said() -> tuple[str | None, list[Any]]:
        with tenant_scope(world["tenant"]):
            row = db.session.scalars(select(Complaint)).one()
            return row.reply, queries.history(row.id)

    words, steps = made(said)
    assert words == "路上堵车"
    assert [step.verb for step in steps] == ["receive", "ask", "reply"]


def test_who_is_asked_is_told_and_nothing_is_said_in_the_message(made: Made) -> None:
    world = made(lambda: _heard("volunteer"))
    rows = made(lambda: [(row.address, row.text) for row in db.session.scalars(select(Message))])
    (text,) = [text for address, text in rows if address == world["phone"]]
    assert "请我说明的" in text
    assert not any(word in text for word in (WHO, PHONE, WORDS, ASKED, "不守时"))
