"""What the table does not draw is refused by the engine itself, whoever asks; nothing is written."""

import json
from itertools import product
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from rongjiu.db import db, tenant_scope
from rongjiu.errors import Clash
from rongjiu.ids import uuid7
from tenants.referrals import moves, rules
from tenants.referrals.models import REQUEST_STATES, TASK_STATES, ReferralRequest, ReferralTask, TaskEvent
from tenants.wishes import rules as wishes
from tests import casework

TASKS = [
    each for each in product(("", *TASK_STATES), TASK_STATES, rules.ACTORS) if rules.task_move(*each) is None
]  # fmt: skip
SLIPS = [
    (source, target, actor)
    for source, target, actor in product(("", *REQUEST_STATES), REQUEST_STATES, rules.ACTORS)
    if source != target and rules.request_move(source, target, actor) is None
]


def test_every_illegal_step_of_an_offer_is_refused_and_leaves_no_trace(inside: None) -> None:
    family = casework.a_family()
    with tenant_scope(family.tenant):
        before = db.session.scalar(select(func.count()).select_from(TaskEvent))
        for source, target, actor in TASKS:
            task = ReferralTask(id=uuid7(), case_id=family.case_id, state=source, reason_code="", service_type="x")
            with pytest.raises(Clash):
                moves.move(task, target, actor)
            assert task.state == source
        assert db.session.scalar(select(func.count()).select_from(TaskEvent)) == before
    assert len(TASKS) == 11 * 10 * 5 - sum(len(move.actors) for move in rules.TASK_MOVES)


def test_every_illegal_step_of_a_slip_is_refused(inside: None) -> None:
    for source, target, actor in SLIPS:
        request = ReferralRequest(id=uuid7(), state=source, reason_code="")
        with pytest.raises(Clash):
            moves.move_request(request, target, actor)
        assert request.state == source
    assert len(SLIPS) > 150


def test_the_command_prints_the_table(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["referrals", "table"])
    assert said.exit_code == 0
    rows = json.loads(said.output)
    assert {"from": "requested", "to": "rejected"}.items() <= rows[3].items()
    assert {(row["from"], row["to"]) for row in rows} == {(move.source, move.target) for move in rules.TASK_MOVES}
    slips = json.loads(app.test_cli_runner().invoke(args=["referrals", "table", "--slips"]).output)
    assert len(slips) == len(rules.REQUEST_MOVES)


def test_the_command_prints_what_a_wish_is_as_a_slip(app: Flask) -> None:
    def said(*words: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = json.loads(
            app.test_cli_runner().invoke(args=["referrals", "table", *words]).output
        )
        return rows

    taken = next(row for row in said("--wishes") if row["to"] == "claimed")
    assert (taken["from"], taken["slip"], taken["task"]) == ("published", "", ["draft", "requested", "accepted"])
    assert {(row["from"], row["to"]) for row in said("--wishes")} == {(m.source, m.target) for m in wishes.MOVES}
    assert {"from": "", "to": "draft", "actors": ["receiver"]}.items() <= said("--kind", "wish")[0].items()
    assert [row["timer"] for row in said("--slips", "--kind", "wish")] == ["wish-review", "wish-unclaimed", "confirm"]


def test_every_state_has_a_name_in_the_other_systems(app: Flask) -> None:
    said = app.test_cli_runner().invoke(args=["referrals", "words"])
    assert said.exit_code == 0
    rows = json.loads(said.output)
    ours = {row["ours"].partition(":")[0] for row in rows}
    assert set(TASK_STATES) - {"draft", "entered-in-error"} <= ours
    assert all(row["zh"] for row in rows)
