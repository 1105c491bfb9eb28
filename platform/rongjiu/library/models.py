"""Model packs: published, numbered, immutable versions of a community's model; never people."""

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from rongjiu.db import OPEN, Base, PlatformRow, field


class PackVersion(PlatformRow, Base):
    """One version of one pack; the app role may insert and read it, never change it."""

    __tablename__ = "pack_version"
    __table_args__ = (UniqueConstraint("slug", "version"),)
    slug: Mapped[str] = field(OPEN)
    version: Mapped[str] = field(OPEN)
    name: Mapped[str] = field(OPEN)
    origin: Mapped[str] = field(OPEN)
    checksum: Mapped[str] = field(OPEN)
    content: Mapped[dict[str, Any]] = field(OPEN, JSONB)
    published_at: Mapped[datetime] = field(OPEN)
