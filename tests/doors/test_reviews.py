"""What is looked at again: pairs, numbers, changes with a second person, history, known elsewhere."""

from collections.abc import Callable
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from rongjiu.actor import acting
from rongjiu.audit import Audit
from rongjiu.db import db, telling, tenant_scope
from rongjiu.tenancy.models import KnownQuestion
from tenants.cases import service as cases
from tenants.residents import service
from tenants.residents.models import Person, RegisterReview
from tenants.residents.service import Door, NewPerson
from tenants.reviews.models import ChangeRequest, RegisterMerge
from tests.asked import statements
from tests.desk_of import Desk, a_desk
from tests.doors.test_grid import Door as AtDoor
from tests.doors.test_grid import sheet

NUMBER, OTHER = "610103194001011235", "610103194001011251"
WHY = "户口本上是这样写的"
Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


class Two:
    """A community with 王芳 registered twice, and one next door that knows her number too."""

    def __init__(self) -> None:
        here, there = a_desk(), a_desk()
        self.here, self.there, self.uid = here, there, here.tenant.uid
        self.tokens = {name: getattr(here, name).token for name in ("secretary", "clerk", "worker", "grid")}
        self.theirs = there.clerk.token
        with tenant_scope(there.tenant):
            service.register(there.yard, Door("1"), [NewPerson("王某", id_number=NUMBER)])
        with tenant_scope(here.tenant), acting(here.as_clerk()):
            first = service.register(
                here.yard, Door("3", "2", "501"),
                [NewPerson("王芳", "female", "02", birth_date=date(1940, 1, 1), id_number=NUMBER, phone="13800001111",
                           condition="高血压")],
            )  # fmt: skip
            second = service.register(
                here.yard,
                Door("9", "9", "909"),
                [NewPerson("王芳", "female", "02", age=86, phone="13800002222"), NewPerson("李小", age=20)],
            )
            self.home, (self.keep,) = first.household_id, first.person_ids
            self.other_home, (self.drop, self.boy) = second.household_id, second.person_ids
            for home in (self.home, self.other_home):
                case = cases.open_case(here.yard)
                cases.attach_household(case.id, home)
                cases.assign(case.id, here.worker.account.id)
            self.review = db.session.scalar(select(RegisterReview.id))

    def url(self, path: str) -> str:
        return f"/c/{self.here.slug}/desk/{path}"

    def their(self, path: str) -> str:
        return f"/c/{self.there.slug}/desk/{path}"


@pytest.fixture
def two(made: Made) -> Two:
    found: Two = made(Two)
    return found


def ask(made: Made, desk: Desk, query: Any) -> Any:
    def run() -> object:
        with tenant_scope(desk.tenant):
            return db.session.scalar(query)

    return made(run)


def test_a_pair_is_compared_masked_merged_and_undone(client: FlaskClient, login: Login, two: Two, made: Made) -> None:
    login(client, two.tokens["clerk"])
    page = client.get(two.url("reviews")).text
    assert "姓名相同，年龄相近" in page
    assert "王*" in page
    assert "王芳" not in page
    side = client.get(two.url(f"reviews/{two.review}")).text
    for hidden in (NUMBER, "13800001111", "138 0000 1111", "高血压", "王芳"):
        assert hidden not in side
    assert "138****1111" in side
    assert "138****2222" in side
    nothing = client.post(two.url(f"reviews/{two.review}"), data={"act": "merge"})
    assert (nothing.status_code, "请选保留哪一个" in nothing.text) == (422, True)
    one_is_keep = ask(made, two.here, select(RegisterReview.one_id).where(RegisterReview.id == two.review)) == two.keep
    keep, drop = ("one", "other") if one_is_keep else ("other", "one")
    answer = client.post(
        two.url(f"reviews/{two.review}"), data={"act": "merge", "keep": keep, "f-phone": drop, "f-name": keep}
    )
    assert answer.status_code == 303
    merged = client.get(answer.headers["Location"]).text
    assert "撤销" in merged
    assert client.post(two.url(f"reviews/{two.review}"), data={"act": "later"}).status_code == 409
    assert client.get(two.url("search?q=13800002222")).text.count("王*") >= 1
    merge = ask(made, two.here, select(RegisterMerge.id))
    assert client.post(two.url(f"reviews/merges/{merge}/undo")).status_code == 303
    assert "已撤销" in client.get(two.url("reviews?tab=merged")).text
    assert ask(made, two.here, select(Person.status).where(Person.id == two.drop)) == "here"
    login(client, two.tokens["worker"])
    assert client.get(two.url(f"reviews/{two.review}")).status_code == 404


