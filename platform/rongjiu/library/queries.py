"""Which packs can be chosen, and what one contains."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from rongjiu.db import db
from rongjiu.errors import Absent
from rongjiu.library.models import PackVersion
from rongjiu.library.packfiles import summary

_kept: OrderedDict[str, dict[str, Any]] = OrderedDict()
_KEEP = 4
"""Contents held in memory, by checksum; a version never changes, so they cannot go stale."""


@dataclass(frozen=True, slots=True)
class PackInfo:
    """One published version in a list."""

    id: UUID
    slug: str
    version: str
    name: str
    origin: str
    checksum: str
    published_at: datetime

    @property
    def ref(self) -> str:
        """slug@version, as rows cloned from it carry it."""
        return f"{self.slug}@{self.version}"


_COLUMNS = (
    PackVersion.id, PackVersion.slug, PackVersion.version, PackVersion.name, PackVersion.origin, PackVersion.checksum,
    PackVersion.published_at,
)  # fmt: skip


def packs() -> list[PackInfo]:
    """All published versions, the newest of each pack first."""
    rows = db.session.execute(select(*_COLUMNS).order_by(PackVersion.slug, PackVersion.published_at.desc()))
    return [PackInfo(*row) for row in rows]


def find(ref: str) -> PackInfo:
    """The version called slug@version; raises Absent when it was never published."""
    slug, _, version = ref.partition("@")
    row = db.session.execute(
        select(*_COLUMNS).where(PackVersion.slug == slug, PackVersion.version == version)
    ).one_or_none()
    if row is None:
        raise Absent("没有这个模型版本，请重新选择。")
    return PackInfo(*row)


def content(info: PackInfo) -> dict[str, Any]:
    """The whole pack of a version; one shared object: read it, never change it."""
    if info.checksum not in _kept:
        found = db.session.scalar(select(PackVersion.content).where(PackVersion.id == info.id))
        if found is None:
            raise Absent("没有这个模型版本，请重新选择。")
        _kept[info.checksum] = found
        while len(_kept) > _KEEP:
            _kept.popitem(last=False)
    return _kept[info.checksum]


def counts(info: PackInfo) -> dict[str, int]:
    """How many of each thing travel in a version."""
    return summary(content(info))
