"""Large type and language, and the sample phone."""

import pytest
from flask.testing import FlaskClient


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