def test_two_people_are_never_suggested_again(client: FlaskClient, login: Login, two: Two) -> None:
    login(client, two.tokens["secretary"])
    home = client.get(two.url(f"households/{two.home}"))
    assert "可能登记了两次" in home.text
    assert client.post(two.url(f"reviews/{two.review}"), data={"act": "different"}).status_code == 303
    assert "可能登记了两次" not in client.get(two.url(f"households/{two.home}")).text
    assert "没有疑似重复" in client.get(two.url("reviews")).text
    assert "不是同一个" in client.get(two.url("reviews?tab=twice&state=different")).text


def test_the_search_of_the_whole_register_is_started_once(client: FlaskClient, login: Login, two: Two) -> None:
    login(client, two.tokens["clerk"])
    for _n in range(2):
        assert client.post(two.url("reviews/search")).status_code == 303
    assert "0 / 5" in client.get(two.url("reviews")).text


def test_a_taken_number_names_the_way_out_at_the_desk(client: FlaskClient, login: Login, two: Two, made: Made) -> None:
    login(client, two.tokens["clerk"])
    url = two.url(f"people/{two.boy}/edit")
    refused = client.post(url, data={"id_number": NUMBER, "phone": "13800007777"})
    assert refused.status_code == 409
    assert "已经登记过" in refused.text
    assert f"households/{two.home}" in refused.text
    assert 'name="review"' in refused.text
    assert 'value="13800007777"' in refused.text
    saved = client.post(url, data={"id_number": NUMBER, "phone": "13800007777", "review": "1"})
    assert saved.status_code == 303
    clash = select(func.count()).select_from(RegisterReview).where(RegisterReview.kind == "id_clash")
    assert ask(made, two.here, clash) == 1
    page = client.get(two.url("reviews?tab=numbers")).text
    assert "身份证号相同" in page
    assert NUMBER not in page
    more = client.post(
        two.url(f"households/{two.other_home}/people"), data={"name": "李大", "id_number": NUMBER, "review": "1"}
    )
    assert more.status_code == 303
    assert ask(made, two.here, clash) == 2


def test_a_change_of_a_sensitive_fact_waits_for_another_person(
    client: FlaskClient, login: Login, two: Two, made: Made
) -> None:
    login(client, two.tokens["worker"])
    url = two.url(f"people/{two.keep}/edit")
    bare = client.post(url, data={"name": "王方"})
    assert (bare.status_code, "请写明理由" in bare.text) == (422, True)
    paper = (BytesIO(b"%PDF-1.4 paper"), "hukou.pdf")
    sent = client.post(url, data={"name": "王方", "phone": "13800009999", "reason": WHY, "paper": paper})
    assert sent.status_code == 303
    assert "已提交，等书记批准" in client.get(sent.headers["Location"]).text
    assert ask(made, two.here, select(Person.name).where(Person.id == two.keep)) == "王芳"
    request = ask(made, two.here, select(ChangeRequest.id))
    page = two.url(f"reviews/requests/{request}")
    assert WHY in client.get(page).text
    assert "等书记批准" in client.get(two.url("reviews")).text
    assert client.post(page, data={"act": "approve"}).status_code == 403
    login(client, two.tokens["clerk"])
    assert client.post(page, data={"act": "approve"}).status_code == 403
    assert client.post(page, data={"act": "withdraw"}).status_code == 404
    assert client.get(f"{page}/file").data.startswith(b"%PDF")
    login(client, two.tokens["secretary"])
    assert "BG-" in client.get(two.url("")).text, "the secretary's day leads to it"
    shown = client.get(page).text
    assert "王方" in shown
    assert client.post(page, data={"act": "refuse"}).status_code == 422
    assert client.post(page, data={"act": "approve"}).status_code == 303
    assert ask(made, two.here, select(Person.name).where(Person.id == two.keep)) == "王方"
    assert "已批准" in client.get(page).text
    assert client.post(page, data={"act": "approve"}).status_code == 409


def test_a_single_secretary_is_marked_on_the_list(client: FlaskClient, login: Login, two: Two, made: Made) -> None:
    login(client, two.tokens["secretary"])
    client.post(two.url(f"people/{two.keep}/edit"), data={"status": "died", "reason": "家属来电告知"})
    request = ask(made, two.here, select(ChangeRequest.id))
    client.post(two.url(f"reviews/requests/{request}"), data={"act": "approve"})
    assert ask(made, two.here, select(Person.status).where(Person.id == two.keep)) == "died"
    assert "自批" in client.get(two.url("reviews?tab=requests")).text


