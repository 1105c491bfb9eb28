"""Field work: what phones have sent in, each item once."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, secure

revision = "0006"
down_revision = "0005"

TABLES = ("field_item",)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "field_item",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("client_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("device_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("skew", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("payload", sa.LargeBinary(), nullable=True),
        sa.Column("courtyard_id", sa.Uuid(), nullable=True),
        sa.Column("object_kind", sa.Text(), nullable=False),
        sa.Column("object_id", sa.Uuid(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_why", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_field_item"),
        sa.UniqueConstraint("tenant_id", "client_id", name="uq_field_item_tenant_id_client_id"),
        sa.CheckConstraint("state IN ('applied', 'conflict', 'held', 'settled')", name=op.f("ck_field_item_state")),
    )
    op.create_index("ix_field_item_state", "field_item", ["tenant_id", "state", "received_at"])
    op.create_index("ix_field_item_object", "field_item", ["tenant_id", "object_id"])
    secure(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
