"""The platform's operator: places, first overseers, how the installation stands; never a resident."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests import factories

Made = Callable[[Callable[[], Any]], Any]


@pytest.fixture
def operator(client: FlaskClient, made: Made, login: Any) -> FlaskClient:
    """A browser of an operator."""
    login(client, made(lambda: factories.a_person_with_role("operator", "platform", None).token))
    return client


def test_home_shows_counts_and_packages(operator: FlaskClient) -> None:
    page = operator.get("/operator/")
    assert page.status_code == 200
    assert "bootstrap" in page.text
    assert "至少要有两位" in page.text
    assert operator.get("/operator/jobs").status_code == 200
    assert operator.get("/operator/components").status_code == 200


def test_a_district_a_street_and_its_first_overseer(operator: FlaskClient, app: Any) -> None:
    made = operator.post("/operator/districts", data={"d-name": "莲湖区", "d-slug": "lianhu", "d-code": "610104"})
    assert made.status_code == 303
    page = operator.get("/operator/streets").text
    district = re.search(r'<option value="([0-9a-f-]{36})"[^>]*>莲湖区', page)
    assert district
    street = {"s-district": district[1], "s-name": "青年路街道", "s-slug": "qingnianlu", "s-code": "610104001"}
    assert operator.post("/operator/streets", data=street).status_code == 303
    again = operator.post("/operator/streets", data={**street, "s-code": "610104002"})
    assert again.status_code == 422
    assert "已被使用" in again.text
    assert "青年路街道" in again.text
    wrong = operator.post("/operator/streets", data={**street, "s-slug": "Q路", "s-code": ""})
    assert "小写字母" in wrong.text
    link = re.search(r"/operator/invite/street/[0-9a-f-]{36}", operator.get("/operator/streets").text)
    assert link
    shown = operator.post(link[0], data={"phone": "13800000021"})
    token = re.search(r"/account/invitation/([\w-]+)", shown.text)
    assert token
    assert operator.get(link[0]).text.count(token[1]) == 0
    guest = app.test_client()
    page = guest.get(f"/account/invitation/{token[1]}", follow_redirects=True)
    assert "青年路街道" in page.text
    assert "138****0021" in page.text


@pytest.mark.parametrize("path", ["/operator/", "/operator/streets", "/operator/jobs", "/operator/components"])
def test_nobody_else_gets_in(client: FlaskClient, made: Made, login: Any, path: str) -> None:
    street = made(lambda: factories.a_street().id)
    login(client, made(lambda: factories.a_person_with_role("street_overseer", "street", street).token))
    assert client.get(path).status_code == 404
