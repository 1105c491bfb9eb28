"""What households stand at by their policies, what changed for them, and who was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import drop, secure

revision = "0011"
down_revision = "0010"

TABLES = ("rescreen_run", "standing", "verdict_change")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "rescreen_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_rescreen_run"),
        sa.CheckConstraint(
            "cause IN ('night', 'fact', 'parameter', 'policy', 'asked')", name=op.f("ck_rescreen_run_cause")
        ),
    )
    op.create_table(
        "standing",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("verdicts", postgresql.JSONB(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "subject_id", name="pk_standing"),
    )
    op.create_index("ix_standing_household", "standing", ["tenant_id", "household_id"])
    op.create_table(
        "verdict_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("subject_id", sa.Uuid(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("on_date", sa.Date(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Uuid(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Uuid(), nullable=True),
        sa.Column("settled_post", sa.Text(), nullable=False),
        sa.Column("channel", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_verdict_change"),
        sa.UniqueConstraint(
            "tenant_id", "subject_id", "policy_slug", "kind", "on_date",
            name="uq_verdict_change_tenant_id_subject_id_policy_slug_kind_on_date",
        ),
        sa.CheckConstraint(
            "kind IN ('reached', 'near', 'lost', 'amount', 'will_reach', 'will_amount', 'will_ask', 'will_lose')", name=op.f("ck_verdict_change_kind")
        ),
        sa.CheckConstraint("state IN ('open', 'told', 'dropped', 'over')", name=op.f("ck_verdict_change_state")),
    )  # fmt: skip
    op.create_index("ix_verdict_change_state", "verdict_change", ["tenant_id", "state", "kind", "on_date"])
    op.create_foreign_key(
        "fk_verdict_change_tenant_id_household_id", "verdict_change", "household", ["tenant_id", "household_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    secure(*TABLES)


def downgrade() -> None:
    drop(*TABLES)
