"""The register: buildings, who lives behind a door, what became of a person, and the history of every field."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import drop, secure

revision = "0002"
down_revision = "0001"

TABLES = ("building", "register_change")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("courtyard", sa.Column("old_estate", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("household", sa.Column("occupancy", sa.Text(), nullable=False, server_default="lived_in"))
    op.add_column("household", sa.Column("left_on", sa.Date(), nullable=True))
    op.add_column("household", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(
        op.f("ck_household_occupancy"), "household", "occupancy IN ('lived_in', 'vacant', 'rented_out', 'other_use')"
    )
    op.create_index("ix_household_door", "household", ["tenant_id", "courtyard_id", "building", "unit", "room"])
    op.create_index("ix_household_import", "household", ["tenant_id", "import_id"])
    op.add_column("person", sa.Column("labels", postgresql.JSONB(), nullable=False, server_default="[]"))
    op.add_column("person", sa.Column("status", sa.Text(), nullable=False, server_default="here"))
    op.add_column("person", sa.Column("status_on", sa.Date(), nullable=True))
    op.add_column("person", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.add_column("person", sa.Column("import_id", sa.Uuid(), nullable=True))
    op.create_check_constraint(op.f("ck_person_status"), "person", "status IN ('here', 'moved', 'died', 'merged')")
    op.create_index("ix_person_import", "person", ["tenant_id", "import_id"])
    op.add_column("carer", sa.Column("hours_a_week", sa.Integer(), nullable=True))
    op.add_column("carer", sa.Column("relief_wanted", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("carer", sa.Column("work_given_up", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        "building",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("units", sa.Integer(), nullable=True),
        sa.Column("floors", sa.Integer(), nullable=True),
        sa.Column("lift", sa.Text(), nullable=False),
        sa.Column("barriers", postgresql.JSONB(), nullable=False),
        sa.Column("built_in", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_building"),
        sa.UniqueConstraint("tenant_id", "courtyard_id", "name", name="uq_building_tenant_id_courtyard_id_name"),
        sa.CheckConstraint("lift IN ('', 'yes', 'no')", name=op.f("ck_building_lift")),
    )
    op.create_table(
        "register_change",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=True),
        sa.Column("after", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("source_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_register_change"),
    )
    op.create_index("ix_register_change_person", "register_change", ["tenant_id", "person_id"])
    op.create_index("ix_register_change_household", "register_change", ["tenant_id", "household_id"])
    op.create_index("ix_register_change_source", "register_change", ["tenant_id", "source_id"])
    op.create_foreign_key(
        "fk_building_tenant_id_courtyard_id",
        "building",
        "courtyard",
        ["tenant_id", "courtyard_id"],
        ["tenant_id", "id"],
    )
    op.create_foreign_key(
        "fk_register_change_tenant_id_household_id", "register_change", "household", ["tenant_id", "household_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_register_change_tenant_id_person_id", "register_change", "person", ["tenant_id", "person_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    secure(*TABLES, append_only=("register_change",))


def downgrade() -> None:
    drop(*TABLES)
    for name in ("hours_a_week", "relief_wanted", "work_given_up"):
        op.drop_column("carer", name)
    for name in ("labels", "status", "status_on", "merged_into", "import_id"):
        op.drop_column("person", name)
    op.drop_index("ix_household_door", "household")
    for name in ("occupancy", "left_on", "import_id"):
        op.drop_column("household", name)
    op.drop_column("courtyard", "old_estate")
