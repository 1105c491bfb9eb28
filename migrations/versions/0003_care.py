"""Care around a person: emergency contacts, one-touch dialling, what a carer's load raised; statements about the
community; names found from their start."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import DEMO, drop, secure

revision = "0003"
down_revision = "0002"

TABLES = ("emergency_contact", "one_touch", "community_stat")
KINDS = "'area', 'courtyards', 'households', 'residents', 'units', 'shops'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_index(
        "ix_person_name", "person", ["tenant_id", "name"], postgresql_ops={"name": "text_pattern_ops"}
    )  # fmt: skip
    op.add_column("carer", sa.Column("respite_need", sa.Uuid(), nullable=True))
    op.add_column("carer", sa.Column("work_need", sa.Uuid(), nullable=True))
    op.create_table(
        "emergency_contact",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("account_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.LargeBinary(), nullable=True),
        sa.Column("phone", sa.LargeBinary(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_emergency_contact"),
        sa.CheckConstraint("kind IN ('staff', 'family', 'neighbour')", name=op.f("ck_emergency_contact_kind")),
        sa.CheckConstraint(DEMO, name=op.f("ck_emergency_contact_demo")),
    )
    op.create_index("ix_emergency_contact_person", "emergency_contact", ["tenant_id", "person_id"])
    op.create_table(
        "one_touch",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("contact_id", sa.Uuid(), nullable=True),
        sa.Column("taught_on", sa.Date(), nullable=True),
        sa.Column("tested_on", sa.Date(), nullable=True),
        sa.Column("works", sa.Boolean(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_one_touch"),
    )
    op.create_index("ix_one_touch_person", "one_touch", ["tenant_id", "person_id"])
    op.create_table(
        "community_stat",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("value", sa.Numeric(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_community_stat"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_community_stat_kind")),
        sa.CheckConstraint(DEMO, name=op.f("ck_community_stat_demo")),
    )
    op.create_index("ix_community_stat_kind", "community_stat", ["tenant_id", "kind"])
    for table, column, to in (
        ("emergency_contact", "person_id", "person"),
        ("one_touch", "person_id", "person"),
        ("one_touch", "contact_id", "emergency_contact"),
    ):
        op.create_foreign_key(
            f"fk_{table}_tenant_id_{column}", table, to, ["tenant_id", column], ["tenant_id", "id"]
        )  # fmt: skip
    secure(*TABLES, append_only=("one_touch",))


def downgrade() -> None:
    drop(*TABLES)
    op.drop_column("carer", "work_need")
    op.drop_column("carer", "respite_need")
    op.drop_index("ix_person_name", "person")
