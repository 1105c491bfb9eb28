"""The one database object, the scope in force, and the settings each transaction begins with.

Row-level security compares rows with settings of the transaction. The settings are always issued as
`SET LOCAL` literals when the engine begins a transaction, so ORM and Core are covered alike and nothing
outlives the transaction on a pooled connection.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass, replace
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import Flask
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    Connection,
    DateTime,
    ForeignKeyConstraint,
    Integer,
    MetaData,
    Numeric,
    Text,
    bindparam,
    event,
)
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    ORMExecuteState,
    Session,
    mapped_column,
    registry,
    with_loader_criteria,
)
from sqlalchemy.orm.properties import MappedColumn

from rongjiu.ids import uuid7

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

KEY, OPEN, WORK, PERSONAL, SENSITIVE, SECRET = "key", "open", "work", "personal", "sensitive", "secret"
LABELS = frozenset({KEY, OPEN, WORK, PERSONAL, SENSITIVE, SECRET})
"""Sensitivity of a column: key of the house, open to anyone, work of staff, a person's, a person's protected
facts (PIPL art. 28), secret (hashes and tokens, never shown)."""


class Base(DeclarativeBase):
    """Mapped classes of the house."""

    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={str: Text(), datetime: DateTime(timezone=True), Decimal: Numeric(12, 2)},
    )


db = SQLAlchemy(model_class=Base, engine_options={"pool_pre_ping": True, "pool_size": 8})


@dataclass(frozen=True, slots=True)
class Tenant:
    """One community as storage knows it: a small integer for keys, a UUID for ciphers."""

    id: int
    uid: UUID


@dataclass(frozen=True, slots=True)
class Scope:
    """What the transaction may see."""

    tenant: Tenant | None = None
    role: str | None = None
    provider_id: UUID | None = None
    task_id: UUID | None = None
    household_id: UUID | None = None
    person_ids: tuple[UUID, ...] = ()
    street_id: UUID | None = None
    desk_task_ids: tuple[UUID, ...] = ()
    visible: tuple[int, ...] = ()

    def settings(self) -> dict[str, str]:
        """Name and literal of each setting that the policies compare."""
        words = {"app.tenant_id": str(self.tenant.id) if self.tenant else ""}
        if self.provider_id:
            words["app.provider_id"] = str(UUID(str(self.provider_id)))
        if self.task_id:
            words["app.task_id"] = str(UUID(str(self.task_id)))
        if self.household_id:
            words["app.household_id"] = str(UUID(str(self.household_id)))
        if self.person_ids:
            words["app.person_ids"] = ",".join(str(UUID(str(x))) for x in self.person_ids)
        if self.street_id:
            words["app.street_id"] = str(UUID(str(self.street_id)))
        if self.desk_task_ids:
            words["app.desk_task_ids"] = ",".join(str(UUID(str(x))) for x in self.desk_task_ids)
        if self.visible:
            words["app.visible_tenants"] = ",".join(str(int(x)) for x in self.visible)
        return words


_NOWHERE = Scope()
_scope: ContextVar[Scope] = ContextVar("scope", default=_NOWHERE)
_ROLES = frozenset({"app_overseer", "app_grantee", "app_receiver", "app_operator", "app_public"})


def field(label: str, *args: Any, **words: Any) -> MappedColumn[Any]:
    """A mapped column with its sensitivity label; a house test refuses a column without one."""
    return mapped_column(*args, info={"label": label}, **words)


def within(table: str, *columns: str) -> ForeignKeyConstraint:
    """A foreign key to a row of the same community: tenant_id leads on both sides, so no row can point outside."""
    (column,) = columns
    return ForeignKeyConstraint(["tenant_id", column], [f"{table}.tenant_id", f"{table}.id"])


class OfTenant:
    """Rows of one community: tenant_id leads the key."""

    tenant_id: Mapped[int] = mapped_column(
        primary_key=True,
        sort_order=-10,
        autoincrement=False,
        default=lambda: current_tenant().id,
        info={"label": KEY},
    )


class TenantRow(OfTenant):
    """A row of one community with an id of its own."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-9, default=uuid7, info={"label": KEY})


class PlatformRow:
    """A row that all communities share."""

    id: Mapped[UUID] = mapped_column(primary_key=True, sort_order=-9, default=uuid7, info={"label": KEY})


def current_scope() -> Scope:
    """The scope in force."""
    return _scope.get()


