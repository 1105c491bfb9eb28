"""Slots of a service in the one ledger, papers that a person looks at, signed terms, a stage between review and active."""

from uuid import UUID

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0022"

TIME = sa.DateTime(timezone=True)
MONTH = "00000000-0000-0000-0000-000000000000"
"""In place of a slot: the places a month."""
OLD = ("draft", "applied", "under_review", "active", "suspended", "expired", "denied", "withdrawn")
NEW = (*OLD[:3], "approved", *OLD[3:])


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _states(NEW)
    _slots()
    _ledger()
    _papers()
    op.add_column("referral_task", sa.Column("slot_id", sa.Uuid(), nullable=True))


def _states(states: tuple[str, ...]) -> None:
    op.drop_constraint(op.f("ck_provider_state"), "provider")
    op.create_check_constraint(op.f("ck_provider_state"), "provider", f"state IN {states}")


def _slots() -> None:
    op.create_table(
        "service_slot",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", TIME, nullable=False),
        sa.Column("ends_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_service_slot"),
        sa.CheckConstraint("state IN ('open', 'cancelled')", name=op.f("ck_service_slot_state")),
        sa.CheckConstraint("ends_at > starts_at", name=op.f("ck_service_slot_length")),
    )
    op.create_index(
        "uq_service_slot_open", "service_slot", ["service_id", "starts_at"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_foreign_key("fk_service_slot_service_id", "service_slot", "provider_service", ["service_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE ON service_slot TO app_user")


def _ledger() -> None:
    op.add_column("capacity", sa.Column("slot_id", sa.Uuid(), nullable=False, server_default=MONTH))
    op.drop_constraint("pk_capacity", "capacity")
    op.create_primary_key("pk_capacity", "capacity", ["service_id", "period", "slot_id"])
    op.create_check_constraint(
        op.f("ck_capacity_unit"), "capacity", f"(slot_id = '{MONTH}'::uuid) = (extract(day FROM period) = 1)"
    )
    op.alter_column("capacity", "slot_id", server_default=None)
    op.add_column("reservation", sa.Column("slot_id", sa.Uuid(), nullable=True))
    op.create_index("ix_reservation_slot_id", "reservation", ["slot_id"])
    op.create_foreign_key("fk_reservation_slot_id", "reservation", "service_slot", ["slot_id"], ["id"])


def _papers() -> None:
    for column in (
        sa.Column("state", sa.Text(), nullable=False, server_default="accepted"),
        sa.Column("reason", sa.Text(), nullable=False, server_default=""),
        sa.Column("decided_at", TIME, nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
    ):
        op.add_column("provider_paper", column)
    op.create_check_constraint(
        op.f("ck_provider_paper_state"), "provider_paper", "state IN ('waiting', 'accepted', 'refused')"
    )
    op.execute("GRANT UPDATE ON provider_paper TO app_user")
    op.create_table(
        "provider_signature",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("terms", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("signed_at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_provider_signature"),
        sa.UniqueConstraint("provider_id", "terms", name="uq_provider_signature_provider_id_terms"),
    )
    op.create_foreign_key(
        "fk_provider_signature_provider_id", "provider_signature", "provider", ["provider_id"], ["id"]
    )
    op.execute("GRANT SELECT, INSERT ON provider_signature TO app_user")


def downgrade() -> None:
    op.drop_column("referral_task", "slot_id")
    op.execute("DROP TABLE provider_signature")
    for column in ("decided_by", "decided_at", "reason", "state"):
        op.drop_column("provider_paper", column)
    op.drop_column("reservation", "slot_id")
    ledger = sa.table("capacity", sa.column("slot_id", sa.Uuid()))
    op.execute(sa.delete(ledger).where(ledger.c.slot_id != UUID(MONTH)))
    op.drop_constraint("pk_capacity", "capacity")
    op.drop_column("capacity", "slot_id")
    op.create_primary_key("pk_capacity", "capacity", ["service_id", "period"])
    op.execute("DROP TABLE service_slot")
    provider = sa.table("provider", sa.column("state", sa.Text()))
    op.execute(sa.update(provider).where(provider.c.state == "approved").values(state="under_review"))
    _states(OLD)
