"""Registers brought in from files: batches, what was noticed row by row, remembered headers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import drop, secure

revision = "0004"
down_revision = "0003"

TABLES = ("import_batch", "import_issue", "import_mapping")
STATES = "'uploaded', 'mapping', 'checking', 'checked', 'applying', 'done', 'undoing', 'undone', 'failed'"
KINDS = "'error', 'changed', 'duplicate', 'note', 'new', 'kept'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    op.create_table(
        "import_batch",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("sheet", sa.Text(), nullable=False),
        sa.Column("header", sa.Integer(), nullable=False),
        sa.Column("columns", sa.LargeBinary(), nullable=True),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("options", postgresql.JSONB(), nullable=False),
        sa.Column("counts", postgresql.JSONB(), nullable=False),
        sa.Column("made", sa.LargeBinary(), nullable=True),
        sa.Column("made_yards", postgresql.JSONB(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("problem", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by", sa.Uuid(), nullable=True),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_import_batch"),
        sa.CheckConstraint(f"state IN ({STATES})", name=op.f("ck_import_batch_state")),
    )
    op.create_index("ix_import_batch_made", "import_batch", ["tenant_id", "created_at"])
    op.create_table(
        "import_issue",
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("batch_id", sa.Uuid(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("column", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("words", postgresql.JSONB(), nullable=False),
        sa.Column("preview", sa.LargeBinary(), nullable=True),
        sa.Column("household_id", sa.Uuid(), nullable=True),
        sa.PrimaryKeyConstraint("tenant_id", "id", name="pk_import_issue"),
        sa.CheckConstraint(f"kind IN ({KINDS})", name=op.f("ck_import_issue_kind")),
    )
    op.create_index("ix_import_issue_batch", "import_issue", ["tenant_id", "batch_id", "kind", "row"])
    op.create_table(
        "import_mapping",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=True),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.Column("mapping", postgresql.JSONB(), nullable=False),
        sa.Column("made_by", sa.Uuid(), nullable=False),
        sa.Column("used", sa.Integer(), nullable=False, server_default="1"),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_import_mapping"),
        sa.UniqueConstraint("fingerprint", "made_by", name="uq_import_mapping_fingerprint_made_by"),
    )
    op.create_index("ix_import_mapping_street_id", "import_mapping", ["street_id"])
    op.create_foreign_key(
        "fk_import_batch_tenant_id_file_id", "import_batch", "tenant_file", ["tenant_id", "file_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key(
        "fk_import_issue_tenant_id_batch_id", "import_issue", "import_batch", ["tenant_id", "batch_id"],
        ["tenant_id", "id"],
    )  # fmt: skip
    op.create_foreign_key("fk_import_mapping_street_id", "import_mapping", "street", ["street_id"], ["id"])
    op.create_foreign_key("fk_import_mapping_made_by", "import_mapping", "community", ["made_by"], ["id"])
    op.execute('GRANT SELECT, INSERT, UPDATE ON "import_mapping" TO app_user')
    secure("import_batch", "import_issue")


def downgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    drop(*TABLES)
