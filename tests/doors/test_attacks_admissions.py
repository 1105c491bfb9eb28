"""What somebody tries with admissions: an old form after the end, a second press, a community that is not open yet, a
street's or another provider's hand, the table of events written by whom it does not belong to."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import DBAPIError

from rongjiu.clock import today
from rongjiu.db import as_role, db, telling, tenant_scope
from rongjiu.marketplace.admissions.models import AdmissionEvent
from rongjiu.marketplace.models import Admission
from rongjiu.tenancy.models import Street
from tenants.referrals import queries
from tenants.referrals.matching import service as matching
from tests import casework, factories
from tests.linked import Phone

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


def _steps(provider: Any) -> Callable[[], list[tuple[str, str]]]:
    def read() -> list[tuple[str, str]]:
        with telling(provider_id=provider):
            e = AdmissionEvent
            rows = db.session.execute(select(e.state_from, e.state_to).order_by(e.at, e.id))
            return [tuple(row) for row in rows]

    return read


def _over(provider: Any) -> Callable[[], object]:
    """The last day was yesterday; the night has not written it down yet."""
    mine = update(Admission).where(Admission.provider_id == provider)
    return lambda: db.session.execute(mine.values(ends_on=today() - timedelta(days=1)))


def test_a_form_that_was_open_before_the_end_accepts_nothing_after_it(
    client: FlaskClient, made: Made, login: Login
) -> None:
    """By the inbox and by the link of the message: the offer is no longer the provider's to open, nor to accept."""
    phone = Phone(client, made)
    owner = made(lambda: factories.a_person_with_role("provider_owner", "provider", phone.helper.id).token)
    job = f"/provider/jobs/{phone.tasks[0]}"
    login(client, owner)
    assert client.get(job).status_code == 200 and phone.open().status_code == 200
    client.post("/provider/link/code", data={"slot": phone.slot()})
    made(_over(phone.helper.id))
    for act in ("accept", "decline", "propose"):
        assert client.post(f"{job}/{act}", data={"slot": phone.slot(), "reason": "out-of-area"}).status_code == 404
        assert client.post(f"/provider/link/{act}", data={"slot": phone.slot(), "code": "000000"}).status_code == 404
    assert set(phone.states()) == {"requested"}


def test_an_old_page_of_the_desk_sends_nothing_after_the_end(client: FlaskClient, made: Made, login: Login) -> None:
    def make() -> tuple[Any, ...]:
        family = casework.a_family()
        helper = casework.a_helper(family, "catheter-change")
        clerk = factories.a_person_with_role("assistance_clerk", "community", family.community_id)
        with tenant_scope(family.tenant):
            casework.a_consent(family, helper)
            matching.match(family.need)
        return family, helper, clerk.token

    family, helper, token = made(make)
    login(client, token)
    at = f"/c/{family.slug}/desk/cases/{family.number}/needs/w1/offer?service={helper.service}"
    assert client.get(at).status_code == 200
    made(_over(helper.id))
    answer = client.post(at, data={"person_id": str(family.old_man), "wish": ""})
    assert answer.status_code == 422 and "准入已到期" in answer.text

    def states() -> set[str]:
        with tenant_scope(family.tenant):
            return {row.task_state for row in queries.slips(family.case_id)}

    assert made(states) <= {"draft"}


class Shop:
    """A shop that nobody has let in; a community of its street, one that is not open yet, and one of another street."""

    def __init__(self) -> None:
        street, far = factories.a_street(), factories.a_street()
        shop = factories.a_provider(db.session.get_one(Street, street.id))
        factories.a_service(shop, street)
        here, closed = factories.a_community(street), factories.a_community(street)
        closed.state = "preparing"
        there = factories.a_community(far)
        self.shop, self.slug = shop.id, here.slug
        self.here, self.closed, self.there = here.id, closed.id, there.id
        self.owner = factories.a_person_with_role("provider_owner", "provider", shop.id).token
        self.staff = factories.a_person_with_role("provider_staff", "provider", shop.id).token
        self.secretary = factories.a_person_with_role("secretary", "community", here.id).token
        self.far = factories.a_person_with_role("secretary", "community", there.id).token
        other = factories.a_provider(db.session.get_one(Street, street.id))
        self.rival = factories.a_person_with_role("provider_owner", "provider", other.id).token
        self.far_slug = there.slug


