"""A tip's author stays with the clerk, on every page."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from rongjiu.db import db, tenant_scope
from tenants.cases.models import CaseFile
from tenants.signals import service
from tests.desk_of import WISHES
from tests.signalling import ROLES, Place, signals_of

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]
AUTHOR = ("司马青竹", "13955556666", "139 5555 6666", "139****6666", "司马**")
TOLD = "我是司马青竹，楼上老人好几天没下楼"


def _pages(app: Flask, counter: Place, ids: dict[str, Any]) -> list[tuple[str, str]]:
    adapter = app.url_map.bind("localhost")
    return [
        (rule.endpoint, adapter.build(rule.endpoint, {name: ids[name] for name in rule.arguments}))
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ()) and "<slug>" in rule.rule and rule.arguments <= set(ids)
    ]


def test_a_tips_author_is_on_no_page_but_the_clerks_page_of_the_signal(
    app: Flask, client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    def plant() -> dict[str, Any]:
        with tenant_scope(counter.tenant):
            got = service.ask(
                TOLD, kind="need", caller=AUTHOR[0], phone=AUTHOR[1], about="neighbour", courtyard_id=counter.yard
            )
            again = service.receive(
                "neighbour", "need", TOLD, caller=AUTHOR[0], phone=AUTHOR[1], courtyard_id=counter.yard
            )
            opened = service.open_case(got.id, WISHES, courtyard_id=counter.yard, urgency="ordinary")
            service.receive("hotline", "need", "问低保", phone=AUTHOR[1], courtyard_id=counter.yard)
            visit = db.session.scalar(text("SELECT id FROM visit"))
            member = db.session.scalar(text("SELECT id FROM person LIMIT 1"))
            number = db.session.scalar(select(CaseFile.number).where(CaseFile.id == opened.case_id))
        return {
            "slug": counter.slug, "signal_id": again.id, "number": number, "visit_id": visit, "need": "w1", "token": counter.code,
            "household_id": counter.home, "person_id": member, "policy": "dibao", "item": "sweep", "sorted": got.id,
        }  # fmt: skip

    ids = made(plant)
    opened: dict[str, set[str]] = {}
    for who in ROLES:
        login(client, counter.tokens[who])
        pages = _pages(app, counter, ids)
        pages.append(("desk.signal", counter.url(f"desk/signals/{ids['sorted']}")))
        for query in ("司马青竹", AUTHOR[1]):
            pages.append(("desk.search", counter.url(f"desk/search?q={query}")))
        for endpoint, path in pages:
            answer = client.get(path)
            if answer.status_code != 200 or not answer.mimetype.startswith("text/"):
                continue
            opened.setdefault(who, set()).add(endpoint)
            seen, asked = answer.text, path.partition("q=")[2]  # a search says again what was sought
            if (who, endpoint) == ("clerk", "desk.signal"):
                assert AUTHOR[0] in seen
                assert AUTHOR[2] in seen
            else:
                assert not [each for each in (*AUTHOR, TOLD) if each != asked and each in seen], (who, endpoint)
    assert "desk.signal" in opened["secretary"] & opened["clerk"]
    assert "grid.visit" in opened["grid"]
    assert "desk.case" in opened["clerk"]


def test_the_clerk_opening_a_tip_is_written_down_and_a_visitor_reads_neutral_words(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    def plant() -> UUID:
        with tenant_scope(counter.tenant):
            return service.ask(TOLD, kind="need", caller=AUTHOR[0], phone=AUTHOR[1], about="neighbour").id

    signal_id = made(plant)
    login(client, counter.tokens["clerk"])
    page = counter.url(f"desk/signals/{signal_id}")
    seen = client.get(page).text
    assert TOLD in seen
    paper = re.sub(r'<(span|blockquote) class="[^"]*no-print">.*?</\1>', "", seen, flags=re.DOTALL)
    assert not [each for each in (*AUTHOR, TOLD) if each in paper]
    sort = {
        "became": "need", "urgency": "ordinary", "courtyard": str(counter.yard), "wish_1": "想有人常来看看",
        "visitor_words": "请看看家里是否需要照顾",
    }  # fmt: skip
    assert client.post(page, data=sort).status_code == 303

    def after() -> tuple[Any, Any]:
        with tenant_scope(counter.tenant):
            opened = db.session.scalar(
                text("SELECT count(*) FROM audit WHERE verb = 'open' AND object_kind = 'signal'")
            )
            return opened, db.session.scalar(text("SELECT id FROM visit"))

    opened, visit = made(after)
    assert opened == 1
    login(client, counter.tokens["grid"])
    seen = client.get(counter.url(f"grid/visits/{visit}")).text
    assert "请看看家里是否需要照顾" in seen
    assert TOLD not in seen
    login(client, counter.tokens["secretary"])
    seen = client.get(page).text
    assert "请看看家里是否需要照顾" in seen
    assert TOLD not in seen


def test_what_the_grid_worker_and_the_broadcast_hear_still_comes_in(
    client: FlaskClient, made: Made, login: Login, counter: Place
) -> None:
    login(client, counter.tokens["grid"])
    report = {"words": "楼道灯坏了", "courtyard": str(counter.yard), "urgency": "ordinary"}
    assert client.post(counter.url("grid/report"), data=report).status_code == 303
    login(client, counter.tokens["live"])
    assert client.post(counter.url("live/"), data={"topic": "进院落", "outdoor": "y"}).status_code == 303
    assert client.post(counter.url("live/1/desk"), data={"words": "想理发", "kind": "wish"}).status_code == 303
    assert [row.channel for row in signals_of(made, counter)] == ["grid_report", "livestream_outdoor"]
