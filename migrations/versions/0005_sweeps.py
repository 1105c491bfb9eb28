"""Sweeps from door to door, their certificates, and what became of people who may have been missed."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import drop, secure

revision = "0005"
down_revision = "0004"

TABLES = (
    "sweep", "sweep_courtyard", "sweep_stop", "stop_try", "stop_place", "stop_person", "sweep_certificate", "entitled",
)  # fmt: skip
APPEND_ONLY = ("stop_try", "sweep_certificate")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "sweep",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("form", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Text(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sweep"),
        sa.CheckConstraint("state IN ('draft', 'running', 'closed', 'cancelled')", name=op.f("ck_sweep_state")),
        sa.UniqueConstraint("tenant_id", "number", name="uq_sweep_tenant_id_number"),
    )
    op.create_table(
        "sweep_courtyard",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("in_scope", sa.Boolean(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sweep_courtyard"),
        sa.CheckConstraint("state IN ('open', 'closed')", name=op.f("ck_sweep_courtyard_state")),
        sa.UniqueConstraint(
            "tenant_id", "sweep_id", "courtyard_id", name="uq_sweep_courtyard_tenant_id_sweep_id_courtyard_id"
        ),
    )
    op.create_table(
        "sweep_stop",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("household_id", sa.Uuid(), nullable=False),
        sa.Column("home_then", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("at_door", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("deferred_until", sa.Date(), nullable=True),
        sa.Column("final_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sweep_stop"),
        sa.CheckConstraint(
            "state IN ('planned', 'visited', 'not_home', 'refused', 'moved', 'vacant', 'deferred', 'unreached')",
            name=op.f("ck_sweep_stop_state"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "sweep_id", "household_id", name="uq_sweep_stop_tenant_id_sweep_id_household_id"
        ),
    )
    op.create_table(
        "stop_try",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("worker_id", sa.Uuid(), nullable=True),
        sa.Column("worker", sa.Text(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("evening", sa.Boolean(), nullable=False),
        sa.Column("kept", sa.Boolean(), nullable=False),
        sa.Column("client_key", sa.Uuid(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("note", sa.LargeBinary(), nullable=True),
        sa.Column("sheet", sa.LargeBinary(), nullable=False),
        sa.Column("answer", postgresql.JSONB(), nullable=False),
        sa.Column("file_ids", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stop_try"),
        sa.CheckConstraint(
            "result IN ('visited', 'not_home', 'refused', 'moved', 'vacant', 'deferred', 'unreached')",
            name=op.f("ck_stop_try_result"),
        ),
        sa.UniqueConstraint("tenant_id", "client_key", name="uq_stop_try_tenant_id_client_key"),
    )
    op.create_table(
        "stop_place",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("try_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stop_place"),
    )
    op.create_table(
        "stop_person",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("person_then", sa.Uuid(), nullable=False),
        sa.Column("result", sa.Text(), nullable=False),
        sa.Column("possible_leak", sa.Boolean(), nullable=False),
        sa.Column("leak_reason", sa.Text(), nullable=False),
        sa.Column("observation", sa.LargeBinary(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_stop_person"),
        sa.CheckConstraint(
            "result IN ('seen', 'told', 'away', 'hospital', 'moved', 'died', 'refused', 'unasked', 'unreached')",
            name=op.f("ck_stop_person_result"),
        ),
        sa.UniqueConstraint("tenant_id", "stop_id", "person_id", name="uq_stop_person_tenant_id_stop_id_person_id"),
    )
    op.create_table(
        "sweep_certificate",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("content", postgresql.JSONB(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.Column("signed_by", sa.Text(), nullable=False),
        sa.Column("signed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_sweep_certificate"),
        sa.UniqueConstraint(
            "tenant_id", "sweep_id", "courtyard_id", name="uq_sweep_certificate_tenant_id_sweep_id_courtyard_id"
        ),
    )
    op.create_table(
        "entitled",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("sweep_id", sa.Uuid(), nullable=False),
        sa.Column("stop_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("signal_id", sa.Uuid(), nullable=True),
        sa.Column("leak_reason", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("possible_on", sa.Date(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=True),
        sa.Column("applied_on", sa.Date(), nullable=True),
        sa.Column("granted_on", sa.Date(), nullable=True),
        sa.Column("refused_on", sa.Date(), nullable=True),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_entitled"),
        sa.CheckConstraint(
            "state IN ('possible', 'found', 'applied', 'refused', 'granted', 'not_entitled')",
            name=op.f("ck_entitled_state"),
        ),
        sa.UniqueConstraint("tenant_id", "sweep_id", "person_id", name="uq_entitled_tenant_id_sweep_id_person_id"),
    )
    op.create_index("ix_sweep_stop_household", "sweep_stop", ["tenant_id", "household_id"])
    op.create_index("ix_sweep_stop_state", "sweep_stop", ["tenant_id", "sweep_id", "courtyard_id", "state"])
    op.create_index("ix_stop_try_stop", "stop_try", ["tenant_id", "stop_id"])
    op.create_index("ix_stop_place_at", "stop_place", ["tenant_id", "at"])
    op.create_index("ix_entitled_person", "entitled", ["tenant_id", "person_id"])
    op.create_foreign_key(
        "fk_sweep_courtyard_tenant_id_courtyard_id", "sweep_courtyard", "courtyard", ["tenant_id", "courtyard_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_courtyard_tenant_id_sweep_id", "sweep_courtyard", "sweep", ["tenant_id", "sweep_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_stop_tenant_id_courtyard_id", "sweep_stop", "courtyard", ["tenant_id", "courtyard_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_stop_tenant_id_household_id", "sweep_stop", "household", ["tenant_id", "household_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_stop_tenant_id_sweep_id", "sweep_stop", "sweep", ["tenant_id", "sweep_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_stop_try_tenant_id_stop_id", "stop_try", "sweep_stop", ["tenant_id", "stop_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_stop_place_tenant_id_try_id", "stop_place", "stop_try", ["tenant_id", "try_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_stop_person_tenant_id_person_id", "stop_person", "person", ["tenant_id", "person_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_stop_person_tenant_id_stop_id", "stop_person", "sweep_stop", ["tenant_id", "stop_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_certificate_tenant_id_courtyard_id", "sweep_certificate", "courtyard", ["tenant_id", "courtyard_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_sweep_certificate_tenant_id_sweep_id", "sweep_certificate", "sweep", ["tenant_id", "sweep_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_entitled_tenant_id_person_id", "entitled", "person", ["tenant_id", "person_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_entitled_tenant_id_stop_id", "entitled", "sweep_stop", ["tenant_id", "stop_id"], ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_entitled_tenant_id_sweep_id", "entitled", "sweep", ["tenant_id", "sweep_id"], ["tenant_id", "id"],
    )  # fmt: skip
    secure(*TABLES, append_only=APPEND_ONLY)


def downgrade() -> None:
    drop(*TABLES)
