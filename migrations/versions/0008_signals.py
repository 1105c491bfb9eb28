"""Signals: codes on doors, a code to follow the answer, lists of departments, what a public form was used for."""

import sqlalchemy as sa
from alembic import op

from migrations.rights import drop, public, secure

revision = "0008"
down_revision = "0007"

TABLES = ("door_code", "public_use", "department_list")
HOW = "('', 'call', 'sms', 'in_person', 'on_air', 'board', 'none')"
COLUMNS = (
    ("household_id", sa.Uuid()), ("visitor_words", sa.LargeBinary()), ("call_back", sa.Boolean()),
    ("reason", sa.LargeBinary()), ("answer", sa.LargeBinary()), ("answer_due_at", sa.DateTime(timezone=True)),
    ("answered_at", sa.DateTime(timezone=True)), ("duplicate_of", sa.Uuid()), ("list_id", sa.Uuid()),
    ("track_index", sa.LargeBinary()), ("cleared_at", sa.DateTime(timezone=True)),
)  # fmt: skip


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    for name, kind in COLUMNS:
        op.add_column("signal", sa.Column(name, kind, nullable=True))
    for name in ("building", "answered_how"):
        op.add_column("signal", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_check_constraint(op.f("ck_signal_answered_how"), "signal", f"answered_how IN {HOW}")
    op.create_index("ix_signal_household", "signal", ["tenant_id", "household_id"])
    op.create_index("ix_signal_list", "signal", ["tenant_id", "list_id"])
    op.create_index("uq_signal_track", "signal", ["tenant_id", "track_index"], unique=True)
    _tables()
    op.create_index("ix_public_use_who", "public_use", ["tenant_id", "kind", "who", "at"])
    op.create_foreign_key(
        "fk_door_code_tenant_id_courtyard_id", "door_code", "courtyard", ["tenant_id", "courtyard_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    secure(*TABLES)
    public("door_code", "(tenant_id, id, courtyard_id, building, token, ended_at)")


def _tables() -> None:
    op.create_table(
        "door_code",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("courtyard_id", sa.Uuid(), nullable=False),
        sa.Column("building", sa.Text(), nullable=False),
        sa.Column("token", sa.Text(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_door_code"),
        sa.UniqueConstraint("tenant_id", "token", name="uq_door_code_tenant_id_token"),
    )
    op.create_table(
        "public_use",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("who", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_public_use"),
    )
    op.create_table(
        "department_list",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("department", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("dated", sa.Date(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("found", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("made", sa.Integer(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_department_list"),
        sa.UniqueConstraint("tenant_id", "department", "digest", name="uq_department_list_tenant_id_department_digest"),
        sa.CheckConstraint("state IN ('draft', 'working', 'done', 'undone')", name=op.f("ck_department_list_state")),
    )


def downgrade() -> None:
    drop(*TABLES)
    op.drop_constraint(op.f("ck_signal_answered_how"), "signal")
    for name in ("ix_signal_household", "ix_signal_list", "uq_signal_track"):
        op.drop_index(name, "signal")
    for name in (*(name for name, _kind in COLUMNS), "building", "answered_how"):
        op.drop_column("signal", name)
