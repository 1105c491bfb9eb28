"""What a screening says of each policy at a glance, frozen beside its traces: a page reads one row for fifty policies."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.add_column("screening", sa.Column("glance", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("screening", "glance")
