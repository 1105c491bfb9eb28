"""Telling a provider that its standing changed: one short text, no name in it."""

from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu import outbox
from rongjiu.codes import N_
from rongjiu.db import db
from rongjiu.marketplace.models import Provider
from rongjiu.notify.service import tell

TEXTS = {
    "approved": N_("您的服务方登记已通过审核。请登录查看下一步。"),
    "denied": N_("您的服务方登记没有通过审核,原因请登录查看。"),
    "asked": N_("您的服务方登记需要补充材料,请登录查看并再次提交。"),
    "suspended": N_("您的服务方已被暂停接单,原因请登录查看。"),
    "resumed": N_("您的服务方已恢复接单。"),
    "admitted": N_("有社区已准入您的服务,可以收到派单了。请登录查看。"),
    "stopped": N_("有社区已停止向您派单,原因请登录查看。"),
}


@outbox.effect("provider_told")
def provider_told(payload: dict[str, Any]) -> None:
    """Send the text of one change to the provider's telephone on record."""
    phone = db.session.scalar(select(Provider.phone).where(Provider.id == UUID(payload["provider_id"])))
    if phone:
        tell(phone, TEXTS[payload["what"]], purpose="provider", key=f"provider-{payload['key']}")
