"""Founding a community through its pages, from nobody to live."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from blueprints.guard import COOKIE
from blueprints.permissions import matrix
from rongjiu.codes import credit_check
from rongjiu.db import db
from rongjiu.notify.models import Message
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Community, FoundingDraft, Street
from tenants.founding import queries, service
from tenants.founding.parameters import answer
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
Login = Callable[[FlaskClient, str], None]
PHONE = "13800000021"
PACK = "rongjiulianzhu-huangyan@1.0.0"
CREDIT = "54610103MA6TXJ0X0"
CREDIT += credit_check(CREDIT)
SLOTS = {
    "phone": "029-85251234",
    "desk_hours": "周一至周五 9:00-18:00",
    "address": "东大街 1 号",
    "courtyards": "甲院\n乙院",
}


def _street(code: str = "610103002", name: str = "柏树林街道") -> dict[str, str]:
    street = factories.a_street()
    street.code, street.name = code, name
    db.session.flush()
    staff = factories.a_person_with_role("street_overseer", "street", street.id)
    return {"slug": street.slug, "token": staff.token}


def _code() -> str:
    texts = [
        row.text for row in db.session.scalars(select(Message).order_by(Message.created_at.desc(), Message.id.desc()))
    ]
    return re.findall(r"\d{6}", next(text for text in texts if "验证码" in text))[0]


def _sign_up(client: FlaskClient, made: Made) -> None:
    assert client.post("/join/community", data={"address": PHONE}).status_code == 303
    assert client.post("/join/community/code", data={"code": made(_code)}).location == "/join/community/account"
    answer = client.post("/join/community/account", data={"name": "测试书记", "password": "柏树林的一句话 2022"})
    assert answer.location == "/join/community/drafts"


def _begun(client: FlaskClient, made: Made) -> str:
    """A founder logged in with a fresh draft; answers the address of the draft."""

    def rows() -> tuple[str, UUID]:
        founder = factories.a_person_with_role("provider_owner", "provider", None)
        return founder.token, service.begin(founder.account.id, "secretary")

    token, draft = made(rows)
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)
    return f"/join/community/{draft}"


def _at(draft: UUID) -> FoundingDraft:
    return db.session.get_one(FoundingDraft, draft)


def _cloned(client: FlaskClient, made: Made, *, rest: bool = True) -> str:
    """The same with a community cloned; `rest` fills the slots and answers every parameter."""
    at = _begun(client, made)
    draft = UUID(at.rpartition("/")[2])

    def rows() -> None:
        founding.choose_listed(_at(draft), "610103002002")
        service.choose_pack(_at(draft), PACK)
        service.choose_name(_at(draft), "端履门“融救联助”", "duanlumen", "DL")
        if rest:
            said = {
                row["id"]: answer(row, "value" if row["value"] is not None else "not_set", "", "")
                for row in queries.pack_parameters(PACK)
            }
            service.fill_slots(_at(draft), SLOTS, said)
        service.open_community(draft, _at(draft).account_id)

    made(rows)
    return at


def _submitted(client: FlaskClient, made: Made) -> str:
    at = _cloned(client, made)
    draft = UUID(at.rpartition("/")[2])
    made(lambda: service.submit(_at(draft), credit_code=CREDIT))
    return at


def _given(page: str) -> dict[str, str]:
    """What a browser would send back of the parameter inputs."""
    found: dict[str, str] = {}
    for name, options in re.findall(r'<select[^>]* name="(p-[^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r' name="([vd]-[^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = value[1]
    return found


def _submitted(client: FlaskClient, made: Made) -> str:
    at = _cloned(client, made)
    answer = client.post(f"{at}/check", data={"kind": "credit_code", "credit_code": CREDIT})
    assert answer.status_code == 303, answer.text
    return at


def test_nobody_comes_to_a_clone_by_phone_and_code(client: FlaskClient, made: Made) -> None:
    _sign_up(client, made)
    at = str(client.post("/join/community/drafts", data={"post": "secretary"}).location).removesuffix("/place")
    assert client.post(f"{at}/place", data={"code": "610103002002"}).location == f"{at}/pack"
    assert client.post(f"{at}/pack", data={"pack": PACK}).location == f"{at}/name"
    name = {"title": "端履门“融救联助”", "slug": "duanlumen", "mark": "DL"}
    assert client.post(f"{at}/name", data=name).location == f"{at}/slots"
    assert client.post(f"{at}/slots", data=SLOTS).location == f"{at}/clone"
    assert client.post(f"{at}/clone", data={}).location == f"{at}/clone"
    assert client.post(f"{at}/staff", data={"role": "assistance_clerk", "phone": "13800000055"}).status_code == 303
    assert "/account/invitation/" in client.get(f"{at}/staff").text


def test_many_parameters_are_answered_at_once(client: FlaskClient, made: Made) -> None:
    at = _cloned(client, made, rest=False)
    assert client.post(f"{at}/slots", data={**SLOTS, "rest": "reference"}).status_code == 303
    page = client.get(f"{at}/slots").text
    assert "8 / 30" in page
    client.post(f"{at}/slots", data={**SLOTS, "rest": "not_set", **_given(page)})
    assert "30 / 30" in client.get(f"{at}/slots").text


def test_the_street_sees_what_it_needs_and_lets_it_go_live(
    client: FlaskClient, made: Made, login: Login, app: Any
) -> None:
    street = made(_street)
    at = _cloned(client, made)
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
    made(_street)
    other = made(lambda: _street("610103008", "张家村街道"))
    draft = _submitted(client, made).rpartition("/")[2]
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
    draft = _submitted(client, made).rpartition("/")[2]
    operator = app.test_client()
    login(operator, token)
    assert "端履门社区" in operator.get("/operator/founding").text
    assert "城市低保标准" in operator.get(f"/operator/founding/{draft}").text
    bare = {"number": "029-87654321", "source": "区民政局名册"}
    assert operator.post(f"/operator/founding/{draft}/approve", data=bare).status_code == 422
    assert operator.post(f"/operator/founding/{draft}/approve", data={**bare, "confirmed": "y"}).status_code == 303
    assert client.get("/c/duanlumen/").status_code == 200


def test_given_back_the_founder_reads_why(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    street = made(_street)
    at = _submitted(client, made)
    overseer = app.test_client()
    login(overseer, street["token"])
    base = f"/street/{street['slug']}/founding/{at.rpartition('/')[2]}"
    assert overseer.post(f"{base}/return", data={"reason": ""}).status_code == 422
    assert overseer.post(f"{base}/return", data={"reason": "请补盖章的介绍信"}).status_code == 303
    assert "请补盖章的介绍信" in client.get(f"{at}/check").text


def test_an_unknown_code_is_answered_in_words(client: FlaskClient, made: Made) -> None:
    at = _begun(client, made)
    page = client.get(f"{at}/place", query_string={"q": "610103002999"}).text
    assert "名单里没有这个代码" in page
    answer = client.post(f"{at}/place", data={"code": "610103002999"})
    assert answer.status_code == 422
    assert "名单里没有这个代码" in answer.text


@pytest.mark.parametrize("words", ["dlm", "端履门", "610103002002"])
def test_the_community_is_found_as_typed(client: FlaskClient, made: Made, words: str) -> None:
    at = _begun(client, made)
    assert 'value="610103002002"' in client.get(f"{at}/place", query_string={"q": words}).text


def test_a_community_that_is_not_listed_is_written_down(client: FlaskClient, made: Made) -> None:
    at = _begun(client, made)
    answer = client.post(f"{at}/place?free=1", data={"name": "新开社区", "street": "某某街道"})
    assert answer.location == f"{at}/pack"


def test_a_second_founder_is_warned_and_may_go_on(client: FlaskClient, made: Made, app: Any) -> None:
    at = _begun(client, made)
    client.post(f"{at}/place", data={"code": "610103002002"})
    second = app.test_client()
    mine = f"{_begun(second, made)}/place"
    answer = second.post(mine, data={"code": "610103002002"})
    assert answer.status_code == 409
    assert "社区书记" in answer.text
    assert "测试书记" not in answer.text
    assert second.post(mine, data={"code": "610103002002", "sure": "y"}).status_code == 303


def test_it_resumes_where_it_was_left(client: FlaskClient, made: Made, app: Any) -> None:
    _sign_up(client, made)
    at = str(client.post("/join/community/drafts", data={"post": "secretary"}).location).removesuffix("/place")
    client.post(f"{at}/place", data={"code": "610103002002"})
    later = app.test_client()
    later.post("/join/community", data={"address": PHONE})
    assert later.post("/join/community/code", data={"code": made(_code)}).location == "/join/community/drafts"
    assert "端履门社区" in later.get("/join/community/drafts").text
    assert later.get(at).location == f"{at}/pack"


def test_a_strangers_draft_is_not_there(client: FlaskClient, made: Made, app: Any, login: Login) -> None:
    at = _cloned(client, made, rest=False)
    token = made(lambda: factories.a_person_with_role("provider_owner", "provider", None).token)
    stranger = app.test_client()
    login(stranger, token)
    for step in ("place", "pack", "name", "slots", "clone", "staff", "check"):
        assert stranger.get(f"{at}/{step}").status_code == 404
        assert stranger.post(f"{at}/{step}", data={}).status_code == 404
    assert app.test_client().get(f"{at}/check").status_code == 302


def test_pressing_clone_twice_makes_one_community(client: FlaskClient, made: Made) -> None:
    at = _cloned(client, made, rest=False)
    assert client.post(f"{at}/clone", data={}).status_code == 303
    assert made(lambda: len(db.session.scalars(select(Community.id)).all())) == 1
    page = client.get(f"{at}/clone").text
    assert ">318<" in page


def test_a_bad_parameter_stands_at_its_field_and_nothing_is_lost(client: FlaskClient, made: Made) -> None:
    at = _begun(client, made)
    client.post(f"{at}/place", data={"code": "610103002002"})
    client.post(f"{at}/pack", data={"pack": PACK})
    client.post(f"{at}/name", data={"title": "端履门", "slug": "duanlumen", "mark": "DL"})
    answer = client.post(
        f"{at}/slots", data={**SLOTS, "p-medical_aid_dibao_ratio": "value", "v-medical_aid_dibao_ratio": "70"}
    )
    assert answer.status_code == 422
    assert "0 到 1 之间" in answer.text
    assert "东大街 1 号" in answer.text


def test_what_is_not_answered_blocks_the_submission(client: FlaskClient, made: Made) -> None:
    at = _cloned(client, made, rest=False)
    page = client.get(f"{at}/check").text
    assert "还差 2 项即可提交" in page
    assert client.post(f"{at}/check", data={"kind": "credit_code", "credit_code": CREDIT}).status_code == 422


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [(b"GIF89a", "a.gif", "只收照片"), (b"%PDF-1.7", "a.png", "后缀不一致"), (b"", "a.pdf", "文件是空的")],
)
def test_a_bad_letter_is_refused_at_its_field(
    client: FlaskClient, made: Made, content: bytes, name: str, words: str
) -> None:
    at = _cloned(client, made)
    answer = client.post(f"{at}/check", data={"kind": "letter", "letter": (BytesIO(content), name)})
    assert answer.status_code == 422
    assert words in answer.text
    assert made(lambda: db.session.scalar(select(Community.state))) == "preparing"


def test_the_street_reads_the_letter(client: FlaskClient, made: Made, login: Login, app: Any) -> None:
    street = made(_street)
    at = _cloned(client, made)
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
    assert client.post(f"{desk}/settings/parameters", data={**_given(page), "rest": "reference"}).status_code == 303
    page = client.get(f"{desk}/settings/parameters").text
    assert client.post(f"{desk}/settings/parameters", data={**_given(page), "rest": "not_set"}).status_code == 303
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
