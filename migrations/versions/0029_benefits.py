"""What families receive, from when until when: so that somebody looks at it again before it ends."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import DEMO, drop, secure

revision = "0029"
down_revision = "0027"

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "received_benefit",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=True),
        sa.Column("ground", sa.LargeBinary(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("noted_at", TIME, nullable=False),
        sa.Column("noted_by", sa.Uuid(), nullable=True),
        sa.Column("noted_post", sa.Text(), nullable=False),
        sa.Column("struck_at", TIME, nullable=True),
        sa.Column("struck_why", sa.LargeBinary(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_received_benefit"),
        sa.UniqueConstraint(
            "tenant_id", "source_id", "person_id", name="uq_received_benefit_tenant_id_source_id_person_id"
        ),
        sa.CheckConstraint("source IN ('desk', 'acceptance')", name=op.f("ck_received_benefit_source")),
        sa.CheckConstraint(DEMO, name=op.f("ck_received_benefit_demo")),
    )
    for column in ("household", "person"):
        op.create_index(f"ix_received_benefit_{column}", "received_benefit", ["tenant_id", f"{column}_id"])
        op.create_foreign_key(
            f"fk_received_benefit_tenant_id_{column}_id", "received_benefit", column, ["tenant_id", f"{column}_id"],
            ["tenant_id", "id"],
        )  # fmt: skip
    secure("received_benefit")
    op.add_column("desk_file", sa.Column("until_on", sa.Date(), nullable=True))


def downgrade() -> None:
    op.drop_column("desk_file", "until_on")
    drop("received_benefit")
