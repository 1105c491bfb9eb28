"""The community's own copies of its model, as the pack's rows read, each in its own order."""

from collections.abc import Collection, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.dialects.postgresql import distinct_on

from rongjiu.db import current_tenant, db
from tenants.catalogue.models import (
    CatalogueChange,
    Department,
    NeedCategory,
    NeedItem,
    Parameter,
    Policy,
    PolicyVersion,
    ServiceType,
    SpecialGroup,
    Timer,
)

Row = dict[str, Any]
_Model = type[Department] | type[Policy] | type[ServiceType]
_KEPT = "catalogue.timers"
LONGEST_KEPT = 3650
"""Days a community may set where its model names no longest."""


def timers() -> list[Row]:
    """The waits and counts of the community, as timers.json writes them; read once a session, because every due time
    of a request asks for them."""
    number = current_tenant().id
    kept: dict[int, list[Row]] = db.session().info.setdefault(_KEPT, {})
    if number not in kept:
        rows = [*db.session.scalars(select(Timer.content).order_by(Timer.seq, Timer.slug))]
        if not rows:
            return []
        kept[number] = rows
    return kept[number]


def forget_timers() -> None:
    """Read the waits anew at the next question; whoever changes one calls this."""
    db.session().info.pop(_KEPT, None)


def kept_span(timer: Mapping[str, Any]) -> tuple[int, int]:
    """From how many to how many days (or years) a wait of the group retention may be set."""
    longest = 10 if timer.get("of") == "years" else LONGEST_KEPT
    return int(timer.get("min", 1)), int(timer.get("max", longest))


def _contents(model: _Model) -> list[Row]:
    rows = db.session.execute(
        select(model.slug, model.seq, model.name_zh, model.name_en, model.content, model.pack).order_by(
            model.seq, model.slug
        )
    )
    return [
        {**row.content, "id": row.slug, "name_zh": row.name_zh, "name_en": row.name_en, "pack": row.pack}
        for row in rows
    ]


def policy_names(slugs: Collection[str]) -> list[Any]:
    """slug, name_zh, name_en of these policies."""
    if not slugs:
        return []
    return list(db.session.execute(select(Policy.slug, Policy.name_zh, Policy.name_en).where(Policy.slug.in_(slugs))))


def departments() -> list[Row]:
    """The departments whose policies are brought together, as departments.json has them."""
    return _contents(Department)


def policies(as_of: date | None = None) -> list[Row]:
    """The assistance items with their criteria, as policies.json has them; `as_of` = in the versions of that day."""
    rows = _contents(Policy)
    if as_of is None:
        return rows
    then = versions_on(as_of)
    return [{**then[row["id"]], "id": row["id"], "pack": row["pack"]} if row["id"] in then else row for row in rows]


def versions_on(day: date) -> dict[str, Row]:
    """Policy → the whole item in the version of that day, of policies that have versions."""
    v = PolicyVersion
    rows = db.session.execute(
        select(v.slug, v.content)
        .where(v.withdrawn_at.is_(None), or_(v.effective_from.is_(None), v.effective_from <= day))
        .ext(distinct_on(v.slug))
        .order_by(v.slug, v.effective_from.desc().nulls_last(), v.number.desc())
    )
    return {row.slug: row.content for row in rows}


def later_versions(day: date) -> list[tuple[date, str, Row]]:
    """Published versions that begin after a day: (first day, policy, the whole item), the earliest first."""
    v = PolicyVersion
    query = select(v.effective_from, v.slug, v.content).where(v.withdrawn_at.is_(None), v.effective_from > day)
    return [tuple(row) for row in db.session.execute(query.order_by(v.effective_from, v.number))]


def versions(slug: str) -> list[Any]:
    """The published versions of a policy, the newest first, without their content."""
    v = PolicyVersion
    columns = (
        v.number, v.effective_from, v.source_title, v.source_number, v.source_date, v.restored_of, v.drafted_post,
        v.published_post, v.published_at, v.withdrawn_at, v.withdrawn_post,
    )  # fmt: skip
    return list(db.session.execute(select(*columns).where(v.slug == slug).order_by(v.number.desc())))


