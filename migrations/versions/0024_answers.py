"""Answers that lead on: which papers a receiver waits for, why a second slip was made, which record an ending points to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0024"
down_revision = "0023"

EMPTY = sa.text("''")
COLUMNS = {
    "referral_task": (
        sa.Column("missing", JSONB(), nullable=False, server_default=sa.text("'[]'")),
        sa.Column("other_id", sa.Uuid(), nullable=True),
        sa.Column("other_words", sa.Text(), nullable=False, server_default=EMPTY),
    ),
    "referral_request": (
        sa.Column("again", sa.Text(), nullable=False, server_default=EMPTY),
        sa.Column("like_id", sa.Uuid(), nullable=True),
    ),
}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for table, columns in COLUMNS.items():
        for column in columns:
            op.drop_column(table, column.name)
