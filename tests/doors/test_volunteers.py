"""The volunteers' door: signing up, vetting, a visit with its flags, the red flag, and what nobody else may see."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from rongjiu.clock import now, today
from rongjiu.db import db, tenant_scope
from tenants.accompaniment import service
from tenants.accompaniment.models import Visit
from tenants.express.models import Emergency
from tenants.volunteers import joining, shifts
from tenants.volunteers.models import VisitSeat, Volunteer
from tests import casework, factories
from tests.volunteering import ALL, a_round, a_team, token_of

Made = Callable[[Callable[[], object]], Any]
Login = Callable[[FlaskClient, str], None]


@pytest.fixture
def world(made: Made) -> dict[str, Any]:
    """A family with a round, a team of two, a shift taken by the first."""

    def make() -> dict[str, Any]:
        family = casework.a_family()
        team = a_team(family)
        with tenant_scope(family.tenant):
            a_round(family, team.id)
            seat, visit = db.session.execute(
                select(VisitSeat.id, VisitSeat.visit_id).join(Visit).order_by(Visit.planned_at).limit(1)
            ).one()
            shifts.take(seat, team.one)
        return {
            "family": family, "team": team.id, "url": f"/c/{family.slug}", "seat": seat, "visit": visit,
            "one": token_of(team.one, family), "two": token_of(team.two, family), "lead": team.lead.token,
            "secretary": team.secretary.token, "other": team.two,
        }  # fmt: skip

    found: dict[str, Any] = made(make)
    return found


def test_anybody_signs_up_and_the_secretary_invites_and_vets(
    app: Flask, client: FlaskClient, login: Login, world: dict[str, Any]
) -> None:
    join = world["url"] + "/volunteer/join"
    assert client.get(join).status_code == 200
    wrong = client.post(join, data={"name": "王小燕", "called": "", "phone": "1", "kin": "no"})
    assert wrong.status_code == 422
    assert "王小燕" in wrong.text
    assert (
        client.post(join, data={"name": "王小燕", "called": "燕子", "phone": "13700000009", "kin": "no"}).status_code
        == 303
    )
    login(client, world["secretary"])
    page = client.get(world["url"] + "/desk/volunteers?state=applied").text
    assert "燕子" in page
    assert "13700000009" not in page
    assert "燕子" not in client.get(world["url"] + "/desk/volunteers?q=大雁").text
    with app.app_context(), tenant_scope(world["family"].tenant):
        new = db.session.scalars(select(Volunteer.id).where(Volunteer.called == "燕子")).one()
    one = f"{world['url']}/desk/volunteers/{new}"
    assert "13700000009" in client.get(one).text
    assert client.post(one, data={"act": "invite"}).status_code == 422
    invited = client.post(one, data={"act": "invite", "team": str(world["team"])}, follow_redirects=True)
    assert "邀请链接的二维码" in invited.text
    assert f'action="{one}"' in invited.text
    assert "邀请链接的二维码" not in client.get(one).text, "shown once"
    assert client.post(one, data={"act": "vet", "checked": ["talked"]}).status_code == 422
    checked = {"act": "vet", "checked": ["id_seen", "talked", "no_record"]}
    assert client.post(one, data=checked).status_code == 303
    assert client.post(one, data={"act": "end", "reason": "x"}).status_code == 422
    export = client.post(world["url"] + "/desk/volunteers/export", data={"purpose": "月报"})
    assert export.status_code == 200


def test_a_first_look_binds_nothing_and_saying_yes_does(
    client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    family = world["family"]

    def newcomer() -> tuple[str, UUID]:
        with tenant_scope(family.tenant):
            row = joining.sign_up("王小燕", "燕子", "13700000009", "no")
            joining.place(row, world["team"])
        person = factories.a_person_with_role("volunteer", "community", family.community_id)
        person.account.phone = "13700000009"
        return person.token, row

    def bound(row: UUID) -> bool:
        def read() -> bool:
            with tenant_scope(family.tenant):
                return db.session.scalars(select(Volunteer.account_id).where(Volunteer.id == row)).one() is not None

        return bool(made(read))

    token, row = made(newcomer)
    login(client, token)
    for page in ("", "training", "team", "hours"):
        answer = client.get(f"{world['url']}/volunteer/{page}")
        assert (answer.status_code, answer.location) == (303, f"{world['url']}/volunteer/begin"), page
    asked = client.get(f"{world['url']}/volunteer/begin")
    assert "燕子" in asked.text
    assert "小雁服务队" in asked.text
    assert not bound(row), "a look changes nothing"
    for _each in range(2):
        assert client.post(f"{world['url']}/volunteer/begin").location == f"{world['url']}/volunteer/"
    assert bound(row)
    assert "去签承诺、做小测验" in client.get(f"{world['url']}/volunteer/").text
    assert client.get(f"{world['url']}/volunteer/begin").status_code == 303


def test_a_login_that_nobody_signed_up_with_finds_nothing(
    client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    community = world["family"].community_id
    login(client, str(made(lambda: factories.a_person_with_role("volunteer", "community", community).token)))
    assert client.get(f"{world['url']}/volunteer/").status_code == 404
    assert client.get(f"{world['url']}/volunteer/begin").status_code == 404
    assert client.post(f"{world['url']}/volunteer/begin").status_code == 404


def test_the_quiz_shows_why_an_answer_was_wrong(
    client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    def forget() -> None:
        with tenant_scope(world["family"].tenant):
            row = db.session.get_one(Volunteer, (world["family"].tenant.id, world["other"]))
            row.quiz_at = row.pledged_at = None

    made(forget)
    login(client, world["two"])
    page = world["url"] + "/volunteer/training"
    assert "去签承诺、做小测验" in client.get(world["url"] + "/volunteer/").text
    assert client.post(page, data={"act": "pledge"}).status_code == 422
    assert client.post(page, data={"act": "pledge", "agreed": "1"}).status_code == 303
    wrong = client.post(page, data={**ALL, "act": "quiz", "money": "a"})
    assert wrong.status_code == 422
    assert "志愿服务不收钱物" in wrong.text
    assert client.post(page, data={**ALL, "act": "quiz"}).status_code == 303


def test_flags_and_sheet_open_at_visit_time_and_close_with_it(
    client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    def bring_near() -> None:
        with tenant_scope(world["family"].tenant):
            service.move_visit(world["visit"], now() + timedelta(hours=1))

    page = f"{world['url']}/volunteer/visits/{world['seat']}"
    login(client, world["one"])
    before = client.get(page).text
    assert "7楼" in before, "the door from taking the shift"
    assert casework.NAME not in before
    assert "楼道灯坏了" not in before
    assert "不当着邻居说低保" not in before
    made(bring_near)
    shown = client.get(page).text
    assert "楼道灯坏了" in shown
    assert f'action="{page}"' in shown
    assert client.post(page, data={"act": "done", "mood": "good"}).status_code == 409, "check in first"
    assert client.post(page, data={"act": "arrive"}).status_code == 303
    assert client.post(page, data={"act": "done", "note": "精神好"}).status_code == 422
    assert "精神好" in client.post(page, data={"act": "done", "note": "精神好"}).text
    key = str(UUID(int=9))
    sheet = {"act": "done", "mood": "good", "ticked": ["chat"], "client_key": key}
    assert client.post(page, data=sheet).status_code == 303
    assert client.get(page).status_code == 404, "nothing of the home afterwards"
    assert "1 次" in client.get(world["url"] + "/volunteer/hours").text
    login(client, world["lead"])
    assert client.post(world["url"] + "/volunteer/roster/hours").status_code == 303


def test_a_visit_called_off_says_stop_and_shows_no_door(
    client: FlaskClient, login: Login, world: dict[str, Any], made: Made
) -> None:
    page = f"{world['url']}/volunteer/visits/{world['seat']}"
    rounds_page = f"{world['url']}/desk/cases/{world['family'].number}/rounds"
    login(client, world["secretary"])
    found = re.search(rf'action="({rounds_page}/[\w-]+/end)"', client.get(rounds_page).text)
    assert found
    assert client.post(found.group(1), data={"withdrawn": "1"}).status_code == 303
    assert "在路上的人已接到通知" in client.get(rounds_page).text
    login(client, world["one"])
    for answer in (client.get(page), client.post(page, data={"act": "arrive"})):
        assert answer.status_code == 410
        assert "请停下，不要上门" in answer.text
        assert "7楼" not in answer.text
    assert "请停下，不要上门" in client.get(world["url"] + "/volunteer/").text
    login(client, world["two"])
    assert client.get(page).status_code == 404, "somebody else's"


def test_one_button_rings_lead_and_desk(app: Flask, client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["one"])
    flag = f"{world['url']}/volunteer/visits/{world['seat']}/red-flag"
    assert client.post(flag).status_code == 303
    with app.app_context(), tenant_scope(world["family"].tenant):
        assert db.session.scalars(select(Emergency.case_id)).all() == [world["family"].case_id]
    login(client, world["two"])
    assert client.post(flag).status_code == 404


def test_a_swap_needs_the_others_yes_at_the_door_too(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    page = f"{world['url']}/volunteer/visits/{world['seat']}"
    login(client, world["one"])
    assert client.post(page, data={"act": "swap", "other": str(world["other"])}).status_code == 303
    assert client.get(page).status_code == 200
    login(client, world["two"])
    home = world["url"] + "/volunteer/"
    assert "队友想请您换班" in client.get(home).text
    assert client.get(page).status_code == 404
    assert client.post(f"{home}shifts/{world['seat']}/swap", data={"answer": "yes"}).status_code == 303
    assert client.get(page).status_code == 200
    assert client.post(page, data={"act": "drop"}).status_code == 303
    assert client.post(f"{home}shifts/{world['seat']}/take").status_code == 303


def test_team_and_roster_show_first_names_and_no_door(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["one"])
    team = client.get(world["url"] + "/volunteer/team").text
    assert "大雁" in team
    assert "王大雁" not in team
    assert "139 0000 0001" in team or "13900000001" in team
    assert client.get(world["url"] + "/volunteer/roster").status_code == 404
    assert client.get(world["url"] + "/desk/volunteers").status_code == 404
    login(client, world["lead"])
    roster = client.get(world["url"] + "/volunteer/roster").text
    assert "雁北新村" in roster
    assert "7楼" not in roster
    assert casework.NAME not in roster


def test_the_desk_plans_a_round_and_pairs(client: FlaskClient, login: Login, world: dict[str, Any]) -> None:
    login(client, world["secretary"])
    page = f"{world['url']}/desk/cases/{world['family'].number}/rounds"
    assert "大雁" in client.get(page).text
    form = {"rhythm": "weekly", "from_on": today().isoformat(), "hour": "15:00", "holidays": "move", "safety": "有狗"}
    wrong = client.post(page, data=form)
    assert wrong.status_code == 422
    assert "有狗" in wrong.text
    good = {**form, "tasks": ["chat"], "agreed": "y"}
    assert client.post(page, data=good).status_code == 303
    pairs = f"{world['url']}/desk/cases/{world['family'].number}/pairs"
    assert client.post(pairs, data={"volunteer": str(world["other"])}).status_code == 303
    assert "大雁" in client.get(page).text
    team = f"{world['url']}/desk/volunteers/teams/{world['team']}"
    assert client.post(team, data={"name": "小雁", "lead": ""}).status_code == 422
    past = {"name": "小雁", "lead": "", "insurance": "保单", "insured_until": (today() - timedelta(days=1)).isoformat()}
    assert client.post(team, data=past).status_code == 422
