"""A line of the ledger of places says when its figures last changed (of a line written before: when this column came).

The default stays: a release that still runs beside this one writes lines without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0043"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    stamp = sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.text("now()"))
    op.add_column("capacity", stamp)


def downgrade() -> None:
    op.drop_column("capacity", "updated_at")
