"""Logs: one line of JSON, with request and community, without what must not stand in a log."""

import json
import logging
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient

from blueprints.app import create_app
from rongjiu.config import Settings
from rongjiu.db import db, tenant_scope
from rongjiu.logs import clean
from tests import factories

Made = Callable[[Callable[[], object]], object]
ID_NUMBER, PHONE, TOKEN = "610103194001011234", "13812345678", "kJ8_3zQ0token"


def lines(capsys: pytest.CaptureFixture[str]) -> list[dict[str, object]]:
    """All lines written since the last look."""
    return [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]


def test_a_request_is_one_line_with_its_number_and_its_community(
    client: FlaskClient, made: Made, capsys: pytest.CaptureFixture[str]
) -> None:
    def community() -> tuple[str, str]:
        row = factories.a_community()
        return row.slug, str(row.id)

    slug, uid = made(community)  # type: ignore[misc]
    capsys.readouterr()
    client.get(f"/c/{slug}/", headers={"X-Request-Id": "number-1"})
    (line,) = lines(capsys)
    assert line["request_id"] == "number-1"
    assert line["tenant"] == uid
    assert (line["endpoint"], line["status"]) == ("public.community", 200)


def test_nothing_typed_and_no_link_stands_in_a_line(client: FlaskClient, capsys: pytest.CaptureFixture[str]) -> None:
    client.post("/account/login", data={"address": PHONE, "password": ID_NUMBER})
    client.get(f"/account/invitation/{TOKEN}?phone={PHONE}")
    client.get(f"/market/?q={ID_NUMBER}")
    text = json.dumps(lines(capsys), ensure_ascii=False)
    for planted in (ID_NUMBER, PHONE, TOKEN):
        assert planted not in text


def test_a_crash_is_written_with_the_number_the_person_is_told(
    settings: Settings, app: Flask, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = create_app(settings, TESTING=False, WTF_CSRF_ENABLED=False, RATELIMIT_ENABLED=False)

    def crash() -> str:
        raise RuntimeError(f"{ID_NUMBER} {PHONE} /provider/link/{TOKEN}\nsecond line")

    monkeypatch.setitem(broken.view_functions, "health.version", crash)
    capsys.readouterr()
    answer = broken.test_client().get("/version", headers={"X-Request-Id": "number-2"})
    found = lines(capsys)
    with broken.app_context():
        db.session.remove()
        db.engine.dispose()
    assert answer.status_code == 500
    assert "number-2" in answer.text
    assert {line["request_id"] for line in found} == {"number-2"}
    text = json.dumps(found, ensure_ascii=False)
    assert "RuntimeError" in text
    for planted in (ID_NUMBER, PHONE, TOKEN, "Traceback"):
        assert planted not in text


def test_a_statement_that_fails_does_not_tell_its_values(app: Flask, inside: None) -> None:
    with pytest.raises(Exception, match="division_by_zero|division by zero") as failed:
        db.session.execute(db.text("SELECT 1 / 0 WHERE :name = :name"), {"name": "周某某"})
    assert "周某某" not in str(failed.value)


def test_lines_of_libraries_go_out_masked_and_with_the_community_at_work(
    inside: None, capsys: pytest.CaptureFixture[str]
) -> None:
    community = factories.a_community()
    with tenant_scope(factories.tenant(community)):
        logging.getLogger("rq.worker").warning("job of %s failed", PHONE)
    (line,) = lines(capsys)
    assert line["event"] == "job of 138****5678 failed"
    assert line["tenant"] == str(community.id)
    assert line["logger"] == "rq.worker"


def test_masks_of_a_line() -> None:
    assert clean(f"id {ID_NUMBER}") == "id 6101**************"
    assert clean(f"/c/huangyan/link/{TOKEN}?x=1\n") == "/c/huangyan/link/‹link›?x=1\\n"
    assert clean("HY-2026-000001") == "HY-2026-000001"