@pytest.fixture
def shop(made: Made) -> Shop:
    return made(Shop)  # type: ignore[no-any-return]


def test_a_shop_asks_only_where_it_may(client: FlaskClient, made: Made, login: Login, shop: Shop) -> None:
    login(client, shop.owner)
    for community in (shop.closed, shop.there):
        client.post(f"/provider/status/ask/{community}")
    assert made(lambda: db.session.scalar(select(func.count()).select_from(Admission).where(Admission.provider_id == shop.shop))) == 0  # fmt: skip
    login(client, shop.staff)
    for act in ("ask", "step-out"):
        assert client.post(f"/provider/status/{act}/{shop.here}").status_code == 404
    assert made(_steps(shop.shop)) == []


def test_a_second_press_and_a_step_that_is_over_leave_nothing(
    client: FlaskClient, made: Made, login: Login, shop: Shop
) -> None:
    desk = f"/c/{shop.slug}/desk/providers/{shop.shop}"
    login(client, shop.owner)
    for _time in range(2):
        client.post(f"/provider/status/ask/{shop.here}")
    assert made(_steps(shop.shop)) == [("", "applied")]
    login(client, shop.secretary)
    for _time in range(2):
        assert client.post(f"{desk}/deny", data={"reason": "已有三家"}).status_code in (303, 409)
    once = [("", "applied"), ("applied", "under_review"), ("under_review", "denied")]
    assert made(_steps(shop.shop)) == once
    assert client.post(f"{desk}/stop", data={"reason": "已有三家"}).status_code == 409
    login(client, shop.owner)
    client.post(f"/provider/status/step-out/{shop.here}")
    assert made(_steps(shop.shop)) == once, "nobody withdraws after a no"
    login(client, shop.secretary)
    for _time in range(2):
        client.post(f"{desk}/admit", data={"limit": "4"})
    told = made(_steps(shop.shop))
    assert told[-1][1] == "active" and len([each for each in told if each[1] == "active"]) == 1
    client.post(f"{desk}/review", data={"note": "再看看"})
    assert made(_steps(shop.shop)) == told


def test_other_hands_do_not_reach_it(client: FlaskClient, made: Made, login: Login, shop: Shop) -> None:
    login(client, shop.owner)
    client.post(f"/provider/status/ask/{shop.here}")
    before = made(_steps(shop.shop))
    login(client, shop.rival)
    client.post(f"/provider/status/step-out/{shop.here}")
    login(client, shop.far)
    for verb in ("review", "deny", "stop", "admit"):
        words = {"reason": "不行", "community_id": str(shop.here), "slug": shop.slug, "state": "active"}
        assert client.post(f"/c/{shop.slug}/desk/providers/{shop.shop}/{verb}", data=words).status_code == 404
        assert client.post(f"/c/{shop.far_slug}/desk/providers/{shop.shop}/{verb}", data=words).status_code in (
            404,
            422,
        )
    assert made(_steps(shop.shop)) == before


def test_events_are_only_added_to_and_only_by_their_community(inside: None) -> None:
    shop = Shop()
    row = factories.an_admission(
        db.session.get_one(factories.Provider, shop.shop), db.session.get_one(factories.Community, shop.here)
    )
    insert = text(
        "INSERT INTO admission_event (id, admission_id, provider_id, community_id, at, state_from, state_to, actor, post, "
        "reason_code, words) VALUES (gen_random_uuid(), :row, :shop, :here, now(), '', 'active', 'secretary', '', '', '')"
    )
    words = {"row": row.id, "shop": shop.shop, "here": shop.here}
    with telling(community_id=shop.here):
        db.session.execute(insert, words)
    for change in ("UPDATE admission_event SET words = 'x'", "DELETE FROM admission_event"):
        with pytest.raises(DBAPIError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text(change))
    for scope in ({"provider_id": shop.shop}, {"community_id": shop.there}):
        with telling(**scope), pytest.raises(DBAPIError, match="row-level security"), db.session.begin_nested():
            db.session.execute(insert, words)
    for role in ("app_public", "app_receiver", "app_overseer"):
        with as_role(role), pytest.raises(DBAPIError, match="permission denied"), db.session.begin_nested():
            db.session.execute(text("SELECT 1 FROM admission_event"))
