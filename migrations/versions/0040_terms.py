"""What had no term gets one: the grounds of frozen screenings, what stands in dispute files, the papers of consents that
have ended; and what was told at a door waits until a clerk has checked it."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"

TIME = sa.DateTime(timezone=True)
CLEARED = ("screening", "dispute_file", "consent")
BEFORE = ("lead", "wish", "contact", "case", "complaint", "place")
UNCHECKED = "source = 'sweep' AND checked_at IS NULL AND struck_at IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table in CLEARED:
        op.add_column(table, sa.Column("cleared_at", TIME, nullable=True))
    _kinds((*BEFORE, "screening", "dispute", "consent"))
    op.execute("GRANT DELETE ON dispute_entry TO app_user")
    # the shortest term a community may set is a year: what is younger cannot be removed, whoever asks
    op.execute(
        "CREATE POLICY old_d ON dispute_entry AS RESTRICTIVE FOR DELETE TO app_user "
        "USING (at < now() - interval '1 year')"
    )
    op.add_column("received_benefit", sa.Column("checked_at", TIME, nullable=True))
    op.add_column("received_benefit", sa.Column("checked_by", sa.Uuid(), nullable=True))
    op.add_column("received_benefit", sa.Column("checked_post", sa.Text(), nullable=True))
    op.add_column("received_benefit", sa.Column("checked_how", sa.Text(), nullable=True))
    op.create_check_constraint(
        op.f("ck_received_benefit_checked_how"), "received_benefit", "checked_how IN ('paper', 'department', 'none')"
    )
    op.create_index(
        "ix_received_benefit_unchecked", "received_benefit", ["tenant_id", "noted_at"], postgresql_where=sa.text(UNCHECKED)
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_received_benefit_unchecked", table_name="received_benefit")
    op.drop_constraint(op.f("ck_received_benefit_checked_how"), "received_benefit")
    for column in ("checked_how", "checked_post", "checked_by", "checked_at"):
        op.drop_column("received_benefit", column)
    op.execute("DROP POLICY old_d ON dispute_entry")
    op.execute("REVOKE DELETE ON dispute_entry FROM app_user")
    _kinds(BEFORE)
    for table in CLEARED:
        op.drop_column(table, "cleared_at")


def _kinds(names: tuple[str, ...]) -> None:
    name = op.f("ck_keeping_run_what")
    op.drop_constraint(name, "keeping_run")
    op.create_check_constraint(name, "keeping_run", f"what IN {names}")
