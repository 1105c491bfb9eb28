"""What the doctor asks the database: each answers ('', '') or (what is wrong, what to do)."""

from typing import Any

from sqlalchemy import select, text

from rongjiu import relay as bell
from rongjiu.db import Base, OfTenant, db
from rongjiu.marketplace.models import Listing, ListingArea, OpenRecord, Provider
from rongjiu.marketplace.service import publish
from rongjiu.paths import CURRENT_HEAD

OK = ("", "")
ENTERED = ("app_overseer", "app_grantee", "app_receiver", "app_operator", "app_public")


def database() -> tuple[str, str]:
    """PostgreSQL answers, and is new enough."""
    version = int(db.session.execute(text("SHOW server_version_num")).scalar_one())
    return OK if version >= 150000 else (f"PostgreSQL {version // 10000}", "Use PostgreSQL 15 or later.")


def roles() -> tuple[str, str]:
    """The login role neither bypasses nor inherits, and every role to be entered is there."""
    me = db.session.execute(
        text("SELECT rolname, rolsuper, rolbypassrls, rolinherit FROM pg_roles WHERE rolname = session_user")
    ).one()
    if me.rolsuper or me.rolbypassrls:
        return f"{me.rolname} bypasses row-level security", "DATABASE_URL must name app_user of deploy/roles.sql."
    if me.rolinherit and _inherits():
        return f"{me.rolname} inherits other roles", "Run deploy/roles.sql as an administrator."
    known = set(db.session.scalars(text("SELECT rolname FROM pg_roles")))
    missing = [name for name in ENTERED if name not in known]
    return (f"missing: {', '.join(missing)}", "Run deploy/roles.sql as an administrator.") if missing else OK


def _inherits() -> bool:
    query = "SELECT count(*) FROM pg_auth_members WHERE member = session_user::regrole"
    return bool(db.session.execute(text(query)).scalar_one())


def imports() -> tuple[str, str]:
    """The app may make temporary tables; without them a register is imported row by row."""
    if db.session.execute(text("SELECT has_database_privilege(current_database(), 'TEMP')")).scalar_one():
        return OK
    return "no temporary tables, imports are several times slower", "Run deploy/roles.sql as an administrator."


def row_security() -> tuple[str, str]:
    """Every table of a community forces row-level security."""
    mine = {m.local_table.name for m in Base.registry.mappers if issubclass(m.class_, OfTenant)}  # type: ignore[attr-defined]
    query = "SELECT relname FROM pg_class WHERE relkind IN ('r', 'p') AND relrowsecurity AND relforcerowsecurity"
    open_ = sorted(mine - set(db.session.scalars(text(query))))
    return (f"not forced on {', '.join(open_)}", "Run: flask db upgrade") if open_ else OK


def migration() -> tuple[str, str]:
    """The schema is that of the code."""
    found = db.session.scalar(text("SELECT version_num FROM alembic_version"))
    wanted = CURRENT_HEAD.read_text().strip()
    return OK if found == wanted else (f"database at {found}, code at {wanted}", "Run: flask db upgrade")


def relay() -> tuple[str, str]:
    """One relay holds its lock."""
    query = text(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid = :high AND objid = :low"
    )
    held = db.session.execute(query, {"high": bell.LOCK >> 32, "low": bell.LOCK & 0xFFFFFFFF}).scalar_one()
    return OK if held else ("no relay is at work", "Start one: python -m rongjiu.relay")


def listings() -> tuple[str, str]:
    """The marketplace's projection equals what publishing anew would write; nothing of this is kept."""
    before = _projection()
    nested = db.session.begin_nested()
    for provider_id in db.session.scalars(select(Provider.id).order_by(Provider.id)).all():
        publish(provider_id)
    after = _projection()
    nested.rollback()
    count = len(before.items() ^ after.items())
    return OK if not count else (f"{count} listing rows differ", "Run: flask doctor --mend-listings")


def _projection() -> dict[Any, str]:
    db.session.flush()
    db.session.expire_all()
    table, areas = Listing.__table__, ListingArea.__table__
    opened = {("open", row.id): repr(tuple(row)) for row in db.session.execute(select(OpenRecord.__table__))}
    found: dict[Any, str] = opened | {row.service_id: repr(tuple(row)) for row in db.session.execute(select(table))}
    return found | {(row.service_id, row.street_id): repr(tuple(row)) for row in db.session.execute(select(areas))}


def mend_listings() -> int:
    """Publish every provider anew and keep it; answers how many."""
    ids = db.session.scalars(select(Provider.id).order_by(Provider.id)).all()
    for provider_id in ids:
        publish(provider_id)
    db.session.commit()
    return len(ids)