def test_the_history_says_who_and_whence_and_opens_values_for_a_reason(
    client: FlaskClient, login: Login, two: Two, made: Made
) -> None:
    login(client, two.tokens["clerk"])
    client.post(
        two.url(f"people/{two.boy}/edit"), data={"phone": "13800005555", "condition": "哮喘", "id_number": OTHER}
    )
    url = two.url(f"people/{two.boy}/history")
    page = client.get(url).text
    assert all(word in page for word in ("电话", "身体情况", "工作台"))
    assert not any(value in page for value in ("13800005555", "哮喘", OTHER))
    assert client.post(url, data={"reason": ""}).status_code == 422
    opened = client.post(url, data={"reason": "verify"})
    assert opened.status_code == 200
    assert all(value in opened.text for value in ("13800005555", "哮喘", OTHER))
    login(client, two.tokens["secretary"])
    other = client.post(url, data={"reason": "verify"}).text
    assert "哮喘" in other
    assert OTHER not in other, "only the aid clerk ever sees a number"
    login(client, two.tokens["worker"])
    assert "哮喘" not in client.post(url, data={"reason": "visit"}).text
    reveals = select(func.count()).select_from(Audit).where(Audit.verb == "reveal")
    assert ask(made, two.here, reveals) == 3


def test_known_elsewhere_says_yes_or_no_and_opens_only_when_both_agree(
    client: FlaskClient, login: Login, two: Two, made: Made
) -> None:
    login(client, two.tokens["secretary"])
    url = two.url(f"people/{two.keep}/elsewhere")
    assert client.get(url).status_code == 404, "the aid clerk alone asks"
    login(client, two.tokens["clerk"])
    assert NUMBER not in client.get(url).text
    assert client.post(url, data={"reason": "看"}).status_code == 422
    yes = client.post(url, data={"reason": "本人说以前住在别处"})
    page = client.get(yes.headers["Location"]).text
    assert "有，别的社区登记过" in page
    assert "还没有同意联系的答复" in page

    def asked_of_them() -> Any:
        with telling(community_id=two.uid):
            return db.session.scalar(select(KnownQuestion.id))

    question = made(asked_of_them)
    assert client.get(two.url(f"reviews/questions/{question}")).status_code == 404, "it was not put to the asker"
    assert client.post(two.url(f"reviews/questions/{question}"), data={"act": "agree"}).status_code == 404
    login(client, two.theirs)
    listed = client.get(two.their("reviews?tab=questions")).text
    assert "另一个社区来问" in listed
    assert two.here.slug not in listed
    asked = client.get(two.their(f"reviews/questions/{question}")).text
    assert "王" not in asked.replace("隔壁", "")
    assert client.post(two.their(f"reviews/questions/{question}"), data={"act": "agree"}).status_code == 303
    agreed = client.get(two.their(f"reviews/questions/{question}")).text
    assert "029-88880000" in agreed
    assert "本社区的这位居民" in agreed
    login(client, two.tokens["clerk"])
    after = client.get(url).text
    assert "029-88880000" in after
    assert "王某" not in after


def test_a_community_cannot_try_numbers(client: FlaskClient, login: Login, two: Two, made: Made) -> None:
    """Only a person registered here with that number can be asked about; the answer has no count and no place."""
    login(client, two.tokens["clerk"])
    none = client.post(two.url(f"people/{two.boy}/elsewhere"), data={"reason": "本人说以前住在别处"})
    assert none.status_code == 422
    theirs = ask(made, two.there, select(Person.id))
    assert client.post(two.url(f"people/{theirs}/elsewhere"), data={"reason": "本人说以前住在别处"}).status_code == 404
    assert client.post(two.url(f"people/{two.keep}/elsewhere"), data={"id_number": OTHER}).status_code == 422
    for path in ("reviews", "reviews?tab=questions", f"people/{two.keep}/elsewhere", f"households/{two.home}"):
        assert two.there.slug not in client.get(two.url(path)).text


def test_the_lists_make_few_statements(client: FlaskClient, login: Login, two: Two, made: Made) -> None:
    def more() -> None:
        with tenant_scope(two.here.tenant):
            for n in range(8):
                service.register(two.here.yard, Door("8", "1", str(n)), [NewPerson("王芳", "female", age=86)])

    login(client, two.tokens["clerk"])
    client.get(two.url("reviews"))
    made(more)
    with statements() as seen:
        page = client.get(two.url("reviews"))
    assert page.text.count("data-row") > 20
    assert len(seen) <= 8, seen


def test_at_the_door_a_taken_number_stops_nobody(client: FlaskClient, login: Login, made: Made) -> None:
    def prepare() -> AtDoor:
        door = AtDoor(a_desk())
        with tenant_scope(door.here.tenant):
            service.register(door.here.yard, Door("9", "9", "9"), [NewPerson("周某", "male", id_number=NUMBER)])
        return door

    door: AtDoor = made(prepare)
    login(client, door.token)
    words = sheet(**{"persons-0-id_number": NUMBER})
    answer = client.post(door.url(f"visits/{door.visit}"), data=words, content_type="multipart/form-data")
    assert answer.status_code == 303, answer.text
    page = client.get(door.url("today")).text
    assert "3 人已登记" in page
    assert "其中有人可能已经登记过" in page
    waiting = select(RegisterReview.number).where(RegisterReview.kind == "id_clash", RegisterReview.state == "open")
    assert ask(made, door.here, waiting) == NUMBER
