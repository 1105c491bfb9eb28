"""Reviews of the register: duplicates, merges with undo, changes that need a second person, known elsewhere."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import drop, secure

revision = "0009"
down_revision = "0008"

TABLES = ("register_review", "register_merge", "change_request", "known_ask", "review_run")
PLATFORM = ("known_person", "known_question")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.add_column("household", sa.Column("merged_into", sa.Uuid(), nullable=True))
    op.create_index("ix_person_birth_date", "person", ["tenant_id", "birth_date"])
    op.create_table(
        "known_person",
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("scope_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id_hash", "scope_id", name="pk_known_person"),
    )
    op.create_table(
        "known_question",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("ask_id", sa.Uuid(), nullable=False),
        sa.Column("asker_scope", sa.Uuid(), nullable=False),
        sa.Column("other_scope", sa.Uuid(), nullable=False),
        sa.Column("id_hash", sa.LargeBinary(), nullable=False),
        sa.Column("asker_post", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_post", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_known_question"),
        sa.CheckConstraint("state IN ('asked', 'agreed', 'declined')", name=op.f("ck_known_question_state")),
    )
    op.create_index("ix_known_question_ask", "known_question", ["ask_id"])
    op.create_index("ix_known_question_other", "known_question", ["other_scope", "state"])
    op.create_table(
        "register_review",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("one_id", sa.Uuid(), nullable=False),
        sa.Column("other_id", sa.Uuid(), nullable=False),
        sa.Column("reasons", postgresql.JSONB(), nullable=False),
        sa.Column("strength", sa.Integer(), nullable=False),
        sa.Column("number", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_post", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_register_review"),
        sa.CheckConstraint(
            "state IN ('open', 'merged', 'different', 'later', 'gone')",
            name=op.f("ck_register_review_state"),
        ),
        sa.UniqueConstraint(
            "tenant_id", "kind", "one_id", "other_id", name="uq_register_review_tenant_id_kind_one_id_other_id"
        ),
        sa.CheckConstraint("kind IN ('duplicate', 'id_clash', 'door')", name=op.f("ck_register_review_kind")),
    )
    op.create_index("ix_register_review_state", "register_review", ["tenant_id", "state", "kind"])
    op.create_table(
        "register_merge",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("keep_id", sa.Uuid(), nullable=False),
        sa.Column("drop_id", sa.Uuid(), nullable=False),
        sa.Column("before", sa.LargeBinary(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("actor", sa.Text(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_register_merge"),
        sa.CheckConstraint("kind IN ('person', 'household')", name=op.f("ck_register_merge_kind")),
    )
    op.create_index("ix_register_merge_at", "register_merge", ["tenant_id", "at"])
    op.create_table(
        "change_request",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("fields", postgresql.JSONB(), nullable=False),
        sa.Column("proposed", sa.LargeBinary(), nullable=True),
        sa.Column("base", postgresql.JSONB(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_post", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by", sa.Uuid(), nullable=True),
        sa.Column("decided_post", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_why", sa.LargeBinary(), nullable=True),
        sa.Column("self_approved", sa.Boolean(), nullable=False),
        sa.Column("stale", postgresql.JSONB(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_change_request"),
        sa.CheckConstraint(
            "state IN ('open', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_change_request_state"),
        ),
    )
    op.create_index("ix_change_request_person", "change_request", ["tenant_id", "person_id"])
    op.create_index("ix_change_request_state", "change_request", ["tenant_id", "state"])
    op.create_table(
        "known_ask",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("reason", sa.LargeBinary(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_post", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("known", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_known_ask"),
    )
    op.create_index("ix_known_ask_day", "known_ask", ["tenant_id", "asked_by", "asked_at"])
    op.create_index("ix_known_ask_person", "known_ask", ["tenant_id", "person_id"])
    op.create_table(
        "review_run",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("asked_by", sa.Uuid(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_review_run"),
    )
    op.create_foreign_key(
        "fk_change_request_tenant_id_person_id", "change_request", "person", ["tenant_id", "person_id"], ["tenant_id", "id"]
    )  # fmt: skip
    op.create_foreign_key(
        "fk_known_ask_tenant_id_person_id", "known_ask", "person", ["tenant_id", "person_id"], ["tenant_id", "id"]
    )  # fmt: skip
    secure(*TABLES)
    for table in PLATFORM:  # no tenant: read by hash and community in one module, and by no narrower role
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO app_user")


def downgrade() -> None:
    drop(*PLATFORM, *TABLES)
    op.drop_index("ix_person_birth_date", "person")
    op.drop_column("household", "merged_into")
