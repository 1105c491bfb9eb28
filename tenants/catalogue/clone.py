"""What of the catalogue travels in a pack: departments, policies, parameters, needs, groups, services, forms, timers."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import insert

from rongjiu.db import Tenant, db
from rongjiu.library.cloner import Cloner, Content, Part
from tenants.catalogue.models import (
    Department,
    Form,
    NeedCategory,
    NeedItem,
    Parameter,
    Policy,
    ServiceType,
    SpecialGroup,
    Timer,
)

Row = Mapping[str, Any]


def _nothing(_item: Row) -> dict[str, Any]:
    return {}


def _policy(item: Row) -> dict[str, Any]:
    return {"department_slug": item["department_id"], "help_class": item["help_class"], "scope": item["scope"]}


def _parameter(item: Row) -> dict[str, Any]:
    value, since = item["value"], item["effective_from"]
    return {
        "value": None if value is None else Decimal(str(value)),
        "unit": item["unit"],
        "effective_from": date.fromisoformat(since) if since else None,
        "must_review": item["must_review"],
        "confirmed_as": "",
    }


def _need(item: Row) -> dict[str, Any]:
    return {"category_slug": item["category_id"]}


def _part(
    table: type[Any],
    stem: str,
    key: str,
    *requires: str,
    more: Callable[[Row], dict[str, Any]] = _nothing,
) -> Cloner:
    def work(pack: Content, origin: str, tenant: Tenant) -> int:
        rows = [
            {
                "tenant_id": tenant.id, "slug": item["id"], "seq": item.get("seq", place),
                "name_zh": item.get("name_zh") or item.get("zh", ""), "name_en": item.get("name_en") or item.get("en", ""),
                "content": dict(item), "pack": origin, **more(item),
            }
            for place, item in enumerate(pack[stem][key], start=1)
        ]  # fmt: skip
        db.session.execute(insert(table), rows)
        return len(rows)

    return Part(str(table.__tablename__), requires, work)


CLONERS: tuple[Cloner, ...] = (
    _part(Department, "departments", "departments"),
    _part(Parameter, "parameters", "parameters", more=_parameter),
    _part(Policy, "policies", "policies", "department", "parameter", more=_policy),
    _part(SpecialGroup, "special_groups", "groups"),
    _part(NeedCategory, "needs", "categories"),
    _part(NeedItem, "needs", "items", "need_category", "special_group", more=_need),
    _part(ServiceType, "services", "services", "need_item"),
    _part(Form, "survey_form", "forms"),
    _part(Timer, "timers", "timers", "special_group"),
)
"""The parts of this room, for the founding to run in order."""
