"""A benefit may be one that the family waits for in line, such as a public rental flat; `since` is the day it was put in line.

The default stays: a release that still runs beside this one writes entries without it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"

_STRUCK = "UPDATE received_benefit SET struck_at = now() WHERE waiting AND struck_at IS NULL"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    column = sa.Column("waiting", sa.Boolean(), nullable=False, server_default=sa.text("false"))
    op.add_column("received_benefit", column)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    # Without the column a place in line would count as received: it is struck out, and its row stays.
    # The rows of every community: the policies bind the owner again before anybody else can look.
    op.execute("ALTER TABLE received_benefit NO FORCE ROW LEVEL SECURITY")
    op.execute(_STRUCK)
    op.execute("ALTER TABLE received_benefit FORCE ROW LEVEL SECURITY")
    op.drop_column("received_benefit", "waiting")