def version(slug: str, number: int) -> Row | None:
    """The whole item as that version has it."""
    v = PolicyVersion
    found: Row | None = db.session.scalar(select(v.content).where(v.slug == slug, v.number == number))
    return found


def need_categories(*, every: bool = False) -> list[Row]:
    """The categories of need on offer; `every` = the retired ones too, for names in old rows."""
    return _edited(NeedCategory, every)


def need_items(*, every: bool = False) -> list[Row]:
    """The items of need on offer, with `category_id`; `every` = the retired and merged ones too."""
    rows = _edited(NeedItem, every, NeedItem.category_slug)
    for row in rows:
        row["category_id"] = row.pop("category_slug")
    return rows


def groups(*, every: bool = False) -> list[Row]:
    """The special groups on offer with their visit frequencies; `every` = the retired and merged ones too."""
    return _edited(SpecialGroup, every)


def _edited(model: type[NeedCategory] | type[NeedItem] | type[SpecialGroup], every: bool, *more: Any) -> list[Row]:
    """Rows the community edits: colour, icon, and for retired ones since when and what took their place."""
    query = select(
        model.slug, model.seq, model.name_zh, model.name_en, model.content, model.pack, model.colour, model.icon,
        model.retired_at, model.merged_into, *more,
    ).order_by(model.seq, model.slug)  # fmt: skip
    rows = list(db.session.execute(query if every else query.where(model.retired_at.is_(None))))
    names = {row.slug: (row.name_zh, row.name_en) for row in rows}
    found = []
    for row in rows:
        into_zh, into_en = names.get(row.merged_into, ("", ""))
        own = {key: value for key, value in row._mapping.items() if key not in ("slug", "content")}
        found.append({**row.content, **own, "id": row.slug, "into_zh": into_zh, "into_en": into_en})
    return found


def changes(kind: str = "", slug: str = "", limit: int = 50) -> list[Any]:
    """The edits of categories, items and groups, the latest first."""
    c = CatalogueChange
    query = select(c.kind, c.slug, c.verb, c.before, c.after, c.at, c.actor).order_by(c.at.desc(), c.id.desc())
    if kind:
        query = query.where(c.kind == kind)
    if slug:
        query = query.where(c.slug == slug)
    return list(db.session.execute(query.limit(limit)))


def service_types() -> list[Row]:
    """The service items as types: what is offered, never by whom."""
    return _contents(ServiceType)


def _number(value: Decimal | None) -> Decimal | int | None:
    """A stored 740.0000 as 740."""
    if value is None:
        return None
    return int(value) if value == value.to_integral_value() else value.normalize()


def parameters() -> list[Row]:
    """Lines and amounts as screening reads them: the community's own value and date over those of the pack.

    Confirmed as 本地未定 means no value on any day; not confirmed yet, the row says what the pack says.
    `confirmed_as` ('' | value | not_set) and `confirmed_at` stand beside.
    """
    p = Parameter
    rows = db.session.execute(
        select(
            p.slug, p.name_zh, p.name_en, p.content, p.value, p.unit, p.effective_from, p.must_review, p.confirmed_as,
            p.confirmed_at, p.pack,
        ).order_by(p.seq, p.slug)
    )  # fmt: skip
    found = []
    for row in rows:
        unset = row.confirmed_as == "not_set"
        found.append({
            **row.content, "id": row.slug, "name_zh": row.name_zh, "name_en": row.name_en, "unit": row.unit,
            "value": None if unset else _number(row.value),
            "effective_from": None if unset else row.effective_from,
            "history": [] if unset else row.content.get("history") or [],
            "must_review": row.must_review, "confirmed_as": row.confirmed_as, "confirmed_at": row.confirmed_at,
            "pack": row.pack,
        })  # fmt: skip
    return found