def current_tenant() -> Tenant:
    """The community in force; raises LookupError outside `tenant_scope()`."""
    tenant = _scope.get().tenant
    if tenant is None:
        raise LookupError("no community entered")
    return tenant


def enter(scope: Scope) -> Token[Scope]:
    """Put a scope in force for the rest of a request; the guard resets it with `leave()` when the request ends."""
    token = _scope.set(scope)
    if db.session().in_transaction():
        _issue(db.session.connection(), scope)
    return token


def leave(token: Token[Scope]) -> None:
    """Undo `enter()` after the transaction has ended."""
    _scope.reset(token)


@contextmanager
def scoped(scope: Scope) -> Iterator[None]:
    """Work in another scope for the length of the block; pending rows are flushed before each switch."""
    session = db.session()
    session.flush()
    before = _scope.get()
    token = _scope.set(scope)
    if session.in_transaction():
        _issue(session.connection(), scope)
    try:
        yield
        session.flush()
    finally:
        _scope.reset(token)
        session.expunge_all()
        if session.is_active and session.in_transaction():
            connection = session.connection()
            if scope.role:
                connection.exec_driver_sql("SET LOCAL ROLE NONE")
            _issue(connection, before, clear=scope)


@contextmanager
def tenant_scope(tenant: Tenant) -> Iterator[None]:
    """Enter a community for the length of the block."""
    with scoped(Scope(tenant=tenant)):
        yield


@contextmanager
def as_role(role: str, **words: Any) -> Iterator[None]:
    """Work as one of the narrower database roles, such as `app_overseer` with `visible=(…)`."""
    if role not in _ROLES:
        raise ValueError(role)
    with scoped(replace(_scope.get(), role=role, **words)):
        yield


@contextmanager
def telling(**words: UUID | bytes) -> Iterator[None]:
    """Tell the transaction something that the policies of a few platform tables compare, for the length of the block:
    `community_id`, `account_id`, `provider_id`, `street_id`, `pool_street`, `known_hash`, `mapping_street`. Afterwards
    the scope in force says it again; after an error nothing is put back: the transaction ends."""
    connection = db.session.connection()
    for name, value in words.items():
        plain = value.hex() if isinstance(value, bytes) else str(UUID(str(value)))
        connection.exec_driver_sql(f"SET LOCAL app.{name} = '{plain}'")
    yield
    db.session.flush()
    said = _scope.get().settings()
    for name in words:
        connection.exec_driver_sql(f"SET LOCAL app.{name} = '{said.get(f'app.{name}', '')}'")


def set_local(connection: Connection) -> None:
    """Tell a transaction that has just begun what it may see."""
    _issue(connection, _scope.get())


def _issue(connection: Connection, scope: Scope, clear: Scope | None = None) -> None:
    words = scope.settings()
    if clear:
        words = {**dict.fromkeys(clear.settings(), ""), **words}
    for name, value in words.items():
        connection.exec_driver_sql(f"SET LOCAL {name} = '{value}'")
    if scope.role:
        connection.exec_driver_sql(f"SET LOCAL ROLE {scope.role}")


def assert_plain_role(connection: Any, _record: Any = None) -> None:
    """Refuse a new connection whose role row-level security does not bind; raises RuntimeError, so nothing is served."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolname, rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = session_user")
        name, wide = cursor.fetchone()
    connection.rollback()
    if wide:
        raise RuntimeError(f"DATABASE_URL logs in as {name}, which bypasses row-level security; use app_user")


def _tenant_id() -> int | None:
    tenant = _scope.get().tenant
    return tenant.id if tenant else None


_NUMBER = bindparam("own_tenant_id", callable_=_tenant_id, type_=Integer())
_OWN_ROWS = with_loader_criteria(
    OfTenant, lambda cls: cls.tenant_id == _NUMBER, include_aliases=True, track_closure_variables=False,
)  # fmt: skip
"""Built once: the number is asked for when a statement runs."""


def _criteria(state: ORMExecuteState) -> None:
    if not state.is_orm_statement or state.is_insert or state.is_column_load or state.is_relationship_load:
        return
    if _tenant_id() is not None:
        state.statement = state.statement.options(_OWN_ROWS)


def init_app(app: Flask) -> None:
    """Bind the database to the app and its events to the engine."""
    db.init_app(app)
    with app.app_context():
        event.listen(db.engine, "connect", assert_plain_role)
        event.listen(db.engine, "begin", set_local)
    if not event.contains(Session, "do_orm_execute", _criteria):
        event.listen(Session, "do_orm_execute", _criteria)
