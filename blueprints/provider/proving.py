"""The code that a link of a provider asks for: it goes to the telephone on record, and this browser's session keeps which
code was sent for which link."""

from typing import Any
from uuid import UUID

from flask import session
from sqlalchemy import select

from rongjiu import masks
from rongjiu.crypto import PLATFORM, blind
from rongjiu.db import db
from rongjiu.errors import Refused
from rongjiu.identity import service as identity
from rongjiu.marketplace.models import Provider


def send(kind: str, link_id: UUID, provider_id: UUID, field: str, **more: str) -> None:
    """Send a code for a link; `kind` names the pages (job, portal), `more` is kept with it. Raises Refused naming `field`."""
    passcode = identity.send_code(_phone(provider_id, field), "job")
    session[_key(kind)] = {"link": str(link_id), "passcode": str(passcode), **more}


def sent(kind: str, link_id: UUID) -> dict[str, Any] | None:
    """What was kept when a code was sent for this link; None when none was."""
    kept = session.get(_key(kind)) or {}
    return kept if kept.get("link") == str(link_id) else None


def masked_phone(kind: str, link_id: UUID, provider_id: UUID) -> str:
    """Where the code went, masked; empty when none was sent for this link."""
    return masks.phone(_phone(provider_id, "code")) if sent(kind, link_id) else ""


def check(kind: str, link_id: UUID, provider_id: UUID, typed: str) -> None:
    """Raises Refused naming `code` when it is not the one that was sent for this link to the telephone on record."""
    kept = sent(kind, link_id)
    if kept is None:
        raise Refused("请先获取验证码。", field="code")
    if identity.check_code(UUID(kept["passcode"]), "job", typed) != blind(
        _phone(provider_id, "code"), PLATFORM, "phone"
    ):
        raise Refused("验证码不是发到这个号码的,请重新获取。", field="code")


def forget(kind: str) -> None:
    """The code was used."""
    session.pop(_key(kind), None)


def _key(kind: str) -> str:
    return f"{kind}_code"


def _phone(provider_id: UUID, field: str) -> str:
    phone = db.session.scalar(select(Provider.phone).where(Provider.id == provider_id))
    if not phone:
        raise Refused("没有登记手机号,收不到验证码。请打社区电话。", field=field)
    return phone
