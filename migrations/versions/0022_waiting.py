"""The marketplace's line for a place, days by which a listing is fit, quiet hours and languages, a time proposed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from migrations.rights import drop, secure

revision = "0022"
down_revision = "0021"

TIME = sa.DateTime(timezone=True)
STATES = ("waiting", "offered", "left")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("listing", sa.Column("fit_until", sa.Date(), nullable=True))
    op.add_column("listing", sa.Column("fresh_until", sa.Date(), nullable=True))
    _fill()
    op.execute("GRANT SELECT (fit_until, fresh_until) ON listing TO app_public")
    for name, empty in (("quiet", "{}"), ("languages", "[]")):
        op.add_column("provider", sa.Column(name, JSONB(), nullable=False, server_default=sa.text(f"'{empty}'::jsonb")))
    op.add_column("referral_task", sa.Column("proposed_at", TIME, nullable=True))
    _willing()
    op.create_table(
        "place_wait",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("service_id", sa.Uuid(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_place_wait"),
        sa.CheckConstraint(f"state IN {STATES}", name=op.f("ck_place_wait_state")),
    )
    op.create_index(
        "ix_place_wait_line", "place_wait", ["service_id", "period", sa.text("priority DESC"), "asked_at"],
        postgresql_where=sa.text("state = 'waiting'"),
    )  # fmt: skip
    op.create_foreign_key("fk_place_wait_service_id", "place_wait", "provider_service", ["service_id"], ["id"])
    op.create_foreign_key("fk_place_wait_community_id", "place_wait", "community", ["community_id"], ["id"])
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON place_wait TO app_user")


def _willing() -> None:
    op.create_table(
        "willing",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        *(
            sa.Column(name, sa.Uuid(), nullable=False)
            for name in ("id", "case_id", "need_id", "provider_id", "service_id")
        ),
        sa.Column("slot_at", TIME, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("ended_at", TIME, nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_willing"),
        sa.UniqueConstraint("tenant_id", "need_id", "provider_id", name="uq_willing_tenant_id_need_id_provider_id"),
        sa.CheckConstraint("state IN ('asked', 'sent', 'thanked')", name=op.f("ck_willing_state")),
    )
    for column, table in (("case_id", "case_file"), ("need_id", "need")):
        op.create_foreign_key(
            f"fk_willing_tenant_id_{column}", "willing", table, ["tenant_id", column], ["tenant_id", "id"]
        )
    secure("willing")


def _fill() -> None:
    """Days of listings that stand, as publish() writes them; 210 days without a confirmation make one stale."""
    op.execute("""
        UPDATE listing l SET
          fresh_until = coalesce(l.confirmed_on, (l.verified_at AT TIME ZONE 'Asia/Shanghai')::date) + 210,
          fit_until = least(
            (SELECT min(k.last) FROM (SELECT max(coalesce(p.ends_on, 'infinity'::date)) AS last FROM provider_paper p
              WHERE p.provider_id = l.provider_id GROUP BY p.kind) k WHERE k.last < 'infinity'::date),
            (SELECT coalesce(v.insured_until, date '1970-01-01') FROM provider v WHERE v.id = l.provider_id
              AND v."group" = 'volunteer_team' AND l.delivery_mode = 'at_home'))
    """)


def downgrade() -> None:
    drop("place_wait", "willing")
    op.drop_column("referral_task", "proposed_at")
    for name in ("languages", "quiet"):
        op.drop_column("provider", name)
    for name in ("fresh_until", "fit_until"):
        op.drop_column("listing", name)
