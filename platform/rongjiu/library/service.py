"""Publishing packs: a version, once published, never changes."""

from typing import Any

from sqlalchemy import select

from rongjiu import audit
from rongjiu.clock import now
from rongjiu.db import db
from rongjiu.errors import Clash
from rongjiu.ids import uuid7
from rongjiu.library.models import PackVersion
from rongjiu.library.packcheck import check_pack
from rongjiu.library.packfiles import checksum, read_pack


def publish_version(pack: dict[str, Any]) -> PackVersion:
    """Publish a checked pack under the id and version of its manifest; publishing the same again changes nothing.

    Raises PackError when the pack is not sound, Clash when that version is published with other content.
    """
    model, seal = pack["model"], checksum(pack)
    slug, version = str(model["id"]), str(model["version"])
    row = db.session.scalar(select(PackVersion).where(PackVersion.slug == slug, PackVersion.version == version))
    if row is not None:
        if row.checksum != seal:
            raise Clash("这个版本号已经发布过，内容不同。请换一个版本号。")
        return row
    check_pack(pack)
    row = PackVersion(
        id=uuid7(), slug=slug, version=version, name=str(model["name_zh"]), origin="黄雁社区", checksum=seal,
        content=pack, published_at=now(),
    )  # fmt: skip
    db.session.add(row)
    db.session.flush()
    audit.record("pack.publish", "pack_version", row.id, slug=slug, version=version)
    return row


def publish_base() -> PackVersion:
    """Publish the Huangyan pack that the project carries; the same answer when it already stands."""
    return publish_version(read_pack())
