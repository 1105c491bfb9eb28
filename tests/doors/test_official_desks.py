"""/street/<slug>/desks: the street writes official desks down; a refusal is filled in with the terms that hold."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask.testing import FlaskClient

from rongjiu.clock import today
from tests import deskwork
from tests.doors.test_acceptance import at_desk, sent  # noqa: F401  the fixture is used by its name

Login = Callable[[FlaskClient, str], None]
Made = Callable[[Callable[[], object]], Any]
FORM = {"phone": "029-88888888", "contact": "二楼 3 号窗口", "url": "https://zwfw.example.cn/mzj"}


def test_the_street_sets_desks_and_communities_use_them(
    client: FlaskClient, login: Login, sent: deskwork.Sent  # noqa: F811
) -> None:  # fmt: skip
    url = f"/street/{sent.street}/desks"
    login(client, sent.desk)
    page = client.get(url).text
    assert "没有填" in page and "行政复议法" in page and "总工会" in page
    wrong = client.post(f"{url}/mzj", data={**FORM, "url": "ftp://x", "appeal_days": "45"})
    assert wrong.status_code == 422 and "完整网址" in wrong.text and "二楼 3 号窗口" in wrong.text
    missing = client.post(f"{url}/mzj", data={**FORM, "appeal_days": "45", "appeal_to": "区政府"})
    assert missing.status_code == 422 and "写明期限的依据" in missing.text
    assert client.post(f"{url}/mzj", data=FORM).status_code == 303
    assert client.post(f"{url}/mzj?policy=dibao", data={"url": "https://zwfw.example.cn/dibao"}).status_code == 303
    page = client.get(url).text
    assert "029-88888888" in page and "1 项另填" in page
    assert client.get(f"{url}/mzj?policy=nothing").status_code == 404 and client.get(f"{url}/none").status_code == 404
    login(client, sent.clerk)
    policy = f"/c/{sent.family.slug}/desk/policies"
    assert "https://zwfw.example.cn/dibao" in client.get(f"{policy}/dibao").text
    page = client.get(f"{policy}/tekun").text
    assert "https://zwfw.example.cn/mzj" in page and "029-88888888" in page and "答复后 60 天内" in page
    assert client.get(url).status_code == 404


def test_a_refusal_is_filled_in_with_the_terms_of_that_department(
    client: FlaskClient, login: Login, sent: deskwork.Sent  # noqa: F811
) -> None:  # fmt: skip
    login(client, sent.desk)
    page = client.get(at_desk(sent)).text
    office = "cl" if "残联" in page else "mzj"
    given = {"appeal_to": "市残联信访室", "appeal_days": "45", "appeal_source": "《某办法》第三条"}
    assert client.post(f"/street/{sent.street}/desks/{office}", data=given).status_code == 303
    page = client.get(at_desk(sent)).text
    assert "市残联信访室" in page and "45 天，依据：《某办法》第三条" in page
    assert f'value="{(today() + timedelta(days=45)).isoformat()}"' in page
