"""Founding through the pages: a founder with a draft, its clone, the street that answers."""

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from flask.testing import FlaskClient

from blueprints.guard import COOKIE
from rongjiu.codes import credit_check
from rongjiu.db import db
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import FoundingDraft
from tenants.founding import queries, service
from tenants.founding.parameters import answer
from tests import factories

Made = Callable[[Callable[[], Any]], Any]
PACK = "rongjiulianzhu-huangyan@1.0.0"
CREDIT = "54610103MA6TXJ0X0"
CREDIT += credit_check(CREDIT)
SLOTS = {
    "phone": "029-85251234",
    "desk_hours": "周一至周五 9:00-18:00",
    "address": "东大街 1 号",
    "courtyards": "甲院\n乙院",
}


def begun(client: FlaskClient, made: Made) -> str:
    """A founder logged in with a fresh draft; answers the address of the draft."""

    def rows() -> tuple[str, UUID]:
        founder = factories.a_person_with_role("provider_owner", "provider", None)
        return founder.token, service.begin(founder.account.id, "secretary")

    token, draft = made(rows)
    client.set_cookie(COOKIE, token, domain="localhost", secure=True)
    return f"/join/community/{draft}"


def draft_of(draft: UUID) -> FoundingDraft:
    """The draft as it stands."""
    return db.session.get_one(FoundingDraft, draft)


def cloned(client: FlaskClient, made: Made, *, rest: bool = True) -> str:
    """The same with a community cloned; `rest` fills the slots and answers every parameter."""
    at = begun(client, made)
    draft = UUID(at.rpartition("/")[2])

    def rows() -> None:
        founding.choose_listed(draft_of(draft), "610103002002")
        service.choose_pack(draft_of(draft), PACK)
        service.choose_name(draft_of(draft), "端履门“融救联助”", "duanlumen", "DL")
        if rest:
            said = {
                row["id"]: answer(row, "value" if row["value"] is not None else "not_set", "", "")
                for row in queries.pack_parameters(PACK)
            }
            service.fill_slots(draft_of(draft), SLOTS, said)
        service.open_community(draft, draft_of(draft).account_id)

    made(rows)
    return at


def given(page: str) -> dict[str, str]:
    """What a browser would send back of the parameter inputs."""
    found: dict[str, str] = {}
    for name, options in re.findall(r'<select[^>]* name="(p-[^"]+)"[^>]*>(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'<option selected value="([^"]*)"', options)
        found[name] = chosen[1] if chosen else ""
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r' name="([vd]-[^"]+)"', tag), re.search(r' value="([^"]*)"', tag)
        if name and value:
            found[name[1]] = value[1]
    return found
