"""The foot of every page: what the law and the community want to stand there, each community its own."""

from collections.abc import Callable
from typing import Any

from flask.testing import FlaskClient

from rongjiu.db import db
from rongjiu.tenancy.models import Community
from tests import factories

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
SLOTS = {
    "title": "测试“融救联助”", "phone": "029-88880001", "desk_hours": "周一至周五 9:00-17:00", "address": "测试路 1 号",
    "host": "测试社区居民委员会", "icp": "陕ICP备00000000号", "police_record": "陕公网安备 00000000000000号",
    "privacy_note": "本社区另外保存来访登记三个月。",
}  # fmt: skip


def a_secretary() -> tuple[str, str, str]:
    community, other = factories.a_community(), factories.a_community()
    staff = factories.a_person_with_role("secretary", "community", community.id, post="社区书记")
    return community.slug, other.slug, staff.token


def test_the_slots_are_filled_at_the_desk_and_stand_on_public_pages(
    client: FlaskClient, made: Made, login: Login
) -> None:
    slug, other, token = made(a_secretary)
    login(client, token)
    assert client.post(f"/c/{slug}/desk/settings", data=SLOTS).status_code == 303
    anyone = client.application.test_client()
    for path in (f"/c/{slug}/", f"/c/{slug}/wish", f"/c/{slug}/privacy"):
        foot = anyone.get(path).text.partition('<footer class="foot">')[2]
        for name in ("host", "icp", "police_record"):
            assert SLOTS[name] in foot, (path, name)
        assert "029-88880001" in foot
        assert f"/c/{slug}/privacy" in foot
    assert SLOTS["privacy_note"] in anyone.get(f"/c/{slug}/privacy").text
    assert SLOTS["icp"] not in anyone.get(f"/c/{other}/").text


def test_an_empty_slot_leaves_no_empty_line(client: FlaskClient, made: Made) -> None:
    slug, _other, _token = made(a_secretary)
    made(lambda: db.session.query(Community).update({"host": "", "icp": "", "police_record": ""}))
    foot = client.get(f"/c/{slug}/").text.partition('<footer class="foot">')[2]
    assert "主办单位" not in foot
    assert "备案" not in foot
    assert "隐私说明" in foot


def test_the_last_secretary_stays_until_a_successor_has_come(client: FlaskClient, made: Made, login: Login) -> None:
    def rows() -> tuple[str, str, str, object]:
        community = factories.a_community()
        one = factories.a_person_with_role("secretary", "community", community.id, post="社区书记")
        return community.slug, one.token, str(one.membership.id), community.id

    slug, token, membership, community_id = made(rows)
    login(client, token)
    url = f"/c/{slug}/desk/staff/{membership}/end"
    refused = client.post(url)
    assert refused.status_code == 422
    assert "请先让接任者接受邀请" in refused.text
    made(lambda: factories.a_person_with_role("secretary", "community", community_id, post="社区书记").token)
    assert client.post(url).status_code == 303
    assert client.get(f"/c/{slug}/desk/staff").status_code in (302, 404)
