"""Timers of a kind by the set: an index over what is open of a community, and the relay may read kinds."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add both."""
    op.create_index(
        "ix_outbox_due", "outbox", ["tenant_id", "kind", "run_after"], postgresql_where=sa.text("done_at IS NULL")
    )
    op.execute("GRANT SELECT (kind) ON outbox TO app_relay")


def downgrade() -> None:
    """Take them away."""
    op.execute("REVOKE SELECT (kind) ON outbox FROM app_relay")
    op.drop_index("ix_outbox_due", table_name="outbox")
