"""Large type and language, and the sample phone."""

from datetime import UTC, date, datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints import pages


def test_elder_mode_and_language_stay(client: FlaskClient) -> None:
    answer = client.get("/prefs?elder=1&lang=en&next=/account/login")
    assert answer.headers["Location"] == "/account/login"
    page = client.get("/account/login").text
    assert 'data-elder="1"' in page
    assert 'lang="en"' in page
    client.get("/prefs?elder=0")
    page = client.get("/account/login").text
    assert 'data-elder="1"' not in page
    assert 'lang="en"' in page


@pytest.mark.parametrize("target", ["//evil.example", "https://evil.example", "/\\evil", "/prefs?elder=1"])
def test_prefs_never_leave_the_site(client: FlaskClient, target: str) -> None:
    assert client.get("/prefs", query_string={"elder": 1, "next": target}).headers["Location"] == "/"


def test_the_sample_phone_exists_in_a_demo_only(client: FlaskClient) -> None:
    assert client.get("/demo/phone").status_code == 404
    client.application.config["DEMO"] = True
    try:
        client.post("/account/forgot", data={"address": "13800000061"})
        page = client.get("/demo/phone")
        assert "验证码" in page.text
        assert "示例" in page.text
    finally:
        client.application.config["DEMO"] = False


def test_midnight_is_the_end_of_a_day(app: Flask) -> None:
    with app.test_request_context("/"):
        assert pages.when(datetime(2022, 8, 18, 16, tzinfo=UTC)) == "2022年8月18日 周四 24:00"
        assert pages.when(datetime(2022, 8, 18, 16, 1, tzinfo=UTC)) == "2022年8月19日 周五 00:01"
        assert pages.when(date(2022, 8, 19)) == "2022年8月19日 周五 00:00"  # type: ignore[arg-type]
