"""Editing needs and special groups: add, rename, look, retire, merge, order. Slugs stay, each edit keeps its history."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select

from rongjiu import audit
from rongjiu.actor import current_actor
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Absent, Clash, Refused
from rongjiu.ids import uuid7
from tenants.catalogue.editing_rules import COLOURS, FREQUENCIES, ICONS, LONGEST
from tenants.catalogue.models import CatalogueChange, NeedCategory, NeedItem, SpecialGroup

MODELS: dict[str, Any] = {"category": NeedCategory, "item": NeedItem, "group": SpecialGroup}


def add(
    kind: str, name_zh: str, name_en: str = "", *, category: str = "", colour: str = "", icon: str = "",
    visit: str = "monthly",
) -> str:  # fmt: skip
    """Add a category, item (in a live category) or group of the community's own; answers its slug.

    Raises Refused naming name_zh, category, colour, icon or visit.
    """
    model = MODELS[kind]
    words = _name(kind, name_zh)
    row_id = uuid7()
    slug = f"own-{row_id.hex[-10:]}"
    last = db.session.scalar(select(func.max(model.seq))) or 0
    more: dict[str, Any] = {}
    content: dict[str, Any] = {"id": slug, "seed": False, "own": True}
    if kind == "item":
        more["category_slug"] = content["category_id"] = _category(category)
        content["special_group_ids"] = []
    if kind == "group":
        content["visit_default"] = _one_of(visit, FREQUENCIES, "visit")
    row = model(
        id=row_id, slug=slug, seq=last + 1, name_zh=words, name_en=name_en.strip()[:80], content=content, pack="",
        colour=_one_of(colour, {"": "", **COLOURS}, "colour"), icon=_one_of(icon, {"": "", **ICONS}, "icon"),
        retired_at=None, merged_into=None, **more,
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    _note(kind, slug, "add", {}, _words(row))
    return slug


def change(
    kind: str, slug: str, *, name_zh: str, name_en: str = "", category: str = "", colour: str = "", icon: str = "",
    visit: str = "",
) -> None:  # fmt: skip
    """Rename, recolour or move; the same again changes nothing. Raises Absent, Refused naming the input."""
    row = _row(kind, slug)
    before = _words(row)
    row.name_zh = _name(kind, name_zh, slug)
    row.name_en = name_en.strip()[:80]
    row.colour = _one_of(colour, {"": "", **COLOURS}, "colour")
    row.icon = _one_of(icon, {"": "", **ICONS}, "icon")
    if kind == "item" and category and category != row.category_slug:
        row.category_slug = _category(category)
    if kind == "group" and visit:
        row.content = {**row.content, "visit_default": _one_of(visit, FREQUENCIES, "visit")}
    after = _words(row)
    if after == before:
        return
    db.session.flush()
    names = ("name_zh", "name_en")
    verb = "rename" if any(before[each] != after[each] for each in names) else "look"
    if before.get("category") != after.get("category"):
        verb = "move"
    _note(kind, slug, verb, before, after)


def retire(kind: str, slug: str) -> None:
    """Offer it no more; old rows keep it. A category must be empty first. Raises Absent, Clash, Refused."""
    row = _live(kind, slug)
    if kind == "category" and db.session.scalar(
        select(NeedItem.id).where(NeedItem.category_slug == slug, NeedItem.retired_at.is_(None)).limit(1)
    ):
        raise Refused("这一类下面还有需求项，请先移走或停用它们。")
    before = _words(row)
    row.retired_at = now()
    db.session.flush()
    _note(kind, slug, "retire", before, _words(row))


def restore(kind: str, slug: str) -> None:
    """Offer a retired one again; a merge is undone by it too. Raises Absent, Clash, Refused."""
    row = _row(kind, slug)
    if row.retired_at is None:
        raise Clash("这一项已经在用，请刷新页面。")
    _name(kind, row.name_zh, slug)
    if kind == "item":
        _category(row.category_slug)
    before = _words(row)
    row.retired_at, row.merged_into = None, None
    db.session.flush()
    _note(kind, slug, "restore", before, _words(row))


def merge(kind: str, slug: str, into: str) -> None:
    """Put one into another that is live: the old slug stays in old rows and reads as 已并入. Raises Absent, Clash,
    Refused naming `into`."""
    if slug == into:
        raise Refused("请选另一项。", field="into")
    row = _live(kind, slug)
    model = MODELS[kind]
    target = select(model.slug).where(model.slug == into, model.retired_at.is_(None))
    if db.session.scalar(target) is None:
        raise Refused("请选一项正在使用的。", field="into")
    if kind == "category":
        for item in db.session.scalars(select(NeedItem).where(NeedItem.category_slug == slug).with_for_update()):
            was = _words(item)
            item.category_slug = into
            db.session.flush()
            _note("item", item.slug, "move", was, _words(item))
    before = _words(row)
    row.retired_at, row.merged_into = now(), into
    db.session.flush()
    _note(kind, slug, "merge", before, _words(row))


def reorder(kind: str, slugs: Sequence[str]) -> None:
    """Put the live rows of a kind in this order, those not named behind; the same order changes nothing."""
    model = MODELS[kind]
    rows = list(db.session.scalars(select(model).order_by(model.seq, model.slug).with_for_update()))
    place = {slug: n for n, slug in enumerate(slugs)}
    wanted = sorted(rows, key=lambda row: (place.get(row.slug, len(rows)), row.seq, row.slug))
    for seq, row in enumerate(wanted, 1):
        if row.seq != seq:
            before, row.seq = row.seq, seq
            if row.slug in place and row.retired_at is None:
                _note(kind, row.slug, "order", {"seq": before}, {"seq": seq})
    db.session.flush()


def shift(kind: str, slug: str, step: int) -> None:
    """Move a live row one place up (-1) or down (+1), an item among those of its category."""
    row, model = _live(kind, slug), MODELS[kind]
    query = select(model.slug).where(model.retired_at.is_(None)).order_by(model.seq, model.slug)
    if kind == "item":
        query = query.where(NeedItem.category_slug == row.category_slug)
    order = list(db.session.scalars(query))
    at = order.index(slug)
    to = at + step
    if not 0 <= to < len(order):
        return
    other = order[to]
    every = list(db.session.scalars(select(model.slug).order_by(model.seq, model.slug)))
    here, there = every.index(slug), every.index(other)
    every[here], every[there] = every[there], every[here]
    reorder(kind, every)


def _note(kind: str, slug: str, verb: str, before: dict[str, Any], after: dict[str, Any]) -> None:
    actor = current_actor()
    db.session.add(
        CatalogueChange(
            id=uuid7(),
            kind=kind,
            slug=slug,
            verb=verb,
            before=before,
            after=after,
            at=now(),
            actor_id=actor.account_id,
            actor=actor.name or actor.role,
        )  # fmt: skip
    )
    db.session.flush()
    audit.record(f"catalogue.{verb}", kind, slug)


def _words(row: Any) -> dict[str, Any]:
    found = {
        "name_zh": row.name_zh, "name_en": row.name_en, "colour": row.colour, "icon": row.icon,
        "retired": row.retired_at is not None, "merged_into": row.merged_into or "",
    }  # fmt: skip
    if isinstance(row, NeedItem):
        found["category"] = row.category_slug
    if isinstance(row, SpecialGroup):
        found["visit"] = row.content.get("visit_default", "")
    return found


def _row(kind: str, slug: str) -> Any:
    model = MODELS.get(kind)
    row = db.session.scalar(select(model).where(model.slug == slug).with_for_update()) if model else None
    if row is None:
        raise Absent("没有这一项。")
    return row


def _live(kind: str, slug: str) -> Any:
    row = _row(kind, slug)
    if row.retired_at is not None:
        raise Clash("这一项已经停用，请刷新页面。")
    return row


def _name(kind: str, text: str, slug: str = "") -> str:
    words, model = text.strip(), MODELS[kind]
    if not words:
        raise Refused("请写名称。", field="name_zh")
    if len(words) > LONGEST:
        raise Refused("名称写短一点，30 个字以内。", field="name_zh")
    twin = select(model.id).where(model.name_zh == words, model.retired_at.is_(None), model.slug != slug)
    if db.session.scalar(twin.limit(1)) is not None:
        raise Refused("已经有一项叫这个名称，请换一个或直接合并。", field="name_zh")
    return words


def _category(slug: str) -> str:
    query = select(NeedCategory.slug).where(NeedCategory.slug == slug, NeedCategory.retired_at.is_(None))
    if (found := db.session.scalar(query)) is None:
        raise Refused("请选一个大类。", field="category")
    return str(found)


def _one_of(value: str, allowed: dict[str, str], field: str) -> str:
    if value not in allowed:
        raise Refused("请从列出的里面选。", field=field)
    return value
