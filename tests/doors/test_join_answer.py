"""A founding handed in through its pages: the street or the operator answers; what the secretary has until then."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.permissions import matrix
from rongjiu.db import db
from rongjiu.tenancy.models import Community, FoundingDraft, Street
from tests import factories
from tests.joining import CREDIT, SLOTS, cloned, given

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]


def a_street(code: str = "610103002", name: str = "柏树林街道") -> dict[str, str]:
    """The street of the place with an overseer."""
    street = factories.a_street()
    street.code, street.name = code, name
    db.session.flush()
    staff = factories.a_person_with_role("street_overseer", "street", street.id)
    return {"slug": street.slug, "token": staff.token}


def submitted(client: FlaskClient, made: Made) -> str:
    """The same handed in through its page."""
    at = cloned(client, made)
    answer = client.post(f"{at}/check", data={"kind": "credit_code", "credit_code": CREDIT})
    assert answer.status_code == 303, answer.text
    return at


def test_the_street_sees_what_it_needs_and_lets_it_go_live(
    client: FlaskClient, made: Made, login: Login, app: Any
) -> None:
    street = made(a_street)
    at = cloned(client, made)
    assert client.post(f"{at}/check", data={"kind": "credit_code", "credit_code": CREDIT}).status_code == 303
    page = client.get(f"{at}/check").text
    assert "柏树林街道督导" in page
    assert "审批建站" in page
    assert client.get("/c/duanlumen/").status_code == 404
    overseer = app.test_client()
    login(overseer, street["token"])
    base = f"/street/{street['slug']}/founding"
    assert "端履门社区" in overseer.get(base).text
    seen = overseer.get(f"{base}/{at.rpartition('/')[2]}").text
    assert "城市低保标准" in seen
    assert "测试员" not in re.sub(r"(?s)<header.*?</header>", "", seen)
    call = {"number": "029-87654321", "source": "街道通讯录", "confirmed": "y"}
    assert overseer.post(f"{base}/{at.rpartition('/')[2]}/approve", data=call).status_code == 303
    assert "端履门“融救联助”" in client.get("/c/duanlumen/").text
    assert "已上线" in client.get(f"{at}/check").text
    assert overseer.post(f"{base}/{at.rpartition('/')[2]}/approve", data=call).status_code == 409


def test_another_street_gets_404_and_nothing_changes(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    made(a_street)
    other = made(lambda: a_street("610103008", "张家村街道"))
    draft = submitted(client, made).rpartition("/")[2]
    stranger = app.test_client()
    login(stranger, other["token"])
    base = f"/street/{other['slug']}/founding/{draft}"
    assert stranger.get(base).status_code == 404
    assert stranger.get(f"{base}/letter").status_code == 404
    data = {"number": "029-87654321", "source": "街道通讯录", "confirmed": "y", "reason": "请补材料"}
    assert stranger.post(f"{base}/approve", data=data).status_code == 404
    assert stranger.post(f"{base}/return", data=data).status_code == 404
    assert made(lambda: db.session.scalar(select(Community.state).where(Community.slug == "duanlumen"))) == "submitted"


def test_without_a_street_the_operator_approves(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    token = made(lambda: factories.a_person_with_role("operator", "platform", None).token)
    draft = submitted(client, made).rpartition("/")[2]
    operator = app.test_client()
    login(operator, token)
    assert "端履门社区" in operator.get("/operator/founding").text
    assert "城市低保标准" in operator.get(f"/operator/founding/{draft}").text
    bare = {"number": "029-87654321", "source": "区民政局名册"}
    assert operator.post(f"/operator/founding/{draft}/approve", data=bare).status_code == 422
    assert operator.post(f"/operator/founding/{draft}/approve", data={**bare, "confirmed": "y"}).status_code == 303
    assert client.get("/c/duanlumen/").status_code == 200


def test_given_back_the_founder_reads_why(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    street = made(a_street)
    at = submitted(client, made)
    overseer = app.test_client()
    login(overseer, street["token"])
    base = f"/street/{street['slug']}/founding/{at.rpartition('/')[2]}"
    assert overseer.post(f"{base}/return", data={"reason": ""}).status_code == 422
    assert overseer.post(f"{base}/return", data={"reason": "请补盖章的介绍信"}).status_code == 303
    assert "请补盖章的介绍信" in client.get(f"{at}/check").text


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"GIF89a", "a.gif", "只收照片"), (b"%PDF-1.7", "a.png", "后缀不一致"), (b"", "a.pdf", "文件是空的")],
)
def test_a_bad_letter_is_refused_at_its_field(
    client: FlaskClient, made: Made, content: bytes, name: str, words: str
) -> None:
    at = cloned(client, made)
    answer = client.post(f"{at}/check", data={"kind": "letter", "letter": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert words in answer.text
    assert made(lambda: db.session.scalar(select(Community.state))) == "preparing"


def test_the_street_reads_the_letter(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    street = made(a_street)
    at = cloned(client, made)
    letter = {"kind": "letter", "letter": (BytesIO(b"%PDF-1.7 letter"), "letter.pdf")}
    assert client.post(f"{at}/check", data=letter).status_code == 303
    overseer = app.test_client()
    login(overseer, street["token"])
    answer = overseer.get(f"/street/{street['slug']}/founding/{at.rpartition('/')[2]}/letter")
    assert answer.data == b"%PDF-1.7 letter"
    assert answer.headers["Content-Disposition"].startswith("attachment")


def test_until_approved_no_resident_can_be_entered(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    def secretary() -> dict[str, str]:
        community = factories.a_modelled_community(state="submitted")
        return {
            "slug": community.slug, "token": factories.a_person_with_role("secretary", "community", community.id).token
        }  # fmt: skip

    staff = made(secretary)
    login(client, staff["token"])
    for rule in app.url_map.iter_rules():
        if rule.endpoint.startswith(("desk.", "grid.", "live.")) and not _any_state(rule.endpoint):
            path = rule.rule.replace("<slug>", staff["slug"])
            if "<" in path or "POST" not in (rule.methods or ()):
                continue
            answer = client.post(path, data={})
            assert answer.status_code in (302, 404), (rule.endpoint, answer.status_code)
            if answer.status_code == 302:
                assert answer.location == f"/c/{staff['slug']}/desk/founding"
    assert client.get(f"/c/{staff['slug']}/desk/founding").status_code == 200


def _any_state(endpoint: str) -> bool:
    return matrix()[endpoint].any_state


def test_the_secretarys_pages(client: FlaskClient, made: Made, login: Login) -> None:
    def secretary() -> dict[str, str]:
        community = factories.a_modelled_community(confirmed=False)
        staff = factories.a_person_with_role("secretary", "community", community.id)
        return {"slug": community.slug, "token": staff.token}

    staff = made(secretary)
    login(client, staff["token"])
    desk = f"/c/{staff['slug']}/desk"
    assert client.post(f"{desk}/settings", data={**SLOTS, "title": "新名字", "phone": "12"}).status_code == 422
    assert client.post(f"{desk}/settings", data={**SLOTS, "title": "新名字"}).status_code == 303
    assert "新名字" in client.get(f"/c/{staff['slug']}/").text
    page = client.get(f"{desk}/settings/parameters").text
    assert client.post(f"{desk}/settings/parameters", data={**given(page), "rest": "reference"}).status_code == 303
    page = client.get(f"{desk}/settings/parameters").text
    assert client.post(f"{desk}/settings/parameters", data={**given(page), "rest": "not_set"}).status_code == 303
    assert "已完成" in client.get(f"{desk}/founding").text
    assert client.post(f"{desk}/founding/survey", data={"done": "1"}).status_code == 303
    assert client.post(f"{desk}/founding/plan", data={"day-sweep": "2030-08-24"}).status_code == 303
    assert client.post(f"{desk}/staff", data={"role": "grid_worker", "phone": "13800000055"}).status_code == 303
    shown = client.get(f"{desk}/staff").text
    assert "/account/invitation/" in shown
    withdraw = re.search(r'action="([^"]+/withdraw)"', shown)
    assert withdraw
    assert client.post(withdraw[1], data={}).status_code == 303
    end = re.search(r'action="([^"]+/end)"', shown)
    assert end
    answer = client.post(end[1], data={})
    assert "最后一位负责人" in answer.text
    assert made(lambda: db.session.scalar(select(Street.id).limit(1)))
    assert made(lambda: db.session.scalar(select(FoundingDraft.id).limit(1))) is None
