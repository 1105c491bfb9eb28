"""Track 救: files at the street's 一门受理 desk, their papers and history, the desk's inbox, official desks."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from migrations.rights import HERE, VISIBLE, drop, overseen, secure

revision = "0010"
down_revision = "0009"

TABLES = ("desk_file", "desk_paper", "desk_event", "official_desk")
STREET = "street_id = nullif(current_setting('app.street_id', true), '')::uuid"
FILES = "ANY (string_to_array(nullif(current_setting('app.desk_task_ids', true), ''), ',')::uuid[])"
"""The files that a desk reads in this transaction."""
RECEIVER = {
    "desk_file": ("", f"{STREET} AND id = {FILES}"),
    "desk_paper": ("", f"task_id = {FILES}"),
    "desk_event": ("(tenant_id, id, task_id, at, day, verb, state_to, post, detail, words)", f"task_id = {FILES}"),
    "tenant_file": (
        "(tenant_id, id, name, mime, size, digest, owner_kind, owner_id)",
        f"owner_kind = 'desk_file' AND owner_id = {FILES}",
    ),
}
OVERSEEN = {"department": "(tenant_id, slug, seq, name_zh, name_en)", "policy": "(tenant_id, slug, department_slug)"}


def _tenant(name: str, *columns: Any) -> None:
    op.create_table(
        name,
        sa.Column("tenant_id", sa.Integer(), nullable=False, autoincrement=False),
        sa.Column("id", sa.Uuid(), nullable=False),
        *columns,
        sa.PrimaryKeyConstraint("tenant_id", "id", name=f"pk_{name}"),
    )


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '5s'")
    _tables()
    _inbox()
    for table, column, target in (
        ("desk_file", "request_id", "referral_request"),
        ("desk_file", "case_id", "case_file"),
        ("desk_paper", "task_id", "desk_file"),
        ("desk_event", "task_id", "desk_file"),
    ):
        op.create_foreign_key(
            f"fk_{table}_tenant_id_{column}", table, target, ["tenant_id", column], ["tenant_id", "id"]
        )
    secure(*TABLES, append_only=("desk_event",))
    for table, (columns, rows) in RECEIVER.items():
        op.execute(f'GRANT SELECT {columns} ON "{table}" TO app_receiver')
        op.execute(f'CREATE POLICY desk_r ON "{table}" FOR SELECT TO app_receiver USING ({HERE} AND {rows})')
    for table, columns in OVERSEEN.items():
        overseen(table, columns)
    overseen("official_desk", "(tenant_id, department_slug, policy_slug, phone, contact, url)")
    op.execute('GRANT SELECT, INSERT, UPDATE, DELETE ON "desk_inbox" TO app_user')
    op.execute("ALTER TABLE desk_inbox ENABLE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE desk_inbox FORCE ROW LEVEL SECURITY")
    op.execute(f"CREATE POLICY sender_rw ON desk_inbox TO app_user, app_owner USING ({HERE}) WITH CHECK ({HERE})")
    op.execute(f"CREATE POLICY street_r ON desk_inbox FOR SELECT TO app_user USING ({STREET})")
    op.execute(
        "GRANT SELECT (tenant_id, department_slug, state, answer, sent_at, due_at, answered_at, chases, level) "
        "ON desk_inbox TO app_overseer"
    )
    op.execute(f"CREATE POLICY overseer_r ON desk_inbox FOR SELECT TO app_overseer USING ({VISIBLE})")


def _tables() -> None:
    _tenant(
        "desk_file",
        sa.Column("request_id", sa.Uuid(), nullable=False),
        sa.Column("case_id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("department_slug", sa.Text(), nullable=False),
        sa.Column("basis", sa.Text(), nullable=False),
        sa.Column("head", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=True),
        sa.Column("entitled", sa.Boolean(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_post", sa.Text(), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("held_from", sa.Text(), nullable=False),
        sa.Column("left_days", sa.Integer(), nullable=True),
        sa.Column("chases", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_on", sa.Date(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("amount", sa.Numeric(12, 2), nullable=True),
        sa.Column("period", sa.Text(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.LargeBinary(), nullable=True),
        sa.Column("appeal_to", sa.Text(), nullable=False),
        sa.Column("appeal_until", sa.Date(), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("answer IN ('', 'granted', 'refused')", name=op.f("ck_desk_file_answer")),
    )
    op.create_index("ix_desk_file_case", "desk_file", ["tenant_id", "case_id"])
    op.create_index("ix_desk_file_request", "desk_file", ["tenant_id", "request_id"])
    _tenant(
        "desk_paper",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("slug", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("asked", sa.Boolean(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.UniqueConstraint("tenant_id", "task_id", "name", name="uq_desk_paper_tenant_id_task_id_name"),
        sa.CheckConstraint("state IN ('have', 'attached', 'missing')", name=op.f("ck_desk_paper_state")),
    )
    _tenant(
        "desk_event",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("verb", sa.Text(), nullable=False),
        sa.Column("state_to", sa.Text(), nullable=False),
        sa.Column("post", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.Uuid(), nullable=True),
        sa.Column("detail", postgresql.JSONB(), nullable=False),
        sa.Column("words", sa.LargeBinary(), nullable=True),
    )
    op.create_index("ix_desk_event_task", "desk_event", ["tenant_id", "task_id", "at"])
    _tenant(
        "official_desk",
        sa.Column("department_slug", sa.Text(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("contact", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_post", sa.Text(), nullable=False),
        sa.UniqueConstraint(
            "tenant_id", "department_slug", "policy_slug", name="uq_official_desk_tenant_id_department_slug_policy_slug"
        ),
    )


def _inbox() -> None:
    op.create_table(
        "desk_inbox",
        sa.Column("task_id", sa.Uuid(), nullable=False),
        sa.Column("street_id", sa.Uuid(), nullable=False),
        sa.Column("community_id", sa.Uuid(), nullable=False),
        sa.Column("tenant_id", sa.Integer(), nullable=False),
        sa.Column("policy_slug", sa.Text(), nullable=False),
        sa.Column("policy_zh", sa.Text(), nullable=False),
        sa.Column("policy_en", sa.Text(), nullable=False),
        sa.Column("department_slug", sa.Text(), nullable=False),
        sa.Column("urgency", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("chases", sa.Integer(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("task_id", name="pk_desk_inbox"),
    )
    op.create_index("ix_desk_inbox_open", "desk_inbox", ["street_id", "state", "due_at"])
    op.create_index("ix_desk_inbox_tenant", "desk_inbox", ["tenant_id"])
    op.create_foreign_key("fk_desk_inbox_street_id", "desk_inbox", "street", ["street_id"], ["id"])
    op.create_foreign_key("fk_desk_inbox_community_id", "desk_inbox", "community", ["community_id"], ["id"])


def downgrade() -> None:
    op.execute("DROP POLICY desk_r ON tenant_file")
    op.execute(
        "REVOKE ALL (tenant_id, id, name, mime, size, digest, owner_kind, owner_id) ON tenant_file FROM app_receiver"
    )
    op.execute("DROP POLICY overseer_r ON department")
    op.execute("REVOKE ALL (tenant_id, slug, seq, name_zh, name_en) ON department FROM app_overseer")
    op.execute("DROP POLICY overseer_r ON policy")
    op.execute("REVOKE ALL (tenant_id, slug, department_slug) ON policy FROM app_overseer")
    drop("desk_inbox", *TABLES)
