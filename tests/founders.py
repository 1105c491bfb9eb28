"""Founders and their drafts, as far as a test of the room needs them."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.codes import credit_check
from rongjiu.db import db
from rongjiu.tenancy import founding
from rongjiu.tenancy.models import Community, FoundingDraft
from tenants.founding import queries, service
from tenants.founding.parameters import answer
from tests import factories

CODE = "610103002002"


def a_founder() -> UUID:
    """Somebody with an account and no community."""
    return factories.a_person_with_role("provider_owner", "provider", None).account.id


def chosen(account: UUID, code: str = CODE) -> UUID:
    """A draft with place, model and name."""
    draft = service.begin(account, "secretary")
    row = founding.find(draft, account)
    founding.choose_listed(row, code)
    service.choose_pack(row, "rongjiulianzhu-huangyan@1.0.0")
    service.choose_name(row, "端履门“融救联助”", "duanlumen", "DL")
    return draft


def filled(account: UUID, code: str = CODE) -> UUID:
    """The same with slots and parameters."""
    draft = chosen(account, code)
    row = founding.find(draft, account)
    slots = {"phone": "029-85251234", "desk_hours": "9-18", "address": "东大街 1 号", "courtyards": "甲院\n乙院\n甲院"}
    service.fill_slots(row, slots, answers(row))
    return draft


def answers(row: FoundingDraft) -> dict[str, Any]:
    """Every parameter answered as the model has it."""
    rows = queries.pack_parameters(row.data["pack"])
    return {r["id"]: answer(r, "value" if r["value"] is not None else "not_set", "", "") for r in rows}


def credit_code() -> str:
    """A credit code whose check digit holds."""
    return (first := "54610103MA6TXJ0X0") + credit_check(first)


def community_of(draft: UUID) -> Community:
    """The community of a draft, read anew."""
    row = db.session.get_one(FoundingDraft, draft)
    return db.session.scalars(
        select(Community).where(Community.id == row.community_id).execution_options(populate_existing=True)
    ).one()


def a_street(code: str = "610103002", name: str = "柏树林街道") -> UUID:
    """The street of the place."""
    street = factories.a_street()
    street.code, street.name = code, name
    db.session.flush()
    return street.id
