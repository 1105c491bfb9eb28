"""A row of the outbox says itself whether its kind is carried out by the set, so that the relay needs to know no kinds.

Rows written before say no and are rung one by one, which is always right. No default is written into them: PostgreSQL
keeps it for old rows, and for a release that still runs beside this one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("outbox", sa.Column("together", sa.Boolean(), nullable=False, server_default=sa.text("false")))
    op.execute("GRANT SELECT (together) ON outbox TO app_relay")
    _index("done_at IS NULL AND together")


def downgrade() -> None:
    _index("done_at IS NULL")
    op.drop_column("outbox", "together")


def _index(where: str) -> None:
    op.drop_index("ix_outbox_due", table_name="outbox")
    op.create_index("ix_outbox_due", "outbox", ["tenant_id", "kind", "run_after"], postgresql_where=sa.text(where))
