"""What is over loses its words: marks on what was cleared, the report of the nights, and the right to empty them; and
which closed cases are looked at again because somebody approved the own act."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, secure

revision = "0033"
down_revision = "0031"

CLEARED = ("case_file", "wish", "complaint")
WORDS = ("confirmation", "desk_event")
"""Tables that may only be added to: their words alone may be emptied."""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "keeping_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("things", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_keeping_run"),
        sa.CheckConstraint(
            "what IN ('lead', 'wish', 'contact', 'case', 'complaint', 'place')", name=op.f("ck_keeping_run_what")
        ),
        sa.CheckConstraint("things > 0", name=op.f("ck_keeping_run_things")),
    )
    op.create_index("ix_keeping_run_at", "keeping_run", ["tenant_id", "at"])
    secure("keeping_run", append_only=("keeping_run",))
    for table in CLEARED:
        op.add_column(table, sa.Column("cleared_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("audit_check", sa.Column("alone", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in WORDS:
        op.execute(f"GRANT UPDATE (words) ON {table} TO app_user")


def downgrade() -> None:
    for table in WORDS:
        op.execute(f"REVOKE UPDATE (words) ON {table} FROM app_user")
    op.drop_column("audit_check", "alone")
    for table in CLEARED:
        op.drop_column(table, "cleared_at")
    drop("keeping_run")
