"""Papers of a case through their doors: each a page, opened on the record, made by a job."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu.db import db, tenant_scope
from rongjiu.printing import pdf
from rongjiu.printing.models import Paper
from tests.telling import Sender

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.mark.parametrize(
    ("kind", "says"),
    [("slip", "接收方"), ("visit", "上门记录"), ("card", "有急事，打这个电话"), ("consent", "本人或监护人签字"), ("answer", "您的事，办到哪一步了")],
)  # fmt: skip
def test_each_paper_is_a_page_and_its_opening_is_logged(
    clerk_there: FlaskClient, made: Made, sender: Sender, kind: str, says: str
) -> None:
    page = clerk_there.get(sender.url(f"desk/cases/{sender.number}/papers/{kind}"))
    assert page.status_code == 200
    assert says in page.text
    assert sender.number in page.text

    def opened() -> list[str]:
        with tenant_scope(sender.tenant):
            return list(db.session.scalars(text("SELECT object_kind FROM audit WHERE verb = 'open'")))

    assert made(opened) == ["printed_paper"]


def test_a_paper_is_made_by_a_job_and_downloaded_by_who_asked(
    clerk_there: FlaskClient, made: Made, sender: Sender, login: Login, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ())
    asked: list[str] = []
    monkeypatch.setattr(pdf, "of", lambda page: asked.append(page) or b"%PDF-1.7 made")
    answer = clerk_there.post(sender.url(f"desk/cases/{sender.number}/papers/visit"))
    assert answer.status_code == 303
    here = answer.headers["Location"]
    assert 'hx-trigger="every 1s"' in clerk_there.get(here).text
    assert clerk_there.get(f"{here}/file").status_code == 404
    made(lambda: _perform(sender))
    assert "正在排版" in clerk_there.get(here).text
    made(lambda: _perform(sender))
    page = clerk_there.get(here).text
    assert "下载 PDF" in page
    assert "hx-trigger" not in page.split('id="paper-state"')[1]
    file = clerk_there.get(f"{here}/file")
    assert (file.data, file.mimetype) == (b"%PDF-1.7 made", "application/pdf")
    assert file.headers["Content-Disposition"].startswith("attachment")
    assert "周某" in asked[0]
    assert "<script" not in asked[0]
    other = app.test_client()
    login(other, sender.worker)
    assert other.get(f"{here}/file").status_code == 404


def _perform(sender: Sender) -> None:
    from rongjiu.printing import jobs

    with tenant_scope(sender.tenant):
        row = db.session.scalars(select(Paper)).one()
        effect = jobs.begin if row.state == "waiting" else jobs.make
        effect({"paper": str(row.id)})


def test_without_the_libraries_the_page_says_how_to_print(
    clerk_there: FlaskClient, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pdf, "missing", lambda: ("pango-1.0",))
    page = clerk_there.get(sender.url(f"desk/cases/{sender.number}/papers/slip")).text
    assert "请从浏览器打印" in page
    assert "做成 PDF" not in page
    answer = clerk_there.post(sender.url(f"desk/cases/{sender.number}/papers/slip"), follow_redirects=True)
    assert "请用浏览器的打印" in answer.text


def test_an_unknown_paper_is_not_there(clerk_there: FlaskClient, sender: Sender) -> None:
    assert clerk_there.get(sender.url(f"desk/cases/{sender.number}/papers/will")).status_code == 404
