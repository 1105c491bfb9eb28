"""Who may have a listed service and at which of its prices, its coming slots in open data; what a resident speaks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0031"
down_revision = "0030"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("listing", sa.Column("who", JSONB(), nullable=False, server_default=sa.text("'{}'::jsonb")))
    op.execute("""
        UPDATE listing SET who = kept.who FROM (
          SELECT s.id, jsonb_object_agg(t.key, t.value) AS who FROM provider_service s, jsonb_each(s.terms) t
          WHERE t.key IN ('groups', 'minimum_age', 'maximum_age') GROUP BY s.id
        ) kept WHERE kept.id = listing.service_id
    """)
    op.execute("GRANT SELECT (who) ON listing TO app_public")
    op.execute("GRANT SELECT (id, service_id, starts_at, state) ON service_slot TO app_public")
    op.add_column("person", sa.Column("languages", JSONB(), nullable=False, server_default=sa.text("'[]'::jsonb")))


def downgrade() -> None:
    op.execute("REVOKE SELECT (id, service_id, starts_at, state) ON service_slot FROM app_public")
    op.drop_column("person", "languages")
    op.drop_column("listing", "who")
