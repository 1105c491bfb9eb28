"""Files: checked by content, encrypted at rest, kept by hash in the data folder; three functions, so that an
object store can take over. Metadata is a row; only a door serves the bytes, as an attachment."""

from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal
from uuid import UUID

from flask import Flask, current_app
from sqlalchemy import func, select, update
from sqlalchemy.orm import Mapped
from structlog import get_logger

from rongjiu import crypto
from rongjiu.clock import now
from rongjiu.db import KEY, PERSONAL, WORK, Base, PlatformRow, TenantRow, current_scope, current_tenant, db, field
from rongjiu.errors import Absent, Refused

LIMIT = 10 * 1024 * 1024
log = get_logger()
_MAGIC = {
    b"\xff\xd8\xff": ("image/jpeg", (".jpg", ".jpeg")),
    b"\x89PNG\r\n\x1a\n": ("image/png", (".png",)),
    b"%PDF-": ("application/pdf", (".pdf",)),
}


class _Columns:
    name: Mapped[str] = field(PERSONAL)
    mime: Mapped[str] = field(WORK)
    size: Mapped[int] = field(WORK)
    digest: Mapped[str] = field(WORK)
    owner_kind: Mapped[str] = field(WORK)
    owner_id: Mapped[UUID] = field(KEY, index=True)
    created_at: Mapped[datetime] = field(WORK)


class TenantFile(TenantRow, _Columns, Base):
    """A file of one community."""

    __tablename__ = "tenant_file"


class PlatformFile(PlatformRow, _Columns, Base):
    """A file outside any community: a provider's papers, a founder's proof."""

    __tablename__ = "platform_file"


def configure(app: Flask, folder: Path) -> None:
    """Give an app the folder under which its files are kept."""
    app.extensions["rongjiu.files"] = folder


def save(content: bytes, name: str, *, owner_kind: str, owner_id: UUID, field: str = "file") -> UUID:
    """Keep a file for an owner and answer its id.

    Raises Refused, naming `field`, as `checked` does.
    """
    mime = checked(content, name, field=field)
    return keep(content, name, mime, owner_kind=owner_kind, owner_id=owner_id)


def checked(content: bytes, name: str, *, field: str = "file") -> str:
    """The type of a picture or PDF that may be kept.

    Raises Refused, naming `field`, when it is empty, over 10 MB, not a JPEG, PNG or PDF by content, when it is a page,
    script or archive as well, or when content and ending disagree.
    """
    if not content:
        raise Refused("文件是空的,请重新选择。", field=field)
    if len(content) > LIMIT:
        raise Refused("文件超过 10 MB。请拍小一点,或分几张上传。", field=field)
    found = next((kind for magic, kind in _MAGIC.items() if content.startswith(magic)), None)
    if found is None:
        raise Refused("只收照片(JPG、PNG)或 PDF。请换一个文件。", field=field)
    if _two_faced(content):
        raise Refused("文件里夹带了网页、程序或压缩包。请直接拍照上传。", field=field)
    mime, endings = found
    if Path(name).suffix.lower() not in endings:
        raise Refused("文件内容和后缀不一致。请直接上传原来的照片或 PDF。", field=field)
    return mime


def _two_faced(content: bytes) -> bool:
    """Is a picture or PDF something else as well: a page, a script, an archive? A look at the bytes, no proof; whatever
    passes is served as an attachment with its own type, never as a page."""
    low = content.lower()
    if any(sign in low for sign in (b"<script", b"<!doctype", b"<html", b"<?php", b"<svg ")):
        return True
    if b"PK\x05\x06" in content[-65_557:]:
        return True
    return content.startswith(b"%PDF-") and any(
        sign in content for sign in (b"/JavaScript", b"/Launch", b"/EmbeddedFile")
    )


def keep(content: bytes, name: str, mime: str, *, owner_kind: str, owner_id: UUID) -> UUID:
    """Keep a file whose content the caller has checked by rules of its own, such as a workbook to be imported; answers
    its id. What comes from outside and is a picture or a PDF goes through `save`."""
    scope = current_scope().tenant
    uid = scope.uid if scope else crypto.PLATFORM
    digest = sha256(content).hexdigest()
    _alone(uid, digest, "shared")
    path = _path(uid, digest)
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = path.with_suffix(".part")
        part.write_bytes(crypto.seal(content, uid, digest))
        part.replace(path)
    words = {
        "name": _plain(name),
        "mime": mime,
        "size": len(content),
        "digest": digest,
        "owner_kind": owner_kind,
        "owner_id": owner_id,
        "created_at": now(),
    }
    row = TenantFile(**words) if scope else PlatformFile(**words)
    db.session.add(row)
    db.session.flush()
    return row.id


def forget(file_id: UUID) -> None:
    """Remove the content of a file of the community in force; its row stays, with size 0. Twice changes nothing."""
    row = db.session.execute(select(TenantFile.digest).where(TenantFile.id == file_id)).one_or_none()
    if row is None:
        return
    _alone(current_tenant().uid, row.digest, "exclusive")
    db.session.execute(update(TenantFile).where(TenantFile.id == file_id).values(size=0))
    others = select(TenantFile.id).where(TenantFile.digest == row.digest, TenantFile.size > 0).limit(1)
    if db.session.scalar(others) is None:
        _path(current_tenant().uid, row.digest).unlink(missing_ok=True)


def _alone(uid: UUID, digest: str, how: Literal["shared", "exclusive"]) -> None:
    """Until the transaction ends: who removes a content waits for those who keep the same, and they for who removes it.
    Otherwise a row could be written whose content went in the same moment."""
    lock = func.pg_advisory_xact_lock_shared if how == "shared" else func.pg_advisory_xact_lock
    db.session.execute(select(lock(func.hashtextextended(f"file|{uid}|{digest}", 0))))


def load(file_id: UUID) -> tuple[str, str, bytes]:
    """Name, type and content of a file of the scope in force; raises Absent when it is not there."""
    scope = current_scope().tenant
    table = TenantFile if scope else PlatformFile
    found = select(table.name, table.mime, table.digest).where(table.id == file_id, table.size > 0)
    row = db.session.execute(found).one_or_none()
    if row is None:
        raise Absent("没有这个文件。")
    uid = scope.uid if scope else crypto.PLATFORM
    try:
        sealed = _path(uid, row.digest).read_bytes()
    except FileNotFoundError:
        # A removal that was cut off after this step: the next one writes it down. A lost disk says so as well.
        log.warning("no content", file=str(file_id))
        raise Absent("没有这个文件。") from None
    return row.name, row.mime, crypto.unseal(sealed, uid, row.digest)


def listed(owner_id: UUID) -> list[tuple[UUID, str]]:
    """Id and name of each file of an owner in the scope in force, oldest first."""
    table = TenantFile if current_scope().tenant else PlatformFile
    rows = db.session.execute(select(table.id, table.name).where(table.owner_id == owner_id).order_by(table.created_at))
    return [(row.id, row.name) for row in rows]


def _plain(name: str) -> str:
    """A file's name without folders, line ends and signs that turn the direction of writing."""
    return "".join(sign for sign in Path(name).name if sign.isprintable())[-200:]


def _path(uid: UUID, digest: str) -> Path:
    folder: Path = current_app.extensions["rongjiu.files"]
    return folder / str(uid) / digest[:2] / digest
