"""The express lane: alarms, and who opened a family's file in it. How far a near miss is from its line."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, overseen, secure

revision = "0013"
down_revision = "0012"

TABLES = ("emergency", "emergency_look")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "emergency",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("raised_post", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Uuid(), nullable=True),
        sa.Column("owner_post", sa.Text(), nullable=False),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("rings", sa.Integer(), nullable=False),
        sa.Column("owner_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("helper_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("aid_due", sa.DateTime(timezone=True), nullable=False),
        sa.Column("helper", sa.LargeBinary(), nullable=True),
        sa.Column("helper_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("aid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("task_id", sa.Uuid(), nullable=True),
        sa.Column("papers_due", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_emergency"),
        sa.CheckConstraint("state IN ('open', 'ended', 'withdrawn')", name=op.f("ck_emergency_state")),
    )
    op.create_index("ix_emergency_state", "emergency", ["tenant_id", "state", "raised_at"])
    op.create_index(
        "uq_emergency_open", "emergency", ["tenant_id", "case_id"], unique=True,
        postgresql_where=sa.text("state = 'open'"),
    )  # fmt: skip
    op.create_table(
        "emergency_look",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("emergency_id", sa.Uuid(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reviewed_by", sa.Uuid(), nullable=True),
        sa.Column("reviewed_post", sa.Text(), nullable=False),
        sa.Column("remark", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_emergency_look"),
    )
    op.create_index("ix_emergency_look_open", "emergency_look", ["tenant_id", "reviewed_at", "due_at"])
    op.create_index("ix_emergency_look_of", "emergency_look", ["tenant_id", "emergency_id"])
    for table, other, column in (
        ("emergency", "case_file", "case_id"), ("emergency", "signal", "signal_id"),
        ("emergency_look", "emergency", "emergency_id"),
    ):  # fmt: skip
        op.create_foreign_key(
            f"fk_{table}_tenant_id_{column}", table, other, ["tenant_id", column], ["tenant_id", "id"]
        )
    op.add_column("near_miss", sa.Column("distance_pct", sa.Numeric(9, 2), nullable=True))
    op.add_column("near_miss", sa.Column("reason", sa.LargeBinary(), nullable=True))
    secure(*TABLES)
    overseen("emergency", "(tenant_id, id, state, raised_at, taken_at)")


def downgrade() -> None:
    drop(*TABLES)
    op.drop_column("near_miss", "reason")
    op.drop_column("near_miss", "distance_pct")
